#include "gen/expr.h"

#include "gen/nan.h"
#include "gen/pick.h"

Value expr_load(Fn *fn, Choice *c, Type t)
{
    Op op = choose_load(c, t);
    Pick p;
    if (!pick_access(fn, c, (Need){.bytes = op_access_bytes(op, t), .read = true}, &p))
        return gen_constant(fn, c, t);
    return gen_load(fn, op, t, p.flags, p.v, p.offset);
}

Value expr_reload(Fn *fn, Choice *c, Value v)
{
    Type t = func_type(fn->f, v);
    Pick p;
    Need need = {.bytes = type_bytes(t), .read = true, .write = true};
    if (!pick_access(fn, c, need, &p)) return v;
    gen_store(fn, OP_store, p.flags, v, p.v, p.offset);
    MemFlags flags = pick_flags_back(fn, c, &p, type_bytes(t));
    return gen_load(fn, OP_load, t, flags, p.v, p.offset);
}

/* A narrower load, widened. */
static Value extended_load(Fn *fn, Choice *c, Type t)
{
    static const Type narrow[] = {TY_i8, TY_i16, TY_i32};
    Type from = narrow[choose(c, 3)];
    if (!type_is_int(t) || type_bits(from) >= type_bits(t)) return expr_load(fn, c, t);
    Value v = expr_load(fn, c, from);
    return gen_unary(fn, chance(c, 1, 2) ? OP_sextend : OP_uextend, t, v);
}

Value expr_leaf(Fn *fn, Choice *c, Type t, ExprKind kind)
{
    uint32_t how = choose(c, 16);
    if (is_on(fn->g, FAMILY_odd)) { /* each of the operand's sources */
        uint32_t source = choose(c, 8);
        if (source < 3) return gen_constant(fn, c, t);
        if (source < 6) return expr_load(fn, c, t);
    }
    if (kind == EXPR_tree) {
        if (how < 11) return expr_load(fn, c, t);
        return how < 13 ? gen_constant(fn, c, t) : extended_load(fn, c, t);
    }
    if (how < 9) return scope_value(fn, c, t);
    return how < 12 ? gen_constant(fn, c, t) : expr_load(fn, c, t);
}

/* Shift amounts: near the width, or any. */
static Value shift_amount(Fn *fn, Choice *c, Type control, Type t, ExprKind kind)
{
    if (chance(c, 1, 4)) return expr_leaf(fn, c, t, kind);
    uint32_t bits = type_lane_bits(control);
    uint32_t n = chance(c, 1, 3) ? bits - 1 + choose(c, 3) : choose(c, bits);
    return gen_iconst(fn, t, n);
}

/* ---- operands that keep an instruction from trapping -------------------------------------- */

/* A divisor that is a constant, neither 0 nor -1. */
static Value constant_divisor(Fn *fn, Choice *c, Type t)
{
    int64_t n = choose_integer(fn->g, c, type_bits(t) < 64 ? type_bits(t) : 64);
    return gen_iconst(fn, t, n == 0 || n == -1 ? 3 + choose(c, 8) : n);
}

static Value nonzero(Fn *fn, Choice *c, Value y)
{
    return gen_binary_imm(fn, OP_bor, y, chance(c, 1, 2) ? 1 : 1 << choose(c, 6));
}

static Value positive(Fn *fn, Value y)
{
    return gen_binary_imm(fn, OP_bor, gen_binary_imm(fn, OP_ushr, y, 1), 1);
}

/* Between 0 and 127, so that any integer has it. */
static Value small_constant(Fn *fn, Choice *c, Type t)
{
    static const Bits halves[] = {{.u64 = {0x3800}}, {.u64 = {0x3f000000}},
                                  {.u64 = {0x3fe0000000000000}}, {.u64 = {0, 0x3ffe000000000000}}};
    Bits b = halves[__builtin_ctz(type_bits(t)) - 4];
    unsigned fraction = t == TY_f16 ? 10 : t == TY_f32 ? 23 : t == TY_f64 ? 52 : 48;
    b.u64[t == TY_f128] += (uint64_t)choose(c, 7 << 10) << (fraction - 10); /* up to 2^6 */
    return gen_bits(fn, t, &b);
}

