/* Directives: the comments behind a function that say how it is called (docs/clif-tests.md). */
#include "ir/bits_text.h"
#include "ir/read_state.h"

/* ---- values -------------------------------------------------------------------------------- */

/* <heap0>+8 */
static bool read_heap_place(Reader *r, uint32_t *heap, int64_t *offset)
{
    return read_kind(r, '<', "a heap, as <heap0>") && read_entity(r, TOKEN_heap, "heap0", heap) &&
           read_kind(r, '>', "`>`") && read_offset(r, offset);
}

static bool read_data_value(Reader *r, Type type, DataValue *v)
{
    v->type = type;
    if (r->token.kind != '<') return read_bits(r, type, v->bits.u8);
    if (type != TY_i64)
        return read_fail(r, &r->token, "an address is an i64, this value is %s", type_name(type));
    uint32_t heap;
    if (!read_heap_place(r, &heap, &v->offset)) return false;
    v->heap = heap + 1;
    return true;
}

/* A value for each of `params`, comma-separated. */
static bool read_data_values(Reader *r, const AbiParam *const *params, uint32_t n, DataValue *out)
{
    for (uint32_t k = 0; k < n; k++) {
        if (k && !read_kind(r, ',', "`,` and another value")) return false;
        if (type_bytes(params[k]->type) > sizeof out[k].bits)
            return read_fail(r, &r->token, "values of type %s are not supported here",
                             type_name(params[k]->type));
        if (!read_data_value(r, params[k]->type, &out[k])) return false;
    }
    return true;
}

/* Hexadecimal digits, two for each byte: [02 01 ff]. */
static bool read_byte_list(Reader *r, Str *out)
{
    Buf bytes = {.arena = r->scratch};
    if (!read_kind(r, '[', "bytes, as [02 01]")) return false;
    while (r->token.kind != ']') {
        uint8_t group[64];
        unsigned n;
        char text[2 + 2 * sizeof group] = "0x";
        if (r->token.text.n == 0 || r->token.text.n > 2 * sizeof group)
            return read_expected(r, "hexadecimal digits or `]`");
        memcpy(text + 2, r->token.text.at, r->token.text.n);
        const char *wrong = bits_read_hex((Str){text, 2 + r->token.text.n}, group, sizeof group, &n);
        if (wrong) return read_fail(r, &r->token, "%s: expected bytes, as [02 01]", wrong);
        while (n-- > 0) buf_add(&bytes, (char *)&group[n], 1);
        read_next(r);
        read_optional(r, ',');
    }
    if (!read_limit(r, LIMIT_ID_heap_bytes, bytes.n)) return false;
    *out = read_copy(r, buf_str(&bytes));
    read_next(r);
    return true;
}

/* ---- run, print, traps ---------------------------------------------------------------------- */

/* The name in a directive; another than the function's is worth a word, no more. */
static bool read_called_name(Reader *r)
{
    Token at = r->token;
    FuncName name;
    if (!read_func_name(r, &name)) return false;
    if (!funcname_equal(name, r->f->name))
        diag_warning(r->diag, at.line, read_column(r, &at),
                     "the directive belongs to the function before it, which has another name");
    return true;
}

/* The parameters that a run passes: all but an implicit vmctx. */
static uint32_t passed_params(Reader *r, const AbiParam **out)
{
    const Signature *sig = &r->f->sig;
    uint32_t n = 0;
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (!r->has_vmctx_heap || sig->params.at[k].purpose != PURPOSE_vmctx)
            out[n++] = &sig->params.at[k];
    return n;
}

/* %f(1, <heap0>) */
static bool read_invocation(Reader *r, Run *run)
{
    const AbiParam *params[LIMIT_params];
    uint32_t n = passed_params(r, params);
    if (!read_called_name(r) || !read_kind(r, '(', "`(` and arguments")) return false;
    run->args.n = run->args.cap = n;
    run->args.at = arena_array(r->arena, DataValue, n);
    return read_data_values(r, params, n, run->args.at) &&
           read_kind(r, ')', "`)` behind the last argument");
}

