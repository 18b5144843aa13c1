#include "triage/picture.h"

#include "ir/write.h"

enum { ROW = 8, CONTEXT_ROWS = 1, ROWS_MAX = 24, ROWS_UNFINISHED = 4 };

/* Further than any 32-bit index goes. */
#define FAR_AWAY (UINT64_C(1) << 40)

static bool differs(const Ballot *a, const Ballot *b)
{
    return a->group != BALLOT_NONE && b->group != BALLOT_NONE && a->group != b->group;
}

VerdictPair verdict_pair(const Judge *j, const Verdict *v)
{
    VerdictPair p = {NO_INDEX, NO_INDEX};
    const ConfigVec *configs = judge_configs(j);
    for (uint32_t k = 0; k < v->nballots; k++) {
        if (configs->at[k] == v->odd) p.odd = k;
        if (configs->at[k] == v->other) p.expected = k;
    }
    for (uint32_t x = 0; x < v->nballots; x++)
        for (uint32_t y = 0; y < v->nballots; y++) {
            bool fits = (p.expected == NO_INDEX || p.expected == x) &&
                        (p.odd == NO_INDEX || p.odd == y);
            if (fits && differs(&v->ballots[x], &v->ballots[y])) p = (VerdictPair){x, y};
        }
    return p;
}

/* ---- outcomes ----------------------------------------------------------------------------- */

static void write_marked(Picture *p, const char *text)
{
    buf_printf(p->out, p->colour ? "\033[1;31m%s\033[0m" : "[%s]", text);
}

/* `like` is what was expected; other results than its stand out. */
static void write_results(Picture *p, const Case *c, const Outcome *o, const Outcome *like,
                          const Signature *sig)
{
    for (uint32_t k = 0; k < o->nresults; k++) {
        DataValue v = {.type = (Type)sig->returns.at[k].type, .bits = o->results[k]};
        Buf text = {.arena = p->out->arena};
        data_value_write(&text, c, &v);
        buf_text(p->out, k ? ", " : " ");
        if (like->kind == OUTCOME_returned && !bits_equal(like->results[k], v.bits))
            write_marked(p, text.at);
        else
            buf_text(p->out, text.at);
    }
}

static void write_ballot(Picture *p, const Case *c, const Config *config, const Ballot *b,
                         const Ballot *like, const Signature *sig)
{
    char trap[12];
    const Outcome *o = &b->outcome;
    uint32_t result;
    buf_printf(p->out, "  %-24s %s", config->name, outcome_name(o->kind));
    if (o->kind == OUTCOME_trapped) buf_printf(p->out, " %s", trap_name(o->trap, trap));
    if (o->kind == OUTCOME_returned) write_results(p, c, o, &like->outcome, sig);
    if (b->detail[0]) buf_printf(p->out, " (%s)", b->detail);
    if (differs(b, like) && outcome_equal(&b->outcome, &like->outcome, sig, &result))
        buf_text(p->out, ", and left other bytes");
}

static void write_call(Buf *out, const Case *c, const Run *run)
{
    func_name_write(out, c->module->funcs.at[run->func]->name);
    buf_char(out, '(');
    for (uint32_t k = 0; k < run->args.n; k++) {
        if (k) buf_text(out, ", ");
        data_value_write(out, c, &run->args.at[k]);
    }
    buf_char(out, ')');
}

static void write_ballots(Picture *p, const Judge *j, const Case *c, const Verdict *v,
                          VerdictPair pair)
{
    const Run *run = &c->runs.at[v->run];
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    buf_printf(p->out, "run %u of %u: ", v->run + 1, c->runs.n);
    write_call(p->out, c, run);
    buf_char(p->out, '\n');
    for (uint32_t k = 0; k < v->nballots; k++) {
        const Config *config = judge_configs(j)->at[k];
        write_ballot(p, c, config, &v->ballots[k], &v->ballots[pair.expected], sig);
        buf_text(p->out, config == v->odd ? "   <-- stands alone\n" : "\n");
    }
}

/* ---- heaps -------------------------------------------------------------------------------- */

