/* What stands before a function's blocks: its name, signature and declarations. */
#include "ir/bits_text.h"
#include "ir/write_local.h"

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

void write_lane(Buf *out, const uint8_t *bytes, Type lane)
{
    Bits bits = {0};
    memcpy(bits.u8, bytes, type_bytes(lane));
    if (type_is_float(lane)) bits_write_float(out, &bits, lane);
    else bits_write_int(out, &bits, lane);
}

enum { HEX_BYTES = 16 }; /* as many as Cranelift reads, with zeros above; else by lanes */

static bool fits_hex(const uint8_t *bytes, unsigned n)
{
    for (unsigned k = HEX_BYTES; k < n; k++)
        if (bytes[k]) return false;
    return true;
}

void write_vector(Buf *out, const uint8_t *bytes, Type type)
{
    unsigned n = type_bytes(type);
    if (fits_hex(bytes, n)) {
        bits_write_hex(out, bytes, n < HEX_BYTES ? n : HEX_BYTES);
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

/* load.i64 notrap aligned gv0+8 */
static void write_global_load(Buf *out, const Func *f, const GlobalValueData *g, const Dialect *d)
{
    buf_printf(out, "load.%s", type_name(g->type));
    write_flags(out, f, g->flags, d);
    write_name(out, " gv", f->globals.at[g->base].name);
    offset_write(out, g->offset);
}

/* symbol colocated tls %name+8 */
static void write_symbol(Buf *out, const GlobalValueData *g)
{
    buf_text(out, "symbol ");
    if (g->colocated) buf_text(out, "colocated ");
    if (g->tls) buf_text(out, "tls ");
    func_name_write(out, g->symbol);
    if (g->offset > 0) buf_char(out, '+');
    if (g->offset) bits_write_i64(out, g->offset);
}

static void write_global(Buf *out, const Func *f, const GlobalValueData *g, const Dialect *d)
{
    switch ((GlobalKind)g->kind) {
    case GLOBAL_vmctx: buf_text(out, "vmctx"); break;
    case GLOBAL_load: write_global_load(out, f, g, d); break;
    case GLOBAL_symbol: write_symbol(out, g); break;
    case GLOBAL_dyn_scale:
        buf_printf(out, "dyn_scale_target_const.%s", type_name(g->type));
        break;
    case GLOBAL_iadd_imm:
        buf_printf(out, "iadd_imm.%s gv%u, ", type_name(g->type), f->globals.at[g->base].name);
        bits_write_i64(out, g->offset);
        break;
    }
}

static void write_globals(Buf *out, const Func *f, const Dialect *d)
{
    for (uint32_t k = 0; k < f->globals.n; k++) {
        write_declared(out, "gv", f->globals.at[k].name);
        write_global(out, f, &f->globals.at[k], d);
        buf_char(out, '\n');
    }
    for (uint32_t k = 0; k < f->dyn_types.n; k++) {
        const DynTypeData *t = &f->dyn_types.at[k];
        write_declared(out, "dt", t->name);
        buf_printf(out, "%s*gv%u\n", type_name(t->base), f->globals.at[t->global].name);
    }
    for (uint32_t k = 0; k < f->dyn_slots.n; k++) {
        const DynSlotData *s = &f->dyn_slots.at[k];
        write_declared(out, "dss", s->name);
        buf_printf(out, "explicit_dynamic_slot dt%u\n", f->dyn_types.at[s->type].name);
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

/* [1 2]: as bytes of a declared constant were written once */
static void write_brackets(Buf *out, const ConstantData *c)
{
    for (unsigned k = 0; k < c->n; k++) {
        buf_char(out, k ? ' ' : '[');
        buf_u64(out, c->bytes[k]);
    }
    buf_char(out, ']');
}

/* The vector of that many bytes that has the narrowest lanes. */
static Type vector_of(unsigned bytes)
{
    unsigned lane = 1;
    while (type_with(CLASS_INT, 8 * lane, bytes / lane) == TY_none) lane *= 2;
    return type_with(CLASS_INT, 8 * lane, bytes / lane);
}

static void write_constants(Buf *out, const Func *f, const Dialect *d)
{
    for (uint32_t k = 0; k < f->constants.n; k++) {
        const ConstantData *c = &f->constants.at[k];
        if (!c->named) continue;
        write_declared(out, "const", c->name);
        if (c->n > HEX_BYTES) {
            Type type = vector_of(c->n);
            buf_text(out, type_name(type));
            buf_char(out, ' ');
            write_vector(out, c->bytes, type);
        } else if (!d->tables) {
            write_brackets(out, c);
        } else {
            bits_write_hex(out, c->bytes, c->n);
        }
        buf_char(out, '\n');
    }
}

/* Each `br_table` has a table of its own, named by the instruction's index. */
static void write_tables(Buf *out, const Func *f)
{
    for (uint32_t k = 0; k < f->layout.n; k++) {
        const InstData *i = func_terminator(f, f->layout.at[k]);
        if (!i || inst_op(i)->format != FORMAT_branch_table) continue;
        write_declared(out, "jt", (uint32_t)(i - f->insts.at));
        buf_text(out, "jump_table ");
        write_table(out, f, i->dests + 1, i->ndests - 1);
        buf_char(out, '\n');
    }
}

void write_declarations(Buf *out, const Func *f, const Dialect *d)
{
    write_slots(out, f, d);
    if (d->regions) write_regions(out, f);
    write_globals(out, f, d);
    write_callees(out, f);
    write_constants(out, f, d);
    if (!d->tables) write_tables(out, f);
    if (!f->stack_limit) return;
    write_name(out, "    stack_limit = gv", f->globals.at[f->stack_limit - 1].name);
    buf_char(out, '\n');
}