/* What the function returns: one value, or a list in brackets. */
static bool read_returned(Reader *r, Run *run)
{
    const AbiParam *params[LIMIT_results];
    const Signature *sig = &r->f->sig;
    uint32_t n = sig->returns.n;
    for (uint32_t k = 0; k < n; k++) params[k] = &sig->returns.at[k];
    run->results.n = run->results.cap = n;
    run->results.at = arena_array(r->arena, DataValue, n);
    if (n != 1 && !read_kind(r, '[', "`[` and the results")) return false;
    if (!read_data_values(r, params, n, run->results.at)) return false;
    return n == 1 || read_kind(r, ']', "`]` behind the last result");
}

static bool expect_true(Reader *r, Run *run)
{
    const Signature *sig = &r->f->sig;
    run->expect = EXPECT_TRUE;
    if (sig->returns.n == 1 && type_is_int(sig->returns.at[0].type)) return true;
    return read_expected(r, "`==` or `!=` (without them, one integer must be returned)");
}

static bool read_expectation(Reader *r, Run *run)
{
    if (r->token.kind == '=') {
        read_next(r);
        run->expect = EXPECT_EQUAL;
    } else if (r->token.kind == '!') {
        read_next(r);
        run->expect = EXPECT_NOT_EQUAL;
    } else {
        return expect_true(r, run);
    }
    return read_kind(r, '=', "`==` or `!=`") && read_returned(r, run);
}

static bool add_run(Reader *r, const Run *run)
{
    if (!read_limit(r, LIMIT_ID_runs, r->c->runs.n + 1)) return false;
    *vec_push(r->arena, &r->c->runs) = *run;
    r->last_run = r->c->runs.n;
    return true;
}

static bool refuse_params(Reader *r)
{
    if (r->f->sig.params.n == 0) return true;
    return read_expected(r, "`:` and a call, because the function has parameters");
}

static Run run_of(Reader *r, RunKind kind, const Directive *d)
{
    return (Run){.kind = kind, .func = r->func, .line = d->line};
}

static bool read_run(Reader *r, const Directive *d)
{
    Run run = run_of(r, RUN_RUN, d);
    bool ok = d->rest.at ? read_invocation(r, &run) && read_expectation(r, &run)
                         : refuse_params(r) && expect_true(r, &run);
    return ok && add_run(r, &run);
}

static bool read_print(Reader *r, const Directive *d)
{
    Run run = run_of(r, RUN_PRINT, d);
    return (d->rest.at ? read_invocation(r, &run) : refuse_params(r)) && add_run(r, &run);
}

static bool read_traps(Reader *r, const Directive *d)
{
    Run run = run_of(r, RUN_TRAPS, d);
    if (!read_invocation(r, &run)) return false;
    if (r->token.kind == TOKEN_word) run.trap = dialect_trap_code(r->token.text);
    if (run.trap == TRAP_none) return read_expected(r, "a trap code, as int_divz");
    read_next(r);
    return add_run(r, &run);
}

/* ---- attributes ----------------------------------------------------------------------------- */

/* `word`, or `word=…` */
typedef struct {
    const char *word;
    bool has_value;
    bool (*read)(Reader *r, void *into);
} Attribute;

static bool read_attribute(Reader *r, const Attribute *table, unsigned n, void *into)
{
    for (unsigned k = 0; k < n; k++) {
        if (!read_optional_word(r, table[k].word)) continue;
        if (table[k].has_value && !read_kind(r, '=', "`=`")) return false;
        return table[k].read(r, into);
    }
    return read_expected(r, table == NULL ? "" : "an attribute (docs/clif-tests.md lists them)");
}

static bool read_attributes(Reader *r, const Attribute *table, unsigned n, void *into)
{
    do {
        if (!read_attribute(r, table, n, into)) return false;
    } while (read_optional(r, ','));
    return true;
}

static bool read_align(Reader *r, uint32_t *out)
{
    int64_t n;
    Token at = r->token;
    if (!read_i64(r, 1, LIMIT_alignment, "an alignment", &n)) return false;
    *out = (uint32_t)n;
    return is_power_of_two(*out) || read_fail(r, &at, "the alignment must be a power of two");
}

/* A region's number; stored plus 1. */
static bool read_region(Reader *r, uint8_t *out)
{
    int64_t n;
    if (!read_i64(r, 0, LIMIT_regions - 1, "a region's number", &n)) return false;
    *out = (uint8_t)(n + 1);
    return true;
}

/* ---- heap ----------------------------------------------------------------------------------- */