/* A float that holds an integer narrower than the type it is converted to. */
static Value small_float(Fn *fn, Choice *c, Type control, Type t, Op op, ExprKind kind)
{
    if (chance(c, 1, 3)) {
        Value v = small_constant(fn, c, t);
        return chance(c, 1, 2) ? expr_reload(fn, c, v) : v;
    }
    Type from = type_bits(control) <= 16 || type_lane_bits(t) == 16 ? TY_i8 : TY_i16;
    Value x = expr_leaf(fn, c, from, kind);
    if (type_bits(control) == 8) x = gen_binary_imm(fn, OP_ushr, x, 1);
    return gen_unary(fn, op, t, x);
}

static Value guarded(Fn *fn, Choice *c, const Producer *p, unsigned k, Type t, ExprKind kind)
{
    switch ((Guard)op_plan[p->op].guard) {
    case GUARD_nonzero:
    case GUARD_positive:
        if (k == 0) break;
        if (chance(c, 1, 3)) return constant_divisor(fn, c, t);
        Value y = expr_leaf(fn, c, t, kind);
        return op_plan[p->op].guard == GUARD_positive ? positive(fn, y) : nonzero(fn, c, y);
    case GUARD_halved: return gen_binary_imm(fn, OP_ushr, expr_leaf(fn, c, t, kind), 1);
    case GUARD_small_u: return small_float(fn, c, p->type, t, OP_fcvt_from_uint, kind);
    case GUARD_small_s: return small_float(fn, c, p->type, t, OP_fcvt_from_sint, kind);
    case GUARD_none: break;
    }
    return expr_leaf(fn, c, t, kind);
}

/* ---- inner nodes -------------------------------------------------------------------------- */

typedef struct {
    Producer p;
    unsigned n;
    Type types[3];
    bool deep[3], guarded[3];
    Value at[3];
} Node;

/* Left unguarded now and then where traps are wanted. */
static bool is_guarded(Fn *fn, Choice *c, Op op)
{
    if (!op_plan[op].guard) return false;
    bool bare = fn->g->traps && fn->mult == 1 && chance(c, 1, 2);
    if (bare) fn->g->traps--;
    return !bare;
}

static bool is_plain(const Node *n, unsigned k)
{
    char letter = op_info[n->p.op].operands[k];
    return !n->guarded[k] && letter != 'S';
}

/* Which operands are trees of their own: one at least where there is depth left. */
static void plan_operands(Fn *fn, Choice *c, Node *n, unsigned depth)
{
    const OpInfo *o = &op_info[n->p.op];
    bool guard = is_guarded(fn, c, (Op)n->p.op);
    uint64_t types = op_types((Op)n->p.op, fn->g->types, fn->g->off);
    n->n = (unsigned)strlen(o->operands);
    unsigned first = choose(c, n->n);
    for (unsigned k = 0; k < n->n; k++) {
        n->types[k] = choose_operand(c, o->operands[k], (Type)n->p.type, types);
        n->guarded[k] = guard;
        n->deep[k] = depth > 1 && is_plain(n, k) && (k == first || chance(c, 1, 4));
    }
}

static Value operand(Fn *fn, Choice *c, const Node *n, unsigned k, ExprKind kind)
{
    Type t = n->types[k];
    if (n->guarded[k]) return guarded(fn, c, &n->p, k, t, kind);
    if (op_info[n->p.op].operands[k] == 'S') return shift_amount(fn, c, (Type)n->p.type, t, kind);
    return expr_leaf(fn, c, t, kind);
}

static Value fixed(Fn *fn, Choice *c, const Node *n, Value v)
{
    return op_plan[n->p.op].nan_fixed ? nan_fix(fn, c, v) : v;
}

/* Inner operands first, so that loads stand right above their user. */
static void make_operands(Fn *fn, Choice *c, Node *n, unsigned depth, ExprKind kind)
{
    for (unsigned k = 0; k < n->n; k++)
        if (n->deep[k]) n->at[k] = fixed(fn, c, n, expr_make(fn, c, n->types[k], depth - 1, kind));
    for (unsigned k = 0; k < n->n; k++)
        if (!n->deep[k]) n->at[k] = fixed(fn, c, n, operand(fn, c, n, k, kind));
}

static uint32_t choose_mask(Fn *fn, Choice *c)
{
    uint8_t mask[16];
    uint32_t how = choose(c, 4), by = choose(c, 16);
    for (unsigned k = 0; k < 16; k++)
        mask[k] = how == 0   ? (uint8_t)choose(c, 32)
                  : how == 1 ? (uint8_t)(k + by)                     /* a window of both */
                  : how == 2 ? (uint8_t)((k / 4 * 4 + by) % 32 + k % 4 - by % 4) /* lanes of four */
                             : (uint8_t)(k / 2 + (k % 2) * 16 + by / 8 * 8);  /* interleaved */
    uint32_t at = choose(c, 16), other = choose(c, 224) % 32;
    if (chance(c, 1, 8)) mask[at] = (uint8_t)other; /* one byte that fits no pattern */
    return build_constant(fn->f, mask, 16).i;
}

