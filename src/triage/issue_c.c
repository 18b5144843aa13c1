/* The C of a case, as back ends that compile C are given it, and a program that runs it. */
#include "triage/issue_local.h"

#include "backend/cc/writer.h"
#include "backend/given.h"

enum { ALL_SLOTS = 128, USUAL_SLOTS = 16, BYTES_A_LINE = 16 };

/* Back ends that compile C, and what their compiler has as a rule: which of it is there they find
 * out when they are opened. */
static const struct {
    const char *name;
    WriterOptions options;
} compilers[] = {
    {"cc", {.has = {true, true, true, true, true}, .slot_align = ALL_SLOTS}},
    {"tcc", {.slot_align = USUAL_SLOTS}},
};

static void read_setting(WriterOptions *o, const TallySetting *s)
{
    bool on = !strcmp(s->value, "true");
    if (!strcmp(s->name, "typed")) o->typed = on;
    if (!strcmp(s->name, "pointers")) o->pointers = on;
    if (!strcmp(s->name, "noinline")) o->noinline = on;
    if (!strcmp(s->name, "arrays")) o->has.vectors &= !on;
}

static bool read_config(const Config *config, WriterOptions *o)
{
    for (size_t k = 0; config->library && k < countof(compilers); k++) {
        if (strcmp(config->library->api->name, compilers[k].name) != 0) continue;
        *o = compilers[k].options;
        for (uint32_t n = 0; n < config->nsettings; n++) read_setting(o, &config->settings[n]);
        return true;
    }
    return false;
}

static uint8_t trap_code(const char *name)
{
    return trap_from_name(str_of(name));
}

static bool is_entered(const void *data, uint32_t func)
{
    return *(const uint32_t *)data == func;
}

static bool write_module(Buf *out, const WriterOptions *o, const Module *m, uint32_t func,
                         const char **reason)
{
    size_t n;
    TallyHost host = {.ops = given_ops(), .nops = OP_COUNT, .trap_code = trap_code};
    Writer *w = writer_create(&host, o);
    writer_begin(w);
    *reason = writer_add(w, view_module(out->arena, m, m->funcs.n), 0, is_entered, &func);
    const char *text = *reason ? "" : writer_end(w, &n);
    buf_text(out, text);
    writer_destroy(w);
    return !*reason;
}

/* ---- main --------------------------------------------------------------------------------- */

/* NULL: of an inaccessible heap. */
static void write_bytes(Buf *out, const uint8_t *at, uint64_t n)
{
    buf_char(out, '{');
    if (!at) n = 0;
    for (uint64_t k = 0; k < n; k++)
        buf_printf(out, "%s%u,", k && k % BYTES_A_LINE == 0 ? "\n    " : "", at[k]);
    buf_text(out, "}");
}

static void write_heaps(Buf *out, const Image *image)
{
    uint32_t n;
    const PlacedHeap *heaps = image_heaps(image, &n);
    for (uint32_t k = 0; k < n; k++) {
        const Heap *h = heaps[k].heap;
        buf_printf(out, "static _Alignas(%u) u8 heap%u[%llu] = ", h->align, h->name,
                   (unsigned long long)h->size);
        write_bytes(out, image_first(image, k), h->size);
        buf_text(out, ";\n");
    }
}

static void write_cells(Buf *out, const Case *c, const Heap *h)
{
    for (uint32_t k = 0; k < h->cells.n; k++) {
        const HeapCell *cell = &h->cells.at[k];
        buf_printf(out, "    *(u64 *)(heap%u + %llu) = (u64)heap%u + (%lld);\n", h->name,
                   (unsigned long long)cell->offset, c->heaps.at[cell->heap].name,
                   (long long)cell->target_offset);
    }
}