static bool heap_size(Reader *r, void *into)
{
    int64_t n;
    if (!read_i64(r, 1, LIMIT_heap_bytes, "a size", &n)) return false;
    ((Heap *)into)->size = (uint64_t)n;
    return true;
}

static bool heap_align(Reader *r, void *into) { return read_align(r, &((Heap *)into)->align); }

static const char *const places[] = {
    [PLACE_ANY] = "any", [PLACE_END] = "end", [PLACE_START] = "start"};

static bool heap_place(Reader *r, void *into)
{
    uint8_t place;
    if (!read_choice(r, places, countof(places), "any, end or start", &place)) return false;
    ((Heap *)into)->place = (HeapPlace)place;
    return true;
}

static bool heap_fill(Reader *r, void *into)
{
    Heap *h = into;
    int64_t byte;
    h->fill = FILL_BYTE;
    if (!read_i64(r, 0, 255, "a byte", &byte)) return false;
    h->fill_byte = (uint8_t)byte;
    return true;
}

static bool heap_bytes(Reader *r, void *into)
{
    Heap *h = into;
    h->fill = FILL_BYTES;
    return read_byte_list(r, &h->bytes);
}

static bool heap_seed(Reader *r, void *into)
{
    Heap *h = into;
    h->fill = FILL_SEED;
    return read_u64(r, "a seed", &h->seed);
}

static bool heap_region(Reader *r, void *into) { return read_region(r, &((Heap *)into)->region); }

static bool heap_fault(Reader *r, void *into)
{
    (void)r;
    ((Heap *)into)->fault = true;
    return true;
}

/* cell 8 = <heap1>+16; heap1 may stand further down */
static bool heap_cell(Reader *r, void *into)
{
    Heap *h = into;
    int64_t offset;
    HeapCell cell = {0};
    if (!read_limit(r, LIMIT_ID_cells, h->cells.n + 1)) return false;
    if (!read_i64(r, 0, LIMIT_heap_bytes, "an offset", &offset)) return false;
    if (!read_kind(r, '=', "`=`") || !read_kind(r, '<', "a heap, as <heap1>")) return false;
    Token name = r->token;
    if (!read_kind(r, TOKEN_heap, "heap1") || !read_kind(r, '>', "`>`")) return false;
    if (!read_offset(r, &cell.target_offset)) return false;
    cell.offset = (uint64_t)offset;
    *vec_push(r->scratch, &r->cell_uses) = (CellUse){r->c->heaps.n, h->cells.n, name};
    *vec_push(r->arena, &h->cells) = cell;
    return true;
}

static const Attribute heap_attributes[] = {
    {"size", true, heap_size},     {"align", true, heap_align}, {"place", true, heap_place},
    {"fill", true, heap_fill},     {"bytes", true, heap_bytes}, {"seed", true, heap_seed},
    {"region", true, heap_region}, {"fault", false, heap_fault}, {"cell", false, heap_cell},
};

/* vmctx+8 */
static bool read_vmctx_place(Reader *r, uint32_t *out)
{
    int64_t offset;
    if (!read_optional_word(r, "vmctx")) return read_expected(r, "vmctx and an offset");
    if (!read_offset(r, &offset)) return false;
    if (offset < 0 || offset > LIMIT_alignment || offset % 8)
        return read_expected(r, "an offset from 0 to 4096, a multiple of 8");
    *out = (uint32_t)offset;
    return true;
}

static bool heap_ptr(Reader *r, void *into) { return read_vmctx_place(r, &((Heap *)into)->ptr); }

static bool heap_bound(Reader *r, void *into) { return read_vmctx_place(r, &((Heap *)into)->bound); }

static const Attribute older_heap_attributes[] = {
    {"size", true, heap_size}, {"ptr", true, heap_ptr}, {"bound", true, heap_bound}};

static bool read_older_heap(Reader *r, Heap *h)
{
    static const char *const kinds[] = {"static", "dynamic"};
    uint8_t dynamic;
    if (!read_choice(r, kinds, countof(kinds), "<heap0>, static or dynamic", &dynamic)) return false;
    h->vmctx = true;
    h->dynamic = dynamic;
    h->name = NO_INDEX; /* named when all are known */
    h->bound = NO_INDEX;
    h->ptr = NO_INDEX;
    if (!read_kind(r, ',', "`,`")) return false;
    if (!read_attributes(r, older_heap_attributes, countof(older_heap_attributes), h)) return false;
    if (h->ptr == NO_INDEX || h->bound == NO_INDEX)
        return read_expected(r, "`ptr=` and `bound=`");
    r->has_vmctx_heap = true;
    return true;
}

