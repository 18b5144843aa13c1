/* Loops with a static trip count: a counter or a pointer that steps to its end. Counters are block
 * parameters, and so are some places of the scope; the rest of what a body computes is either
 * visible behind the loop (tested at the bottom) or becomes part of what is carried. */
#include "gen/stmt.h"

#include "gen/nan.h"
#include "gen/pick.h"

enum { CARRIED_MAX = 4 };

typedef struct {
    int kind;
    unsigned n;
} Var;

typedef struct {
    Block head, body, after;
    uint32_t trips;
    Type type;      /* of the counter */
    bool top_tested, down;
    int64_t step;
    Value counter;
    Var carried[CARRIED_MAX];
    uint32_t ncarried;
    uint64_t mult;
} Loop;

/* A trip count for which the body is affordable; 0 when not even two trips are. */
static uint32_t choose_trips(Fn *fn, Choice *c)
{
    static const uint8_t counts[] = {2, 3, 4, 4, 5, 6, 7, 8, 8, 10, 12, 16};
    uint32_t trips = counts[choose(c, countof(counts))];
    if (fn->depth == 0 && chance(c, 1, 8)) trips *= 4;
    while (trips > 1 && !can_afford(fn, (uint64_t)trips * STMT_COST)) trips /= 2;
    return trips > 1 ? trips : 0;
}

/* Some occupied places, one for each kind at most, become parameters. */
static void choose_carried(Fn *fn, Choice *c, Loop *l)
{
    uint32_t want = 1 + choose(c, CARRIED_MAX);
    for (uint32_t tries = 0; tries < 8 && l->ncarried < want; tries++) {
        int kind = kind_of[choose_type(c, fn->g->types)];
        unsigned n = choose(c, kind_places[kind]);
        bool again = fn->scope.vars[kind][n].i == NO_INDEX;
        for (uint32_t k = 0; k < l->ncarried; k++) again |= l->carried[k].kind == kind;
        if (!again) l->carried[l->ncarried++] = (Var){kind, n};
    }
}

static Value *place_of(Fn *fn, const Loop *l, uint32_t k)
{
    return &fn->scope.vars[l->carried[k].kind][l->carried[k].n];
}

/* Arguments for the head: `first` and the carried values. */
static uint32_t head_args(Fn *fn, const Loop *l, Value first, Value *args)
{
    args[0] = first;
    for (uint32_t k = 0; k < l->ncarried; k++) args[1 + k] = *place_of(fn, l, k);
    return 1 + l->ncarried;
}

static void forget_cells(Fn *fn)
{
    for (unsigned k = 0; k < CELLS_MAX; k++) fn->scope.cells[k].slot = NO_ORIGIN;
}

/* Jumps to the head, whose parameters then stand for the carried places. NaNs of floats may come
 * back open. */
static Value enter(Fn *fn, Loop *l, Value first)
{
    Value args[1 + CARRIED_MAX];
    l->head = gen_block(fn);
    gen_jump(fn, l->head, args, head_args(fn, l, first, args));
    fn->b.at = l->head;
    Value counter = block_param(fn, l->head, func_type(fn->f, first));
    for (uint32_t k = 0; k < l->ncarried; k++) {
        Value v = block_param(fn, l->head, kind_type[l->carried[k].kind]);
        if (type_has_float_lanes(func_type(fn->f, v))) value_set_open(fn, v);
        *place_of(fn, l, k) = v;
    }
    forget_cells(fn);
    l->mult = fn->mult;
    fn->mult *= l->trips + l->top_tested;
    fn->depth++;
    return counter;
}

static void leave(Fn *fn, Loop *l)
{
    fn->depth--;
    fn->mult = l->mult;
    fn->b.at = l->after;
    forget_cells(fn);
}

/* What the body computed and nobody used goes to memory: behind a loop that is tested at the top
 * it is not visible. */
static void keep_unused(Fn *fn, Choice *c, const Scope *before)
{
    for (int kind = 0; kind < KIND_COUNT; kind++)
        for (unsigned n = 0; n < VARS; n++) {
            Value v = fn->scope.vars[kind][n];
            if (v.i == before->vars[kind][n].i || v.i == NO_INDEX || value_is_used(fn, v)) continue;
            Pick p;
            Need need = {.bytes = type_bytes(kind_type[kind]), .write = true};
            v = nan_fix_bits(fn, c, v);
            if (pick_access(fn, c, need, &p)) gen_store(fn, OP_store, p.flags, v, p.v, p.offset);
        }
}

/* Jumps back while `more`, else goes on. */
static void bottom(Fn *fn, Loop *l, Value more, Value next)
{
    Value args[1 + CARRIED_MAX];
    BlockCall back = gen_dest(fn, l->head, args, head_args(fn, l, next, args));
    l->after = gen_block(fn);
    BlockCall out = gen_dest(fn, l->after, NULL, 0);
    gen_brif(fn, more, back, out);
}

/* ---- counted loops ------------------------------------------------------------------------ */

static Value step_counter(Fn *fn, const Loop *l)
{
    return gen_binary_imm(fn, l->down ? OP_isub : OP_iadd, l->counter, l->step);
}

/* Is `v` not yet the end? */
static Value is_before_end(Fn *fn, Choice *c, const Loop *l, Value v)
{
    static const IntCC up[] = {INTCC_ult, INTCC_ne, INTCC_slt}, down[] = {INTCC_ne, INTCC_ugt};
    Value end = gen_iconst(fn, l->type, l->down ? 0 : (int64_t)l->trips * l->step);
    return gen_icmp(fn, l->down ? down[choose(c, 2)] : up[choose(c, 3)], v, end);
}

