#include "gen/slot.h"

#include "gen/pick.h"

/* One in three asks for less than 8, one in three for 16; of those from 16 up three quarters ask
 * for exactly 16. */
static const uint8_t aligns[] = {1,  2,  4,  4,  8,  8,  16, 16, 16,
                                 16, 16, 16, 16, 16, 16, 32, 64, 128};

uint32_t slot_choose_align(Fn *fn, Choice *c)
{
    uint32_t align = aligns[choose(c, countof(aligns))];
    return align > 8 && !is_on(fn->g, FAMILY_align) ? 8 : align;
}

uint8_t slot_choose_region(const Gen *g, Choice *c)
{
    if (!g->nregions) return 0;
    return chance(c, 3, 4) ? g->home_region : (uint8_t)choose(c, g->nregions + 1);
}

uint32_t slot_choose_bytes(const Gen *g, Choice *c)
{
    static const uint8_t sizes[] = {8, 4, 12, 16, 16, 20, 16, 24, 16, 32, 40, 64};
    uint32_t bytes = sizes[choose(c, g->large ? countof(sizes) : countof(sizes) - 3)];
    return bytes > 8 && !is_on(g, FAMILY_vector) ? (bytes - bytes / 3) & -4u : bytes;
}

/* What slots are filled with: constants, or an integer parameter. */
static Value fill_value(Fn *fn, Choice *c, Type t)
{
    const ValueVec *params = &func_block(fn->f, func_entry(fn->f))->params;
    for (uint32_t k = 0; k < params->n && chance(c, 1, 3); k++) {
        uint32_t at = choose(c, params->n);
        Value v = params->at[at];
        if (func_type(fn->f, v) == t && !func_contract(fn->f, at)) return v;
    }
    return gen_constant(fn, c, t);
}

static void fill_straight(Fn *fn, Choice *c, const Address *a, ByteRange r)
{
    bool wide = is_on(fn->g, FAMILY_vector) && r.hi - r.lo >= 32;
    Value word[2] = {VALUE_none, VALUE_none};
    uint32_t turn = 0;
    for (int64_t at = r.lo; at < r.hi;) {
        int64_t left = r.hi - at;
        Type t = left >= 16 && wide ? TY_i64x2 : left >= 8 ? TY_i64 : left >= 4 ? TY_i32 : TY_i8;
        Value *v = &word[turn++ % 2];
        if (v->i == NO_INDEX || func_type(fn->f, *v) != t) *v = fill_value(fn, c, t);
        unsigned bytes = type_bytes(t);
        gen_store(fn, OP_store, pick_flags(fn, c, a, at, bytes, false), *v, a->v, (int32_t)at);
        at += bytes;
    }
}

/* for (p = start; p != end; p += 8) *p = word; */
static void fill_loop(Fn *fn, Choice *c, Address a, ByteRange r)
{
    Value start = gen_offset(fn, a.v, r.lo), end = gen_offset(fn, a.v, r.hi);
    Value word = fill_value(fn, c, TY_i64);
    Block loop = gen_block(fn), done = gen_block(fn);
    gen_jump(fn, loop, &start, 1);
    fn->b.at = loop;
    fn->mult = (uint64_t)(r.hi - r.lo) / 8;
    Address p = a;
    p.v = block_param(fn, loop, TY_i64);
    p.provable = false;
    p.align = a.align < 8 ? a.align : 8;
    p.skew = (uint16_t)(a.skew + r.lo) & (p.align - 1);
    gen_store(fn, OP_store, pick_flags(fn, c, &p, 0, 8, false), word, p.v, 0);
    Value next = gen_offset(fn, p.v, 8);
    Value more = gen_icmp(fn, chance(c, 1, 2) ? INTCC_ult : INTCC_ne, next, end);
    BlockCall again = gen_dest(fn, loop, &next, 1), out = gen_dest(fn, done, NULL, 0);
    gen_brif(fn, more, again, out);
    fn->b.at = done;
    fn->mult = 1;
}

static void fill(Fn *fn, Choice *c, uint8_t origin)
{
    Place place = prologue_begin(fn);
    const Origin *b = &fn->origins[origin];
    Address a = {.v = gen_stack_addr(fn, b->slot, 0), .origin = origin, .provable = true,
                 .align = b->align};
    int64_t n = b->range.hi - b->range.lo;
    if (n >= 24 && n % 8 == 0 && is_on(fn->g, FAMILY_loop) && chance(c, 1, 4))
        fill_loop(fn, c, a, b->range);
    else
        fill_straight(fn, c, &a, b->range);
    prologue_end(fn, place);
}

static uint8_t add_slot(Fn *fn, SlotPlan plan)
{
    uint64_t cell = align_up(plan.bytes, 8), size = plan.cell ? cell + 8 : plan.bytes;
    Origin b = {.range = {0, plan.bytes}, .init = {0, plan.bytes}, .align = (uint16_t)plan.align,
              .region = plan.region, .is_slot = true, .writable = true,
              .cell = plan.cell ? (int64_t)cell : NO_CELL, .cell_region = -1};
    uint8_t origin = scope_add_origin(fn, b, true);
    if (origin != NO_ORIGIN) fn->origins[origin].slot = build_slot(fn->f, size, plan.align);
    return origin;
}

static uint32_t slot_cost(uint32_t bytes) { return 4 * ((bytes + 7) / 8) + 16; }

uint8_t slot_make(Fn *fn, Choice *c, SlotPlan plan)
{
    uint32_t cost = slot_cost(plan.bytes);
    if (fn->nroots == ROOTS_MAX || fn->f->slots.n >= SLOTS_MAX || !can_afford(fn, 2 * cost))
        return NO_ORIGIN;
    uint8_t origin = add_slot(fn, plan);
    if (origin == NO_ORIGIN) return NO_ORIGIN;
    scope_add_root(fn, origin, VALUE_none);
    fn->debt += cost;
    fill(fn, c, origin);
    return origin;
}

void slot_make_guard(Fn *fn, Choice *c)
{
    uint32_t bytes = chance(c, 1, 2) ? 8 : 16;
    if (fn->nroots == ROOTS_MAX || fn->f->slots.n >= SLOTS_MAX + 2 ||
        !can_afford(fn, 2 * slot_cost(bytes))) return;
    uint8_t origin = add_slot(fn, (SlotPlan){.bytes = bytes, .align = 8});
    if (origin == NO_ORIGIN) return;
    fn->debt += slot_cost(bytes);
    if (!is_on(fn->g, FAMILY_edge)) scope_add_root(fn, origin, VALUE_none); /* a slot like others */
    fill(fn, c, origin);
}