static bool read_named_heap(Reader *r, Heap *h)
{
    Token name;
    read_next(r);
    name = r->token;
    if (!read_kind(r, TOKEN_heap, "heap0") || !read_kind(r, '>', "`>`")) return false;
    h->name = name.number;
    if (!names_add(&r->names, TOKEN_heap, name.number, r->c->heaps.n))
        return read_fail(r, &name, "heap%u is already declared for this function", name.number);
    return read_attributes(r, heap_attributes, countof(heap_attributes), h);
}

static bool read_heap(Reader *r, const Directive *d)
{
    Heap h = {.func = r->func, .align = 16, .line = d->line};
    if (!read_limit(r, LIMIT_ID_heaps, r->heaps + 1)) return false;
    if (!(r->token.kind == '<' ? read_named_heap(r, &h) : read_older_heap(r, &h))) return false;
    if (h.size == 0) return read_expected(r, "`size=`");
    if (h.place == PLACE_END && h.size % h.align)
        return read_expected(r, "a size that is a multiple of the alignment, for place=end");
    if (h.bytes.n > h.size)
        return read_expected(r, "no more bytes than the heap has");
    *vec_push(r->arena, &r->c->heaps) = h;
    r->heaps++;
    return true;
}

/* <heap0>+8 == [02 01], i16:0x0102 or xxh3:0123456789abcdef size=64 */
static bool read_hash(Reader *r, HeapCheck *c)
{
    Bits bits = {0};
    char text[18] = "0x";
    int64_t size;
    if (!read_kind(r, ':', "`:`")) return false;
    if (r->token.text.n == 0 || r->token.text.n > 16)
        return read_expected(r, "up to 16 hexadecimal digits");
    memcpy(text + 2, r->token.text.at, r->token.text.n);
    const char *wrong = bits_read_int((Str){text, 2 + r->token.text.n}, 64, &bits);
    if (wrong) return read_fail(r, &r->token, "%s: expected hexadecimal digits", wrong);
    c->hash = bits.u64[0];
    read_next(r);
    if (!read_optional_word(r, "size")) return read_expected(r, "`size=`");
    if (!read_kind(r, '=', "`=`") || !read_i64(r, 1, LIMIT_heap_bytes, "a size", &size)) return false;
    c->size = (uint64_t)size;
    return true;
}

static bool read_typed_bytes(Reader *r, HeapCheck *c)
{
    Type type;
    uint8_t bytes[64];
    if (!read_type(r, &type) || !read_kind(r, ':', "`:`") || !read_bits(r, type, bytes)) return false;
    c->bytes = read_copy(r, (Str){(char *)bytes, type_bytes(type)});
    return true;
}

static bool read_heap_contents(Reader *r, HeapCheck *c)
{
    if (read_optional_word(r, "xxh3")) return read_hash(r, c);
    bool ok = r->token.kind == TOKEN_type ? read_typed_bytes(r, c) : read_byte_list(r, &c->bytes);
    c->size = c->bytes.n;
    return ok;
}

static bool read_check_heap(Reader *r, const Directive *d)
{
    HeapCheck c = {.line = d->line};
    int64_t offset;
    if (!r->last_run) return read_expected(r, "a run line above");
    Run *run = &r->c->runs.at[r->last_run - 1];
    if (!read_limit(r, LIMIT_ID_checks, run->checks.n + 1)) return false;
    if (!read_heap_place(r, &c.heap, &offset)) return false;
    if (!read_kind(r, '=', "`==`") || !read_kind(r, '=', "`==`")) return false;
    if (offset < 0) return read_expected(r, "an offset that is not negative");
    c.offset = (uint64_t)offset;
    if (!read_heap_contents(r, &c)) return false;
    const Heap *h = &r->c->heaps.at[c.heap];
    if (c.size > h->size || c.offset > h->size - c.size)
        return read_expected(r, "bytes within the heap");
    *vec_push(r->arena, &run->checks) = c;
    return true;
}

