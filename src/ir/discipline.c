#include "ir/discipline.h"

#include "ir/discipline_local.h"

enum { NULL_PAGE = 4096, ERRORS_MAX = 1000 };

#define fail(j, ...) verifier_error(&(j)->v, __VA_ARGS__)

static const Fact *fact_of(const Judge *j, Value v) { return address_fact(j->x, v); }

static uint32_t name_of(const Judge *j, Value v) { return func_value(j->v.f, v)->name; }

static bool is_number(const Fact *p)
{
    return p->kind == FACT_number || p->kind == FACT_none;
}

/* ---- regions ------------------------------------------------------------------------------ */

static RegionNode *root_of(Judge *j, uint32_t base)
{
    while (j->nodes[base].parent != base) {
        j->nodes[base].parent = j->nodes[j->nodes[base].parent].parent;
        base = j->nodes[base].parent;
    }
    return &j->nodes[base];
}

static const char *region_text(const Judge *j, uint8_t region)
{
    return region ? arena_printf(j->v.arena, "region %u", region - 1) : "no region";
}

void judge_region(Judge *j, uint32_t base, uint8_t region, const Subject *what)
{
    RegionNode *root = root_of(j, base);
    if (root->known && root->region != region)
        fail(j, "%s has %s, the object has %s elsewhere", subject_text(what, j->v.arena),
             region_text(j, region), region_text(j, root->region));
    if (!root->known) root->region = region;
    root->known = true;
}

static void unite(Judge *j, uint32_t a, uint32_t b)
{
    RegionNode *x = root_of(j, a), *y = root_of(j, b);
    if (x == y) return;
    if (x->known && y->known && x->region != y->region)
        fail(j, "a choice between addresses of %s and of %s", region_text(j, x->region),
             region_text(j, y->region));
    x->parent = (uint32_t)(y - j->nodes);
    if (x->known) {
        y->known = true;
        y->region = x->region;
    }
}

static void begin_regions(Judge *j)
{
    const Addresses *x = j->x;
    j->nodes = arena_array(j->v.arena, RegionNode, x->bases.n);
    for (uint32_t k = 0; k < x->bases.n; k++) {
        const Contract *c = x->bases.at[k].contract;
        j->nodes[k] = (RegionNode){k, c != NULL, c ? c->region : 0};
    }
    for (uint32_t k = 0; k < x->links.n; k++)
        unite(j, x->links.at[k].choice, x->links.at[k].member);
}

static const Subject the_access = {.word = "the access", .plain = true};
static const Subject the_cell = {.word = "the cell", .plain = true};

/* ---- accesses ----------------------------------------------------------------------------- */

static bool overlap(int64_t a, uint64_t na, int64_t b, uint64_t nb)
{
    return a < b + (int64_t)nb && b < a + (int64_t)na;
}

static void check_null(Judge *j, const Access *a, const Number *n, MemFlags flags)
{
    int64_t at = (int64_t)((uint64_t)n->lo + (uint64_t)a->offset);
    if (flags.bits & MEMFLAG_notrap) fail(j, "`notrap`, and the address may be null");
    if (number_is_exact(n) && (at < 0 || at > NULL_PAGE - (int64_t)a->bytes))
        fail(j, "null and %lld lies outside of the null page", (long long)at);
}

static void check_range(Judge *j, const Access *a, const Fact *p, const Base *b)
{
    if (address_may_be_within(j->x, p, a->offset, a->bytes)) return;
    if (number_is_exact(&p->n))
        fail(j, "%u bytes at %lld of an object with %lld..%lld", a->bytes,
             (long long)((uint64_t)p->n.lo + (uint64_t)a->offset), (long long)b->range.lo,
             (long long)b->range.hi);
    else
        fail(j, "%u bytes that are outside of the object for each index", a->bytes);
}

static void check_aligned(Judge *j, const Access *a, const Fact *p)
{
    uint64_t low, mask = a->bytes - 1;
    unsigned nlow = address_low(j->x, p, &low);
    if ((low_mask(nlow) & mask) != mask || ((low + (uint64_t)a->offset) & mask))
        fail(j, "`aligned`, and the address is not known to be a multiple of %u", a->bytes);
}

