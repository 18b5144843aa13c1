/* Calls, returns, parameters: copies between virtual registers and the places of the convention. */
#include "jit/x64/rule.h"

static Operand memory_at(Lower *l, Reg base, int64_t offset)
{
    Mem mem = {.base = base, .index = REG_NONE, .disp = (int32_t)offset};
    return memory_operand(l, mem, TRAP_none);
}

static Operand stack_operand(Lower *l, int64_t offset)
{
    return memory_at(l, reg_of(REG_rsp), offset);
}

static Form move_load(Type t)
{
    if (!type_in_xmm(t)) return type_bits(t) == 64 ? FORM_mov_64 : FORM_mov_32;
    return type_bits(t) <= 32 ? FORM_movss : type_bits(t) == 64 ? FORM_movsd : FORM_movups;
}

static Form move_store(Type t)
{
    if (!type_in_xmm(t)) return type_bits(t) == 64 ? FORM_mov_mr_64 : FORM_mov_mr_32;
    if (type_bits(t) <= 32) return FORM_movss_mr;
    return type_bits(t) == 64 ? FORM_movsd_mr : FORM_movups_mr;
}

/* -- The callee's side ------------------------------------------------------------------------- */

/* `bytes` before the end of the function's stack arguments */
static Mem among_stack_params(Lower *l, uint32_t bytes)
{
    uint32_t slot = mfunc_slot(l->m, 0, 1);
    l->m->slots.at[slot].fixed = true;
    l->m->slots.at[slot].offset = -(int32_t)bytes;
    return (Mem){.kind = MEM_SLOT, .slot = slot, .index = REG_NONE};
}

/* An argument on the caller's stack stays there, unless a tail call overwrites it; it can be read
 * again at any time. */
static void take_stack_param(Lower *l, Reg d, Type t, uint32_t offset)
{
    Mem mem = among_stack_params(l, l->abi.stack_bytes - offset);
    MInst i = {.form = (uint16_t)best_form(l, move_load(t)), .reg = {d, REG_MEMORY}, .mem = mem};
    if (!l->m->gives_frame) set_remat(l, d, i);
    emit_inst(l, i);
}

/* A structure's copy is the caller's gift: the parameter is where it stands. */
static void take_structure(Lower *l, Reg d, uint32_t offset)
{
    Mem mem = among_stack_params(l, l->abi.stack_bytes - offset);
    MInst i = {.form = FORM_lea_64, .reg = {d, REG_MEMORY}, .mem = mem};
    set_remat(l, d, i);
    emit_inst(l, i);
}

void lower_entry(Lower *l)
{
    const BlockData *entry = func_block(l->f, func_entry(l->f));
    if (l->abi.area_bytes) copy(l, l->area, ABI_AREA_REG);
    for (uint32_t k = 0; k < entry->params.n; k++) {
        Value v = entry->params.at[k];
        const AbiPlace *p = &l->abi.params[k];
        if (!is_live(l, v)) continue;
        if (l->f->sig.params.at[k].purpose == PURPOSE_sarg)
            take_structure(l, reg_virtual(v.i), p->offset);
        else if (reg_equal(p->reg, REG_NONE))
            take_stack_param(l, reg_virtual(v.i), type_of(l, v), p->offset);
        else copy(l, reg_virtual(v.i), p->reg);
    }
}

static Value param(const Lower *l, uint32_t k)
{
    return func_block(l->f, func_entry(l->f))->params.at[k];
}

/* Results in memory first: their stores need registers, the copies only reserve them. */
bool lower_return(Lower *l)
{
    for (uint32_t k = 0; k < l->i->nargs; k++) {
        const AbiPlace *p = &l->abi.returns[k];
        if (!reg_equal(p->reg, REG_NONE)) continue;
        Type t = type_of(l, arg(l, k));
        Operand memory = memory_at(l, l->area, p->offset);
        emit_test(l, best_form(l, move_store(t)), memory, in_reg(use(l, arg(l, k))), 0);
    }
    for (uint32_t k = 0; k < l->i->nargs; k++)
        if (!reg_equal(l->abi.returns[k].reg, REG_NONE))
            copy(l, l->abi.returns[k].reg, use(l, arg(l, k)));
    if (l->abi.sret != NO_INDEX) copy(l, ABI_SRET_REG, use(l, param(l, l->abi.sret)));
    emit_inst(l, (MInst){.form = FORM_ret});
    return true;
}

/* -- The caller's side ------------------------------------------------------------------------- */

