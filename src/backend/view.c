/* Functions as the plain arrays of include/tally/ir.h. */
#include "backend/given.h"

typedef struct {
    Arena *arena;
    const Func *f;
    uint32_t *position; /* of each block in the layout */
} View;

/* Type numbers are no part of the interface. */
static TallyType view_type(Type t)
{
    return (TallyType){
        .lane_bits = (uint8_t)type_lane_bits(t),
        .lanes = (uint8_t)type_lanes(t),
        .is_float = type_has_float_lanes(t),
    };
}

const TallyOp *given_ops(void)
{
    static TallyOp ops[OP_COUNT];
    static const char *const formats[FORMAT_COUNT] = {
#define FORMAT(name, operands) [FORMAT_##name] = #name,
#include "ir/formats.def"
    };
    for (Op op = 0; op < OP_COUNT && !ops[OP_COUNT - 1].name; op++)
        ops[op] = (TallyOp){op_info[op].name, formats[op_info[op].format],
                            format_operands[op_info[op].format]};
    return ops;
}

static const TallyParam *view_params(Arena *a, const AbiParam *at, uint32_t n)
{
    static const TallyExtend extends[] = {[EXTENSION_none] = TALLY_EXTEND_NONE,
                                          [EXTENSION_uext] = TALLY_EXTEND_UNSIGNED,
                                          [EXTENSION_sext] = TALLY_EXTEND_SIGNED};
    static const TallyPurpose purposes[] = {[PURPOSE_normal] = TALLY_NORMAL,
                                            [PURPOSE_sret] = TALLY_SRET,
                                            [PURPOSE_sarg] = TALLY_SARG,
                                            [PURPOSE_vmctx] = TALLY_VMCTX};
    TallyParam *out = arena_array(a, TallyParam, n);
    for (uint32_t k = 0; k < n; k++)
        out[k] = (TallyParam){view_type((Type)at[k].type), extends[at[k].extension],
                              purposes[at[k].purpose]};
    return out;
}

static TallySignature view_signature(Arena *a, const Signature *sig)
{
    return (TallySignature){
        .conv = callconv_names[sig->conv],
        .nparams = sig->params.n,
        .nreturns = sig->returns.n,
        .params = view_params(a, sig->params.at, sig->params.n),
        .returns = view_params(a, sig->returns.at, sig->returns.n),
    };
}

static const char *view_name(Arena *a, FuncName name)
{
    Buf out = {.arena = a};
    func_name_write(&out, name);
    return out.at;
}

static const uint32_t *view_values(Arena *a, const Value *at, uint32_t n)
{
    uint32_t *out = arena_array_room(a, uint32_t, n);
    for (uint32_t k = 0; k < n; k++) out[k] = at[k].i;
    return out;
}

static const TallyDest *view_dests(View *v, const InstData *i)
{
    TallyDest *out = arena_array(v->arena, TallyDest, i->ndests);
    for (uint32_t k = 0; k < i->ndests; k++)
        out[k] = (TallyDest){v->position[i->dests[k].block.i], i->dests[k].nargs,
                             view_values(v->arena, i->dests[k].args, i->dests[k].nargs)};
    return out;
}