static void write_arg(Buf *out, const Case *c, const DataValue *v, uint32_t k)
{
    if (v->heap) {
        buf_printf(out, "    *(u64 *)args[%u] = (u64)heap%u + (%lld);\n", k,
                   c->heaps.at[v->heap - 1].name, (long long)v->offset);
        return;
    }
    for (unsigned half = 0; half < (type_bytes(v->type) > 8 ? 2 : 1); half++)
        buf_printf(out, "    ((u64 *)args[%u])[%u] = 0x%llxul;\n", k, half,
                   (unsigned long long)v->bits.u64[half]);
}

static void write_faults(Buf *out, const Image *image)
{
    uint32_t n, faults = 0;
    const PlacedHeap *heaps = image_heaps(image, &n);
    for (uint32_t k = 0; k < n && faults < TALLY_RANGES; k++) {
        const Heap *h = heaps[k].heap;
        if (!h->fault) continue;
        buf_printf(out, "    faults[%u][0] = (u64)heap%u, faults[%u][1] = (u64)heap%u + %llu;\n",
                   faults, h->name, faults, h->name, (unsigned long long)h->size);
        faults++;
    }
}

static void write_main(Buf *out, const Case *c, const Run *run, const Image *image)
{
    uint32_t n;
    const PlacedHeap *heaps = image_heaps(image, &n);
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    buf_text(out, "\n/* ---- the run ---- */\nint printf(const char *, ...);\nvoid exit(int);\n");
    write_heaps(out, image);
    buf_printf(out, "static _Alignas(16) u8 args[%u][16], results[%u][16];\n",
               sig->params.n + 1, sig->returns.n + 1);
    buf_text(out, "static u64 faults[TALLY_RANGES][2];\n\n"
                  "static void show(const char *name, const u8 *at, u64 n)\n{\n"
                  "    printf(\"%s:\", name);\n"
                  "    for (u64 k = 0; k < n; k++) printf(\" %02x\", at[k]);\n"
                  "    printf(\"\\n\");\n}\n\nstatic void show_heaps(void)\n{\n");
    for (uint32_t k = 0; k < n; k++)
        buf_printf(out, "    show(\"heap%u\", heap%u, sizeof heap%u);\n", heaps[k].heap->name,
                   heaps[k].heap->name, heaps[k].heap->name);
    buf_text(out, "}\n\nstatic void end(int code)\n{\n"
                  "    printf(\"trapped with code %d\\n\", code);\n    show_heaps();\n"
                  "    exit(0);\n}\n\nint main(void)\n{\n");
    for (uint32_t k = 0; k < n; k++) write_cells(out, c, heaps[k].heap);
    for (uint32_t k = 0; k < run->args.n; k++) write_arg(out, c, &run->args.at[k], k);
    write_faults(out, image);
    buf_text(out, "    tally_link.trap = end;\n"
                  "    tally_link.faults = (const u64 (*)[2])faults;\n");
    buf_printf(out, "    " ENTRY_NAME "(args[0], results[0]);\n", 0, run->func);
    for (uint32_t k = 0; k < sig->returns.n; k++)
        buf_printf(out, "    show(\"result %u\", results[%u], %u);\n", k, k,
                   type_bytes((Type)sig->returns.at[k].type));
    buf_text(out, "    show_heaps();\n    return 0;\n}\n");
}

/* Whether `main` can stand for what calls the run. */
static bool can_be_called(Judge *j, const Case *c, const Run *run)
{
    const char *reason;
    return judge_place(j, c, run, &reason) && !image_vmctx(judge_image(j));
}

const char *issue_c_program(Arena *a, Judge *j, const Config *config, const Case *c,
                            const Run *run, const char **reason)
{
    WriterOptions o;
    Buf out = {.arena = a};
    *reason = NULL;
    if (!read_config(config, &o)) return NULL;
    if (!write_module(&out, &o, c->module, run->func, reason)) return NULL;
    if (can_be_called(j, c, run)) write_main(&out, c, run, judge_image(j));
    return out.at;
}