/* ---- address -------------------------------------------------------------------------------- */

static bool read_range(Reader *r, ByteRange *out)
{
    int64_t most = LIMIT_address_range;
    Token at = r->token;
    if (!read_i64(r, -most, most, "an offset", &out->lo)) return false;
    if (!read_kind(r, '.', "`..`") || !read_kind(r, '.', "`..`")) return false;
    if (!read_i64(r, -most, most, "an offset", &out->hi)) return false;
    return out->lo <= out->hi || read_fail(r, &at, "the range ends before it begins");
}

/* A contract while its attributes are read. */
typedef struct {
    Contract *c;
    unsigned depth;
    bool has_range, has_init, all;
} Terms;

static bool term_range(Reader *r, void *into)
{
    Terms *t = into;
    t->has_range = true;
    return read_range(r, &t->c->range);
}

static bool term_align(Reader *r, void *into)
{
    uint32_t align;
    if (!read_align(r, &align)) return false;
    ((Terms *)into)->c->align = (uint16_t)align;
    return true;
}

static bool term_skew(Reader *r, void *into)
{
    int64_t skew;
    if (!read_i64(r, 0, LIMIT_alignment - 1, "a skew", &skew)) return false;
    ((Terms *)into)->c->skew = (uint16_t)skew;
    return true;
}

static bool term_region(Reader *r, void *into) { return read_region(r, &((Terms *)into)->c->region); }

static bool term_readonly(Reader *r, void *into)
{
    (void)r;
    return ((Terms *)into)->c->readonly = true;
}

static bool term_nowrite(Reader *r, void *into)
{
    (void)r;
    return ((Terms *)into)->c->nowrite = true;
}

static bool term_fault(Reader *r, void *into)
{
    (void)r;
    return ((Terms *)into)->c->fault = true;
}

static bool read_init_range(Reader *r, Contract *c)
{
    if (!read_limit(r, LIMIT_ID_cells, c->init.n + 1)) return false;
    return read_range(r, vec_push(r->arena, &c->init));
}

/* all, none, 0..8 or [0..8 16..24] */
static bool term_init(Reader *r, void *into)
{
    Terms *t = into;
    t->has_init = true;
    if (read_optional_word(r, "all")) return t->all = true;
    if (read_optional_word(r, "none")) return true;
    if (!read_optional(r, '[')) return read_init_range(r, t->c);
    while (r->token.kind != ']')
        if (!read_init_range(r, t->c)) return false;
    read_next(r);
    return true;
}

static bool read_contract(Reader *r, Contract *c, unsigned depth);

/* cell 8 = (range=0..16, align=8) */
static bool term_cell(Reader *r, void *into)
{
    Terms *t = into;
    int64_t most = LIMIT_address_range;
    Cell cell = {0};
    if (!read_limit(r, LIMIT_ID_cells, t->c->cells.n + 1)) return false;
    if (!read_limit(r, LIMIT_ID_contract_depth, t->depth + 1)) return false;
    if (!read_i64(r, -most, most, "an offset", &cell.offset)) return false;
    if (!read_kind(r, '=', "`=`") || !read_kind(r, '(', "`(` and the contract of what it points to"))
        return false;
    if (!read_contract(r, &cell.target, t->depth + 1)) return false;
    *vec_push(r->arena, &t->c->cells) = cell;
    return read_kind(r, ')', "`)`");
}

static const Attribute terms[] = {
    {"range", true, term_range},         {"align", true, term_align},
    {"skew", true, term_skew},           {"region", true, term_region},
    {"readonly", false, term_readonly},  {"nowrite", false, term_nowrite},
    {"fault", false, term_fault},        {"init", true, term_init},
    {"cell", false, term_cell},
};

static bool read_contract(Reader *r, Contract *c, unsigned depth)
{
    Terms t = {.c = c, .depth = depth};
    c->is_address = true;
    c->align = 1;
    if (!read_attributes(r, terms, countof(terms), &t)) return false;
    if (!t.has_range) return read_expected(r, "`range=`");
    if (c->skew >= c->align) return read_expected(r, "a skew below the alignment");
    if (t.has_init && !t.all) return true;
    if (c->range.lo < c->range.hi) *vec_push(r->arena, &c->init) = c->range;
    return true;
}