/* What the format's letters say is there. */
static void view_operands(View *v, const InstData *i, TallyInst *out)
{
    const Func *f = v->f;
    for (const char *p = format_operands[inst_op(i)->format]; *p; p++) {
        switch (*p) {
        case 'c': out->cond = intcc_info[i->cond].name; break;
        case 'x': out->cond = floatcc_info[i->cond].name; break;
        case 'r': out->cond = atomic_names[i->cond]; break;
        case 't': out->trap = i->trap; break;
        case 'k': case 's':
            out->bytes = f->constants.at[i->entity].bytes;
            out->nbytes = f->constants.at[i->entity].n;
            break;
        case 'm':
            out->flags = i->flags.bits; /* in the interface's order: asserted below */
            out->region = i->flags.region
                              ? (uint8_t)(f->regions.at[i->flags.region - 1].number + 1)
                              : 0;
            out->trap = i->flags.trap != TRAP_none ? i->flags.trap : (TrapCode)TRAP_heap_oob;
            break;
        }
    }
}
#define MEMFLAG_IS(ours, theirs) \
    _Static_assert((int)MEMFLAG_##ours == (int)TALLY_##theirs, "flags of the interface")
MEMFLAG_IS(notrap, NOTRAP);
MEMFLAG_IS(aligned, ALIGNED);
MEMFLAG_IS(readonly, READONLY);
MEMFLAG_IS(can_move, CAN_MOVE);
MEMFLAG_IS(big, BIG);
MEMFLAG_IS(little, LITTLE);

static void view_inst(View *v, const InstData *i, TallyInst *out)
{
    *out = (TallyInst){
        .op = i->op,
        .type = view_type((Type)i->type),
        .nargs = i->nargs,
        .args = view_values(v->arena, inst_args_const(i), i->nargs),
        .nresults = i->nresults,
        .result = i->nresults ? i->result.i : TALLY_NONE,
        .imm = i->imm,
        .ndests = i->ndests,
        .dests = view_dests(v, i),
        .entity = i->entity,
    };
    view_operands(v, i, out);
}

static const TallyBlock *view_blocks(View *v)
{
    const Func *f = v->f;
    TallyBlock *out = arena_array(v->arena, TallyBlock, f->layout.n);
    for (uint32_t k = 0; k < f->layout.n; k++) {
        const BlockData *b = func_block(f, f->layout.at[k]);
        TallyInst *insts = arena_array_room(v->arena, TallyInst, b->insts.n);
        for (uint32_t n = 0; n < b->insts.n; n++)
            view_inst(v, func_inst(f, b->insts.at[n]), &insts[n]);
        out[k] = (TallyBlock){
            .nparams = b->params.n,
            .params = view_values(v->arena, b->params.at, b->params.n),
            .ninsts = b->insts.n,
            .insts = insts,
            .cold = b->cold,
        };
    }
    return out;
}

static void view_declarations(View *v, TallyFunc *out)
{
    Arena *a = v->arena;
    const Func *f = v->f;
    TallySlot *slots = arena_array(a, TallySlot, f->slots.n);
    for (uint32_t k = 0; k < f->slots.n; k++)
        slots[k] = (TallySlot){f->slots.at[k].bytes, f->slots.at[k].align};
    TallySignature *sigs = arena_array(a, TallySignature, f->sigs.n);
    for (uint32_t k = 0; k < f->sigs.n; k++) sigs[k] = view_signature(a, &f->sigs.at[k]);
    TallyRef *refs = arena_array(a, TallyRef, f->refs.n);
    for (uint32_t k = 0; k < f->refs.n; k++)
        refs[k] = (TallyRef){f->refs.at[k].callee, f->refs.at[k].sig.i,
                             view_name(a, f->refs.at[k].name)};
    TallyType *values = arena_array(a, TallyType, f->values.n);
    for (uint32_t k = 0; k < f->values.n; k++) values[k] = view_type((Type)f->values.at[k].type);
    out->nslots = f->slots.n, out->slots = slots;
    out->nsigs = f->sigs.n, out->sigs = sigs;
    out->nrefs = f->refs.n, out->refs = refs;
    out->nvalues = f->values.n, out->values = values;
}

static void view_func(Arena *a, const Func *f, TallyFunc *out)
{
    View v = {.arena = a, .f = f, .position = arena_array(a, uint32_t, f->blocks.n)};
    for (uint32_t k = 0; k < f->layout.n; k++) v.position[f->layout.at[k].i] = k;
    out->name = view_name(a, f->name);
    out->sig = view_signature(a, &f->sig);
    view_declarations(&v, out);
    out->nblocks = f->layout.n;
    out->blocks = view_blocks(&v);
}

const TallyModule *view_module(Arena *a, const Module *m, uint32_t nfuncs)
{
    TallyFunc *funcs = arena_array(a, TallyFunc, nfuncs);
    for (uint32_t k = 0; k < nfuncs; k++) view_func(a, m->funcs.at[k], &funcs[k]);
    TallyModule *out = arena_new(a, TallyModule);
    *out = (TallyModule){nfuncs, funcs};
    return out;
}
