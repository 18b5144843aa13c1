/* Cases as text: the header, and the directives behind each function (docs/clif-tests.md). */
#include "ir/bits_text.h"
#include "ir/write.h"

static void write_u64(Buf *out, const char *before, uint64_t n)
{
    buf_text(out, before);
    buf_u64(out, n);
}

static void write_i64(Buf *out, const char *before, int64_t n)
{
    buf_text(out, before);
    if (n < 0) buf_char(out, '-');
    buf_u64(out, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

/* ---- values --------------------------------------------------------------------------------- */

static void write_place(Buf *out, const Case *c, uint32_t heap, int64_t offset)
{
    write_u64(out, "<heap", c->heaps.at[heap].name);
    buf_char(out, '>');
    offset_write(out, offset);
}

void data_value_write(Buf *out, const Case *c, const DataValue *v)
{
    if (v->heap) write_place(out, c, v->heap - 1, v->offset);
    else if (type_is_vector(v->type)) bits_write_hex(out, v->bits.u8, type_bytes(v->type));
    else if (type_is_float(v->type)) bits_write_float(out, &v->bits, v->type);
    else bits_write_int(out, &v->bits, v->type);
}

static void write_data_values(Buf *out, const Case *c, const DataValue *at, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        if (k) buf_text(out, ", ");
        data_value_write(out, c, &at[k]);
    }
}

static void write_bytes(Buf *out, Str bytes)
{
    static const char digits[] = "0123456789abcdef";
    buf_char(out, '[');
    for (size_t k = 0; k < bytes.n; k++) {
        uint8_t byte = (uint8_t)bytes.at[k];
        if (k) buf_char(out, ' ');
        buf_char(out, digits[byte >> 4]);
        buf_char(out, digits[byte & 15]);
    }
    buf_char(out, ']');
}

/* ---- address -------------------------------------------------------------------------------- */

static void write_range(Buf *out, const char *before, ByteRange range)
{
    write_i64(out, before, range.lo);
    write_i64(out, "..", range.hi);
}

static void write_init(Buf *out, const Contract *c)
{
    bool all = c->init.n == 1 && c->init.at[0].lo == c->range.lo && c->init.at[0].hi == c->range.hi;
    buf_text(out, ", init=");
    if (all || c->init.n == 0) {
        buf_text(out, all ? "all" : "none");
        return;
    }
    for (uint32_t k = 0; k < c->init.n; k++) write_range(out, k ? " " : "[", c->init.at[k]);
    buf_char(out, ']');
}

static void write_contract(Buf *out, const Contract *c)
{
    write_range(out, "range=", c->range);
    if (c->align > 1) write_u64(out, ", align=", c->align);
    if (c->skew) write_u64(out, ", skew=", c->skew);
    if (c->region) write_u64(out, ", region=", c->region - 1);
    if (c->readonly) buf_text(out, ", readonly");
    if (c->nowrite) buf_text(out, ", nowrite");
    if (c->fault) buf_text(out, ", fault");
    write_init(out, c);
    for (uint32_t k = 0; k < c->cells.n; k++) {
        write_i64(out, ", cell ", c->cells.at[k].offset);
        buf_text(out, " = (");
        write_contract(out, &c->cells.at[k].target);
        buf_char(out, ')');
    }
}

static void write_directive(Buf *out, const char *word, const Func *f)
{
    buf_text(out, word);
    func_name_write(out, f->name);
}

static void write_relations(Buf *out, const Func *f, uint32_t high)
{
    for (uint32_t low = 0; low < high; low++) {
        Relation relation = func_relation(f, low, high);
        if (relation == RELATION_any) continue;
        write_directive(out, "; address: ", f);
        write_u64(out, " ", low);
        write_u64(out, ",", high);
        buf_text(out, relation == RELATION_same ? " same\n" : " disjoint\n");
    }
}

static void write_contracts(Buf *out, const Func *f)
{
    if (!f->contracts) return;
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        if (!f->contracts[k].is_address) continue;
        write_directive(out, "; address: ", f);
        write_u64(out, " ", k);
        buf_char(out, ' ');
        write_contract(out, &f->contracts[k]);
        buf_char(out, '\n');
    }
    for (uint32_t k = 0; k < f->sig.params.n; k++)
        if (f->contracts[k].relations) write_relations(out, f, k);
}

/* ---- heap ----------------------------------------------------------------------------------- */

static void write_fill(Buf *out, const Heap *h)
{
    switch (h->fill) {
    case FILL_BYTE:
        if (h->fill_byte) write_u64(out, ", fill=", h->fill_byte);
        break;
    case FILL_BYTES:
        buf_text(out, ", bytes=");
        write_bytes(out, h->bytes);
        break;
    case FILL_SEED: write_u64(out, ", seed=", h->seed); break;
    }
}

static void write_older_heap(Buf *out, const Heap *h)
{
    buf_text(out, h->dynamic ? "; heap: dynamic" : "; heap: static");
    write_u64(out, ", size=", h->size);
    write_u64(out, ", ptr=vmctx+", h->ptr);
    write_u64(out, ", bound=vmctx+", h->bound);
    buf_char(out, '\n');
}

static void write_heap(Buf *out, const Case *c, const Heap *h)
{
    static const char *const places[] = {
        [PLACE_ANY] = "", [PLACE_END] = ", place=end", [PLACE_START] = ", place=start"};
    if (h->vmctx) {
        write_older_heap(out, h);
        return;
    }
    write_u64(out, "; heap: <heap", h->name);
    write_u64(out, "> size=", h->size);
    write_u64(out, ", align=", h->align);
    buf_text(out, places[h->place]);
    write_fill(out, h);
    if (h->region) write_u64(out, ", region=", h->region - 1);
    if (h->fault) buf_text(out, ", fault");
    for (uint32_t k = 0; k < h->cells.n; k++) {
        write_u64(out, ", cell ", h->cells.at[k].offset);
        buf_text(out, " = ");
        write_place(out, c, h->cells.at[k].heap, h->cells.at[k].target_offset);
    }
    buf_char(out, '\n');
}

