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

static bool is_nan(Type t, uint64_t lane)
{
    if (type_lane_bits(t) == 32) return (lane & 0x7fffffff) > 0x7f800000;
    return type_lane_bits(t) == 64 && (lane & INT64_MAX) > UINT64_C(0x7ff0000000000000);
}

static bool equal_but_for_nans(Type t, const Bits *a, const Bits *b)
{
    for (unsigned k = 0; k < type_lanes(t); k++) {
        uint64_t x = bits_lane(a, t, k), y = bits_lane(b, t, k);
        if (x != y && !(is_nan(t, x) && is_nan(t, y))) return false;
    }
    return true;
}

bool expect_same(Type t, const Bits *a, const Bits *b, bool any_nan)
{
    return any_nan && type_has_float_lanes(t) ? equal_but_for_nans(t, a, b) : bits_equal(*a, *b);
}

static bool value_equal(const DataValue *v, const Bits *got, bool any_nan)
{
    return expect_same(v->type, &v->bits, got, any_nan);
}

static bool results_equal(const Run *run, const Outcome *o, bool any_nan, uint32_t *which)
{
    for (*which = 0; *which < run->results.n && *which < o->nresults; ++*which)
        if (!value_equal(&run->results.at[*which], &o->results[*which], any_nan)) return false;
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

static bool results_hold(const Run *run, const Outcome *o, bool any_nan, char *text, size_t size)
{
    uint32_t which = 0;
    if (run->kind != RUN_RUN) return true;
    switch (run->expect) {
    case EXPECT_TRUE:
        if (is_true(o)) return true;
        snprintf(text, size, "expected a true result");
        return false;
    case EXPECT_EQUAL:
        if (results_equal(run, o, any_nan, &which)) return true;
        describe_result(run, o, which, text, size);
        return false;
    case EXPECT_NOT_EQUAL:
        if (!results_equal(run, o, any_nan, &which)) return true;
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

bool expect_holds(const Run *run, const Outcome *o, const Image *image, bool any_nan, char *text,
                  size_t size)
{
    if (!ending_holds(run, o, text, size)) return false;
    if (!results_hold(run, o, any_nan, text, size)) return false;
    for (uint32_t k = 0; k < run->checks.n; k++)
        if (!check_holds(&run->checks.at[k], image, text, size)) return false;
    return true;
}
