#include "ir/libcall.h"

#include "ir/build.h"

typedef struct {
    const char *name;
    uint8_t op, type;
} LibCall;

static const LibCall libcalls[] = {
#define LIBCALL(name, op, type) {#name, OP_##op, TY_##type},
#include "ir/libcalls.def"
};

static const LibCall *find(FuncName name)
{
    for (size_t k = 0; k < countof(libcalls); k++)
        if (str_is(name.text, libcalls[k].name)) return &libcalls[k];
    return NULL;
}

static bool is_signature_of(const LibCall *c, const Signature *sig)
{
    if (sig->params.n != strlen(op_info[c->op].operands) || sig->returns.n != 1) return false;
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (sig->params.at[k].type != c->type) return false;
    return sig->returns.at[0].type == c->type;
}

static Func *define(Module *m, const LibCall *c, const Signature *sig)
{
    Func *made = func_create(m, funcname_text(c->name), sig);
    Block entry = build_entry(made);
    Builder b = builder_at(made, entry);
    const ValueVec *params = &func_block(made, entry)->params;
    InstData i = {.op = c->op, .type = c->type};
    inst_set_args(made, &i, params->at, params->n);
    Value result = inst_result(func_inst(made, build_inst(&b, &i)), 0);
    build_return(&b, &result, 1);
    return made;
}

Func *libcall_define(Module *m, const Func *f, const FuncRefData *ref)
{
    const LibCall *c = find(ref->name);
    const Signature *sig = &f->sigs.at[ref->sig.i];
    return c && is_signature_of(c, sig) ? define(m, c, sig) : NULL;
}

Func *libcall_define_symbol(Module *m, FuncName name)
{
    const LibCall *c = find(name);
    if (!c) return NULL;
    Signature sig = {.conv = CALLCONV_system_v};
    for (size_t k = 0; k < strlen(op_info[c->op].operands); k++)
        *vec_push(m->arena, &sig.params) = (AbiParam){.type = c->type};
    *vec_push(m->arena, &sig.returns) = (AbiParam){.type = c->type};
    return define(m, c, &sig);
}
