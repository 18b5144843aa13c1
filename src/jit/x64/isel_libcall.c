/* Instructions as calls of the C library: a scalar one is one call, a vector one a call a lane. */
#include "jit/x64/rule.h"

#include <math.h>

typedef struct {
    uint8_t op, lane;
    const void *fn;
} Libcall;

static const Libcall libcalls[] = {
#define LIBCALL(op, lane, fn) {OP_##op, TY_##lane, (const void *)fn},
#include "jit/x64/libcalls.def"
};

static const void *function_for(Op op, Type lane)
{
    for (unsigned k = 0; k < countof(libcalls); k++)
        if (libcalls[k].op == op && libcalls[k].lane == lane) return libcalls[k].fn;
    bug("no function for %s.%s", op_name(op), type_name(lane));
}

static Form by_lane(Type lane, Form f32_form, Form f64_form)
{
    return lane == TY_f64 ? f64_form : f32_form;
}

/* Sixteen bytes of the slot for each operand, then for the result. */
static Operand lane_in_slot(Lower *l, uint32_t slot, unsigned vector, unsigned lane_at)
{
    int32_t disp = (int32_t)(16 * vector + lane_at);
    Mem mem = {.kind = MEM_SLOT, .slot = slot, .disp = disp, .index = REG_NONE};
    return memory_operand(l, mem, TRAP_none);
}

static void call_for_lane(Lower *l, const void *fn, Type lane, uint32_t slot, unsigned at)
{
    unsigned bytes = type_bytes(lane), n = l->i->nargs;
    Form load = best_form(l, by_lane(lane, FORM_movss, FORM_movsd));
    Form store = best_form(l, by_lane(lane, FORM_movss_mr, FORM_movsd_mr));
    Reg args[3], r = temp(l, REG_XMM, bytes);
    for (unsigned k = 0; k < n; k++) {
        args[k] = temp(l, REG_XMM, bytes);
        emit(l, load, args[k], lane_in_slot(l, slot, k, at), NO_OPERAND, 0);
    }
    call_c(l, fn, r, args, n);
    emit_test(l, store, lane_in_slot(l, slot, n, at), in_reg(r), 0);
}

static void call_for_lanes(Lower *l, const void *fn, Type lane, const Reg *sources)
{
    unsigned n = l->i->nargs;
    uint32_t slot = mfunc_slot(l->m, 16 * (n + 1), 16);
    for (unsigned k = 0; k < n; k++)
        emit_test(l, best_form(l, FORM_movaps_mr), lane_in_slot(l, slot, k, 0),
                  in_reg(sources[k]), 0);
    for (unsigned k = 0; k < type_lanes((Type)l->i->type); k++)
        call_for_lane(l, fn, lane, slot, k * type_bytes(lane));
    emit(l, best_form(l, FORM_movaps), result(l, 0), lane_in_slot(l, slot, n, 0), NO_OPERAND, 0);
}

bool lower_libcall(Lower *l)
{
    Type t = (Type)l->i->type, lane = type_lane(t);
    const void *fn = function_for((Op)l->i->op, lane);
    Reg sources[3];
    CHECK(l->i->nargs <= countof(sources));
    for (unsigned k = 0; k < l->i->nargs; k++) sources[k] = use(l, arg(l, k));
    if (type_is_vector(t)) call_for_lanes(l, fn, lane, sources);
    else call_c(l, fn, result(l, 0), sources, l->i->nargs);
    return true;
}