/* A narrow argument whose signature asks for it is extended to the whole register. */
static Reg extended(Lower *l, Value v, Extension extension)
{
    Reg x = use(l, v);
    unsigned bits = type_bits(type_of(l, v));
    if (extension == EXTENSION_none || bits > 32 || type_in_xmm(type_of(l, v))) return x;
    bool sign = extension == EXTENSION_sext;
    Form form = bits == 8    ? (sign ? FORM_movsxb_64 : FORM_movzxb_32)
                : bits == 16 ? (sign ? FORM_movsxw_64 : FORM_movzxw_32)
                             : (sign ? FORM_movsxd : FORM_mov_32);
    Reg d = temp(l, REG_GPR, 8);
    emit(l, form, d, in_reg(x), NO_OPERAND, 0);
    if (form == FORM_mov_32) keep_last(l);
    return d;
}

/* [to] := the structure that `from` points to */
static void copy_structure(Lower *l, Mem to, Reg from, uint32_t bytes)
{
    Reg rdi = reg_of(REG_rdi), rsi = reg_of(REG_rsi), rcx = reg_of(REG_rcx);
    emit(l, FORM_lea_64, rdi, memory_operand(l, to, TRAP_none), NO_OPERAND, 0);
    copy(l, rsi, from);
    emit_inst(l, (MInst){.form = FORM_mov_u32, .reg = {rcx}, .imm = bytes});
    emit_inst(l, (MInst){.form = FORM_rep_movsb, .reg = {rdi, rsi, rcx}});
}

/* `stack` is where stack arguments begin. */
static void pass_arguments(Lower *l, const Signature *sig, const Abi *abi, const Value *args,
                           Mem stack)
{
    Reg *values = arena_array(l->a, Reg, sig->params.n);
    for (uint32_t k = 0; k < sig->params.n; k++)
        values[k] = extended(l, args[k], (Extension)sig->params.at[k].extension);
    for (uint32_t k = 0; k < sig->params.n; k++) {
        const AbiParam *p = &sig->params.at[k];
        if (!reg_equal(abi->params[k].reg, REG_NONE)) continue;
        Form form = best_form(l, move_store((Type)p->type));
        Mem mem = stack;
        mem.disp += (int32_t)abi->params[k].offset;
        if (p->purpose == PURPOSE_sarg) copy_structure(l, mem, values[k], p->bytes);
        else emit_test(l, form, memory_operand(l, mem, TRAP_none), in_reg(values[k]), 0);
    }
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (!reg_equal(abi->params[k].reg, REG_NONE)) copy(l, abi->params[k].reg, values[k]);
}

static void take_results(Lower *l, const Signature *sig, const Abi *abi)
{
    for (uint32_t k = 0; k < sig->returns.n; k++) {
        if (!is_live(l, inst_result(l->i, k))) continue;
        const AbiPlace *p = &abi->returns[k];
        if (!reg_equal(p->reg, REG_NONE)) copy(l, result(l, k), p->reg);
    }
    for (uint32_t k = 0; k < sig->returns.n; k++) {
        const AbiPlace *p = &abi->returns[k];
        if (!reg_equal(p->reg, REG_NONE) || !is_live(l, inst_result(l->i, k))) continue;
        Operand memory = stack_operand(l, (int64_t)abi->stack_bytes + p->offset);
        Form form = best_form(l, move_load((Type)sig->returns.at[k].type));
        emit(l, form, result(l, k), memory, NO_OPERAND, 0);
    }
}

static void call_through(Lower *l, const Signature *sig, const Value *args, uint32_t callee,
                         const Value *target)
{
    Abi abi;
    abi_compute(sig, l->a, &abi);
    uint32_t outgoing = abi.stack_bytes + abi.area_bytes;
    if (outgoing > l->m->outgoing) l->m->outgoing = outgoing;
    pass_arguments(l, sig, &abi, args, (Mem){.base = reg_of(REG_rsp), .index = REG_NONE});
    if (abi.area_bytes)
        emit(l, FORM_lea_64, ABI_AREA_REG, stack_operand(l, abi.stack_bytes), NO_OPERAND, 0);
    uint32_t site = l->m->calls.n;
    *vec_push(l->a, &l->m->calls) = (MCall){
        .uses = abi.param_regs,
        .defs = abi.return_regs,
        .clobbers = abi_clobbers(),
        .callee = callee,
        .popped = abi.pops ? abi.stack_bytes : 0,
    };
    MInst call = {.form = FORM_call, .imm = site};
    if (target) {
        call.form = FORM_call_rm;
        call.reg[0] = use(l, *target);
    }
    emit_inst(l, call);
    take_results(l, sig, &abi);
}

bool lower_call(Lower *l)
{
    const FuncRefData *r = &l->f->refs.at[l->i->entity];
    call_through(l, &l->f->sigs.at[r->sig.i], inst_args_const(l->i), r->callee, NULL);
    return true;
}

