/* Functions as text. Operands are written as formats.def spells them. */
#include "ir/write_local.h"

#include "ir/bits_text.h"

static void write_region(Buf *out, const RegionData *r, const Dialect *d)
{
    const char *flag = d->regions ? NULL : dialect_region_flag(r->number);
    if (!flag) write_name(out, " region", r->name);
    if (!flag) return;
    buf_char(out, ' ');
    buf_text(out, flag);
}

void write_flags(Buf *out, const Func *f, MemFlags flags, const Dialect *d)
{
    char room[12];
    if (flags.trap != TRAP_none) {
        buf_char(out, ' ');
        buf_text(out, trap_name(flags.trap, room));
    }
    for (unsigned k = 0; k < MEMFLAG_COUNT; k++) {
        if (!(flags.bits >> k & 1)) continue;
        buf_char(out, ' ');
        buf_text(out, memflag_names[k]);
    }
    if (flags.region) write_region(out, &f->regions.at[flags.region - 1], d);
}

void memflags_write(Buf *out, const Func *f, MemFlags flags)
{
    write_flags(out, f, flags, dialect_current());
}

void offset_write(Buf *out, int64_t offset)
{
    if (offset == 0) return;
    buf_char(out, offset < 0 ? '-' : '+');
    bits_write_i64(out, offset < 0 ? -offset : offset);
}

static void write_value(Buf *out, const Func *f, Value v)
{
    buf_char(out, 'v');
    buf_u64(out, func_value(f, v)->name);
}

static void write_values(Buf *out, const Func *f, const Value *at, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        if (k) buf_add(out, ", ", 2);
        write_value(out, f, at[k]);
    }
}

void write_destination(Buf *out, const Func *f, const BlockCall *call)
{
    write_name(out, "block", func_block(f, call->block)->name);
    if (!call->nargs) return;
    buf_char(out, '(');
    write_values(out, f, call->args, call->nargs);
    buf_char(out, ')');
}

/* The same for a way of the try_call `i`: its own results are ret0, exn0 and so on. */
static void write_way(Buf *out, const Func *f, const InstData *i, const BlockCall *call)
{
    uint32_t returned = func_call_signature(f, i)->returns.n;
    write_name(out, "block", func_block(f, call->block)->name);
    for (uint32_t k = 0; k < call->nargs; k++) {
        uint32_t own = call->args[k].i - i->result.i;
        buf_text(out, k ? ", " : "(");
        if (own >= i->nresults) write_value(out, f, call->args[k]);
        else if (own < returned) write_name(out, "ret", own);
        else write_name(out, "exn", own - returned);
    }
    if (call->nargs) buf_char(out, ')');
}

void write_table(Buf *out, const Func *f, const BlockCall *at, uint32_t n)
{
    buf_char(out, '[');
    for (uint32_t k = 0; k < n; k++) {
        if (k) buf_add(out, ", ", 2);
        write_destination(out, f, &at[k]);
    }
    buf_char(out, ']');
}

static void write_constant(Buf *out, const Func *f, const InstData *i)
{
    const ConstantData *c = &f->constants.at[i->entity];
    if (c->named) {
        write_name(out, "const", c->name);
    } else if (type_is_float(i->type)) {
        write_lane(out, c->bytes, i->type);
    } else {
        write_vector(out, c->bytes, i->type);
    }
}

static void write_float(Buf *out, const InstData *i, Type type)
{
    Bits bits = bits_of((uint64_t)i->imm);
    bits_write_float(out, &bits, type);
}

/* Where the walk over an instruction's operands stands. */
typedef struct {
    Buf *out;
    const Func *f;
    const InstData *i;
    const Dialect *d;
    uint32_t arg, dest;
} Walk;

/* The table itself, or the name it is declared by: that of its instruction. */
static void write_targets(Walk *w)
{
    const InstData *i = w->i;
    if (w->d->tables) write_table(w->out, w->f, i->dests + w->dest, i->ndests - w->dest);
    else write_name(w->out, "jt", (uint32_t)(i - w->f->insts.at));
}

static void write_handler(Walk *w, const Handler *h)
{
    if (h->kind == HANDLER_context) {
        buf_text(w->out, "context ");
        write_value(w->out, w->f, inst_args_const(w->i)[w->arg++]);
        return;
    }
    if (h->kind == HANDLER_tag) write_name(w->out, "tag", h->tag);
    else buf_text(w->out, "default");
    buf_text(w->out, ": ");
    write_way(w->out, w->f, w->i, &w->i->dests[w->dest++]);
}

/* sig0, block1(ret0), [ tag7: block2(exn0), default: block3 ] */
static void write_exception_table(Walk *w)
{
    const ExceptionTable *t = func_table(w->f, w->i);
    write_name(w->out, "sig", w->f->sigs.at[t->sig.i].name);
    buf_text(w->out, ", ");
    write_way(w->out, w->f, w->i, &w->i->dests[w->dest++]);
    buf_text(w->out, ", [");
    for (uint32_t k = 0; k < t->handlers.n; k++) {
        buf_text(w->out, k ? ", " : " ");
        write_handler(w, &t->handlers.at[k]);
    }
    buf_text(w->out, t->handlers.n ? " ]" : "]");
}