/* ---- run ------------------------------------------------------------------------------------ */

static void write_expectation(Buf *out, const Case *c, const Run *r)
{
    if (r->expect == EXPECT_TRUE) {
        buf_text(out, " != 0"); /* Cranelift demands a comparison */
        return;
    }
    buf_text(out, r->expect == EXPECT_EQUAL ? " == " : " != ");
    if (r->results.n != 1) buf_char(out, '[');
    write_data_values(out, c, r->results.at, r->results.n);
    if (r->results.n != 1) buf_char(out, ']');
}

static void write_check(Buf *out, const Case *c, const HeapCheck *check)
{
    static const char digits[] = "0123456789abcdef";
    buf_text(out, "; check-heap: ");
    write_place(out, c, check->heap, (int64_t)check->offset);
    buf_text(out, " == ");
    if (check->bytes.at) {
        write_bytes(out, check->bytes);
    } else {
        buf_text(out, "xxh3:");
        for (unsigned k = 16; k-- > 0;) buf_char(out, digits[check->hash >> 4 * k & 15]);
        write_u64(out, " size=", check->size);
    }
    buf_char(out, '\n');
}

static void write_run(Buf *out, const Case *c, const Run *r)
{
    static const char *const words[] = {
        [RUN_RUN] = "; run: ", [RUN_PRINT] = "; print: ", [RUN_TRAPS] = "; traps: "};
    char room[12];
    write_directive(out, words[r->kind], c->module->funcs.at[r->func]);
    buf_char(out, '(');
    write_data_values(out, c, r->args.at, r->args.n);
    buf_char(out, ')');
    if (r->kind == RUN_RUN) write_expectation(out, c, r);
    if (r->kind == RUN_TRAPS) {
        buf_char(out, ' ');
        buf_text(out, trap_name(r->trap, room));
    }
    buf_char(out, '\n');
    for (uint32_t k = 0; k < r->checks.n; k++) write_check(out, c, &r->checks.at[k]);
}

/* ---- all ------------------------------------------------------------------------------------ */

void case_write_header(Buf *out, const Case *c, const Dialect *d)
{
    for (uint32_t k = 0; k < c->header.n; k++) {
        const HeaderLine *h = &c->header.at[k];
        if (str_is(h->word, "set") && !dialect_has_setting(d, h->rest)) continue;
        buf_add(out, h->word.at, h->word.n);
        if (h->rest.n) buf_char(out, ' ');
        buf_add(out, h->rest.at, h->rest.n);
        buf_char(out, '\n');
    }
    if (c->header.n) return;
    buf_text(out, "test run\n");
    for (unsigned k = 0; k < dialect_settings_count; k++) {
        const Setting *s = &dialect_settings[k];
        if (d->from < s->since || !s->is_needed(c->module)) continue;
        buf_text(out, "set ");
        buf_text(out, s->word);
        buf_char(out, '\n');
    }
    buf_text(out, "target x86_64\n");
}

/* Heaps or runs by function: those of function f are order[first[f]] to order[first[f + 1]]. */
typedef struct {
    uint32_t *first, *order;
} Groups;

static Groups group(Arena *a, uint32_t nfuncs, const uint32_t *funcs, uint32_t n)
{
    Groups g = {arena_array(a, uint32_t, nfuncs + 2), arena_array(a, uint32_t, n)};
    for (uint32_t k = 0; k < n; k++) g.first[funcs[k] + 2]++;
    for (uint32_t f = 2; f < nfuncs + 2; f++) g.first[f] += g.first[f - 1];
    for (uint32_t k = 0; k < n; k++) g.order[g.first[funcs[k] + 1]++] = k;
    return g;
}

static Groups group_heaps(Arena *a, const Case *c)
{
    uint32_t *funcs = arena_array(a, uint32_t, c->heaps.n);
    for (uint32_t k = 0; k < c->heaps.n; k++) funcs[k] = c->heaps.at[k].func;
    return group(a, c->module->funcs.n, funcs, c->heaps.n);
}

static Groups group_runs(Arena *a, const Case *c)
{
    uint32_t *funcs = arena_array(a, uint32_t, c->runs.n);
    for (uint32_t k = 0; k < c->runs.n; k++) funcs[k] = c->runs.at[k].func;
    return group(a, c->module->funcs.n, funcs, c->runs.n);
}

void case_write(Buf *out, const Case *c, const WriteOptions *options)
{
    Groups heaps = group_heaps(out->arena, c), runs = group_runs(out->arena, c);
    const Dialect *d = options && options->dialect ? options->dialect : dialect_current();
    bool consistent = c->discipline || (options && options->consistent);
    const Module *m = dialect_legalise(d, c->module, consistent, out->arena);
    case_write_header(out, c, d);
    if (c->discipline && m == c->module) buf_text(out, "; discipline: addresses\n");
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        buf_char(out, '\n');
        func_write(out, m->funcs.at[k], options);
        write_contracts(out, c->module->funcs.at[k]);
        for (uint32_t n = heaps.first[k]; n < heaps.first[k + 1]; n++)
            write_heap(out, c, &c->heaps.at[heaps.order[n]]);
        for (uint32_t n = runs.first[k]; n < runs.first[k + 1]; n++)
            write_run(out, c, &c->runs.at[runs.order[n]]);
    }
}

Str case_text(const Case *c, Arena *a)
{
    Buf out = {.arena = a};
    case_write(&out, c, NULL);
    return buf_str(&out);
}
