/* Functions as text. Operands are written as formats.def spells them. */
#include "ir/write.h"

#include "ir/bits_text.h"

static void write_name(Buf *out, const char *prefix, uint32_t number)
{
    buf_text(out, prefix);
    buf_u64(out, number);
}

void func_name_write(Buf *out, FuncName name)
{
    if (name.text.n) {
        buf_char(out, '%');
        buf_add(out, name.text.at, name.text.n);
        return;
    }
    write_name(out, "u", name.space);
    write_name(out, ":", name.index);
}

static void write_abi_param(Buf *out, const AbiParam *p)
{
    static const char *const extensions[] = {
        [EXTENSION_none] = "", [EXTENSION_uext] = " uext", [EXTENSION_sext] = " sext"};
    static const char *const purposes[] = {
        [PURPOSE_normal] = "", [PURPOSE_sret] = " sret", [PURPOSE_vmctx] = " vmctx",
        [PURPOSE_sarg] = " sarg("};
    buf_text(out, type_name(p->type));
    buf_text(out, extensions[p->extension]);
    buf_text(out, purposes[p->purpose]);
    if (p->purpose != PURPOSE_sarg) return;
    buf_u64(out, p->bytes);
    buf_char(out, ')');
}

void signature_write(Buf *out, const Signature *sig)
{
    buf_char(out, '(');
    for (uint32_t k = 0; k < sig->params.n; k++) {
        if (k) buf_text(out, ", ");
        write_abi_param(out, &sig->params.at[k]);
    }
    buf_char(out, ')');
    for (uint32_t k = 0; k < sig->returns.n; k++) {
        buf_text(out, k ? ", " : " -> ");
        write_abi_param(out, &sig->returns.at[k]);
    }
    buf_char(out, ' ');
    buf_text(out, callconv_names[sig->conv]);
}

void memflags_write(Buf *out, const Func *f, MemFlags flags)
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
    if (flags.region) write_name(out, " region", f->regions.at[flags.region - 1].name);
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

static void write_destination(Buf *out, const Func *f, const BlockCall *call)
{
    write_name(out, "block", func_block(f, call->block)->name);
    if (!call->nargs) return;
    buf_char(out, '(');
    write_values(out, f, call->args, call->nargs);
    buf_char(out, ')');
}

static void write_table(Buf *out, const Func *f, const BlockCall *at, uint32_t n)
{
    buf_char(out, '[');
    for (uint32_t k = 0; k < n; k++) {
        if (k) buf_add(out, ", ", 2);
        write_destination(out, f, &at[k]);
    }
    buf_char(out, ']');
}

static void write_lane(Buf *out, const uint8_t *bytes, Type lane)
{
    Bits bits = {0};
    memcpy(bits.u8, bytes, type_bytes(lane));
    if (type_is_float(lane)) bits_write_float(out, &bits, lane);
    else bits_write_int(out, &bits, lane);
}

enum { HEX_BYTES = 16 }; /* as many as Cranelift reads; what is longer is written by lanes */

