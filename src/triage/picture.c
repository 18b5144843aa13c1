#include "triage/picture.h"

#include "ir/write.h"

enum { ROW = 16, CONTEXT_ROWS = 2 };

static void write_results(Picture *p, const Case *c, const Outcome *o, const Signature *sig)
{
    for (uint32_t k = 0; k < o->nresults; k++) {
        DataValue v = {.type = (Type)sig->returns.at[k].type, .bits = o->results[k]};
        buf_text(p->out, k ? ", " : " ");
        data_value_write(p->out, c, &v);
    }
}

static void write_ballot(Picture *p, const Case *c, const Config *config, const Ballot *b,
                         const Signature *sig, bool odd)
{
    char trap[12];
    const Outcome *o = &b->outcome;
    buf_printf(p->out, "  %-24s %s", config->name, outcome_name(o->kind));
    if (o->kind == OUTCOME_trapped) buf_printf(p->out, " %s", trap_name(o->trap, trap));
    if (o->kind == OUTCOME_returned) write_results(p, c, o, sig);
    if (b->detail[0]) buf_printf(p->out, " (%s)", b->detail);
    buf_text(p->out, odd ? "   <-- stands alone\n" : "\n");
}

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

/* Rows that differ and two around them, both sides in one line. */
static void write_heap(Picture *p, const Heap *h, const uint8_t *a, const uint8_t *b)
{
    bool gap = false;
    for (uint64_t row = 0; row * ROW < h->size; row++) {
        if (!row_shown(a, b, row, h->size)) {
            if (!gap) buf_text(p->out, "      …\n");
            gap = true;
            continue;
        }
        gap = false;
        uint64_t to = min_u64(row * ROW + ROW, h->size);
        buf_printf(p->out, "  %c %04llx ", row_differs(a, b, row, h->size) ? '>' : ' ',
                   (unsigned long long)(row * ROW));
        write_side(p, a, b, row * ROW, to);
        buf_text(p->out, " | ");
        write_side(p, b, a, row * ROW, to);
        buf_text(p->out, "\n");
    }
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

static void write_heaps(Picture *p, Judge *j, const Case *c, const Run *run, const Config *a,
                        const Config *b)
{
    Arena *scratch = p->out->arena;
    Outcome o;
    uint32_t n;
    judge_run(j, a, c, run, &o);
    const uint8_t **left = copy_heaps(judge_image(j), scratch);
    judge_run(j, b, c, run, &o);
    const uint8_t **right = copy_heaps(judge_image(j), scratch);
    const PlacedHeap *heaps = image_heaps(judge_image(j), &n);
    for (uint32_t k = 0; k < n; k++) {
        const Heap *h = heaps[k].heap;
        if (!left[k] || memcmp(left[k], right[k], h->size) == 0) continue;
        static const char *const places[] = {"", ", ends at an unmapped page",
                                             ", begins at an unmapped page"};
        buf_printf(p->out, "\nheap%u, %llu bytes, align %u%s: %s | %s\n", h->name,
                   (unsigned long long)h->size, h->align, places[h->place], a->name, b->name);
        write_heap(p, h, left[k], right[k]);
    }
}

void picture_difference(Picture *p, Judge *j, const Case *c, const Verdict *v)
{
    const Run *run = &c->runs.at[v->run];
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    const ConfigVec *configs = judge_configs(j);
    const char *reason;
    buf_printf(p->out, "run %u: %s\n", v->run + 1, v->text);
    for (uint32_t k = 0; k < v->nballots; k++)
        write_ballot(p, c, configs->at[k], &v->ballots[k], sig, configs->at[k] == v->odd);
    if (!judge_place(j, c, run, &reason)) return;
    for (uint32_t k = 1; k < v->nballots; k++)
        if (v->ballots[k].group != BALLOT_NONE &&
            v->ballots[k].memory_hash != v->ballots[0].memory_hash)
            write_heaps(p, j, c, run, configs->at[0], configs->at[k]);
}
