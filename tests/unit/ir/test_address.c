/* What is derived of each kind of value, in words. */
#include "ir/address.h"
#include "ir/read.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* %f(i64, i64, i32): the first parameter is an address of 64 bytes at 0 modulo 16 with a cell at 8,
 * the second one of 16 bytes at 4 modulo 8. */
static const char *const header = "function %f(i64, i64, i32) -> i32 {\n"
                                  "    ss0 = explicit_slot 32, align = 16\n"
                                  "    ss1 = explicit_slot 16, align = 8\n"
                                  "    sig0 = (i64) -> i32\n"
                                  "    fn0 = %g(i64) -> i32\n"
                                  "    fn1 = %g(i64) -> i32\n"
                                  "block0(v0: i64, v1: i64, v2: i32):\n";
static const char *const contracts =
    "; address: %f 0 range=0..64, align=16, cell 8 = (range=-8..8, align=8)\n"
    "; address: %f 1 range=0..16, align=8, skew=4\n";
static const char *const footer = "    return v2\n}\n";

typedef struct {
    const char *what; /* of value v9 */
    const char *body;
} Row;

#define L(text) "    " text "\n"
#define LOOP(body) \
    L("v3 = iconst.i64 8") L("v4 = iconst.i64 64") L("v5 = iadd v0, v4") L("jump block1(v0)") \
    "block1(v6: i64):\n" body L("v7 = iadd v6, v3") L("v8 = icmp ult v7, v5") \
    L("brif v8, block1(v7), block2") "block2:\n"

static const Row rows[] = {
    {"number 7, 64 low bits", L("v9 = iconst.i64 7")},
    {"number 0..255, 0 low bits", L("v9 = uload8.i64 v0")},
    {"number -128..127, 0 low bits", L("v9 = sload8.i64 v0")},
    {"number 0..1, 0 low bits", L("v9 = icmp eq v2, v2")},
    {"number 0..28, 2 low bits", L("v3 = iconst.i32 7") L("v4 = band v2, v3")
     L("v5 = uextend.i64 v4") L("v6 = iconst.i64 2") L("v9 = ishl v5, v6")},
    {"parameter 0, 4 low bits 0", L("v3 = iconst.i64 0") L("v9 = iadd v0, v3")},
    {"slot 0 + 8, 4 low bits 8", L("v9 = stack_addr.i64 ss0+8")},
    {"parameter 1 + -4, 3 low bits 0",
     L("v3 = iconst.i64 4") L("v9 = isub v1, v3")},
    {"parameter 0 + 0..28, 2 low bits 0", L("v3 = iconst.i32 7") L("v4 = band v2, v3")
     L("v5 = uextend.i64 v4") L("v6 = iconst.i64 2") L("v7 = ishl v5, v6") L("v9 = iadd v7, v0")},
    {"parameter 0 + any, 3 low bits 0", LOOP(L("v9 = iadd v6, v3"))},
    {"number any, 3 low bits", LOOP(L("v9 = isub v6, v0"))},
    {"choice, 2 low bits 0, bytes 0..16", L("v9 = select v2, v0, v1")},
    {"choice + 8, 2 low bits 0, bytes -8..8",
     L("v3 = select v2, v0, v1") L("v4 = iconst.i64 8") L("v9 = iadd v3, v4")},
    {"parameter 0 + 0..8, 3 low bits 0",
     L("v3 = iconst.i64 8") L("v4 = iadd v0, v3") L("v9 = select v2, v0, v4")},
    {"choice, 4 low bits 0, bytes 0..64, null",
     L("v3 = iconst.i64 0") L("v9 = select_spectre_guard v2, v3, v0")},
    {"choice, 6 low bits 0, bytes 63..64",
     L("v3 = iconst.i64 -64") L("v9 = band v0, v3")},
    {"parameter 1 + -4, 3 low bits 0", L("v3 = iconst.i64 -8") L("v9 = band v1, v3")},
    {"number 4, 64 low bits", L("v3 = iconst.i64 7") L("v9 = band v1, v3")},
    {"mixed", L("v3 = iconst.i64 15") L("v9 = band v1, v3")},
    {"mixed", L("v3 = uextend.i64 v2") L("v9 = select v2, v0, v3")},
    {"loaded, 3 low bits 0, bytes -8..8", L("v9 = load.i64 v0+8")},
    {"number any, 0 low bits", L("v9 = load.i64 v0")},
    {"number any, 0 low bits", L("v9 = load.i64 big v0+8")},
    {"parameter 1 + 8, 3 low bits 4",
     L("v3 = iconst.i64 8") L("v4 = iadd v1, v3") L("v5 = stack_addr.i64 ss0") L("store v4, v5+16")
     L("v6 = stack_addr.i64 ss0+8") L("v9 = load.i64 v6+8")},
    {"number any, 0 low bits",
     L("v3 = iconst.i64 1") L("v5 = stack_addr.i64 ss0") L("store v0, v5") L("store v3, v5")
     L("v9 = load.i64 v5")},
    {"choice, 2 low bits 0, bytes 0..16",
     L("v3 = stack_addr.i64 ss0") L("brif v2, block1, block2")
     "block1:\n" L("store v0, v3") L("jump block3")
     "block2:\n" L("store v1, v3") L("jump block3")
     "block3:\n" L("v9 = load.i64 v3")},
    {"code 1", L("v9 = func_addr.i64 fn0")},
    {"code 3", L("v3 = func_addr.i64 fn0") L("v4 = func_addr.i64 fn1") L("v9 = select v2, v3, v4")},
    {"none", L("jump block2") "block1:\n" L("v9 = iconst.i64 7") L("jump block2") "block2:\n"},
};

