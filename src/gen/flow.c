/* Branches. Each arm works on a copy of the scope; where the arms meet, every place whose value
 * differs becomes a parameter of the block behind them, so that nothing that an arm computed is
 * lost. */
#include "gen/stmt.h"

#include "gen/nan.h"
#include "gen/pick.h"

enum { ARMS_MAX = 5 };

typedef struct {
    Block block; /* where it starts; where it ends once it is made */
    Scope scope; /* at its end */
    bool leaves; /* it ends with a trap */
} Arm;

typedef struct {
    uint32_t n;
    Arm arms[ARMS_MAX];
    Block after;
    Scope before;
    Value args[ARMS_MAX][KIND_COUNT * VARS];
    uint32_t nargs;
} Fork;

static void make_arm(Fn *fn, const Fork *k, Arm *arm, uint32_t statements)
{
    fn->b.at = arm->block;
    fn->scope = k->before;
    stmt_make_list(fn, statements);
    arm->block = fn->b.at;
    arm->scope = fn->scope;
}

static bool differs(const Fork *k, int kind, unsigned n)
{
    for (uint32_t a = 0; a < k->n; a++)
        if (!k->arms[a].leaves &&
            k->arms[a].scope.vars[kind][n].i != k->before.vars[kind][n].i)
            return true;
    return false;
}

/* The arm's value of a place; a constant where it has none. */
static Value arm_value(Fn *fn, Choice *c, Arm *arm, int kind, unsigned n)
{
    Value v = arm->scope.vars[kind][n];
    if (v.i != NO_INDEX) return v;
    fn->b.at = arm->block;
    return gen_constant(fn, c, kind_type[kind]);
}

static void merge_place(Fn *fn, Choice *c, Fork *k, int kind, unsigned n)
{
    Value param = block_param(fn, k->after, kind_type[kind]);
    for (uint32_t a = 0; a < k->n; a++) {
        if (k->arms[a].leaves) continue;
        Value v = arm_value(fn, c, &k->arms[a], kind, n);
        k->args[a][k->nargs] = v;
        if (value_is_open(fn, v)) value_set_open(fn, param);
    }
    k->nargs++;
    scope_set(&k->before, kind_type[kind], n, param);
}

static bool same_address(const Address *a, const Address *b)
{
    return a->v.i == b->v.i && a->origin == b->origin && a->lo == b->lo && a->hi == b->hi;
}

/* What an arm changed of a cell is known no longer. */
static void merge_cells(Fork *k)
{
    for (uint32_t a = 0; a < k->n; a++)
        for (unsigned n = 0; n < CELLS_MAX; n++) {
            const HeldAddress *there = &k->arms[a].scope.cells[n];
            HeldAddress *here = &k->before.cells[n];
            if (there->slot != here->slot || !same_address(&there->target, &here->target))
                here->slot = NO_ORIGIN;
        }
}

/* Some arm changed a value of that kind. */
static bool kind_differs(const Fork *k, int kind)
{
    const Value *before = k->before.vars[kind];
    for (uint32_t a = 0; a < k->n; a++)
        if (memcmp(k->arms[a].scope.vars[kind], before, sizeof k->before.vars[kind])) return true;
    return false;
}

/* Ends the arms and continues behind them. */
static void join(Fn *fn, Choice *c, Fork *k)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if (!kind_differs(k, kind)) continue;
        for (unsigned n = 0; n < VARS; n++)
            if (differs(k, kind, n)) merge_place(fn, c, k, kind, n);
    }
    for (uint32_t a = 0; a < k->n; a++) {
        if (k->arms[a].leaves) continue;
        fn->b.at = k->arms[a].block;
        gen_jump(fn, k->after, k->args[a], k->nargs);
    }
    merge_cells(k);
    fn->scope = k->before;
    fn->b.at = k->after;
}

/* Two or more blocks to branch to; the scope is kept when the branch stands. */
static void fork_begin(Fn *fn, Fork *k, uint32_t n)
{
    k->n = n;
    k->nargs = 0;
    for (uint32_t a = 0; a < n; a++) {
        k->arms[a].block = gen_block(fn);
        k->arms[a].leaves = false;
    }
}

static BlockCall arm_dest(Fn *fn, const Fork *k, uint32_t arm)
{
    return gen_dest(fn, k->arms[arm].block, NULL, 0);
}

