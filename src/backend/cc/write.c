/* Translation units, modules and functions. */
#include "backend/cc/local.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The prelude's text, as it lies in the source tree. */
extern const char cc_prelude[];
__asm__(".pushsection .rodata\n"
        ".hidden cc_prelude\n"
        ".globl cc_prelude\n"
        "cc_prelude: .incbin \"src/backend/cc/prelude.h\"\n"
        ".byte 0\n"
        ".popsection");

void emit_text(Writer *w, const char *text)
{
    obstack_grow(&w->text, text, strlen(text));
}

void emit(Writer *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    obstack_vprintf(&w->text, format, args);
    va_end(args);
}

/* ---- writers and their units ---- */

static const Row *find_row(const char *name)
{
    for (const Row *row = rows; row->name; row++)
        if (strcmp(row->name, name) == 0) return row;
    return NULL;
}

Writer *writer_create(const TallyHost *host, const WriterOptions *o)
{
    struct obstack fixed;
    obstack_init(&fixed);
    Writer *w = obstack_alloc(&fixed, sizeof *w);
    memset(w, 0, sizeof *w);
    w->rows = obstack_alloc(&fixed, host->nops * sizeof *w->rows);
    for (uint32_t k = 0; k < host->nops; k++) w->rows[k] = find_row(host->ops[k].name);
    w->host = host;
    w->options = *o;
    obstack_init(&w->text);
    obstack_init(&w->scratch);
    obstack_init(&w->unit);
    w->scratch_base = obstack_alloc(&w->scratch, 0);
    w->unit_base = obstack_alloc(&w->unit, 0);
    w->fixed = fixed;
    return w;
}

void writer_destroy(Writer *w)
{
    struct obstack fixed = w->fixed;
    obstack_free(&w->text, NULL);
    obstack_free(&w->scratch, NULL);
    obstack_free(&w->unit, NULL);
    obstack_free(&fixed, NULL);
}

static void put_abilities(Writer *w, const Abilities *has)
{
#define PROBE(name, field, function) emit(w, "#define HAVE_" #name " %d\n", has->field);
#include "backend/cc/probes.def"
    if (w->options.noinline) emit_text(w, "#define NOINLINE\n");
    emit(w, "#define TALLY_RANGES %d\n", TALLY_RANGES);
}

void writer_begin(Writer *w)
{
    void *begun = obstack_finish(&w->text);
    obstack_free(&w->text, w->last ? w->last : begun);
    w->last = NULL;
    obstack_free(&w->unit, w->unit_base);
    w->structs = NULL;
    put_abilities(w, &w->options.has);
    emit_text(w, cc_prelude);
}

void writer_append(Writer *w, const char *text)
{
    emit_text(w, text);
}

const char *writer_end(Writer *w, size_t *n)
{
    obstack_1grow(&w->text, 0);
    *n = (size_t)obstack_object_size(&w->text) - 1;
    return w->last = obstack_finish(&w->text);
}

/* ---- what cannot be written, beside instructions ---- */

static const char *object_type(const Writer *w, TallyType t)
{
    if (ctype_bytes(t) > 16) return "types wider than 128 bits";
    return t.lane_bits == 128 && !w->options.has.int128 ? "128-bit integers" : NULL;
}

static const char *object_signature(const Writer *w, const TallySignature *sig)
{
    const char *why = NULL;
    for (uint32_t k = 0; k < sig->nparams && !why; k++) {
        why = object_type(w, sig->params[k].type);
        if (sig->params[k].purpose == TALLY_SARG) why = "a structure as argument";
    }
    for (uint32_t k = 0; k < sig->nreturns && !why; k++)
        why = object_type(w, sig->returns[k].type);
    return why;
}

/* To what the function declares. */
static const char *object_declarations(const Writer *w, const TallyFunc *f)
{
    const char *why = object_signature(w, &f->sig);
    for (uint32_t k = 0; k < f->nvalues && !why; k++)
        if (f->values[k].lane_bits) why = object_type(w, f->values[k]);
    for (uint32_t k = 0; k < f->nsigs && !why; k++) why = object_signature(w, &f->sigs[k]);
    for (uint32_t k = 0; k < f->nrefs && !why; k++)
        if (f->refs[k].func == TALLY_NONE) why = "a function outside of the module";
    return why;
}

const char *writer_refuses(const Writer *w, const TallyFunc *f, const TallyInst *i)
{
    const char *why = i == &f->blocks[0].insts[0] ? object_declarations(w, f) : NULL;
    return why ? why : inst_refuses(w, f, i);
}

static const char *object_func(const Writer *w, const TallyFunc *f)
{
    const char *why = f->nblocks ? NULL : "a function without blocks";
    for (uint32_t b = 0; b < f->nblocks && !why; b++)
        for (uint32_t k = 0; k < f->blocks[b].ninsts && !why; k++)
            why = writer_refuses(w, f, &f->blocks[b].insts[k]);
    return why;
}

static const char *object_module(const Writer *w, const TallyModule *m)
{
    const char *why = NULL;
    for (uint32_t k = 0; k < m->nfuncs && !why; k++) why = object_func(w, &m->funcs[k]);
    return why;
}

/* ---- functions ---- */

