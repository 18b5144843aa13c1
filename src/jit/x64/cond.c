/* Conditions: what is compared, and which flags then tell. A compare that its user lies beside is
 * written there and leaves no value behind. */
#include "jit/x64/rule.h"

Cond cond_of(IntCC cc)
{
    static const uint8_t conds[INTCC_COUNT] = {
        [INTCC_eq] = COND_z,   [INTCC_ne] = COND_nz,  [INTCC_slt] = COND_l,  [INTCC_sge] = COND_nl,
        [INTCC_sgt] = COND_nle, [INTCC_sle] = COND_le, [INTCC_ult] = COND_b, [INTCC_uge] = COND_nb,
        [INTCC_ugt] = COND_nbe, [INTCC_ule] = COND_be,
    };
    return (Cond)conds[cc];
}

Test invert_test(Test t)
{
    t.first = cond_inverse(t.first);
    t.second = cond_inverse(t.second);
    if (t.how == BOTH) t.how = EITHER;
    else if (t.how == EITHER) t.how = BOTH;
    return t;
}

/* cmp x, n; test x, x when n is 0 */
static void compare_constant(Lower *l, Value x, unsigned bits, int64_t n)
{
    Operand o = use_rm(l, x, bits / 8, 1);
    if (n == 0 && !is_memory(o)) return emit_test(l, form_sized(FORM_test, bits), o, o, 0);
    Form form = bits > 8 && n == (int8_t)n ? FORM_cmp_i8 : FORM_cmp_i;
    emit_test(l, form_sized(form, bits), o, NO_OPERAND, n);
}

static Test test_icmp(Lower *l, const InstData *i)
{
    Value x = inst_args_const(i)[0], y = inst_args_const(i)[1];
    unsigned bits = type_bits(type_of(l, x));
    IntCC cc = (IntCC)i->cond;
    int64_t n;
    if (constant_of(l, x, &n) && !constant_of(l, y, &n)) {
        Value swap = x;
        x = y;
        y = swap;
        cc = (IntCC)intcc_info[cc].swap;
    }
    if (constant_of(l, y, &n) && n == (int32_t)n && allows(l, REWRITE_compare_immediate)) {
        compare_constant(l, x, bits, n);
    } else if (can_fuse(l, x, bits / 8, 1)) {
        Operand memory = use_rm(l, x, bits / 8, 1);
        emit_test(l, form_sized(FORM_cmp_mr, bits), memory, in_reg(use(l, y)), 0);
    } else {
        Operand first = in_reg(use(l, x));
        emit_test(l, form_sized(FORM_cmp, bits), first, use_rm(l, y, bits / 8, 1), 0);
    }
    return test_one(cond_of(cc));
}

/* How ucomiss x, y tells; `swap`: ucomiss y, x. Unordered operands set Z, P and C. */
static const struct {
    bool swap;
    uint8_t first, second, how;
} float_tests[FLOATCC_COUNT] = {
    [FLOATCC_ord] = {false, COND_np, 0, ONE},
    [FLOATCC_uno] = {false, COND_p, 0, ONE},
    [FLOATCC_eq] = {false, COND_z, COND_np, BOTH},
    [FLOATCC_ne] = {false, COND_nz, COND_p, EITHER},
    [FLOATCC_one] = {false, COND_nz, 0, ONE},
    [FLOATCC_ueq] = {false, COND_z, 0, ONE},
    [FLOATCC_lt] = {true, COND_nbe, 0, ONE},
    [FLOATCC_le] = {true, COND_nb, 0, ONE},
    [FLOATCC_gt] = {false, COND_nbe, 0, ONE},
    [FLOATCC_ge] = {false, COND_nb, 0, ONE},
    [FLOATCC_ult] = {false, COND_b, 0, ONE},
    [FLOATCC_ule] = {false, COND_be, 0, ONE},
    [FLOATCC_ugt] = {true, COND_b, 0, ONE},
    [FLOATCC_uge] = {true, COND_be, 0, ONE},
};

