/* heap and check-heap. */
#include "ir/bits_text.h"
#include "ir/read_directive.h"

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

static bool heap_ptr(Reader *r, void *into)
{
    return read_vmctx_place(r, &((Heap *)into)->ptr);
}

static bool heap_bound(Reader *r, void *into)
{
    return read_vmctx_place(r, &((Heap *)into)->bound);
}

static const Attribute older_heap_attributes[] = {
    {"size", true, heap_size}, {"ptr", true, heap_ptr}, {"bound", true, heap_bound}};

static bool read_older_heap(Reader *r, Heap *h)
{
    static const char *const kinds[] = {"static", "dynamic"};
    uint8_t dynamic;
    if (!read_choice(r, kinds, countof(kinds), "<heap0>, static or dynamic", &dynamic))
        return false;
    h->vmctx = true;
    h->dynamic = dynamic;
    h->name = NO_INDEX; /* named when all are known */
    h->bound = NO_INDEX;
    h->ptr = NO_INDEX;
    if (!read_kind(r, ',', "`,`")) return false;
    if (!read_attributes(r, older_heap_attributes, countof(older_heap_attributes), h)) return false;
    if (h->ptr == NO_INDEX || h->bound == NO_INDEX)
        return read_expected(r, "`ptr=` and `bound=`");
    if (h->ptr == h->bound) return read_fail(r, &r->token, "`ptr` and `bound` are at one place");
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
    if (names_find(&r->names, TOKEN_heap, name.number) != NO_INDEX)
        return read_fail(r, &name, "heap%u is already declared for this function", name.number);
    return read_attributes(r, heap_attributes, countof(heap_attributes), h);
}

static bool read_any_heap(Reader *r, Heap *h)
{
    if (!read_limit(r, LIMIT_ID_heaps, r->heaps + 1)) return false;
    if (!(r->token.kind == '<' ? read_named_heap(r, h) : read_older_heap(r, h))) return false;
    if (h->size == 0) return read_expected(r, "`size=`");
    if (h->place == PLACE_END && h->size % h->align)
        return read_fail(r, &r->token,
                         "place=end needs a size that is a multiple of the alignment");
    if (h->bytes.n > h->size)
        return read_fail(r, &r->token, "`bytes` are %zu, the heap has %llu", h->bytes.n,
                         (unsigned long long)h->size);
    return true;
}

bool read_heap(Reader *r, const Directive *d)
{
    Heap h = {.func = r->func, .align = 16, .line = d->line};
    uint32_t cell_uses = r->cell_uses.n;
    if (!read_any_heap(r, &h)) {
        r->cell_uses.n = cell_uses;
        return false;
    }
    if (!h.vmctx) names_add(&r->names, TOKEN_heap, h.name, r->c->heaps.n);
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
    if (!read_kind(r, '=', "`=`")) return false;
    if (!read_i64(r, 1, LIMIT_heap_bytes, "a size", &size)) return false;
    c->size = (uint64_t)size;
    return true;
}

static bool read_typed_bytes(Reader *r, HeapCheck *c)
{
    Type type;
    if (!read_type(r, &type) || !read_kind(r, ':', "`:`")) return false;
    uint8_t *bytes = arena_array(r->arena, uint8_t, type_bytes(type));
    c->bytes = (Str){(char *)bytes, type_bytes(type)};
    return read_bits(r, type, bytes);
}

static bool read_heap_contents(Reader *r, HeapCheck *c)
{
    if (read_optional_word(r, "xxh3")) return read_hash(r, c);
    bool ok = r->token.kind == TOKEN_type ? read_typed_bytes(r, c) : read_byte_list(r, &c->bytes);
    c->size = c->bytes.n;
    return ok;
}

bool read_check_heap(Reader *r, const Directive *d)
{
    HeapCheck c = {.line = d->line};
    int64_t offset;
    if (!r->last_run)
        return read_fail(r, &r->token, "no run line of this function stands above: it says what a "
                         "run leaves");
    Run *run = &r->c->runs.at[r->last_run - 1];
    if (!read_limit(r, LIMIT_ID_checks, run->checks.n + 1)) return false;
    if (!read_heap_place(r, &c.heap, &offset)) return false;
    if (!read_kind(r, '=', "`==`") || !read_kind(r, '=', "`==`")) return false;
    if (offset < 0) return read_fail(r, &r->token, "the bytes lie outside the heap");
    c.offset = (uint64_t)offset;
    if (!read_heap_contents(r, &c)) return false;
    const Heap *h = &r->c->heaps.at[c.heap];
    if (c.size > h->size || c.offset > h->size - c.size)
        return read_fail(r, &r->token, "the bytes lie outside the heap");
    *vec_push(r->arena, &run->checks) = c;
    return true;
}