static void write_vector(Buf *out, const uint8_t *bytes, Type type)
{
    if (type_bytes(type) <= HEX_BYTES) {
        bits_write_hex(out, bytes, type_bytes(type));
        return;
    }
    Type lane = type_lane(type);
    buf_char(out, '[');
    for (unsigned k = 0; k < type_lanes(type); k++) {
        if (k) buf_char(out, ' ');
        write_lane(out, bytes + k * type_bytes(lane), lane);
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
    uint32_t arg, dest;
} Walk;

static void write_operand(Walk *w, char letter)
{
    const InstData *i = w->i;
    const Func *f = w->f;
    Buf *out = w->out;
    char room[12];
    switch (letter) {
    case 'v': write_value(out, f, inst_args_const(i)[w->arg++]); break;
    case '*': write_values(out, f, inst_args_const(i) + w->arg, i->nargs - w->arg); break;
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
    case 'j': write_table(out, f, i->dests + w->dest, i->ndests - w->dest); break;
    case 'F': write_name(out, "fn", f->refs.at[i->entity].ref); break;
    case 'S': write_name(out, "sig", f->sigs.at[i->entity].name); break;
    case 'l': write_name(out, "ss", f->slots.at[i->entity].name); break;
    case 'g': write_name(out, "gv", f->globals.at[i->entity].name); break;
    case 'B': write_name(out, "block", f->blocks.at[i->entity].name); break;
    case ',': case ' ': case '(': case ')': buf_char(out, letter); break;
    default: bug("formats.def: no operand is written `%c`", letter);
    }
}

static void write_operands(Buf *out, const Func *f, const InstData *i)
{
    const char *format = format_operands[inst_op(i)->format];
    if (*format == 'm') {
        memflags_write(out, f, i->flags);
        format++;
    }
    if (*format && (*format != '*' || i->nargs)) buf_char(out, ' ');
    Walk w = {.out = out, .f = f, .i = i};
    for (; *format; format++) write_operand(&w, *format);
}

static void write_inst(Buf *out, const Func *f, const InstData *i, Type suffix)
{
    for (uint32_t k = 0; k < i->nresults; k++) {
        if (k) buf_add(out, ", ", 2);
        write_value(out, f, inst_result(i, k));
    }
    if (i->nresults) buf_add(out, " = ", 3);
    buf_text(out, op_name(i->op));
    if (suffix != TY_none) {
        buf_char(out, '.');
        buf_text(out, type_name(suffix));
    }
    write_operands(out, f, i);
}

void inst_write(Buf *out, const Func *f, const InstData *i, const WriteOptions *options)
{
    (void)options;
    write_inst(out, f, i, inst_op(i)->only_type ? TY_none : (Type)i->type);
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

static void write_block(Buf *out, const Func *f, Block block, uint32_t *home)
{
    const BlockData *b = func_block(f, block);
    block_write_header(out, f, block, NULL);
    for (uint32_t k = 0; k < b->params.n; k++) home[b->params.at[k].i] = block.i;
    for (uint32_t k = 0; k < b->insts.n; k++) {
        const InstData *i = func_inst(f, b->insts.at[k]);
        buf_add(out, "    ", 4);
        write_inst(out, f, i, suffix_of(f, i, block, home));
        buf_char(out, '\n');
        for (uint32_t n = 0; n < i->nresults; n++) home[inst_result(i, n).i] = block.i;
    }
}

/* `    ss0 = ` */
static void write_declared(Buf *out, const char *prefix, uint32_t number)
{
    buf_add(out, "    ", 4);
    write_name(out, prefix, number);
    buf_add(out, " = ", 3);
}

static void write_slots(Buf *out, const Func *f, const Dialect *d)
{
    for (uint32_t k = 0; k < f->slots.n; k++) {
        const SlotData *s = &f->slots.at[k];
        write_declared(out, "ss", s->name);
        buf_text(out, "explicit_slot ");
        buf_u64(out, s->bytes);
        if (s->align > 1 && d->slot_align) write_name(out, ", align = ", s->align);
        if (s->has_key) {
            buf_text(out, ", key = ");
            buf_u64(out, s->key);
        }
        buf_char(out, '\n');
    }
}

static void write_regions(Buf *out, const Func *f)
{
    for (uint32_t k = 0; k < f->regions.n; k++) {
        const RegionData *r = &f->regions.at[k];
        write_declared(out, "region", r->name);
        buf_u64(out, r->number);
        buf_text(out, " \"");
        buf_add(out, r->text.at, r->text.n);
        buf_text(out, "\"\n");
    }
}

static void write_globals(Buf *out, const Func *f)
{
    for (uint32_t k = 0; k < f->globals.n; k++) {
        const GlobalValueData *g = &f->globals.at[k];
        write_declared(out, "gv", g->name);
        buf_add(out, g->text.at, g->text.n);
        buf_char(out, '\n');
    }
}

static void write_callees(Buf *out, const Func *f)
{
    for (uint32_t k = 0; k < f->sigs.n; k++) {
        write_declared(out, "sig", f->sigs.at[k].name);
        signature_write(out, &f->sigs.at[k]);
        buf_char(out, '\n');
    }
    for (uint32_t k = 0; k < f->refs.n; k++) {
        const FuncRefData *r = &f->refs.at[k];
        write_declared(out, "fn", r->ref);
        if (r->colocated) buf_text(out, "colocated ");
        if (r->patchable) buf_text(out, "patchable ");
        func_name_write(out, r->name);
        write_name(out, " sig", f->sigs.at[r->sig.i].name);
        buf_char(out, '\n');
    }
}

static void write_constants(Buf *out, const Func *f)
{
    for (uint32_t k = 0; k < f->constants.n; k++) {
        const ConstantData *c = &f->constants.at[k];
        if (!c->named) continue;
        write_declared(out, "const", c->name);
        if (c->n > HEX_BYTES) {
            Type bytes = type_with(CLASS_INT, 8, c->n);
            buf_text(out, type_name(bytes));
            buf_char(out, ' ');
            write_vector(out, c->bytes, bytes);
        } else {
            bits_write_hex(out, c->bytes, c->n);
        }
        buf_char(out, '\n');
    }
}

static void write_declarations(Buf *out, const Func *f, const Dialect *d)
{
    write_slots(out, f, d);
    if (d->regions) write_regions(out, f);
    write_globals(out, f);
    write_callees(out, f);
    write_constants(out, f);
    if (!f->stack_limit) return;
    write_name(out, "    stack_limit = gv", f->globals.at[f->stack_limit - 1].name);
    buf_char(out, '\n');
}

static void write_first_line(Buf *out, const Func *f)
{
    buf_text(out, "function ");
    func_name_write(out, f->name);
    signature_write(out, &f->sig);
    buf_text(out, " {\n");
}

static const Dialect *dialect_of(const WriteOptions *options)
{
    return options && options->dialect ? options->dialect : &dialects[DIALECT_current];
}

void func_write_header(Buf *out, const Func *f, const WriteOptions *options)
{
    write_first_line(out, f);
    write_declarations(out, f, dialect_of(options));
}

void func_write(Buf *out, const Func *f, const WriteOptions *options)
{
    uint32_t *home = arena_array(out->arena, uint32_t, f->values.n);
    for (uint32_t k = 0; k < f->values.n; k++) home[k] = NO_INDEX;
    write_first_line(out, f);
    size_t start = out->n;
    write_declarations(out, f, dialect_of(options));
    for (uint32_t k = 0; k < f->layout.n; k++) {
        if (out->n > start) buf_char(out, '\n');
        write_block(out, f, f->layout.at[k], home);
    }
    buf_text(out, "}\n");
}