static void run_bottom_tested(Fn *fn, Choice *c, Loop *l)
{
    stmt_make_list(fn, 1 + choose(c, 3));
    Value next = step_counter(fn, l);
    bottom(fn, l, is_before_end(fn, c, l, next), next);
    leave(fn, l);
}

static void run_top_tested(Fn *fn, Choice *c, Loop *l)
{
    Scope at_head = fn->scope;
    Value more = is_before_end(fn, c, l, l->counter);
    l->body = gen_block(fn);
    l->after = gen_block(fn);
    BlockCall in = gen_dest(fn, l->body, NULL, 0), out = gen_dest(fn, l->after, NULL, 0);
    gen_brif(fn, more, in, out);
    fn->b.at = l->body;
    stmt_make_list(fn, 1 + choose(c, 3));
    Scope before = at_head;
    for (uint32_t k = 0; k < l->ncarried; k++)
        before.vars[l->carried[k].kind][l->carried[k].n] = *place_of(fn, l, k);
    keep_unused(fn, c, &before);
    Value args[1 + CARRIED_MAX];
    Value next = step_counter(fn, l);
    gen_jump(fn, l->head, args, head_args(fn, l, next, args));
    fn->scope = at_head;
    leave(fn, l);
}

void stmt_loop(Fn *fn, Choice *c)
{
    static const Type types[] = {TY_i32, TY_i64, TY_i64, TY_i16, TY_i8};
    Loop l = {.trips = choose_trips(fn, c), .step = 1};
    if (!l.trips) {
        stmt_assign(fn, c);
        return;
    }
    l.type = types[choose(c, countof(types))];
    l.down = chance(c, 1, 3);
    l.top_tested = chance(c, 1, 3);
    if (l.trips <= 16 && chance(c, 1, 3)) l.step = 1 + choose(c, 7);
    choose_carried(fn, c, &l);
    uint32_t counters = fn->scope.ncounters;
    l.counter = enter(fn, &l, gen_iconst(fn, l.type, l.down ? (int64_t)l.trips * l.step : 0));
    scope_add_counter(fn, l.counter, (uint64_t)l.trips * (uint64_t)l.step + l.down);
    if (l.top_tested)
        run_top_tested(fn, c, &l);
    else
        run_bottom_tested(fn, c, &l);
    fn->scope.ncounters = counters;
}

/* ---- loops that step a pointer ------------------------------------------------------------ */

/* A static address with room for two steps behind it at least. */
static bool choose_track(Fn *fn, Choice *c, Address *a, int64_t *room)
{
    if (!pick_address(fn, c, a) || a->lo != a->hi) return false;
    const Origin *b = &fn->origins[a->origin];
    int64_t end = b->init.hi < b->range.hi ? b->init.hi : b->range.hi;
    *room = end - a->lo;
    return a->lo >= b->init.lo && *room >= 8;
}

/* The pointer inside of the loop. */
static Address stepping(const Address *from, Value p, int64_t first, int64_t last, uint64_t step)
{
    Address a = *from;
    uint64_t align = step & -step;
    a.v = p;
    a.lo = first < last ? first : last;
    a.hi = first < last ? last : first;
    a.provable = false;
    if (align < a.align) a.align = (uint16_t)align;
    a.skew = (uint16_t)((uint64_t)from->skew + (uint64_t)(first - from->lo)) & (a.align - 1);
    return a;
}

/* Data that the pointer passes: read, written, or both. */
static void touch(Fn *fn, Choice *c, const Address *p, uint32_t step)
{
    static const Type types[] = {TY_i8, TY_i16, TY_i32, TY_i64};
    const Origin *b = &fn->origins[p->origin];
    Type t = types[__builtin_ctz(step)];
    bool writes = b->writable && chance(c, 1, 2);
    MemFlags flags = pick_flags(fn, c, p, 0, step, !writes);
    Value v = gen_load(fn, OP_load, t, flags, p->v, 0);
    if (!writes) {
        scope_add(fn, c, v);
        return;
    }
    Value leaf = expr_leaf(fn, c, t, EXPR_dag);
    Value x = gen_binary(fn, chance(c, 1, 2) ? OP_iadd : OP_bxor, v, leaf);
    gen_store(fn, OP_store, pick_flags(fn, c, p, 0, step, false), x, p->v, 0);
}

void stmt_walk(Fn *fn, Choice *c)
{
    Address from;
    int64_t room;
    Loop l = {.trips = choose_trips(fn, c)};
    if (!l.trips || !choose_track(fn, c, &from, &room)) {
        stmt_assign(fn, c);
        return;
    }
    uint32_t step = 1u << choose(c, 4);
    while (step > 1 && (int64_t)step * 2 > room) step /= 2;
    if ((int64_t)l.trips * step > room) l.trips = (uint32_t)(room / step);
    int64_t by = (int64_t)step, far = by * (int64_t)l.trips;
    bool down = chance(c, 1, 4);
    Value start = gen_offset(fn, from.v, down ? far - by : 0);
    Value end = gen_offset(fn, from.v, down ? -by : far);
    choose_carried(fn, c, &l);
    Value p = enter(fn, &l, start);
    int64_t first = from.lo + (down ? far - by : 0), last = from.lo + (down ? 0 : far - by);
    Address a = stepping(&from, p, first, last, step);
    scope_add_derived(fn, c, a);
    touch(fn, c, &a, step);
    stmt_make_list(fn, choose(c, 3));
    Value next = gen_offset(fn, p, down ? -by : by);
    IntCC more = down ? INTCC_ne : chance(c, 1, 2) ? INTCC_ult : INTCC_ne;
    bottom(fn, &l, gen_icmp(fn, more, next, end), next);
    leave(fn, &l);
}