static void check_flags(Judge *j, const Access *a, const Fact *p, const Base *b, MemFlags flags)
{
    if (flags.bits & MEMFLAG_aligned) check_aligned(j, a, p);
    if ((flags.bits & MEMFLAG_notrap) && b->may_fault)
        fail(j, "`notrap`, and the address may be in an inaccessible heap or null");
    if ((flags.bits & MEMFLAG_readonly) && b->kind == BASE_slot)
        fail(j, "`readonly`, and the slot is written in this activation");
    if ((flags.bits & MEMFLAG_can_move) && a->writes) fail(j, "`can_move` on a store");
    if ((flags.bits & MEMFLAG_can_move) &&
        (b->may_fault || !address_is_within(j->x, p, a->offset, a->bytes)))
        fail(j, "`can_move`, and the bytes are not known to be the object's");
    if (a->writes && b->nowrite) fail(j, "a store through a contract that forbids it");
}

static uint8_t region_of(const Judge *j, MemFlags flags)
{
    return flags.region ? (uint8_t)(j->v.f->regions.at[flags.region - 1].number + 1) : 0;
}

/* Bytes of cells are touched by whole i64 loads and stores alone. */
static void check_contract_cells(Judge *j, const Access *a, const Base *b, int64_t at)
{
    for (uint32_t k = 0; b->contract && k < b->contract->cells.n; k++) {
        int64_t cell = b->contract->cells.at[k].offset;
        if (overlap(at, a->bytes, cell, 8) && (at != cell || !a->word))
            fail(j, "touches part of the cell at %lld, or not as it stands", (long long)cell);
    }
}

static void check_slot_cells(Judge *j, const Access *a, const Base *b, int64_t at)
{
    const Addresses *x = j->x;
    for (uint32_t k = 0; b->kind == BASE_slot && k < x->cells.n; k++) {
        const SlotCell *cell = &x->cells.at[k];
        const CellState *s = &x->now[k];
        if (cell->slot != b->index || !s->may || !overlap(at, a->bytes, cell->offset, 8)) continue;
        if (at != cell->offset || !a->word)
            fail(j, "touches part of the cell at %lld, or not as it stands",
                 (long long)cell->offset);
        else if (a->reads && !s->must)
            fail(j, "the cell at %lld holds an address on some paths only",
                 (long long)cell->offset);
    }
}

static void check_stored_address(Judge *j, const Access *a, const Fact *p, const Fact *stored)
{
    const Base *b = address_base(j->x, p);
    const Cell *cell = address_contract_cell(j->x, p, a->offset);
    if (!a->word) {
        fail(j, "an address is stored otherwise than whole");
    } else if (cell) {
        if (stored->kind != FACT_address) fail(j, "a function's address is stored in a cell");
        else if (address_base(j->x, stored)->own_slot)
            fail(j, "a slot's address is stored outside of slots");
        else judge_promise(j, &the_cell, &cell->target, stored);
    } else if (b->kind != BASE_slot || !number_is_exact(&p->n)) {
        fail(j, "an address is stored where no cell can be");
    } else if (!address_cell(j->x, b->index, p->n.lo + a->offset)) {
        fail(j, "the function has too many cells");
    }
}

static void check_store(Judge *j, const InstData *i, const Access *a, const Fact *p)
{
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < i->nargs; k++) {
        const Fact *stored = fact_of(j, args[k]);
        if (k == a->address || is_number(stored)) continue;
        check_stored_address(j, a, p, stored);
    }
    const Fact *value = a->value >= 0 ? fact_of(j, args[a->value]) : NULL;
    if (value && is_number(value) && address_contract_cell(j->x, p, a->offset))
        fail(j, "a number is stored in a contract's cell");
}

static void check_access(Judge *j, const InstData *i, const Access *a)
{
    Value v = inst_args_const(i)[a->address];
    const Fact *p = fact_of(j, v);
    const Base *b = address_base(j->x, p);
    if (!b) {
        if (p->kind == FACT_number && number_is(&p->n, 0)) check_null(j, a, &p->n, i->flags);
        else fail(j, "v%u is not an address", name_of(j, v));
        return;
    }
    if (b->kind == BASE_param && !b->contract) {
        fail(j, "parameter %u is used as an address and has no contract", b->index);
        return;
    }
    if (b->may_null) check_null(j, a, &p->n, i->flags);
    check_range(j, a, p, b);
    check_flags(j, a, p, b, i->flags);
    judge_region(j, p->base, region_of(j, i->flags), &the_access);
    int64_t at = (int64_t)((uint64_t)p->n.lo + (uint64_t)a->offset);
    if (number_is_exact(&p->n)) {
        check_contract_cells(j, a, b, at);
        check_slot_cells(j, a, b, at);
    }
    if (a->writes) check_store(j, i, a, p);
}

