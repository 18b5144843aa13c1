/* Addresses, what is accessed through them, and what is promised of that. */
#include "reduce/step.h"

/* All addresses of the slot go to one heap. */
bool step_heap(Case *c, const Trace *t, Site p)
{
    Func *f = func_at(c, p);
    if (p.func != ENTRY || inst_op(data_at(c, p))->format != FORMAT_stack_addr) return false;
    uint32_t slot = data_at(c, p)->entity;
    const SlotData *s = &f->slots.at[slot];
    if (c->heaps.n >= IMAGE_HEAPS_MAX || s->bytes > IMAGE_HEAP_BYTES) return false;
    uint32_t heap = c->heaps.n;
    *vec_push(c->arena, &c->heaps) = (Heap){
        .name = heap + 1000,
        .func = ENTRY,
        .size = s->bytes,
        .align = s->align,
        .region = trace_slot_region(t, slot),
    };
    for (uint32_t k = 0; k < f->insts.n; k++) {
        InstData *i = &f->insts.at[k];
        if (inst_op(i)->format != FORMAT_stack_addr || i->entity != slot) continue;
        if (f->sig.params.n >= ARGUMENTS_MAX) return false;
        DataValue address = {.type = TY_i64, .heap = heap + 1, .offset = i->imm};
        Value result = i->result;
        Contract contract;
        bool said = c->discipline && trace_contract(c, t, VALUE_none, &address, &contract);
        make_nop(i);
        replace_value(f, result, add_argument(c, TY_i64, &address, said ? &contract : NULL));
    }
    return true;
}

/* Turn this: q := iadd p, N; load q+M
 * Into this: load p+(N+M) */
bool step_offset(Case *c, const Trace *t, Site p)
{
    (void)t;
    Access access;
    const Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    if (!inst_access(i, &access) || op_has(i->op, EFFECT_E)) return false;
    Value *address = &inst_args(i)[access.address];
    const InstData *sum = func_def(f, *address);
    if (!sum || sum->op != OP_iadd) return false;
    for (unsigned k = 0; k < 2; k++) {
        const InstData *n = func_def(f, inst_args_const(sum)[k]);
        if (!n || n->op != OP_iconst || i->imm + n->imm != (int32_t)(i->imm + n->imm)) continue;
        *address = inst_args_const(sum)[1 - k];
        i->imm += n->imm;
        return true;
    }
    return false;
}

/* Flags want to be provable, and so stand in the way of other steps. */
bool step_promise_less(Case *c, const Trace *t, Site p)
{
    enum { PROMISES = MEMFLAG_aligned | MEMFLAG_readonly | MEMFLAG_can_move };
    (void)t;
    Access access;
    InstData *i = data_at(c, p);
    if (!inst_access(i, &access) || !(i->flags.bits & PROMISES)) return false;
    i->flags.bits &= (uint8_t)~PROMISES;
    return true;
}

/* What does not trap in the reference need not be ready to. */
bool step_notrap(Case *c, const Trace *t, Site p)
{
    (void)t;
    Access access;
    InstData *i = data_at(c, p);
    if (!inst_access(i, &access) || i->flags.bits & MEMFLAG_notrap) return false;
    i->flags.bits |= MEMFLAG_notrap;
    return true;
}

bool step_plain_access(Case *c, const Trace *t, Site p)
{
    (void)t;
    Access access;
    InstData *i = data_at(c, p);
    uint8_t kept = i->flags.bits & MEMFLAG_notrap;
    if (!inst_access(i, &access) || (i->flags.bits == kept && !i->flags.trap)) return false;
    i->flags.bits = kept;
    i->flags.trap = TRAP_none;
    return true;
}