static bool read_param_index(Reader *r, uint32_t *out)
{
    int64_t index;
    const Signature *sig = &r->f->sig;
    Token at = r->token;
    if (!read_i64(r, 0, LIMIT_params, "a parameter's number", &index)) return false;
    if (index >= sig->params.n)
        return read_fail(r, &at, "the function has %u parameters, counted from 0", sig->params.n);
    if (sig->params.at[index].type != TY_i64)
        return read_fail(r, &at, "parameter %lld is no address: it is not an i64", (long long)index);
    *out = (uint32_t)index;
    return true;
}

static bool read_relation(Reader *r, uint32_t first)
{
    static const char *const relations[] = {
        [RELATION_any] = "any", [RELATION_disjoint] = "disjoint", [RELATION_same] = "same"};
    uint32_t second;
    uint8_t relation;
    Token at = r->token;
    if (!read_param_index(r, &second)) return false;
    if (first == second) return read_fail(r, &at, "two parameters are needed");
    if (!read_choice(r, relations, countof(relations), "any, disjoint or same", &relation)) return false;
    func_set_relation(r->f, first, second, (Relation)relation);
    return true;
}

static bool read_address(Reader *r, const Directive *d)
{
    (void)d;
    uint32_t index;
    if (!read_called_name(r)) return false;
    Token at = r->token;
    if (!read_param_index(r, &index)) return false;
    func_add_contracts(r->f);
    if (read_optional(r, ',')) return read_relation(r, index);
    Contract *c = &r->f->contracts[index];
    if (c->is_address)
        return read_fail(r, &at, "parameter %u has a contract already", index);
    return read_contract(r, c, 0);
}

/* ---- all ------------------------------------------------------------------------------------ */

static bool read_discipline(Reader *r, const Directive *d)
{
    (void)d;
    if (!read_optional_word(r, "addresses")) return read_expected(r, "addresses");
    r->c->discipline = true;
    return true;
}

static bool (*const readers[DIRECTIVE_COUNT])(Reader *r, const Directive *d) = {
    [DIRECTIVE_run] = read_run,
    [DIRECTIVE_print] = read_print,
    [DIRECTIVE_traps] = read_traps,
    [DIRECTIVE_heap] = read_heap,
    [DIRECTIVE_check_heap] = read_check_heap,
    [DIRECTIVE_address] = read_address,
    [DIRECTIVE_discipline] = read_discipline,
};

static bool read_directive(Reader *r, const Directive *d)
{
    Str rest = d->rest.at ? d->rest : (Str){r->text.at, 0};
    r->lex = lex_at(rest, d->line);
    read_next(r);
    if (!r->f && d->kind != DIRECTIVE_discipline)
        return read_fail(r, &r->token, "no function stands before this directive");
    if (!read_memory_left(r) || !readers[d->kind](r, d)) return false;
    return r->token.kind == TOKEN_end || read_expected(r, "the end of the directive");
}

/* Cells that point to a heap of the same function, wherever it stands. */
static void resolve_cells(Reader *r)
{
    for (uint32_t k = 0; k < r->cell_uses.n; k++) {
        const CellUse *u = &r->cell_uses.at[k];
        uint32_t heap = names_find(&r->names, TOKEN_heap, u->token.number);
        if (heap == NO_INDEX)
            read_fail(r, &u->token, "heap%u is not declared for this function", u->token.number);
        else if (u->heap < r->c->heaps.n)
            r->c->heaps.at[u->heap].cells.at[u->cell].heap = heap;
    }
    vec_clear(&r->cell_uses);
}

static void name_heaps(Reader *r)
{
    for (uint32_t k = r->c->heaps.n - r->heaps; k < r->c->heaps.n; k++)
        if (r->c->heaps.at[k].name == NO_INDEX)
            r->c->heaps.at[k].name = names_fresh(&r->names, TOKEN_heap, k);
}

void read_directives(Reader *r)
{
    Lexer lex = r->lex;
    Token token = r->token;
    uint32_t errors = r->diag->errors;
    for (uint32_t k = 0; k < lex.directives.n; k++) read_directive(r, &lex.directives.at[k]);
    if (r->diag->errors == errors) resolve_cells(r);
    vec_clear(&r->cell_uses);
    name_heaps(r);
    r->lex = lex;
    r->token = token;
}
