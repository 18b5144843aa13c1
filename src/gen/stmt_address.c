/* Statements about addresses: new ones, choices between two, in and out of memory, as data. */
#include "gen/access.h"
#include "gen/index.h"
#include "gen/nan.h"
#include "gen/pick.h"
#include "gen/slot.h"
#include "gen/stmt.h"

#include "ir/contract.h"

/* An address by a constant or with an index, for later statements. */
void stmt_derive(Fn *fn, Choice *c)
{
    Address a, made;
    if (!pick_address(fn, c, &a)) {
        stmt_assign(fn, c);
        return;
    }
    const Origin *b = &fn->origins[a.origin];
    if (a.lo == a.hi && index_make(fn, c, &a, b->range, 1u << choose(c, 4), &made)) {
        scope_add_derived(fn, c, made);
        return;
    }
    int64_t lo = b->range.lo - a.lo, hi = b->range.hi - a.hi;
    int64_t by = lo <= hi ? lo + (int64_t)choose(c, (uint32_t)(hi - lo + 1)) : 0;
    a.v = gen_offset(fn, a.v, by);
    a.lo += by;
    a.hi += by;
    a.skew = (uint16_t)((uint64_t)a.skew + (uint64_t)by) & (a.align - 1);
    scope_add_derived(fn, c, a);
}

void stmt_access(Fn *fn, Choice *c)
{
    Address a;
    if (pick_address(fn, c, &a)) access_any(fn, c, a);
    else stmt_assign(fn, c);
}

/* ---- choices ------------------------------------------------------------------------------ */

