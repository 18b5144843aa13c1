/* What a function may ask of the machine that it runs on: registers, its frame. */
#include "jit/x64/rule.h"

bool lower_get_pinned(Lower *l)
{
    l->m->pinned = true;
    copy(l, result(l, 0), ABI_PINNED_REG);
    return true;
}

bool lower_set_pinned(Lower *l)
{
    l->m->pinned = true;
    copy(l, ABI_PINNED_REG, use(l, arg(l, 0)));
    return true;
}

/* d := [base + disp], or its address: a copy would be of a register that allocation knows. */
static void from_frame(Lower *l, Form form, uint32_t base, int32_t disp)
{
    Mem mem = {.base = {base}, .index = REG_NONE, .disp = disp};
    emit(l, form, result(l, 0), memory_operand(l, mem, TRAP_none), NO_OPERAND, 0);
}

bool lower_get_stack_pointer(Lower *l)
{
    from_frame(l, FORM_lea_64, REG_rsp, 0);
    return true;
}

/* With a frame as for slots of large alignment, rbp points to the caller's, and above that stands
 * the return address. */
bool lower_get_frame_pointer(Lower *l)
{
    l->m->realigned = true;
    from_frame(l, FORM_lea_64, REG_rbp, 0);
    return true;
}

bool lower_get_return_address(Lower *l)
{
    l->m->realigned = true;
    from_frame(l, FORM_mov_64, REG_rbp, 8);
    return true;
}
