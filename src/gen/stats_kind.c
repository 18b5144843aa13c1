/* What an instruction that was executed shows by itself, and what a signature does. */
#include "gen/stats_local.h"

/* Shares by instruction, plus 1. */
static const uint8_t op_share[OP_COUNT] = {
    [OP_return_call] = SHARE_tail + 1,
    [OP_return_call_indirect] = SHARE_tail + 1,
    [OP_try_call] = SHARE_exception + 1,
    [OP_try_call_indirect] = SHARE_exception + 1,
    [OP_atomic_load] = SHARE_atomic + 1,
    [OP_atomic_store] = SHARE_atomic + 1,
    [OP_atomic_rmw] = SHARE_atomic + 1,
    [OP_atomic_cas] = SHARE_atomic + 1,
    [OP_get_pinned_reg] = SHARE_pinned + 1,
    [OP_set_pinned_reg] = SHARE_pinned + 1,
    [OP_symbol_value] = SHARE_global + 1,
};

/* Shares by controlling type, plus 1. */
static const uint8_t type_share[TYPE_COUNT] = {
    [TY_i128] = SHARE_wide + 1,
    [TY_f16] = SHARE_half + 1,
    [TY_f128] = SHARE_half + 1,
    [TY_i8x2] = SHARE_small + 1,
    [TY_i8x4] = SHARE_small + 1,
    [TY_i8x8] = SHARE_small + 1,
    [TY_i16x2] = SHARE_small + 1,
    [TY_i16x4] = SHARE_small + 1,
    [TY_i32x2] = SHARE_small + 1,
    [TY_f32x2] = SHARE_small + 1,
};

static const uint8_t purpose_share[] = {
    [PURPOSE_vmctx] = SHARE_vmctx + 1,
    [PURPOSE_sret] = SHARE_sret + 1,
    [PURPOSE_sarg] = SHARE_sarg + 1,
};

static void see_if(GenSurvey *v, uint8_t share)
{
    if (share) see(v, share - 1u);
}

/* Its address comes from memory. */
static bool calls_loaded(const Func *f, const InstData *i)
{
    if (!op_has(i->op, EFFECT_K) || !inst_op(i)->indirect) return false;
    const InstData *def = func_def(f, inst_args_const(i)[0]);
    return def && def->op == OP_load;
}

void survey_kind(GenSurvey *v, const FuncSurvey *t, const InstData *i)
{
    see_if(v, op_share[i->op]);
    see_if(v, type_share[i->type]);
    if (i->flags.bits & MEMFLAG_big && inst_op(i)->effects & (EFFECT_L | EFFECT_S))
        see(v, SHARE_big);
    if (calls_loaded(t->f, i)) see(v, SHARE_code);
    if (op_has(i->op, EFFECT_K) && survey_callee(t->f, i) == t->index) see(v, SHARE_recursion);
}

void survey_signature(GenSurvey *v, const FuncSurvey *t)
{
    const Signature *sig = &t->f->sig;
    if (sig->conv != CALLCONV_system_v && sig->conv != CALLCONV_fast) see(v, SHARE_convention);
    for (uint32_t k = 0; k < sig->params.n; k++)
        see_if(v, purpose_share[sig->params.at[k].purpose]);
}