static int64_t max_i64(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t min_i64(int64_t a, int64_t b) { return a < b ? a : b; }

/* Bytes around both. */
static ByteRange common(ByteRange r, const Address *x, ByteRange s, const Address *y)
{
    return (ByteRange){max_i64(r.lo - x->lo, s.lo - y->lo), min_i64(r.hi - x->hi, s.hi - y->hi)};
}

/* What is true of both addresses, from the chosen one. */
static Origin joined_origin(const Fn *fn, const Address *x, const Address *y)
{
    const Origin *p = &fn->origins[x->origin], *q = &fn->origins[y->origin];
    Origin b = {.range = common(p->range, x, q->range, y), .init = common(p->init, x, q->init, y),
              .cell = NO_CELL, .region = p->region, .writable = p->writable && q->writable,
              .constant = p->constant && q->constant, .is_slot = p->is_slot || q->is_slot,
              .slot = {NO_INDEX}, .self = p->self | q->self, .reach = p->reach | q->reach};
    b.align = x->align < y->align ? x->align : y->align;
    while (b.align > 1 && ((x->skew ^ y->skew) & (b.align - 1))) b.align /= 2;
    b.skew = x->skew & (b.align - 1);
    return b;
}

static bool can_join(const Fn *fn, const Address *x, const Address *y)
{
    const Origin *p = &fn->origins[x->origin], *q = &fn->origins[y->origin];
    if (x->v.i == y->v.i || p->region != q->region) return false;
    Origin b = joined_origin(fn, x, y);
    return b.range.hi - b.range.lo >= 4;
}

static void add_joined(Fn *fn, Choice *c, Value v, const Address *x, const Address *y)
{
    uint8_t origin = scope_add_origin(fn, joined_origin(fn, x, y), false);
    if (origin == NO_ORIGIN) return;
    Address a = {.v = v, .origin = origin, .provable = x->provable && y->provable,
                 .align = fn->origins[origin].align, .skew = fn->origins[origin].skew};
    scope_add_derived(fn, c, a);
    access_any(fn, c, a); /* at once, so that the choice is not dead */
}

/* A block that gets one of the two from a branch. */
static Value join_blocks(Fn *fn, Choice *c, Value x, Value y)
{
    Value condition = expr_condition(fn, c);
    Block after = gen_block(fn);
    Value v = block_param(fn, after, TY_i64);
    BlockCall then = gen_dest(fn, after, &x, 1), otherwise = gen_dest(fn, after, &y, 1);
    gen_brif(fn, condition, then, otherwise);
    fn->b.at = after;
    return v;
}

void stmt_join(Fn *fn, Choice *c)
{
    Address x, y;
    bool found = fn->norigins < ORIGINS_MAX && pick_address(fn, c, &x) && pick_address(fn, c, &y);
    for (unsigned k = 0; found && !can_join(fn, &x, &y); k++)
        found = k < 3 && pick_address(fn, c, &y);
    if (!found) {
        stmt_derive(fn, c);
        return;
    }
    Value v;
    if (is_on(fn->g, FAMILY_branch) && chance(c, 1, 3)) {
        v = join_blocks(fn, c, x.v, y.v);
    } else {
        Value condition = expr_condition(fn, c);
        Op op = chance(c, 1, 4) ? OP_select_spectre_guard : OP_select;
        v = gen_select(fn, op, condition, x.v, y.v);
    }
    add_joined(fn, c, v, &x, &y);
}

/* ---- cells -------------------------------------------------------------------------------- */

static MemFlags cell_flags(Fn *fn, Choice *c, uint8_t slot)
{
    const Origin *b = &fn->origins[slot];
    Address a = {.origin = slot, .provable = true, .align = b->align, .skew = b->skew};
    return pick_flags(fn, c, &a, b->cell, 8, false);
}

/* A slot with a cell for addresses of that region, an old one or a new. */
static uint8_t cell_slot(Fn *fn, Choice *c, uint8_t region)
{
    for (uint32_t k = 0; k < fn->nroots; k++) {
        const Origin *b = &fn->origins[fn->roots[k].origin];
        bool fits = b->is_slot && b->cell != NO_CELL &&
                    (b->cell_region < 0 || b->cell_region == region);
        if (fits && chance(c, 3, 4)) return fn->roots[k].origin;
    }
    SlotPlan plan = {.bytes = 8 * choose(c, 4), .cell = true};
    plan.align = slot_choose_align(fn, c);
    plan.region = slot_choose_region(fn->g, c);
    return slot_make(fn, c, plan);
}

static HeldAddress *cell_state(Fn *fn, Choice *c, uint8_t slot)
{
    Scope *s = &fn->scope;
    for (unsigned k = 0; k < CELLS_MAX; k++)
        if (s->cells[k].slot == slot) return &s->cells[k];
    for (unsigned k = 0; k < CELLS_MAX; k++)
        if (s->cells[k].slot == NO_ORIGIN) return &s->cells[k];
    return &s->cells[choose(c, CELLS_MAX)];
}

static void store_cell(Fn *fn, Choice *c, uint8_t slot, const Address *a)
{
    Value at = gen_stack_addr(fn, fn->origins[slot].slot, 0);
    MemFlags flags = cell_flags(fn, c, slot);
    gen_store(fn, OP_store, flags, a->v, at, (int32_t)fn->origins[slot].cell);
    fn->origins[slot].cell_region = fn->origins[a->origin].region;
    *cell_state(fn, c, slot) = (HeldAddress){slot, *a};
}

/* The address that the cell holds, and something read through it. */
static void load_cell(Fn *fn, Choice *c, const HeldAddress *s)
{
    Address a = s->target;
    Value at = gen_stack_addr(fn, fn->origins[s->slot].slot, 0);
    MemFlags flags = cell_flags(fn, c, s->slot);
    a.v = gen_load(fn, OP_load, TY_i64, flags, at, (int32_t)fn->origins[s->slot].cell);
    a.provable = false;
    scope_add_derived(fn, c, a);
    access_any(fn, c, a);
}

/* A parameter with a cell, or NULL. */
static const Address *cell_param(const Fn *fn, Choice *c)
{
    uint32_t at = fn->npassed ? choose(c, fn->npassed) : 0;
    for (uint32_t k = 0; k < fn->npassed; k++, at++) {
        const Address *a = &fn->roots[at % fn->npassed];
        const Origin *b = &fn->origins[a->origin];
        if (!b->is_slot && b->cell != NO_CELL) return a;
    }
    return NULL;
}

/* The address in a parameter's cell: an object of which its contract says everything. */
static bool load_param_cell(Fn *fn, Choice *c)
{
    const Address *root = cell_param(fn, c);
    if (!root) return false;
    const Origin *holder = &fn->origins[root->origin];
    uint8_t origin = scope_add_origin(fn, origin_of_contract(holder->target), true);
    if (origin == NO_ORIGIN) return false;
    fn->origins[origin].reach = ~UINT64_C(0); /* of objects of its region */
    Address a = *root;
    MemFlags flags = pick_flags(fn, c, &a, holder->cell, 8, true);
    a.v = gen_load(fn, OP_load, TY_i64, flags, root->v, (int32_t)holder->cell);
    a.origin = origin;
    a.provable = false;
    a.align = fn->origins[origin].align;
    a.skew = fn->origins[origin].skew;
    scope_add_derived(fn, c, a);
    access_any(fn, c, a);
    return true;
}

/* Another heap's address into a cell of a heap. Only the entry knows that neither is a slot of
 * somebody. */
static bool store_param_cell(Fn *fn, Choice *c)
{
    const Address *root = fn->index + 1 == fn->g->nfuncs ? cell_param(fn, c) : NULL;
    if (!root) return false;
    const Origin *holder = &fn->origins[root->origin];
    Address a = *root;
    int64_t cell = holder->cell;
    Argument target;
    if (!pick_parameter(fn, c, &(ArgumentNeed){.contract = holder->target}, &target)) return false;
    MemFlags flags = pick_flags(fn, c, &a, cell, 8, false);
    gen_store(fn, OP_store, flags, target.from.v, a.v, (int32_t)cell);
    return true;
}

void stmt_cell(Fn *fn, Choice *c)
{
    if (chance(c, 1, 2) && store_param_cell(fn, c)) return;
    if (chance(c, 1, 2) && load_param_cell(fn, c)) return;
    const HeldAddress *known = &fn->scope.cells[choose(c, CELLS_MAX)];
    if (known->slot != NO_ORIGIN && chance(c, 2, 3)) {
        load_cell(fn, c, known);
        return;
    }
    Address a;
    if (!pick_address(fn, c, &a)) {
        stmt_assign(fn, c);
        return;
    }
    uint8_t slot = cell_slot(fn, c, fn->origins[a.origin].region);
    if (slot == NO_ORIGIN) return;
    store_cell(fn, c, slot, &a);
    if (chance(c, 1, 2)) stmt_alias(fn, c);
    if (chance(c, 3, 4)) load_cell(fn, c, cell_state(fn, c, slot));
}

/* ---- addresses as data -------------------------------------------------------------------- */

/* Two addresses of one object compared or subtracted; the low bits of one. */
void stmt_probe(Fn *fn, Choice *c)
{
    Address a, b;
    if (!pick_address(fn, c, &a)) {
        stmt_assign(fn, c);
        return;
    }
    if (a.align > 1 && chance(c, 1, 2)) {
        scope_add(fn, c, gen_binary_imm(fn, OP_band, a.v, a.align - 1));
        return;
    }
    const Origin *origin = &fn->origins[a.origin];
    ByteRange r = origin->range;
    if (a.lo == a.hi && chance(c, 1, 2) && index_make(fn, c, &a, r, 1, &b)) {
        /* against an address with an index */
    } else {
        int64_t lo = r.lo - a.lo, hi = r.hi - a.hi;
        b = a;
        b.v = gen_offset(fn, a.v, lo <= hi ? lo + (int64_t)choose(c, (uint32_t)(hi - lo + 1)) : 0);
    }
    bool wild = b.lo < r.lo || b.hi > r.hi;
    if (chance(c, 1, 2) || wild)
        scope_add(fn, c, gen_binary(fn, OP_isub, b.v, a.v));
    else
        scope_add(fn, c, gen_icmp(fn, (IntCC)choose(c, INTCC_COUNT), b.v, a.v));
}