static Test test_fcmp(Lower *l, const InstData *i)
{
    bool swap = float_tests[i->cond].swap;
    Value x = inst_args_const(i)[swap ? 1 : 0], y = inst_args_const(i)[swap ? 0 : 1];
    bool wide = type_of(l, x) == TY_f64;
    Form form = best_form(l, wide ? FORM_ucomisd : FORM_ucomiss);
    Operand first = in_reg(use(l, x));
    emit_test(l, form, first, use_rm(l, y, wide ? 8 : 4, 1), 0);
    return (Test){
        .first = (Cond)float_tests[i->cond].first,
        .second = (Cond)float_tests[i->cond].second,
        .how = float_tests[i->cond].how,
    };
}

Test test_compare(Lower *l, const InstData *i)
{
    return i->op == OP_icmp ? test_icmp(l, i) : test_fcmp(l, i);
}

/* Whether `v` is a scalar compare that may be written again at the root. Its operands then live up
 * to here, so it is done within a block only. One without a rule must become a root itself, to be
 * refused. */
static const InstData *compare_here(const Lower *l, Value v)
{
    const InstData *d = def_in_block(l, v);
    if (!d || (d->op != OP_icmp && d->op != OP_fcmp) || type_is_vector((Type)d->type)) return NULL;
    return l->rules->of[d->op][d->type].row == RULE_NONE ? NULL : d;
}

Test test_value(Lower *l, Value v)
{
    const InstData *d = compare_here(l, v);
    if (d && allows(l, REWRITE_compare_sunk)) {
        l->shared = l->facts->uses[v.i] != 1;
        Test t = test_compare(l, d);
        l->shared = false;
        return t;
    }
    compare_constant(l, v, type_bits(type_of(l, v)), 0);
    return test_one(COND_nz);
}

/* d := the condition as 0 or 1 */
static void set_byte(Lower *l, Reg d, Cond c)
{
    emit_inst(l, (MInst){.form = FORM_setcc, .cond = (uint8_t)c, .reg = {d}});
}

void materialise(Lower *l, Test t, Reg d)
{
    if (t.how == ONE) return set_byte(l, d, t.first);
    Reg a = temp(l, REG_GPR, 4), b = temp(l, REG_GPR, 4);
    set_byte(l, a, t.first);
    set_byte(l, b, t.second);
    emit(l, t.how == BOTH ? FORM_and_8 : FORM_or_8, d, in_reg(a), in_reg(b), 0);
}

bool lower_compare(Lower *l)
{
    materialise(l, test_compare(l, l->i), result(l, 0));
    return true;
}

/* -- Choosing ---------------------------------------------------------------------------------- */

/* d := c ? x : d. There is no conditional move of vector registers: a jump skips an ordinary one.
 * */
static void move_if(Lower *l, Type type, Cond c, Reg d, Reg x)
{
    if (type_in_xmm(type)) {
        jump_if(l, cond_inverse(c), label_of(LABEL_next, 0));
        binary(l, FORM_movaps_over, d, d, x);
        return;
    }
    Form form = type_bits(type) == 64 ? FORM_cmovcc_64 : FORM_cmovcc_32;
    emit(l, form, d, in_reg(d), in_reg(x), 0);
    last_inst(l)->cond = (uint8_t)c;
}

void choose(Lower *l, Type type, Test t, Reg d, Reg x, Reg y)
{
    if (t.how == BOTH) {
        t = invert_test(t);
        Reg swap = x;
        x = y;
        y = swap;
    }
    copy(l, d, y);
    move_if(l, type, t.first, d, x);
    if (t.how == EITHER) move_if(l, type, t.second, d, x);
}

bool lower_select(Lower *l)
{
    Test t = test_value(l, arg(l, 0));
    Reg x = use(l, arg(l, 1)), y = use(l, arg(l, 2));
    choose(l, (Type)l->i->type, t, result(l, 0), x, y);
    return true;
}