bool lower_call_indirect(Lower *l)
{
    const Value *args = inst_args_const(l->i);
    call_through(l, &l->f->sigs.at[l->i->entity], args + 1, NO_INDEX, args);
    return true;
}

/* The edge of the return is the first; those to handlers are no jumps (boundary.c). */
bool lower_try_call(Lower *l)
{
    return lower_call(l) && lower_jump(l);
}

bool lower_try_call_indirect(Lower *l)
{
    return lower_call_indirect(l) && lower_jump(l);
}

/* Where the edge to the handler would go. */
bool lower_handler_address(Lower *l)
{
    uint32_t block = l->facts->cfg->number[l->i->entity];
    uint32_t edge = l->m->blocks.at[block].edges + 1 + (uint32_t)l->i->imm;
    l->m->names_handlers = true;
    emit_inst(l, (MInst){
        .form = FORM_lea_64,
        .reg = {result(l, 0), REG_MEMORY},
        .mem = {.kind = MEM_LABEL, .label = label_of(LABEL_edge, edge), .index = REG_NONE},
    });
    return true;
}

/* -- Calls in this function's frame ------------------------------------------------------------ */

/* Everything is in registers when the first argument is stored over the function's own. */
static void tail_call_through(Lower *l, const Signature *sig, const Value *args, uint32_t callee,
                              const Value *target)
{
    Abi abi;
    abi_compute(sig, l->a, &abi);
    uint32_t bytes = abi.stack_bytes, own = l->m->incoming + l->m->grown;
    if (bytes > own) l->m->grown += bytes - own;
    l->m->gives_frame |= bytes != 0;
    pass_arguments(l, sig, &abi, args, bytes ? among_stack_params(l, bytes) : (Mem){0});
    if (abi.area_bytes) copy(l, ABI_AREA_REG, l->area);
    MInst jump = {.form = FORM_tail, .imm = l->m->calls.n};
    *vec_push(l->a, &l->m->calls) = (MCall){
        .uses = abi.param_regs,
        .callee = callee,
        .popped = bytes,
    };
    l->m->ntails++;
    if (target) {
        jump.form = FORM_tail_rm;
        jump.reg[0] = reg_of(REG_r10); /* no argument, and lost anyway */
        copy(l, jump.reg[0], use(l, *target));
    }
    emit_inst(l, jump);
}

bool lower_return_call(Lower *l)
{
    const FuncRefData *r = &l->f->refs.at[l->i->entity];
    tail_call_through(l, &l->f->sigs.at[r->sig.i], inst_args_const(l->i), r->callee, NULL);
    return true;
}

bool lower_return_call_indirect(Lower *l)
{
    const Value *args = inst_args_const(l->i);
    tail_call_through(l, &l->f->sigs.at[l->i->entity], args + 1, NO_INDEX, args);
    return true;
}

/* d := where the function stands */
static void load_func(Lower *l, Reg d, uint32_t callee)
{
    MInst i = {
        .form = FORM_lea_64,
        .reg = {d, REG_MEMORY},
        .mem = {.kind = MEM_LABEL, .label = label_of(LABEL_func, callee), .index = REG_NONE},
    };
    set_remat(l, d, i);
    emit_inst(l, i);
}

bool lower_func_addr(Lower *l)
{
    load_func(l, result(l, 0), l->f->refs.at[l->i->entity].callee);
    return true;
}

bool lower_symbol_value(Lower *l)
{
    const GlobalValueData *g = &l->f->globals.at[l->i->entity];
    Reg at = g->offset ? temp(l, REG_GPR, 8) : result(l, 0);
    load_func(l, at, g->callee);
    if (g->offset) binary(l, FORM_add_64, result(l, 0), at, int_constant(l, 8, g->offset));
    return true;
}

void call_c(Lower *l, const void *fn, Reg d, const Reg *args, unsigned n)
{
    Reg target = int_constant(l, 8, (int64_t)(uintptr_t)fn), result_reg = reg_of(REG_xmm0);
    MCall call = {.defs = 1u << REG_xmm0, .clobbers = abi_clobbers(), .callee = NO_INDEX};
    for (unsigned k = 0; k < n; k++) {
        copy(l, reg_of(REG_xmm0 + k), args[k]);
        call.uses |= 1u << (REG_xmm0 + k);
    }
    uint32_t site = l->m->calls.n;
    *vec_push(l->a, &l->m->calls) = call;
    emit_inst(l, (MInst){.form = FORM_call_rm, .reg = {target}, .imm = site});
    copy(l, d, result_reg);
}
