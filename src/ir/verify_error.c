#include "ir/verify_local.h"
#include "ir/write.h"

#include <stdarg.h>

const char *verifier_func_name(const Func *f, Arena *a)
{
    Buf out = {.arena = a};
    func_name_write(&out, f->name);
    return out.at;
}

const char *subject_text(const Subject *s, Arena *a)
{
    const char *outer = s->within ? subject_text(s->within, a) : "";
    const char *comma = s->within ? ", " : "";
    if (s->plain) return arena_printf(a, "%s%s%s", outer, comma, s->word);
    return arena_printf(a, "%s%s%s %lld", outer, comma, s->word, (long long)s->number);
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

/* Where the words of a line begin. */
static uint32_t first_column(const Diag *d, uint32_t line)
{
    if (d->text.n == 0) return 1;
    const char *at = d->text.at, *end = at + d->text.n;
    for (; line > 1 && at < end; line--) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    uint32_t column = 1;
    while (at < end && (*at == ' ' || *at == '\t')) at++, column++;
    return column;
}

enum { ERRORS_WORDED = 200 }; /* the rest is counted */

void verifier_error(const Verifier *v, const char *format, ...)
{
    Buf out = {.arena = v->arena};
    uint32_t line = 0;
    if (v->d->errors >= ERRORS_WORDED) {
        diag_error(v->d, 0, 0, "one of many");
        return;
    }
    if (v->f) {
        func_name_write(&out, v->f->name);
        buf_text(&out, ": ");
        line = v->f->line;
    }
    if (v->block.i != NO_INDEX) {
        const BlockData *bd = func_block(v->f, v->block);
        buf_printf(&out, "block%u: ", bd->name);
        if (bd->line) line = bd->line;
    }
    if (v->inst) {
        if (v->sound) inst_write(&out, v->f, v->inst, NULL);
        else put_inst(&out, v->f, v->inst);
        buf_text(&out, ": ");
        if (v->inst->line) line = v->inst->line;
    }
    va_list ap;
    va_start(ap, format);
    char text[512];
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    buf_text(&out, text);
    diag_error(v->d, line, line ? first_column(v->d, line) : 0, "%s", out.at);
}
