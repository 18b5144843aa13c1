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

static Test one(Cond c) { return (Test){.first = c, .how = ONE}; }

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
    if (constant_of(l, y, &n) && n == (int32_t)n) {
        compare_constant(l, x, bits, n);
    } else if (can_fuse(l, x, bits / 8, 1)) {
        Operand memory = use_rm(l, x, bits / 8, 1);
        emit_test(l, form_sized(FORM_cmp_mr, bits), memory, in_reg(use(l, y)), 0);
    } else {
        Operand first = in_reg(use(l, x));
        emit_test(l, form_sized(FORM_cmp, bits), first, use_rm(l, y, bits / 8, 1), 0);
    }
    return one(cond_of(cc));
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
 * to here, so it is done within a block only. */
static const InstData *compare_here(const Lower *l, Value v)
{
    const InstData *d = def_here(l, v, OP_icmp);
    if (!d) d = def_here(l, v, OP_fcmp);
    if (!d || type_is_vector((Type)d->type)) return NULL;
    return d;
}

Test test_value(Lower *l, Value v)
{
    const InstData *d = compare_here(l, v);
    if (d) {
        l->shared = l->facts->uses[v.i] != 1;
        Test t = test_compare(l, d);
        l->shared = false;
        return t;
    }
    compare_constant(l, v, type_bits(type_of(l, v)), 0);
    return one(COND_nz);
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

bool lower_icmp(Lower *l)
{
    materialise(l, test_compare(l, l->i), result(l, 0));
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
    if (l->m->edges.at[then].to == l->block + 1) branch(l, invert_test(t), otherwise, then);
    else branch(l, t, then, otherwise);
    return true;
}
