/* Evaluators of control: branches, calls, returns, traps; and how an activation begins and ends. */
#include "interp/engine.h"

#include <string.h>

/* Arguments are read before any parameter is set: they may be the parameters of the same block. */
static bool go_to(Interp *in, const BlockCall *d)
{
    const BlockData *b = func_block(in->f, d->block);
    const Value *params = b->params.at;
    Bits *room = in->scratch;
    CHECK(d->nargs == b->params.n);
    if (d->nargs == 1) {
        in->values[params[0].i] = in->values[d->args[0].i];
    } else {
        for (uint32_t k = 0; k < d->nargs; k++) room[k] = in->values[d->args[k].i];
        for (uint32_t k = 0; k < d->nargs; k++) in->values[params[k].i] = room[k];
    }
    in->next = b->insts.at;
    trace(in, TRACE_block, d->block);
    return true;
}

bool eval_jump(Interp *in, const InstData *i) { return go_to(in, &i->dests[0]); }

bool eval_brif(Interp *in, const InstData *i)
{
    return go_to(in, &i->dests[is_true(in, i) ? 0 : 1]);
}

bool eval_br_table(Interp *in, const InstData *i)
{
    uint64_t index = operand(in, i, 0)->u64[0];
    return go_to(in, &i->dests[index < i->ndests - 1 ? index + 1 : 0]);
}

bool eval_trap(Interp *in, const InstData *i) { return stop_trap(in, i->trap); }

bool eval_trapz(Interp *in, const InstData *i)
{
    return is_true(in, i) || stop_trap(in, i->trap);
}

bool eval_trapnz(Interp *in, const InstData *i)
{
    return !is_true(in, i) || stop_trap(in, i->trap);
}

/* Functions as values. */

bool eval_func_addr(Interp *in, const InstData *i)
{
    const FuncRefData *ref = &in->f->refs.at[i->entity];
    if (ref->callee == NO_INDEX) return stop_refused(in, "a function outside of the module");
    *result(in, i) = bits_of(FUNC_ADDRESS + (uint64_t)ref->callee * FUNC_STRIDE);
    return true;
}

/* Activations. */

/* The convention aligns structures to so much and not more. */
enum { STRUCTURE_ALIGN = 8 };

static bool slots_begin(Interp *in, const Func *f, Bits *addresses)
{
    for (uint32_t n = 0; n < f->slots.n; n++) {
        uint32_t k = in->options->apart ? f->slots.n - 1 - n : n;
        const SlotData *s = &f->slots.at[k];
        addresses[k] = memory_push_slot(&in->memory, s->bytes, s->align);
        if (!addresses[k].u64[0])
            return stop_refused(in, "slots of all activations need too much memory");
    }
    return true;
}

/* What the rest of the interpreter takes for granted about a callee. */
static bool can_begin(Interp *in, const Func *f, const Bits *frame, uint32_t nargs)
{
    uint64_t room = (uint64_t)f->values.n + f->slots.n;
    if (in->activations.n >= in->options->max_depth)
        return stop_invalid(in, "more than %u activations", in->options->max_depth);
    if ((uint64_t)(in->scratch - frame) < room)
        return stop_refused(in, "values of all activations need too much memory");
    if (!f->layout.n) return stop_refused(in, "a function without blocks");
    if (f->has_dynamic || f->dyn_types.n) return stop_refused(in, "dynamic vectors");
    if (nargs != f->sig.params.n) return stop_invalid(in, "wrong number of arguments");
    for (uint32_t k = 0; k < nargs; k++)
        if (!fits_bits(in, (Type)f->sig.params.at[k].type)) return false;
    return true;
}

/* A multiple of STRUCTURE_ALIGN and of nothing larger: what relies on more is found. */
static Bits push_structure(Interp *in, uint32_t bytes)
{
    uint64_t room = (uint64_t)bytes + STRUCTURE_ALIGN;
    Bits slot = memory_push_slot(&in->memory, room, 2 * STRUCTURE_ALIGN);
    if (slot.u64[0]) slot.u64[0] += STRUCTURE_ALIGN;
    return slot;
}

/* The callee gets the address of a copy of its own; the argument is that of the original. */
static bool copy_structure(Interp *in, uint32_t bytes, Bits *p)
{
    Memory *m = &in->memory;
    const Span *s = m->discipline ? memory_find_within(m, p->u64[1], p->u64[0], bytes)
                                  : memory_find(m, p->u64[0], bytes);
    if (!s || s->fault || !memory_is_live(s, p->u64[0], bytes))
        return stop_invalid(in, "an argument is a structure outside of any object");
    if (m->discipline && memory_has_cell(s, p->u64[0], bytes))
        return stop_invalid(in, "an argument is a structure with an address in it");
    Bits copy = push_structure(in, bytes);
    if (!copy.u64[0])
        return stop_refused(in, "slots of all activations need too much memory");
    memcpy((void *)(uintptr_t)copy.u64[0], (const void *)(uintptr_t)p->u64[0], bytes);
    if (m->discipline) memory_copy_raw(m, s, p->u64[0], copy.u64[0], bytes);
    *p = copy;
    return true;
}