/* Operands of what has no result, or more than facts: numbers, but for conditions. */
static void check_operands(Judge *j, const InstData *i)
{
    const OpInfo *o = inst_op(i);
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < i->nargs; k++) {
        if (o->operands[0] != '*' && o->operands[k] == 'C') continue;
        if (!is_number(fact_of(j, args[k])))
            fail(j, "v%u is an address, which must not come here", name_of(j, args[k]));
    }
}

static __attribute__((noinline)) void check_memory(Judge *j, const InstData *i)
{
    Access a;
    if (inst_access(i, &a)) check_access(j, i, &a);
    else if (i->nresults == 0) check_operands(j, i);
}

/* ---- other instructions ------------------------------------------------------------------- */

/* Blames the instruction at which something ceased to be an address or a number. */
static COLD void blame_result(Judge *j, const InstData *i)
{
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < i->nargs; k++)
        if (fact_of(j, args[k])->kind == FACT_mixed) return;
    fail(j, "the result depends on where objects lie, or is only sometimes an address");
}

static void check_params(Judge *j, Block b)
{
    const ValueVec *params = &func_block(j->v.f, b)->params;
    for (uint32_t k = 0; k < params->n; k++) {
        if (fact_of(j, params->at[k])->kind != FACT_mixed) continue;
        bool blamed = false;
        const Cfg *c = j->x->cfg;
        for (const Edge *e = cfg_preds(c, b); e < cfg_preds_end(c, b); e++) {
            const BlockCall *dest = &func_terminator(j->v.f, e->from)->dests[e->dest];
            blamed |= fact_of(j, dest->args[k])->kind == FACT_mixed;
        }
        if (!blamed)
            verifier_error_block(&j->v, b, "parameter v%u is only sometimes an address",
                                 name_of(j, params->at[k]));
    }
}

static void begin_block(Judge *j, Block b)
{
    check_params(j, b);
    j->v.block = b;
}

/* Most instructions touch no memory: their way is short. */
static void check_inst(void *data, Block b, Inst inst)
{
    Judge *j = data;
    const InstData *i = func_inst(j->v.f, inst);
    unsigned effects = inst_op(i)->effects;
    if (unlikely(j->v.d->errors >= j->errors)) return;
    if (unlikely(j->v.block.i != b.i)) begin_block(j, b);
    j->v.inst = i;
    if (effects & EFFECT_K) {
        judge_call(j, i);
        return;
    }
    if (effects & (EFFECT_L | EFFECT_S)) check_memory(j, i);
    else if (i->nresults == 0) check_operands(j, i);
    if (i->nresults && unlikely(fact_of(j, i->result)->kind == FACT_mixed)) blame_result(j, i);
}

/* ---- functions ---------------------------------------------------------------------------- */

static void verify_func(const Module *m, const Func *f, const Cfg *cfg, Arena *arena, Diag *d)
{
    ArenaMark mark = arena_mark(arena);
    uint32_t before = d->errors;
    Judge j = {
        .v = {.m = m, .f = f, .arena = arena, .d = d, .block = BLOCK_none, .sound = true},
        .errors = before + ERRORS_MAX,
    };
    judge_contracts(&j.v);
    if (d->errors == before) {
        j.x = address_derive(f, cfg, arena);
        begin_regions(&j);
        address_walk(j.x, check_inst, &j);
    }
    if (d->errors == before || arena != d->arena) arena_release(arena, mark);
}

bool discipline_verify(const Module *m, const Cfg *const *cfgs, Arena *scratch, Diag *d)
{
    uint32_t before = d->errors;
    for (uint32_t k = 0; k < m->funcs.n; k++)
        verify_func(m, m->funcs.at[k], cfgs[k], scratch, d);
    return d->errors == before;
}