/* What the format holds besides values: the letters of table.c's FILLED. */
static void fill_format(Fn *fn, Choice *c, InstData *i)
{
    Type t = (Type)i->type;
    for (const char *l = format_operands[op_info[i->op].format]; *l; l++)
        switch (*l) {
        case 'c': i->cond = (uint8_t)choose(c, INTCC_COUNT); break;
        case 'x': i->cond = (uint8_t)choose(c, FLOATCC_COUNT); break;
        case 'u': i->imm = choose(c, type_lanes(t)); break;
        case 's': i->entity = choose_mask(fn, c); break;
        case 't': i->trap = (TrapCode)(1 + choose(c, TRAP_user_last)); break;
        case 'm': /* a bitcast says how lanes are numbered */
            if (type_lanes(t) != type_lanes(func_type(fn->f, inst_args(i)[0])))
                i->flags.bits = MEMFLAG_little;
            break;
        }
}

static Producer producer(const Fn *fn, Choice *c, Type t)
{
    return choose_producer(c, t, fn->g->types, fn->g->off);
}

Value expr_make(Fn *fn, Choice *c, Type t, unsigned depth, ExprKind kind)
{
    if (depth == 0) return expr_leaf(fn, c, t, kind);
    Node n = {.p = producer(fn, c, t)};
    if (n.p.op == OP_COUNT) return expr_leaf(fn, c, t, kind);
    if (kind == EXPR_tree && op_info[n.p.op].results[1]) n.p = producer(fn, c, t);
    if (n.p.op == OP_COUNT) return expr_leaf(fn, c, t, kind);
    plan_operands(fn, c, &n, depth);
    make_operands(fn, c, &n, depth, kind);
    InstData i = {.op = n.p.op, .type = n.p.type, .nargs = n.n};
    for (unsigned k = 0; k < n.n; k++) i.args_.few[k] = n.at[k];
    fill_format(fn, c, &i);
    const InstData *made = func_inst(fn->f, gen_inst(fn, &i));
    Value v = made->result;
    if (made->nresults > 1) scope_add(fn, c, inst_result(made, 1));
    return v;
}

/* A truth value in a type that may be wider. */
static Value as_wide(Fn *fn, Choice *c, Value v, Type t)
{
    if (t == TY_i8) return v;
    return gen_unary(fn, chance(c, 1, 2) ? OP_sextend : OP_uextend, t, v);
}

Value expr_condition(Fn *fn, Choice *c)
{
    uint64_t ints = fn->g->types & kinds_of_integers();
    uint32_t how = choose(c, 8);
    Type t = choose_type(c, ints);
    if (how == 0) return scope_value(fn, c, t);
    if (how <= 2) return expr_make(fn, c, TY_i8, 1, EXPR_tree);
    Value x = expr_leaf(fn, c, t, EXPR_dag), y = expr_leaf(fn, c, t, EXPR_dag);
    Value truth = gen_icmp(fn, (IntCC)choose(c, INTCC_COUNT), x, y);
    return how < 7 ? truth : expr_reload(fn, c, as_wide(fn, c, truth, choose_type(c, ints)));
}

Value expr_rare(Fn *fn, Choice *c)
{
    Value x = scope_value(fn, c, chance(c, 1, 2) ? TY_i64 : TY_i32);
    uint32_t bits = 1 + choose(c, 3);
    Value low = gen_binary_imm(fn, OP_band, x, (1 << bits) - 1);
    Value n = gen_iconst(fn, func_type(fn->f, x), choose(c, 1u << bits));
    return gen_icmp(fn, INTCC_eq, low, n);
}

Value expr_rare_reloaded(Fn *fn, Choice *c, bool common)
{
    Value v = expr_rare(fn, c);
    Type t = choose_type(c, fn->g->types & kinds_of_integers());
    if (chance(c, 1, 8)) return gen_iconst(fn, t, common ? 1 + choose(c, 127) : 0);
    if (common) v = gen_binary_imm(fn, OP_bxor, v, 1);
    uint32_t how = choose(c, 4);
    if (how < 2) return v;
    v = as_wide(fn, c, v, t);
    return how == 2 ? v : expr_reload(fn, c, v);
}