static bool structures_begin(Interp *in, const Func *f, Bits *frame)
{
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        const AbiParam *p = &f->sig.params.at[k];
        if (likely(p->purpose != PURPOSE_sarg)) continue;
        if (!copy_structure(in, p->bytes, &frame[params->at[k].i])) return false;
    }
    return true;
}

/* Addresses among the run's arguments: of the heap that the range of their contract lies in. */
static void find_origins(Interp *in, const Func *f, const Bits *args, Bits *frame)
{
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    for (uint32_t k = 0; k < params->n; k++) {
        const Contract *c = func_contract(f, k);
        uint64_t first = args[k].u64[0] + (c ? (uint64_t)c->range.lo : 0);
        if (f->sig.params.at[k].type == TY_i64)
            frame[params->at[k].i].u64[1] = memory_origin_of(&in->memory, first);
    }
}

static bool check_arguments(Interp *in, const Func *f, const Bits *frame)
{
    Bits *args = in->scratch;
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    for (uint32_t k = 0; k < params->n; k++) args[k] = frame[params->at[k].i];
    return contracts_check(in, f, args);
}

bool activation_begin(Interp *in, uint32_t func, const Bits *values, const Value *args, uint32_t n)
{
    const Func *f = in->module->funcs.at[func];
    Bits *frame = frame_end(in);
    if (!can_begin(in, f, frame, n)) return false;
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    for (uint32_t k = 0; k < n; k++)
        frame[params->at[k].i] = args ? values[args[k].i] : values[k];
    if (in->options->discipline && in->calls == 0) find_origins(in, f, values, frame);
    Activation *a = vec_push(in->arena, &in->activations);
    *a = (Activation){in->f, in->values, in->next, memory_enter(&in->memory), in->func};
    if (!slots_begin(in, f, frame + f->values.n) || !structures_begin(in, f, frame)) return false;
    if (in->options->discipline && f->contracts && !check_arguments(in, f, frame)) return false;
    in->f = f;
    in->values = frame;
    in->next = func_block(f, func_entry(f))->insts.at;
    in->func = func;
    in->calls++;
    trace(in, TRACE_block, func_entry(f));
    return true;
}

/* Back to the caller; what the activation's values were stays readable until the next begins. */
static void activation_end(Interp *in)
{
    const Activation *a = &vec_last(&in->activations);
    trace(in, TRACE_return, BLOCK_none);
    memory_leave(&in->memory, a->memory);
    in->f = a->f;
    in->values = a->values;
    in->next = a->next;
    in->func = a->func;
    in->activations.n--;
}

/* The results of the first activation are in `scratch`. */
static bool finish_run(Interp *in, const Signature *sig)
{
    uint32_t n = sig->returns.n;
    for (uint32_t k = 0; in->options->discipline && k < n; k++) {
        if (is_private_address(in, in->scratch[k].u64[0]))
            return stop_invalid(in, "returns the address of a slot or function");
        if (sig->returns.at[k].type == TY_i64) in->scratch[k].u64[1] = 0;
    }
    in->result->status = INTERP_returned;
    in->result->results = in->scratch;
    in->result->nresults = n;
    return false;
}

/* Back in the caller: the results of its call. */
static bool finish_call(Interp *in, const Bits *callee, const Value *values, uint32_t n)
{
    in->inst = in->next[-1];
    const InstData *call = func_inst(in->f, in->inst);
    Bits *to = result(in, call);
    CHECK(call->nresults == n || inst_op(call)->tries);
    for (uint32_t k = 0; k < n; k++) to[k] = callee[values[k].i];
    if (unlikely(inst_op(call)->tries)) return go_to(in, &call->dests[0]);
    trace(in, TRACE_inst, BLOCK_none);
    return true;
}

bool eval_return(Interp *in, const InstData *i)
{
    const Value *values = inst_args_const(i);
    const Bits *from = in->values;
    uint32_t n = i->nargs;
    if (in->activations.n > 1) {
        activation_end(in);
        return finish_call(in, from, values, n);
    }
    for (uint32_t k = 0; k < n; k++) in->scratch[k] = from[values[k].i];
    const Signature *sig = &in->f->sig;
    CHECK(n == sig->returns.n);
    activation_end(in);
    return finish_run(in, sig);
}

/* The function that a call goes to, as index; NO_INDEX when the run is over. */
static uint32_t find_callee(Interp *in, const InstData *i)
{
    const FuncRefData *ref = &in->f->refs.at[i->entity];
    if (ref->callee == NO_INDEX) stop_refused(in, "a function outside of the module");
    return ref->callee;
}

