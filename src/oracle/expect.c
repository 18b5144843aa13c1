#include "oracle/expect.h"

#include "base/hash.h"

#include <stdio.h>

static bool ending_holds(const Run *run, const Outcome *o, char *text, size_t size)
{
    char want[12], got[12];
    if (run->kind == RUN_TRAPS) {
        if (o->kind == OUTCOME_trapped && o->trap == run->trap) return true;
        snprintf(text, size, "expected trap %s, got %s%s%s", trap_name(run->trap, want),
                 outcome_name(o->kind), o->kind == OUTCOME_trapped ? " " : "",
                 o->kind == OUTCOME_trapped ? trap_name(o->trap, got) : "");
        return false;
    }
    if (o->kind == OUTCOME_returned) return true;
    snprintf(text, size, "%s%s%s%s%s", outcome_name(o->kind),
             o->kind == OUTCOME_trapped ? " " : "",
             o->kind == OUTCOME_trapped ? trap_name(o->trap, got) : "", o->detail ? ": " : "",
             o->detail ? o->detail : "");
    return false;
}

static bool is_true(const Outcome *o)
{
    for (uint32_t k = 0; k < o->nresults; k++)
        if (!o->results[k].u64[0] && !o->results[k].u64[1]) return false;
    return o->nresults != 0;
}

static bool results_equal(const Run *run, const Outcome *o, uint32_t *which)
{
    for (*which = 0; *which < run->results.n && *which < o->nresults; ++*which)
        if (!bits_equal(run->results.at[*which].bits, o->results[*which])) return false;
    return run->results.n == o->nresults;
}

static void describe_result(const Run *run, const Outcome *o, uint32_t k, char *text, size_t size)
{
    static const Bits none;
    const Bits *want = k < run->results.n ? &run->results.at[k].bits : &none;
    const Bits *got = k < o->nresults ? &o->results[k] : &none;
    snprintf(text, size, "result %u: expected %#llx:%016llx, got %#llx:%016llx", k,
             (unsigned long long)want->u64[1], (unsigned long long)want->u64[0],
             (unsigned long long)got->u64[1], (unsigned long long)got->u64[0]);
}

static bool results_hold(const Run *run, const Outcome *o, char *text, size_t size)
{
    uint32_t which = 0;
    if (run->kind != RUN_RUN) return true;
    switch (run->expect) {
    case EXPECT_TRUE:
        if (is_true(o)) return true;
        snprintf(text, size, "expected a true result");
        return false;
    case EXPECT_EQUAL:
        if (results_equal(run, o, &which)) return true;
        describe_result(run, o, which, text, size);
        return false;
    case EXPECT_NOT_EQUAL:
        if (!results_equal(run, o, &which)) return true;
        snprintf(text, size, "expected other results");
        return false;
    }
    return false;
}

static bool check_holds(const HeapCheck *check, const Image *image, char *text, size_t size)
{
    const PlacedHeap *p = image_heap(image, check->heap);
    if (!p || check->offset + max_u64(check->size, check->bytes.n) > p->heap->size) {
        snprintf(text, size, "check-heap reaches beyond the heap");
        return false;
    }
    const uint8_t *at = p->base + check->offset;
    if (!check->bytes.at) {
        if (hash_bytes(at, check->size) == check->hash) return true;
        snprintf(text, size, "heap%u: another hash", p->heap->name);
        return false;
    }
    for (size_t k = 0; k < check->bytes.n; k++) {
        if (at[k] == (uint8_t)check->bytes.at[k]) continue;
        snprintf(text, size, "heap%u+%llu: expected %02x, got %02x", p->heap->name,
                 (unsigned long long)(check->offset + k), (uint8_t)check->bytes.at[k], at[k]);
        return false;
    }
    return true;
}

bool expect_holds(const Run *run, const Outcome *o, const Image *image, char *text, size_t size)
{
    if (!ending_holds(run, o, text, size) || !results_hold(run, o, text, size)) return false;
    for (uint32_t k = 0; k < run->checks.n; k++)
        if (!check_holds(&run->checks.at[k], image, text, size)) return false;
    return true;
}
