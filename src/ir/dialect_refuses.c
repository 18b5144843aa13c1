/* Which dialect takes which module (dialects.def), and which dialect is whose. */
#include "ir/dialect.h"

#define NEWER_OP(op, since) [OP_##op] = since,
static const uint16_t newer_ops[OP_COUNT] = {
#include "ir/dialects.def"
};

static const struct {
    uint8_t op, type;
    uint16_t since;
} newer_on[] = {
#define NEWER_ON(op, type, since) {OP_##op, TY_##type, since},
#include "ir/dialects.def"
};

#define NEWER_LANE(type, since) [TY_##type] = since,
static const uint16_t newer_lanes[TYPE_COUNT] = {
#include "ir/dialects.def"
};

#define NEWER_CONV(conv, since) [CALLCONV_##conv] = since,
static const uint16_t newer_convs[CALLCONV_COUNT] = {
#include "ir/dialects.def"
};

#define NEWER_CATCH(conv, since) [CALLCONV_##conv] = since,
static const uint16_t newer_catches[CALLCONV_COUNT] = {
#include "ir/dialects.def"
};

const Dialect *dialect_current(void) { return &dialects[dialects_count - 1]; }

/* The number at the front of `*text`, taken off; -1 when there is none, or it is no version's. */
static int take_number(Str *text)
{
    int n = text->n && text->at[0] >= '0' && text->at[0] <= '9' ? 0 : -1;
    while (n >= 0 && n < 10000 && text->n && text->at[0] >= '0' && text->at[0] <= '9') {
        n = n * 10 + (*text->at++ - '0');
        text->n--;
    }
    return n;
}

/* `0.MINOR` or `0.MINOR.PATCH`: MINOR; -1 when it is neither. */
static int minor_version(Str text)
{
    int major = take_number(&text);
    if (major != 0 || !text.n || *text.at++ != '.') return -1;
    text.n--;
    int minor = take_number(&text);
    if (minor < 0 || !text.n) return minor;
    if (*text.at++ != '.') return -1;
    text.n--;
    return take_number(&text) < 0 || text.n ? -1 : minor;
}

const Dialect *dialect_for(Str version)
{
    if (str_is(version, "current")) return dialect_current();
    int minor = minor_version(version);
    for (unsigned k = 0; k < dialects_count; k++)
        if (minor >= dialects[k].from && minor <= dialects[k].to) return &dialects[k];
    return NULL;
}

/* The reason while it is looked for. */
typedef struct {
    const Dialect *d;
    Arena *a;
    const char *reason;
} Refusal;

static void lacks(Refusal *r, uint16_t since, const char *what, const char *name)
{
    if (since <= r->d->from || r->reason) return;
    Buf out = {.arena = r->a};
    buf_printf(&out, "no %s %s before 0.%u", what, name, since);
    r->reason = out.at;
}

static void check_type(Refusal *r, Type type)
{
    Type lane = type_lane(type);
    lacks(r, newer_lanes[lane], "type", type_name(type));
}

static void check_signature(Refusal *r, const Signature *sig)
{
    lacks(r, newer_convs[sig->conv], "calling convention", callconv_names[sig->conv]);
    for (uint32_t k = 0; k < sig->params.n; k++) check_type(r, (Type)sig->params.at[k].type);
    for (uint32_t k = 0; k < sig->returns.n; k++) check_type(r, (Type)sig->returns.at[k].type);
}

enum {
#define NEWER_WORD(word, since) SINCE_##word = since,
#include "ir/dialects.def"
};

static void check_declarations(Refusal *r, const Func *f)
{
    check_signature(r, &f->sig);
    for (uint32_t k = 0; k < f->sigs.n; k++) check_signature(r, &f->sigs.at[k]);
    for (uint32_t k = 0; k < f->slots.n; k++)
        if (f->slots.at[k].has_key) lacks(r, SINCE_key, "word", "key");
    for (uint32_t k = 0; k < f->refs.n; k++)
        if (f->refs.at[k].patchable) lacks(r, SINCE_patchable, "word", "patchable");
    for (uint32_t k = 0; k < f->tables.n; k++)
        if (table_contexts(&f->tables.at[k])) lacks(r, SINCE_context, "word", "context");
}

static void check_operation(Refusal *r, const InstData *i)
{
    for (size_t k = 0; k < countof(newer_on); k++)
        if (newer_on[k].op == i->op && newer_on[k].type == i->type)
            lacks(r, newer_on[k].since, "instruction",
                  arena_printf(r->a, "%s.%s", op_name(i->op), type_name(i->type)));
}

static void check_insts(Refusal *r, const Func *f)
{
    for (uint32_t b = 0; b < f->layout.n && !r->reason; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            lacks(r, newer_ops[i->op], "instruction", op_name(i->op));
            check_operation(r, i);
            if (!inst_op(i)->tries) continue;
            CallConv conv = func_call_signature(f, i)->conv;
            lacks(r, newer_catches[conv], "handler of a call", callconv_names[conv]);
        }
    }
}

const char *dialect_refuses(const Dialect *d, const Module *m, Arena *a)
{
    Refusal r = {d, a, NULL};
    for (uint32_t k = 0; k < m->funcs.n && !r.reason; k++) {
        const Func *f = m->funcs.at[k];
        check_declarations(&r, f);
        check_insts(&r, f);
        for (uint32_t v = 0; v < f->values.n; v++) check_type(&r, func_type(f, (Value){v}));
    }
    return r.reason;
}