/* All operands that are left, but for contexts. */
static void write_rest(Walk *w)
{
    const InstData *i = w->i;
    uint32_t contexts = inst_op(i)->tries ? table_contexts(func_table(w->f, i)) : 0;
    uint32_t n = i->nargs - w->arg - contexts;
    write_values(w->out, w->f, inst_args_const(i) + w->arg, n);
    w->arg += n;
}

static void write_operand(Walk *w, char letter)
{
    const InstData *i = w->i;
    const Func *f = w->f;
    Buf *out = w->out;
    char room[12];
    switch (letter) {
    case 'v': write_value(out, f, inst_args_const(i)[w->arg++]); break;
    case '*': write_rest(w); break;
    case 'i': bits_write_i64(out, i->imm); break;
    case 'o': offset_write(out, i->imm); break;
    case 'u': buf_u64(out, (uint64_t)i->imm); break;
    case 'h': write_float(out, i, TY_f16); break;
    case 'f': write_float(out, i, TY_f32); break;
    case 'd': write_float(out, i, TY_f64); break;
    case 'k': case 's': write_constant(out, f, i); break;
    case 'c': buf_text(out, intcc_info[i->cond].name); break;
    case 'x': buf_text(out, floatcc_info[i->cond].name); break;
    case 'r': buf_text(out, atomic_names[i->cond]); break;
    case 't': buf_text(out, trap_name(i->trap, room)); break;
    case 'b': write_destination(out, f, &i->dests[w->dest++]); break;
    case 'j': write_targets(w); break;
    case 'e': write_exception_table(w); break;
    case 'F': write_name(out, "fn", f->refs.at[i->entity].ref); break;
    case 'S': write_name(out, "sig", f->sigs.at[i->entity].name); break;
    case 'l': write_name(out, "ss", f->slots.at[i->entity].name); break;
    case 'D': write_name(out, "dss", f->dyn_slots.at[i->entity].name); break;
    case 'g': write_name(out, "gv", f->globals.at[i->entity].name); break;
    case 'B': write_name(out, "block", f->blocks.at[i->entity].name); break;
    case ',': case ' ': case '(': case ')': buf_char(out, letter); break;
    default: bug("formats.def: no operand is written `%c`", letter);
    }
}

static void write_operands(Buf *out, const Func *f, const InstData *i, const Dialect *d)
{
    const char *format = format_operands[inst_op(i)->format];
    if (*format == 'm') {
        write_flags(out, f, i->flags, d);
        format++;
    }
    if (*format && (*format != '*' || i->nargs)) buf_char(out, ' ');
    Walk w = {.out = out, .f = f, .i = i, .d = d};
    for (; *format; format++) write_operand(&w, *format);
}

/* Dynamic vectors go by what declares them. */
static void write_suffix(Buf *out, const Func *f, Type suffix)
{
    if (suffix == TY_none) return;
    buf_char(out, '.');
    for (uint32_t k = 0; k < f->dyn_types.n && type_is_dynamic(suffix); k++) {
        if (type_to_dynamic(f->dyn_types.at[k].base) != suffix) continue;
        write_name(out, "dt", f->dyn_types.at[k].name);
        return;
    }
    buf_text(out, type_name(suffix));
}

/* `brnz v0, block1` and, on a line of its own, `jump block2`, for  brif v0, block1, block2 */
static void write_branches(Buf *out, const Func *f, const InstData *i, Type suffix)
{
    buf_text(out, "brnz");
    write_suffix(out, f, suffix);
    buf_char(out, ' ');
    write_value(out, f, inst_args_const(i)[0]);
    buf_text(out, ", ");
    write_destination(out, f, &i->dests[0]);
    buf_text(out, "\n    jump ");
    write_destination(out, f, &i->dests[1]);
}

static void write_inst(Buf *out, const Func *f, const InstData *i, Type suffix, const Dialect *d)
{
    uint32_t n = inst_op(i)->tries ? 0 : i->nresults;
    for (uint32_t k = 0; k < n; k++) {
        if (k) buf_add(out, ", ", 2);
        write_value(out, f, inst_result(i, k));
    }
    if (n) buf_add(out, " = ", 3);
    if (inst_op(i)->format == FORMAT_brif && !d->brif) {
        write_branches(out, f, i, suffix);
        return;
    }
    buf_text(out, dialect_op_name(d, i->op));
    write_suffix(out, f, suffix);
    write_operands(out, f, i, d);
}

static const Dialect *dialect_of(const WriteOptions *options)
{
    return options && options->dialect ? options->dialect : dialect_current();
}

void inst_write(Buf *out, const Func *f, const InstData *i, const WriteOptions *options)
{
    write_inst(out, f, i, inst_op(i)->only_type ? TY_none : (Type)i->type, dialect_of(options));
}

/* The operand that gives a suffix its type: that of the rule, or a condition, callee or address,
 * whose type is no controlling type of ours; -1 when there is none. */