void stmt_branch(Fn *fn, Choice *c)
{
    Value condition = expr_condition(fn, c);
    bool both = chance(c, 1, 2);
    Fork fork, *k = &fork;
    fork_begin(fn, k, 2);
    gen_brif(fn, condition, arm_dest(fn, k, 0), arm_dest(fn, k, 1));
    k->before = fn->scope;
    fn->depth++;
    make_arm(fn, k, &k->arms[0], 1 + choose(c, 3));
    make_arm(fn, k, &k->arms[1], both ? 1 + choose(c, 2) : 0);
    fn->depth--;
    k->after = gen_block(fn);
    join(fn, c, k);
}

void stmt_table(Fn *fn, Choice *c)
{
    uint32_t arms = 2 + choose(c, ARMS_MAX - 1), entries = arms - 1 + choose(c, 3);
    Value x = scope_value(fn, c, TY_i32);
    if (chance(c, 3, 4)) x = gen_binary_imm(fn, OP_band, x, 7);
    if (chance(c, 1, 4)) x = expr_reload(fn, c, x);
    Fork fork, *k = &fork;
    fork_begin(fn, k, arms);
    BlockCall dests[ARMS_MAX + 3];
    for (uint32_t n = 0; n <= entries; n++) {
        uint32_t arm = n < arms ? n : choose(c, arms);
        dests[n] = arm_dest(fn, k, arm);
    }
    gen_table(fn, x, dests, entries + 1);
    k->before = fn->scope;
    fn->depth++;
    for (uint32_t a = 0; a < arms; a++) make_arm(fn, k, &k->arms[a], 1);
    fn->depth--;
    k->after = gen_block(fn);
    join(fn, c, k);
}

/* Ways to one block, each with a value of its own: leaves, so that constants and loads are
 * arguments of branches. */
void stmt_choice(Fn *fn, Choice *c)
{
    enum { WAYS_MAX = 4 };
    bool table = chance(c, 1, 2);
    Type t = choose_type(c, fn->g->types);
    uint32_t n = table ? 2 + choose(c, WAYS_MAX - 1) : 2;
    Value x = table ? gen_binary_imm(fn, OP_band, scope_value(fn, c, TY_i32), 3)
                    : expr_condition(fn, c);
    Value values[WAYS_MAX];
    for (uint32_t k = 0; k < n; k++) {
        values[k] = expr_leaf(fn, c, t, chance(c, 1, 2) ? EXPR_tree : EXPR_dag);
        values[k] = nan_fix(fn, c, values[k]);
    }
    Block after = gen_block(fn);
    BlockCall ways[WAYS_MAX];
    for (uint32_t k = 0; k < n; k++) ways[k] = gen_dest(fn, after, &values[k], 1);
    if (table) gen_table(fn, x, ways, n);
    else gen_brif(fn, x, ways[0], ways[1]);
    fn->b.at = after;
    scope_add(fn, c, block_param(fn, after, t));
}

/* if (rare) { statement; trap } */
static void trap_in_arm(Fn *fn, Choice *c, TrapCode code)
{
    Value condition = expr_rare(fn, c);
    Fork fork, *k = &fork;
    fork_begin(fn, k, 2);
    gen_brif(fn, condition, arm_dest(fn, k, 0), arm_dest(fn, k, 1));
    k->before = fn->scope;
    fn->depth++;
    make_arm(fn, k, &k->arms[0], chance(c, 1, 2));
    fn->depth--;
    gen_inst(fn, &(InstData){.op = OP_trap, .trap = code});
    k->arms[0].leaves = true;
    fn->scope = k->before;
    fn->b.at = k->arms[1].block;
}

void stmt_trap(Fn *fn, Choice *c)
{
    TrapCode code = choose_trap(c);
    if (!fn->g->traps) {
        stmt_assign(fn, c);
        return;
    }
    fn->g->traps--;
    if (fn->depth < DEPTH_MAX && chance(c, 1, 4)) {
        trap_in_arm(fn, c, code);
        return;
    }
    bool zero = chance(c, 1, 2);
    InstData i = {.op = zero ? OP_trapz : OP_trapnz, .trap = code, .nargs = 1};
    i.args_.few[0] = expr_rare_reloaded(fn, c, zero);
    gen_inst(fn, &i);
}