/* x != 0 ? -1 : 0 */
bool lower_bmask(Lower *l)
{
    Reg byte = temp(l, REG_GPR, 4), wide = temp(l, REG_GPR, 8);
    materialise(l, test_value(l, arg(l, 0)), byte);
    unary(l, FORM_movzxb_32, wide, byte);
    unary(l, FORM_neg_64, result(l, 0), wide);
    return true;
}

/* -- Branches ---------------------------------------------------------------------------------- */

static void jump_to(Lower *l, uint32_t edge)
{
    emit_inst(l, (MInst){.form = FORM_jmp, .imm = label_of(LABEL_edge, edge)});
}

/* Goes to `then` when the test holds, to `otherwise` if not. */
static void branch(Lower *l, Test t, uint32_t then, uint32_t otherwise)
{
    uint32_t yes = label_of(LABEL_edge, then), no = label_of(LABEL_edge, otherwise);
    switch (t.how) {
    case ONE: jump_if(l, t.first, yes); break;
    case EITHER: jump_if(l, t.first, yes), jump_if(l, t.second, yes); break;
    case BOTH:
        jump_if(l, cond_inverse(t.first), no);
        jump_if(l, cond_inverse(t.second), no);
        return jump_to(l, then);
    }
    jump_to(l, otherwise);
}

bool lower_jump(Lower *l)
{
    jump_to(l, l->m->blocks.at[l->block].edges);
    return true;
}

bool lower_brif(Lower *l)
{
    const MBlock *b = &l->m->blocks.at[l->block];
    uint32_t then = b->edges, otherwise = b->edges + 1;
    Test t = test_value(l, arg(l, 0));
    bool next = l->m->edges.at[then].to == l->block + 1;
    if (next && allows(l, REWRITE_branch_inverted)) branch(l, invert_test(t), otherwise, then);
    else branch(l, t, then, otherwise);
    return true;
}

static void copy_index(Lower *l, Reg d, Value v)
{
    emit(l, FORM_mov_32, d, in_reg(use(l, v)), NO_OPERAND, 0);
    keep_last(l);
}

/* The default is the first edge; behind it stand those of the table. */
bool lower_br_table(Lower *l)
{
    const MBlock *b = &l->m->blocks.at[l->block];
    uint32_t n = b->nedges - 1;
    if (n == 0) {
        jump_to(l, b->edges);
        return true;
    }
    Reg index = temp(l, REG_GPR, 8), base = temp(l, REG_GPR, 8);
    copy_index(l, index, arg(l, 0));
    emit_test(l, FORM_cmp_i_32, in_reg(index), NO_OPERAND, n);
    jump_if(l, COND_nb, label_of(LABEL_edge, b->edges));
    uint32_t table = label_of(LABEL_table, l->m->tables.n);
    *vec_push(l->a, &l->m->tables) = (MTable){.edges = b->edges + 1, .n = n};
    emit_inst(l, (MInst){
        .form = FORM_lea_64,
        .reg = {base, REG_MEMORY},
        .mem = {.kind = MEM_LABEL, .label = table, .index = REG_NONE},
    });
    emit_inst(l, (MInst){
        .form = FORM_jmp_rm,
        .reg = {REG_MEMORY},
        .mem = {.base = base, .index = index, .scale = 3},
    });
    return true;
}

/* -- Traps ------------------------------------------------------------------------------------- */

bool lower_trap(Lower *l)
{
    emit_inst(l, (MInst){.form = FORM_jmp, .imm = label_of(LABEL_trap, l->i->trap)});
    return true;
}

bool lower_cond_trap(Lower *l)
{
    Test t = test_value(l, arg(l, 0));
    if (l->i->op == OP_trapz) t = invert_test(t);
    if (t.how == BOTH) {
        jump_if(l, cond_inverse(t.first), label_of(LABEL_next, 0));
        trap_if(l, t.second, l->i->trap);
        return true;
    }
    trap_if(l, t.first, l->i->trap);
    if (t.how == EITHER) trap_if(l, t.second, l->i->trap);
    return true;
}
