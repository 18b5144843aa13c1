#include "gen/stmt.h"

#include "gen/nan.h"
#include "gen/pick.h"

/* ---- which statement a record is ---------------------------------------------------------- */

typedef struct {
    StmtMaker *make;
    int family; /* or -1 */
    Stmt instead; /* or STMT_nothing: an assign or a store */
} StmtInfo;

static const StmtInfo stmts[STMT_COUNT] = {
#define FAMILY_none -1
#define STATEMENT(name, weight, family, instead) \
    [STMT_##name] = {stmt_##name, FAMILY_##family, STMT_##instead},
#include "gen/statements.def"
};

static const uint8_t stmt_weight[STMT_COUNT] = {
#define STATEMENT(name, weight, family, instead) [STMT_##name] = weight,
#include "gen/statements.def"
};

static uint8_t stmt_wheel[256]; /* by a record's first byte; 0 is nothing */

__attribute__((constructor(103))) static void fill_wheel(void)
{
    unsigned total = 0, sum = 0, at = 1;
    for (int k = 1; k < STMT_COUNT; k++) total += stmt_weight[k];
    for (int k = 1; k < STMT_COUNT; k++) {
        sum += stmt_weight[k];
        while (at < 1 + 255 * sum / total) stmt_wheel[at++] = (uint8_t)k;
    }
}

static bool is_nesting(Stmt s)
{
    return s == STMT_branch || s == STMT_table || s == STMT_loop || s == STMT_walk;
}

static void make_statement(Fn *fn, Choice *c)
{
    Stmt s = (Stmt)stmt_wheel[record_byte(c, 0)];
    if (s == STMT_nothing || !can_afford(fn, STMT_COST)) return;
    bool off = stmts[s].family >= 0 && !is_on(fn->g, (unsigned)stmts[s].family);
    if (off && stmts[s].instead)
        s = stmts[s].instead;
    else if (off || (is_nesting(s) && fn->depth == DEPTH_MAX))
        s = record_byte(c, 1) % 2 ? STMT_store : STMT_assign;
    stmts[s].make(fn, c);
}

void stmt_make_list(Fn *fn, uint32_t n)
{
    while (n-- && fn->records) {
        fn->records--;
        Choice c = input_record(fn->g->in);
        make_statement(fn, &c);
    }
}

/* ---- values and memory -------------------------------------------------------------------- */

static Type value_type(Fn *fn, Choice *c) { return choose_type(c, fn->g->types); }

/* An open float: stored as it is, loaded as an integer, stored again with its NaNs fixed. */
static bool store_open(Fn *fn, Choice *c, Value v)
{
    Type bits = type_int_like(func_type(fn->f, v));
    Pick p;
    Need need = {.bytes = type_bytes(bits), .read = true, .write = true};
    if (!pick_access(fn, c, need, &p)) return false;
    gen_store(fn, OP_store, p.flags, v, p.v, p.offset);
    MemFlags flags = pick_flags_back(fn, c, &p, type_bytes(bits));
    Value x = nan_fix_integer(fn, c, gen_load(fn, OP_load, bits, flags, p.v, p.offset));
    gen_store(fn, OP_store, p.flags, x, p.v, p.offset);
    return true;
}

/* Stores `v` somewhere; keeps it in scope when there is no room. */
static void store_somewhere(Fn *fn, Choice *c, Value v)
{
    Pick p;
    if (value_is_open(fn, v) && chance(c, 1, 3) && store_open(fn, c, v)) return;
    v = nan_fix_bits(fn, c, v);
    Type t = func_type(fn->f, v);
    Op op = type_is_int(t) && chance(c, 1, 3) ? choose_store(c, t) : OP_store;
    if (pick_access(fn, c, (Need){.bytes = op_access_bytes(op, t), .write = true}, &p))
        gen_store(fn, op, p.flags, v, p.v, p.offset);
    else
        scope_add(fn, c, v);
}

void stmt_assign(Fn *fn, Choice *c)
{
    Type t = value_type(fn, c);
    scope_add(fn, c, expr_make(fn, c, t, 1 + choose(c, 2), EXPR_dag));
}

void stmt_tree(Fn *fn, Choice *c)
{
    Type t = value_type(fn, c);
    Value v = expr_make(fn, c, t, 1 + choose(c, 3), EXPR_tree);
    if (chance(c, 1, 3))
        store_somewhere(fn, c, v);
    else
        scope_add(fn, c, v);
}

void stmt_store(Fn *fn, Choice *c)
{
    Type t = value_type(fn, c);
    store_somewhere(fn, c, expr_leaf(fn, c, t, EXPR_dag));
}

/* A computation of `x` and something else, of x's type. */
static Value compute(Fn *fn, Choice *c, Value x)
{
    static const Op integer[] = {OP_iadd, OP_isub, OP_band, OP_bor, OP_bxor};
    Type t = func_type(fn->f, x);
    Value y = expr_leaf(fn, c, t, chance(c, 1, 2) ? EXPR_tree : EXPR_dag);
    if (type_has_float_lanes(t)) return nan_mix(fn, c, x, y);
    Op op = integer[choose(c, countof(integer))];
    return chance(c, 3, 4) ? gen_binary(fn, op, x, y) : gen_binary(fn, op, y, x);
}

void stmt_update(Fn *fn, Choice *c)
{
    Type t = value_type(fn, c);
    Pick p;
    if (!pick_access(fn, c, (Need){.bytes = type_bytes(t), .read = true, .write = true}, &p)) {
        stmt_assign(fn, c);
        return;
    }
    Value x = gen_load(fn, OP_load, t, p.flags, p.v, p.offset);
    Value y = nan_fix_bits(fn, c, compute(fn, c, x));
    gen_store(fn, OP_store, p.flags, y, p.v, p.offset);
}

static void store_leaf(Fn *fn, Choice *c, Type t, const Pick *p)
{
    Value v = nan_fix_bits(fn, c, expr_leaf(fn, c, t, EXPR_dag));
    gen_store(fn, OP_store, p->flags, v, p->v, p->offset);
}

/* Through another address than `p`, mostly, and often at the same place if both are one. */
static bool pick_elsewhere(Fn *fn, Choice *c, const Pick *p, Need n, Pick *q)
{
    if (chance(c, 3, 4)) n.other_than = (uint8_t)(p->from.origin + 1);
    n.near = p->from.lo == p->from.hi;
    n.at = p->from.lo + p->offset;
    return pick_access(fn, c, n, q);
}

/* Stores, loads through another address, stores again over what may have been loaded. */
static void store_twice(Fn *fn, Choice *c, Type t, Type other)
{
    Pick p, q;
    if (!pick_access(fn, c, (Need){.bytes = type_bytes(t), .write = true}, &p)) {
        stmt_assign(fn, c);
        return;
    }
    store_leaf(fn, c, t, &p);
    if (pick_elsewhere(fn, c, &p, (Need){.bytes = type_bytes(other), .read = true}, &q))
        scope_add(fn, c, gen_load(fn, OP_load, other, q.flags, q.v, q.offset));
    store_leaf(fn, c, t, &p);
}

/* A value that both show in: of integers by `op`. */
static Value mixed(Fn *fn, Choice *c, Op op, Value x, Value y)
{
    bool floats = type_has_float_lanes(func_type(fn->f, x));
    return floats ? nan_mix(fn, c, x, y) : gen_binary(fn, op, x, y);
}

/* Loads or stores, stores through another address, loads what may have changed. */
void stmt_alias(Fn *fn, Choice *c)
{
    Type t = value_type(fn, c), other = chance(c, 1, 2) ? t : value_type(fn, c);
    if (chance(c, 1, 4)) {
        store_twice(fn, c, t, other);
        return;
    }
    bool store_first = chance(c, 1, 2);
    Pick p, q;
    Need need = {.bytes = type_bytes(t), .read = true, .write = store_first};
    if (!pick_access(fn, c, need, &p)) {
        stmt_assign(fn, c);
        return;
    }
    Value x = VALUE_none;
    if (store_first) store_leaf(fn, c, t, &p);
    else x = gen_load(fn, OP_load, t, p.flags, p.v, p.offset);
    if (pick_elsewhere(fn, c, &p, (Need){.bytes = type_bytes(other), .write = true}, &q))
        store_leaf(fn, c, other, &q);
    MemFlags again = pick_flags(fn, c, &p.from, p.offset, type_bytes(t), true);
    Value y = gen_load(fn, OP_load, t, again, p.v, p.offset);
    if (x.i != NO_INDEX) y = mixed(fn, c, OP_isub, x, y);
    scope_add(fn, c, y);
}

/* Many values that are alive at once, all used behind the last; some across a call. Narrow ones are
 * widened there. */
void stmt_pressure(Fn *fn, Choice *c)
{
    enum { MOST = 24 };
    if (!fn->g->large || !can_afford(fn, 2 * STMT_COST)) {
        stmt_assign(fn, c);
        return;
    }
    Value at[MOST];
    Type t = value_type(fn, c);
    if (t == TY_f128 || type_lane(t) == TY_f16) t = type_int_like(t); /* nobody adds them */
    uint32_t n = 8 + choose(c, MOST - 8 + 1);
    for (uint32_t k = 0; k < n; k++) {
        Value x = k % 2 || k < 2 ? expr_leaf(fn, c, t, EXPR_dag) : at[choose(c, k)];
        at[k] = k % 2 ? compute(fn, c, x) : x;
    }
    bool call = is_on(fn->g, FAMILY_call) && fn->index && chance(c, 1, 2);
    if (call) call_make(fn, c, choose(c, fn->index));
    if (type_is_int(t) && type_bits(t) < 64 && chance(c, 2, 3)) /* what stands above is gone */
        for (uint32_t k = 0; k < n; k++)
            at[k] = gen_unary(fn, chance(c, 2, 3) ? OP_uextend : OP_sextend, TY_i64, at[k]);
    Op op = chance(c, 1, 2) ? OP_bxor : OP_iadd;
    Value sum = at[n - 1];
    for (uint32_t k = n - 1; k-- > 0;) sum = mixed(fn, c, op, sum, at[k]);
    scope_add(fn, c, sum);
}

/* ---- instead of families that are switched off -------------------------------------------- */

/* As many loads as a tree has, and no tree. */
void stmt_loads(Fn *fn, Choice *c)
{
    uint32_t n = 1 + choose(c, 3);
    while (n--) scope_add(fn, c, expr_load(fn, c, value_type(fn, c)));
}

/* A slot of its own, stored to and loaded from, and no address in it. */
void stmt_spare(Fn *fn, Choice *c)
{
    Pick p;
    Type t = value_type(fn, c);
    Need need = {.bytes = type_bytes(t), .read = true, .write = true};
    if (!pick_new_slot(fn, c, need, &p)) {
        stmt_alias(fn, c);
        return;
    }
    store_leaf(fn, c, t, &p);
    MemFlags again = pick_flags(fn, c, &p.from, p.offset, type_bytes(t), true);
    scope_add(fn, c, gen_load(fn, OP_load, t, again, p.v, p.offset));
}