static void put_number(Buf *out, const Number *n)
{
    if (number_is_exact(n)) buf_printf(out, "%lld", (long long)n->lo);
    else if (n->lo == INT64_MIN && n->hi == INT64_MAX) buf_text(out, "any");
    else buf_printf(out, "%lld..%lld", (long long)n->lo, (long long)n->hi);
}

static void put_address(Buf *out, const Addresses *x, const Fact *p)
{
    static const char *const kinds[] = {"slot", "parameter", "loaded", "choice"};
    const Base *b = address_base(x, p);
    uint64_t low;
    unsigned nlow = address_low(x, p, &low);
    bool own = b->kind == BASE_slot || b->kind == BASE_param;
    buf_text(out, kinds[b->kind]);
    if (own) buf_printf(out, " %u", b->index);
    if (!number_is(&p->n, 0)) {
        buf_text(out, " + ");
        put_number(out, &p->n);
    }
    buf_printf(out, ", %u low bits %llu", nlow, (unsigned long long)low);
    if (!own) {
        int64_t lo = 0, hi = 0;
        while (lo < 64 && !address_is_within(x, p, lo, 1)) lo++;
        hi = lo;
        while (address_is_within(x, p, lo - 1, 1)) lo--;
        while (address_is_within(x, p, hi, 1)) hi++;
        buf_printf(out, ", bytes %lld..%lld", (long long)lo, (long long)hi);
    }
    if (b->may_null) buf_text(out, ", null");
}

static const char *describe(Arena *a, const Addresses *x, Value v)
{
    Buf out = {.arena = a};
    const Fact *p = address_fact(x, v);
    switch ((FactKind)p->kind) {
    case FACT_none: buf_text(&out, "none"); break;
    case FACT_mixed: buf_text(&out, "mixed"); break;
    case FACT_code: buf_printf(&out, "code %llu", (unsigned long long)p->n.low); break;
    case FACT_address: put_address(&out, x, p); break;
    case FACT_number:
        buf_text(&out, "number ");
        put_number(&out, &p->n);
        buf_printf(&out, ", %u low bits", p->n.nlow);
        break;
    }
    return out.at;
}

static const Func *read_func(Arena *a, const char *text)
{
    Diag d = {.arena = a};
    Case *c = case_read(a, "row", str_of(text), &d);
    if (!c) diag_print(&d, stderr);
    assert_non_null(c);
    return c->module->funcs.at[0];
}

static Value find(const Func *f, uint32_t name)
{
    for (uint32_t k = 0; k < f->values.n; k++)
        if (f->values.at[k].name == name) return (Value){k};
    fail_msg("there is no v%u", name);
    return VALUE_none;
}

static const char *describe_text(Arena *a, const char *text)
{
    const Func *f = read_func(a, text);
    return describe(a, address_derive(f, cfg_compute(f, a), a), find(f, 9));
}

static void describes_each_row(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(rows); k++) {
        Arena *a = arena_create();
        const char *text = arena_printf(a, "%s%s%s%s", header, rows[k].body, footer, contracts);
        assert_string_equal(describe_text(a, text), rows[k].what);
        arena_destroy(a);
    }
}

/* How the text numbers and spells things means nothing. */
static void is_the_same_after_printing(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(rows); k++) {
        Arena *a = arena_create();
        Diag d = {.arena = a};
        const char *text = arena_printf(a, "%s%s%s%s", header, rows[k].body, footer, contracts);
        Case *c = case_read(a, "row", str_of(text), &d);
        Buf out = {.arena = a};
        case_write(&out, c, NULL);
        assert_string_equal(describe_text(a, out.at), rows[k].what);
        arena_destroy(a);
    }
}

/* Without contracts, what loads and stores use is an address of which nothing is known. */
static void finds_used_parameters(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const Func *f = read_func(a, "function %f(i64, i64) -> i64 {\n"
                                 "block0(v0: i64, v1: i64):\n"
                                 "    v2 = iconst.i64 16\n"
                                 "    v3 = iadd v2, v0\n"
                                 "    v4 = load.i64 v3\n"
                                 "    v9 = iadd v4, v1\n"
                                 "    return v9\n"
                                 "}\n");
    Addresses *x = address_derive(f, cfg_compute(f, a), a);
    assert_string_equal(describe(a, x, find(f, 3)), "parameter 0 + 16, 0 low bits 0");
    assert_string_equal(describe(a, x, find(f, 1)), "number any, 0 low bits");
    assert_string_equal(describe(a, x, find(f, 9)), "number any, 0 low bits");
    assert_false(address_is_within(x, address_fact(x, find(f, 3)), 0, 1));
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_each_row),
        cmocka_unit_test(is_the_same_after_printing),
        cmocka_unit_test(finds_used_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
