#include "ir/verify_local.h"

#include <stdarg.h>

const char *verifier_func_name(const Func *f, Arena *a)
{
    const FuncName *name = &f->name;
    if (name->text.n) return arena_printf(a, "%%%.*s", (int)name->text.n, name->text.at);
    return arena_printf(a, "u%u:%u", name->space, name->index);
}

static uint32_t value_name(const Func *f, Value v)
{
    return v.i < f->values.n ? func_value(f, v)->name : v.i;
}

/* `v9 = iadd v3, v4`: results, name and value operands, whatever state they are in. */
static void put_inst(Buf *out, const Func *f, const InstData *i)
{
    for (uint32_t k = 0; k < i->nresults; k++)
        buf_printf(out, "%sv%u", k ? ", " : "", value_name(f, inst_result(i, k)));
    buf_printf(out, "%s%s", i->nresults ? " = " : "", i->op < OP_COUNT ? op_name(i->op) : "?");
    if (i->op < OP_COUNT && inst_op(i)->needs_suffix && i->type < TYPE_COUNT)
        buf_printf(out, ".%s", type_name(i->type));
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < i->nargs; k++)
        buf_printf(out, "%s v%u", k ? "," : "", value_name(f, args[k]));
}

void verifier_error(const Verifier *v, const char *format, ...)
{
    Buf out = {.arena = v->arena};
    uint32_t line = 0;
    if (v->f) {
        buf_printf(&out, "%s: ", verifier_func_name(v->f, v->arena));
        line = v->f->line;
    }
    if (v->block.i != NO_INDEX) {
        const BlockData *bd = func_block(v->f, v->block);
        buf_printf(&out, "block%u: ", bd->name);
        if (bd->line) line = bd->line;
    }
    if (v->inst) {
        put_inst(&out, v->f, v->inst);
        buf_text(&out, ": ");
        if (v->inst->line) line = v->inst->line;
    }
    va_list ap;
    va_start(ap, format);
    char text[512];
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    buf_text(&out, text);
    diag_error(v->d, line, line ? 1 : 0, "%s", out.at);
}