static int suffix_operand(const OpInfo *o)
{
    if (o->only_type) return o->access_bytes ? 0 : -1; /* Cranelift's rule has 32-bit addresses */
    if (o->has_type) return o->type_operand;
    return o->operands[0] == 'C' || o->operands[0] == 'a' ? 0 : -1;
}

/* As Cranelift prints: the type is left out (TY_none) when the operand that gives it is of the same
 * block; a reader has then seen its definition. home[v] is the block of each value written so
 * far. */
static Type suffix_of(const Func *f, const InstData *i, Block here, const uint32_t *home)
{
    const OpInfo *o = inst_op(i);
    int operand = suffix_operand(o);
    if (operand < 0) return o->needs_suffix ? (Type)i->type : TY_none;
    Value v = inst_args_const(i)[operand];
    Type type = o->has_type && !o->only_type ? (Type)i->type : func_type(f, v);
    bool inferred = home[v.i] == here.i && func_type(f, v) == type;
    if (o->only_type) inferred = home[v.i] != NO_INDEX; /* it says the address's, if anything */
    if (o->format == FORMAT_atomic_rmw) inferred = false; /* Cranelift looks at the address */
    if (!mask_has(&o->suffix, type)) inferred = true; /* not valid; as a suffix it were not read */
    return inferred ? TY_none : type;
}

void block_write_header(Buf *out, const Func *f, Block block, const WriteOptions *options)
{
    (void)options;
    const BlockData *b = func_block(f, block);
    write_name(out, "block", b->name);
    for (uint32_t k = 0; k < b->params.n; k++) {
        buf_text(out, k ? ", " : "(");
        write_value(out, f, b->params.at[k]);
        buf_text(out, ": ");
        buf_text(out, type_name(func_type(f, b->params.at[k])));
    }
    if (b->params.n) buf_char(out, ')');
    buf_text(out, b->cold ? " cold:\n" : ":\n");
}

enum {
#define NOTE(what, since) SINCE_##what = since,
#include "ir/dialects.def"
};

/* <1, ss0> @0042 */
static void write_before(Buf *out, const InstNote *n, const Dialect *d)
{
    for (uint32_t k = 0; k < n->tags.n && d->from >= SINCE_debug_tags; k++) {
        buf_text(out, k ? ", " : "<");
        write_name(out, n->tags.at[k].slot ? "ss" : "", n->tags.at[k].number);
    }
    if (n->tags.n && d->from >= SINCE_debug_tags) buf_text(out, "> ");
    if (n->location != NO_LOCATION) buf_printf(out, "@%04x ", n->location);
}

/* , stack_map=[i64 @ ss0+8] */
static void write_stack_map(Buf *out, const InstNote *n, const Dialect *d)
{
    if (!n->map.n || d->from < SINCE_stack_map) return;
    for (uint32_t k = 0; k < n->map.n; k++) {
        const StackMapEntry *e = &n->map.at[k];
        buf_printf(out, "%s%s @ ss%u+%u", k ? ", " : ", stack_map=[", type_name(e->type), e->slot,
                   e->offset);
    }
    buf_char(out, ']');
}

static void write_block(Buf *out, const Func *f, Block block, uint32_t *home, const Dialect *d)
{
    const BlockData *b = func_block(f, block);
    block_write_header(out, f, block, NULL);
    for (uint32_t k = 0; k < b->params.n; k++) home[b->params.at[k].i] = block.i;
    for (uint32_t k = 0; k < b->insts.n; k++) {
        const InstData *i = func_inst(f, b->insts.at[k]);
        const InstNote *note = f->notes.n ? func_note(f, b->insts.at[k]) : NULL;
        buf_add(out, "    ", 4);
        if (note) write_before(out, note, d);
        bool said = dialect_says_type(d, i->op);
        write_inst(out, f, i, said ? (Type)i->type : suffix_of(f, i, block, home), d);
        if (note) write_stack_map(out, note, d);
        buf_char(out, '\n');
        for (uint32_t n = 0; n < i->nresults; n++) home[inst_result(i, n).i] = block.i;
    }
}

static void write_first_line(Buf *out, const Func *f)
{
    buf_text(out, "function ");
    func_name_write(out, f->name);
    signature_write(out, &f->sig);
    buf_text(out, " {\n");
}

void func_write_header(Buf *out, const Func *f, const WriteOptions *options)
{
    write_first_line(out, f);
    write_declarations(out, f, dialect_of(options));
}

void func_write(Buf *out, const Func *f, const WriteOptions *options)
{
    const Dialect *d = dialect_of(options);
    uint32_t *home = arena_array(out->arena, uint32_t, f->values.n);
    for (uint32_t k = 0; k < f->values.n; k++) home[k] = NO_INDEX;
    write_first_line(out, f);
    size_t start = out->n;
    write_declarations(out, f, d);
    for (uint32_t k = 0; k < f->layout.n; k++) {
        if (out->n > start) buf_char(out, '\n');
        write_block(out, f, f->layout.at[k], home, d);
    }
    buf_text(out, "}\n");
}
