/* Wrong arithmetic on the way to an address. */
#include "tests/faults/plants.h"

/* Whether an addition of the block takes `v` and is the address of a load of the block, of so many
 * bytes (0: any number) and with a negative displacement, too. */
static bool is_index(const Site *s, Value v, unsigned bytes)
{
    const BlockData *bd = func_block(s->f, s->block);
    for (uint32_t k = s->at + 1; k < bd->insts.n; k++) {
        const InstData *i = site_inst(s, k);
        if (!is_load(i) || i->imm >= 0 || (bytes && access_bytes(s->f, i) != bytes)) continue;
        const InstData *add = func_def(s->f, access_address(i));
        if (!add || add->op != OP_iadd) continue;
        if (inst_args_const(add)[0].i == v.i || inst_args_const(add)[1].i == v.i) return true;
    }
    return false;
}

/* Turn this: y := ishl.i32 x, 3;     z := uextend.i64 y
 * Into this: y := uextend.i64 x; z := ishl.i64 y, 3 */
bool plant_scale_before_wrap(const Site *s)
{
    InstData *extend = site_inst(s, s->at);
    if (extend->op != OP_uextend || extend->type != TY_i64 || !is_index(s, extend->result, 8))
        return false;
    Value shifted = inst_args(extend)[0];
    InstData *shift = func_def(s->f, shifted);
    int64_t count;
    if (!shift || shift->op != OP_ishl || shift->type != TY_i32) return false;
    Value x = inst_args(shift)[0], by = inst_args(shift)[1];
    if (!constant_value(s->f, by, &count) || count != 3) return false;
    Arena *scratch = arena_create();
    bool alone = func_count_uses(s->f, scratch)[shifted.i] == 1;
    arena_destroy(scratch);
    if (!alone) return false;
    *shift = (InstData){.op = OP_uextend, .type = TY_i64, .nresults = 1, .nargs = 1,
                        .args_.few = {x}, .result = shifted};
    func_value(s->f, shifted)->type = TY_i64;
    *extend = (InstData){.op = OP_ishl, .type = TY_i64, .nresults = 1, .nargs = 2,
                         .args_.few = {shifted, by}, .result = extend->result};
    return true;
}

bool plant_index_zero_extended(const Site *s)
{
    InstData *extend = site_inst(s, s->at);
    if (extend->op != OP_sextend || extend->type != TY_i64 || !is_index(s, extend->result, 0))
        return false;
    if (func_type(s->f, inst_args(extend)[0]) != TY_i8) return false;
    extend->op = OP_uextend;
    return true;
}

/* Turn this: x - -128, x + 128
 * Into this: x + -128, x - 128        whose constants, negated in 8 bits, are what they were */
bool plant_negated_byte(const Site *s)
{
    InstData *i = site_inst(s, s->at);
    int64_t n;
    if (i->op != OP_isub && i->op != OP_iadd) return false;
    if ((i->type != TY_i16 && i->type != TY_i32) || !constant_value(s->f, inst_args(i)[1], &n))
        return false;
    if (n != (i->op == OP_isub ? INT8_MIN : -INT8_MIN)) return false;
    i->op = i->op == OP_isub ? OP_iadd : OP_isub;
    return true;
}

/* A displacement of 128 is written as a byte, which the CPU takes for -128. */
bool plant_displacement_byte(const Site *s)
{
    InstData *i = site_inst(s, s->at);
    if (!is_load(i) || i->imm != -(int64_t)INT8_MIN) return false;
    Origin o = origin_of(s->f, access_address(i));
    if (o.exact) return false;
    i->imm = INT8_MIN;
    return true;
}