static void write_byte(Picture *p, uint8_t byte, bool differs)
{
    const char *before = !differs ? " " : p->colour ? " \033[1;31m" : "[";
    const char *after = !differs ? " " : p->colour ? "\033[0m " : "]";
    buf_printf(p->out, "%s%02x%s", before, byte, after);
}

static void write_side(Picture *p, const uint8_t *bytes, const uint8_t *other, uint64_t from,
                       uint64_t to)
{
    for (uint64_t k = from; k < from + ROW; k++)
        if (k < to) write_byte(p, bytes[k], bytes[k] != other[k]);
        else buf_text(p->out, "    ");
}

static bool row_differs(const uint8_t *a, const uint8_t *b, uint64_t row, uint64_t size)
{
    uint64_t from = row * ROW, to = min_u64(from + ROW, size);
    return from < size && memcmp(a + from, b + from, to - from) != 0;
}

static bool row_shown(const uint8_t *a, const uint8_t *b, uint64_t row, uint64_t size)
{
    uint64_t first = row > CONTEXT_ROWS ? row - CONTEXT_ROWS : 0;
    for (uint64_t k = first; k <= row + CONTEXT_ROWS; k++)
        if (row_differs(a, b, k, size)) return true;
    return false;
}

static void write_row(Picture *p, const Heap *h, const uint8_t *a, const uint8_t *b, uint64_t row)
{
    uint64_t to = min_u64(row * ROW + ROW, h->size);
    buf_printf(p->out, "  %c %04llx ", row_differs(a, b, row, h->size) ? '>' : ' ',
               (unsigned long long)(row * ROW));
    write_side(p, a, b, row * ROW, to);
    buf_text(p->out, " | ");
    write_side(p, b, a, row * ROW, to);
    buf_text(p->out, "\n");
}

/* Rows that differ and those beside them, both sides in one line; of many, the first. */
static void write_heap(Picture *p, const Heap *h, const uint8_t *a, const uint8_t *b, uint64_t most)
{
    bool gap = false;
    uint64_t shown = 0, left = 0;
    for (uint64_t row = 0; row * ROW < h->size; row++) {
        if (shown == most) {
            left += row_differs(a, b, row, h->size);
        } else if (row_shown(a, b, row, h->size)) {
            write_row(p, h, a, b, row);
            shown++;
            gap = false;
        } else {
            if (!gap) buf_text(p->out, "      …\n");
            gap = true;
        }
    }
    if (left) buf_printf(p->out, "      … and %llu more that differ\n", (unsigned long long)left);
}

static uint64_t count_differing(const uint8_t *a, const uint8_t *b, uint64_t n)
{
    uint64_t sum = 0;
    for (uint64_t k = 0; k < n; k++) sum += a[k] != b[k];
    return sum;
}

/* A copy of every heap as it lies now, in `a`; fault heaps stay NULL. */
static const uint8_t **copy_heaps(const Image *im, Arena *a)
{
    uint32_t n;
    const PlacedHeap *heaps = image_heaps(im, &n);
    const uint8_t **copies = arena_array(a, const uint8_t *, n + 1);
    for (uint32_t k = 0; k < n; k++) {
        if (heaps[k].heap->fault) continue;
        copies[k] = memcpy(arena_alloc(a, heaps[k].heap->size + 1), heaps[k].base,
                           heaps[k].heap->size);
    }
    return copies;
}

/* What the configuration leaves in every heap. */
static const uint8_t **run_and_copy(Judge *j, const Config *config, const Case *c, const Run *run,
                                    Arena *a)
{
    Outcome o;
    judge_run(j, config, c, run, &o);
    return copy_heaps(judge_image(j), a);
}

/* `most` rows of each. */
static void write_heaps(Picture *p, Judge *j, const Case *c, const Run *run, const Config *a,
                        const Config *b, uint64_t most)
{
    static const char *const places[] = {"", ", ends at an unmapped page",
                                         ", begins at an unmapped page"};
    uint32_t n;
    const uint8_t **left = run_and_copy(j, a, c, run, p->out->arena);
    const uint8_t **right = run_and_copy(j, b, c, run, p->out->arena);
    const PlacedHeap *heaps = image_heaps(judge_image(j), &n);
    for (uint32_t k = 0; k < n; k++) {
        const Heap *h = heaps[k].heap;
        uint64_t count = left[k] ? count_differing(left[k], right[k], h->size) : 0;
        if (!count) continue;
        buf_printf(p->out, "\n<heap%u>, %llu bytes, align %u%s: %llu differ; %s | %s\n", h->name,
                   (unsigned long long)h->size, h->align, places[h->place],
                   (unsigned long long)count, a->name, b->name);
        write_heap(p, h, left[k], right[k], most);
    }
}