static void put_head(Writer *w, uint32_t func)
{
    const TallyFunc *f = &w->m->funcs[func];
    const TallyBlock *entry = &f->blocks[0];
    emit_text(w, "FUNCTION ");
    emit_return_type(w, &f->sig);
    emit(w, " c%u_f%u(", w->k, func);
    for (uint32_t k = 0; k < entry->nparams; k++)
        emit(w, "%s%s v%u", k ? ", " : "", ctype_name(f->sig.params[k].type).at, entry->params[k]);
    emit_text(w, entry->nparams ? ")" : "void)");
}

/* A slot; where the compiler aligns it too little, within a larger one. */
static void put_slot(Writer *w, uint32_t k)
{
    const TallySlot *s = &w->f->slots[k];
    unsigned long long bytes = s->bytes ? s->bytes : 1, align = s->align ? s->align : 1;
    unsigned long long room = align > w->options.slot_align ? align - w->options.slot_align : 0;
    emit(w, "    __attribute__((aligned(%llu))) u8 %s%u[%llu];\n",
        room ? w->options.slot_align : align, room ? "room" : "ss", k, bytes + room);
    if (room)
        emit(w, "    u8 *ss%u = room%u + (-(u64)room%u & %llu);\n", k, k, k, align - 1);
}

static void put_variables(Writer *w)
{
    for (uint32_t b = 0; b < w->f->nblocks; b++) {
        const TallyBlock *block = &w->f->blocks[b];
        for (uint32_t k = 0; b && k < block->nparams; k++)
            emit(w, "    %s v%u;\n", ctype_of(w, block->params[k]).at, block->params[k]);
        for (uint32_t k = 0; k < block->ninsts; k++)
            for (uint32_t r = 0; r < block->insts[k].nresults; r++) {
                uint32_t value = block->insts[k].result + r;
                if (w->facts[value].crosses) emit(w, "    %s v%u;\n", ctype_of(w, value).at, value);
            }
    }
}

static void put_block(Writer *w, uint32_t b)
{
    const TallyBlock *block = &w->f->blocks[b];
    w->block = b;
    if (w->entries[b]) emit(w, "b%u:", b);
    emit_text(w, "    {\n");
    for (uint32_t k = 0; k < block->ninsts; k++) emit_inst(w, &block->insts[k]);
    emit_text(w, "    }\n");
}

static void put_func(Writer *w, uint32_t func)
{
    w->f = &w->m->funcs[func];
    facts_find(w);
    emit(w, "\n/* %s */\n", w->f->name);
    put_head(w, func);
    emit_text(w, "\n{\n");
    for (uint32_t k = 0; k < w->f->nslots; k++) put_slot(w, k);
    put_variables(w);
    for (uint32_t b = 0; b < w->f->nblocks; b++) put_block(w, b);
    emit_text(w, "}\n");
    obstack_free(&w->scratch, w->scratch_base);
}

/* ---- modules ---- */

/* Arguments lie in slots of TALLY_SLOT bytes, and so do results. */
static void put_entry(Writer *w, uint32_t func)
{
    const TallySignature *sig = &w->m->funcs[func].sig;
    emit(w, "\nvoid " ENTRY_NAME "(const u8 *args, u8 *results)\n{\n", w->k, func);
    for (uint32_t k = 0; k < sig->nparams; k++)
        emit(w, "    %s a%u; memcpy(&a%u, args + %u, %u);\n", ctype_name(sig->params[k].type).at, k,
            k, k * TALLY_SLOT, ctype_bytes(sig->params[k].type));
    emit_text(w, "    begin();\n    ");
    if (sig->nreturns) emit_return_type(w, sig);
    emit(w, "%sc%u_f%u(", sig->nreturns ? " r = " : "", w->k, func);
    for (uint32_t k = 0; k < sig->nparams; k++) emit(w, "%sa%u", k ? ", " : "", k);
    emit_text(w, ");\n");
    for (uint32_t k = 0; k < sig->nreturns; k++) {
        emit(w, "    memcpy(results + %u, &r", k * TALLY_SLOT);
        if (sig->nreturns > 1) emit(w, ".m%u", k);
        emit(w, ", %u);\n", ctype_bytes(sig->returns[k].type));
    }
    emit_text(w, "}\n");
}

static void put_declarations(Writer *w)
{
    for (uint32_t k = 0; k < w->m->nfuncs; k++) {
        const TallyFunc *f = &w->m->funcs[k];
        emit_struct(w, &f->sig);
        for (uint32_t s = 0; s < f->nsigs; s++) emit_struct(w, &f->sigs[s]);
    }
    for (uint32_t k = 0; k < w->m->nfuncs; k++) {
        put_head(w, k);
        emit_text(w, ";\n");
    }
}

const char *writer_add(Writer *w, const TallyModule *m, uint32_t k, IsEntered *entered,
                       const void *data)
{
    const char *why = object_module(w, m);
    if (why) return why;
    w->m = m;
    w->k = k;
    emit(w, "\n/* ---- case %u ---- */\n", k);
    put_declarations(w);
    for (uint32_t f = 0; f < m->nfuncs; f++) put_func(w, f);
    for (uint32_t f = 0; f < m->nfuncs; f++)
        if (entered(data, f)) put_entry(w, f);
    return NULL;
}