/* A vmctx is passed like any other value. */
static Purpose passed_as(const AbiParam *p)
{
    return p->purpose == PURPOSE_vmctx ? PURPOSE_normal : (Purpose)p->purpose;
}

static bool same_params(const AbiParam *a, const AbiParam *b, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (a[k].type != b[k].type || a[k].bytes != b[k].bytes ||
            passed_as(&a[k]) != passed_as(&b[k]))
            return false;
    return true;
}

static bool same_signature(const Signature *a, const Signature *b)
{
    return a->conv == b->conv && a->params.n == b->params.n && a->returns.n == b->returns.n &&
           same_params(a->params.at, b->params.at, a->params.n) &&
           same_params(a->returns.at, b->returns.at, a->returns.n);
}

static uint32_t find_indirect_callee(Interp *in, const InstData *i)
{
    uint64_t address = in->values[inst_args_const(i)[0].i].u64[0];
    uint64_t offset = address - FUNC_ADDRESS;
    uint32_t callee = (uint32_t)(offset / FUNC_STRIDE);
    if (!is_func_address(in, address) || offset % FUNC_STRIDE) {
        stop_invalid(in, "calls %#llx, which is no function", (unsigned long long)address);
        return NO_INDEX;
    }
    if (same_signature(&in->f->sigs.at[i->entity], &in->module->funcs.at[callee]->sig))
        return callee;
    stop_invalid(in, "calls a function of another signature");
    return NO_INDEX;
}

bool eval_call(Interp *in, const InstData *i)
{
    uint32_t callee = find_callee(in, i);
    return callee != NO_INDEX &&
           activation_begin(in, callee, in->values, inst_args_const(i), i->nargs);
}

bool eval_call_indirect(Interp *in, const InstData *i)
{
    uint32_t callee = find_indirect_callee(in, i);
    return callee != NO_INDEX &&
           activation_begin(in, callee, in->values, inst_args_const(i) + 1, i->nargs - 1);
}

/* A call that goes on at a block. Nothing raises an exception, so that no handler is entered. */
static bool try_callee(Interp *in, const InstData *i, uint32_t callee)
{
    uint32_t n;
    const Value *args = func_call_args(in->f, i, &n);
    return callee != NO_INDEX && activation_begin(in, callee, in->values, args, n);
}

bool eval_try_call(Interp *in, const InstData *i)
{
    return try_callee(in, i, find_callee(in, i));
}

bool eval_try_call_indirect(Interp *in, const InstData *i)
{
    return try_callee(in, i, find_indirect_callee(in, i));
}

/* A number for each handler of the function. */
bool eval_get_exception_handler_address(Interp *in, const InstData *i)
{
    uint64_t place = (uint64_t)in->func << HANDLER_FUNC_BITS |
                     (uint64_t)i->entity << HANDLER_BLOCK_BITS | (uint64_t)i->imm;
    *result(in, i) = bits_of(HANDLER_ADDRESS + place);
    return true;
}

bool is_handler_address(const Interp *in, uint64_t value)
{
    uint64_t place = value - HANDLER_ADDRESS, func = place >> HANDLER_FUNC_BITS;
    uint32_t block = (uint32_t)(place >> HANDLER_BLOCK_BITS);
    uint32_t handler = (uint32_t)place & ((1u << HANDLER_BLOCK_BITS) - 1);
    block &= (1u << (HANDLER_FUNC_BITS - HANDLER_BLOCK_BITS)) - 1;
    if (func >= in->module->funcs.n) return false;
    const Func *f = in->module->funcs.at[func];
    if (!f->tables.n || block >= f->blocks.n) return false;
    const InstData *last = func_terminator(f, (Block){block});
    return last && inst_op(last)->tries && handler + 1 < last->ndests;
}

/* The callee takes the place of this activation. */
static bool replace_activation(Interp *in, uint32_t callee, const Value *args, uint32_t n)
{
    if (callee == NO_INDEX) return false;
    const Signature *sig = &in->module->funcs.at[callee]->sig;
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (sig->params.at[k].purpose == PURPOSE_sarg)
            return stop_refused(in, "a structure as argument of a tail call");
    for (uint32_t k = 0; k < n; k++) in->scratch[k] = in->values[args[k].i];
    activation_end(in);
    return activation_begin(in, callee, in->scratch, NULL, n);
}

bool eval_return_call(Interp *in, const InstData *i)
{
    return replace_activation(in, find_callee(in, i), inst_args_const(i), i->nargs);
}

bool eval_return_call_indirect(Interp *in, const InstData *i)
{
    uint32_t callee = find_indirect_callee(in, i);
    return replace_activation(in, callee, inst_args_const(i) + 1, i->nargs - 1);
}