/* A byte that belongs to no heap. */
static void write_stray(Picture *p, Judge *j, const Verdict *v)
{
    uint32_t n;
    const PlacedHeap *heaps = image_heaps(judge_image(j), &n);
    if (v->kind != VERDICT_stray || !v->other || v->where.heap >= n) return;
    buf_printf(p->out, "\nbeside <heap%u>, at offset %lld: %02x became %02x\n",
               heaps[v->where.heap].heap->name, (long long)v->where.offset, v->where.expected,
               v->where.actual);
}

static uint64_t distance(const PlacedHeap *p, uint64_t address)
{
    uint64_t base = (uint64_t)(uintptr_t)p->base, end = base + p->heap->size;
    return address < base ? base - address : address >= end ? address - end : 0;
}

/* A faulting address in words: the heap that is nearest, and how far off it is. */
static void write_fault(Picture *p, Judge *j, const Outcome *o)
{
    uint32_t n, near = 0;
    const PlacedHeap *heaps = image_heaps(judge_image(j), &n);
    if (!o->address || !n) return;
    for (uint32_t k = 1; k < n; k++)
        if (distance(&heaps[k], o->address) < distance(&heaps[near], o->address)) near = k;
    if (distance(&heaps[near], o->address) > FAR_AWAY) return;
    int64_t offset = (int64_t)(o->address - (uint64_t)(uintptr_t)heaps[near].base);
    buf_printf(p->out, "\n%#llx is <heap%u>%+lld, and <heap%u> has %llu bytes\n",
               (unsigned long long)o->address, heaps[near].heap->name, (long long)offset,
               heaps[near].heap->name, (unsigned long long)heaps[near].heap->size);
}

/* Whether a run ended where no run should. */
static bool has_stopped(const Outcome *o)
{
    return o->kind == OUTCOME_crashed || o->kind == OUTCOME_hung || o->kind == OUTCOME_overflow;
}

void picture_difference(Picture *p, Judge *j, const Case *c, const Verdict *v)
{
    const Run *run = &c->runs.at[v->run];
    const ConfigVec *configs = judge_configs(j);
    const char *reason;
    VerdictPair pair = verdict_pair(j, v);
    if (pair.odd == NO_INDEX) return; /* all did the same */
    write_ballots(p, j, c, v, pair);
    if (!judge_place(j, c, run, &reason)) return;
    const Ballot *expected = &v->ballots[pair.expected], *odd = &v->ballots[pair.odd];
    write_stray(p, j, v);
    write_fault(p, j, &odd->outcome);
    if (expected->memory_hash == odd->memory_hash) return;
    bool unfinished = has_stopped(&odd->outcome) || has_stopped(&expected->outcome);
    if (unfinished) buf_text(p->out, "\nThe heaps, unfinished on one side:\n");
    write_heaps(p, j, c, run, configs->at[pair.expected], configs->at[pair.odd],
                unfinished ? ROWS_UNFINISHED : ROWS_MAX);
}

void picture_heaps(Picture *p, Judge *j, const Case *c, const Verdict *v, uint32_t rows)
{
    const Run *run = &c->runs.at[v->run];
    const ConfigVec *configs = judge_configs(j);
    const char *reason;
    VerdictPair pair = verdict_pair(j, v);
    if (pair.odd == NO_INDEX || !judge_place(j, c, run, &reason)) return;
    write_stray(p, j, v);
    write_fault(p, j, &v->ballots[pair.odd].outcome);
    if (v->ballots[pair.expected].memory_hash == v->ballots[pair.odd].memory_hash) return;
    write_heaps(p, j, c, run, configs->at[pair.expected], configs->at[pair.odd], rows);
}
