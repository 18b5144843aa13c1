/* Integer instructions that steps cannot say. */
#include "jit/x64/rule.h"

bool lower_iconst(Lower *l)
{
    load_int(l, result(l, 0), type_bytes((Type)l->i->type), l->i->imm);
    return true;
}

/* x + y where x is needed afterwards: lea leaves it alone. Otherwise add is as good and shorter. */
bool add_by_lea(Lower *l)
{
    Value x = arg(l, 0), y = arg(l, 1);
    int64_t n;
    bool constant = constant_of(l, y, &n);
    if (constant && n != (int32_t)n) return false;
    if (!is_live(l, x) || (!constant && !is_live(l, y))) return false;
    Operand sum = {.reg = REG_MEMORY, .mem = {.base = use(l, x), .index = REG_NONE}};
    if (constant) sum.mem.disp = (int32_t)n;
    else sum.mem.index = use(l, y);
    emit(l, form_sized(FORM_lea, type_bits((Type)l->i->type)), result(l, 0), sum, NO_OPERAND, 0);
    return true;
}
