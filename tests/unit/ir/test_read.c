/* The reader: places of messages, strange bytes, numbers that nobody would choose, what a case
 * holds afterwards, memory. The constructs themselves are in tests/read. */
#include "base/file.h"
#include "ir/limits.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define RETURN " {\nblock0:\n    return\n}\n"

static Case *read_bytes(Arena *a, const char *text, size_t n, Diag *d)
{
    *d = (Diag){0};
    return case_read(a, "text", (Str){text, n}, d);
}

static Case *read_text(Arena *a, const char *text)
{
    Diag d;
    Case *c = read_bytes(a, text, strlen(text), &d);
    if (!c) {
        diag_print(&d, stderr);
        fail_msg("cannot be read:\n%s", text);
    }
    return c;
}

static void expect_message(const char *text, size_t n, uint32_t line, uint32_t column,
                           const char *part)
{
    Arena *a = arena_create();
    Diag d;
    assert_null(read_bytes(a, text, n, &d));
    assert_int_equal(d.entries.n, 1);
    const DiagEntry *e = &d.entries.at[0];
    if (e->line != line || e->column != column || !strstr(e->text, part))
        fail_msg("%u:%u: %s", e->line, e->column, e->text);
    arena_destroy(a);
}

#define EXPECT(text, line, column, part) \
    expect_message(text, sizeof(text) - 1, line, column, part)

static void places(void **state)
{
    (void)state;
    EXPECT("", 1, 1, "the file has no function");
    EXPECT("; only a comment\n\n", 3, 1, "the file has no function");
    EXPECT("test run\n", 2, 1, "the file has no function");
    EXPECT("function %f()", 1, 14, "expected `{`, found the end");
    EXPECT("\n\n  \tfunction 7", 3, 13, "expected a name");
    EXPECT("function %f() {\r\nblock0:\r\n    retur\r\n}\r\n", 3, 5, "`retur` is not an instr");
    EXPECT("set x\nblock0:", 2, 1, "expected `function`, found `block0`");
    EXPECT("function %f()" RETURN "test run\n", 5, 1, "expected `function`, found `test`");
    EXPECT("function %f()" RETURN "; heap: x", 5, 9, "expected <heap0>, static or dynamic");
    EXPECT("function %f()" RETURN ";; traps: %f()", 5, 15, "expected a trap code");
}

static void strange_bytes(void **state)
{
    (void)state;
    EXPECT("function %f()\n ;\0\n", 2, 3, "a NUL byte");
    EXPECT("\0", 1, 1, "a NUL byte");
    EXPECT("; \xff", 1, 3, "not UTF-8");
    EXPECT("; \xc3\xa9\n\xc3", 2, 1, "not UTF-8");
    EXPECT("; \xe2\x82", 1, 3, "not UTF-8");
    EXPECT("; 12345678\xc0\x80 too long", 1, 11, "not UTF-8");
    EXPECT("; \xe0\x80\x80", 1, 3, "not UTF-8");
    EXPECT("; \xed\xa0\x80 a surrogate", 1, 3, "not UTF-8");
    EXPECT("; \xf4\x90\x80\x80", 1, 3, "not UTF-8");
    EXPECT("; \xf0\x8f\xbf\xbf", 1, 3, "not UTF-8");
    EXPECT("function %f() { \xc3\xa9 }", 1, 17, "no token starts with this character");
    Arena *a = arena_create();
    read_text(a, "; \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f\nfunction %f()" RETURN);
    arena_destroy(a);
}

static Str print(Arena *a, const Case *c)
{
    Buf out = {.arena = a};
    case_write(&out, c, NULL);
    return buf_str(&out);
}

/* With \r\n, without a newline at the end, with neither blanks nor lines. */
static void same_text(void **state)
{
    (void)state;
    Arena *a = arena_create();
    static const char text[] = "test run\nfunction %f(i32) -> i32 fast {\nblock0(v0: i32):\n"
                               "    return v0\n}\n; run: %f(1) == 1\n; run: %f(2) == 2";
    static const char crlf[] = "test run\r\nfunction %f(i32) -> i32 fast {\r\nblock0(v0: i32):\r\n"
                               "    return v0\r\n}\r\n; run: %f(1) == 1\r\n; run: %f(2) == 2\r\n";
    static const char dense[] = "test run\nfunction%f(i32)->i32 fast{block0(v0:i32):return v0}"
                                ";run:%f(1)==1\n;run:%f(2)==2";
    Str printed = print(a, read_text(a, text));
    assert_true(str_equal(printed, print(a, read_text(a, crlf))));
    assert_true(str_equal(printed, print(a, read_text(a, dense))));
    arena_destroy(a);
}

/* Nothing in the case points into the text. */
static void text_may_go(void **state)
{
    (void)state;
    Arena *a = arena_create(), *text_arena = arena_create();
    Str golden, text;
    const char *error;
    assert_true(file_read(a, "tests/read/good/declarations.golden", FILE_LIMIT, &golden, &error));
    text.at = arena_strndup(text_arena, golden.at, golden.n);
    text.n = golden.n;
    Diag d = {0};
    const Case *c = case_read(a, "text", text, &d);
    assert_non_null(c);
    memset((char *)(uintptr_t)text.at, '#', text.n);
    assert_true(str_equal(print(a, c), golden));
    arena_destroy(text_arena);
    arena_destroy(a);
}

static void what_a_case_holds(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const Case *c = read_text(
        a, "test run\n\nfunction %g(i64) -> i32" RETURN "function %f(i32) -> i32 {\n"
           "    ss5 = explicit_slot 24, align = 8\n    fn3 = %g(i64) -> i32\n"
           "block7(v9: i32):\n    v3 = stack_addr.i64 ss5+8\n    v1 = call fn3(v3)\n"
           "    return v1\n}\n; run: %f(-1) != 7\n"
           "; heap: <heap4> size=8\n; check-heap: <heap4> == [2a]\n");
    assert_int_equal(c->header.n, 1);
    assert_true(str_is(c->header.at[0].word, "test") && str_is(c->header.at[0].rest, "run"));
    const Func *f = c->module->funcs.at[1];
    assert_int_equal(f->sig.conv, CALLCONV_system_v);
    assert_int_equal(f->line, 7);
    assert_int_equal(f->slots.at[0].bytes, 24);
    assert_int_equal(f->slots.at[0].align, 8);
    assert_int_equal(f->slots.at[0].name, 5);
    assert_int_equal(f->refs.at[0].callee, 0);
    assert_int_equal(func_block(f, func_entry(f))->name, 7);
    const InstData *address = func_inst(f, (Inst){0}), *call = func_inst(f, (Inst){1});
    assert_int_equal(address->imm, 8);
    assert_int_equal(address->line, 11);
    assert_int_equal(func_value(f, call->result)->name, 1);
    assert_int_equal(inst_args_const(call)[0].i, address->result.i);
    const Run *run = &c->runs.at[0];
    assert_int_equal(run->func, 1);
    assert_int_equal(run->line, 15);
    assert_int_equal(run->expect, EXPECT_NOT_EQUAL);
    assert_int_equal(run->args.at[0].bits.u64[0], 0xffffffff);
    assert_int_equal(run->checks.n, 1);
    assert_int_equal(c->heaps.at[0].name, 4);
    assert_int_equal(c->heaps.at[0].func, 1);
    arena_destroy(a);
}

/* Without `test run` in the header the convention is another. */
static void conventions(void **state)
{
    (void)state;
    Arena *a = arena_create();
    static const char *const texts[] = {"function %f()" RETURN,
                                        "test compile\nfunction %f()" RETURN};
    for (size_t k = 0; k < countof(texts); k++)
        assert_int_equal(read_text(a, texts[k])->module->funcs.at[0]->sig.conv, CALLCONV_fast);
    arena_destroy(a);
}

/* Contracts say what their terms say, and what is left out has its default. */
static void contracts(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const Case *c = read_text(
        a, "function %f(i64, i64, i64)" RETURN
           "; address: %f 0 range=-8..8, align=16, skew=8, region=0, readonly, "
           "cell 0 = (range=0..4)\n"
           "; address: %f 2 range=0..16, init=none, nowrite, fault\n; address: %f 2,0 same\n");
    const Func *f = c->module->funcs.at[0];
    const Contract *first = func_contract(f, 0), *last = func_contract(f, 2);
    assert_null(func_contract(f, 1));
    assert_int_equal(first->range.lo, -8);
    assert_int_equal(first->align, 16);
    assert_int_equal(first->skew, 8);
    assert_int_equal(first->region, 1);
    assert_true(first->readonly && !first->nowrite && !first->fault);
    assert_int_equal(first->init.n, 1);
    assert_int_equal(first->init.at[0].hi, 8);
    assert_int_equal(first->cells.at[0].target.range.hi, 4);
    assert_int_equal(last->align, 1);
    assert_int_equal(last->region, 0);
    assert_int_equal(last->init.n, 0);
    assert_true(last->nowrite && last->fault && !last->readonly);
    assert_int_equal(func_relation(f, 0, 2), RELATION_same);
    assert_int_equal(func_relation(f, 0, 1), RELATION_any);
    arena_destroy(a);
}

/* The largest numbers cost no more than the smallest. */
static void numbers_far_apart(void **state)
{
    (void)state;
    Arena *a = arena_create();
    read_text(a, "function %f() {\n    ss4294967294 = explicit_slot 1\n"
                 "    sig4294967294 = ()\n    fn4294967294 = %f()\n    const4294967294 = 0x00\n"
                 "block4294967294:\n    v4294967294 = stack_addr.i64 ss4294967294\n"
                 "    v0 = iadd_imm v4294967294, 1\n    call fn4294967294()\n"
                 "    jump block0\nblock0:\n    return\n}\n");
    assert_true(arena_used(a) < 100000);
    arena_destroy(a);
    EXPECT("function %f() {\nblock0:\n    v4294967295 = iconst.i8 1\n}", 3, 5, "not an instr");
}

/* Numbers that hidden values get are free ones, also where the text uses the largest. */
static void hidden_values(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const Case *c = read_text(a, "function %f(i32) {\nblock0(v4294967294: i32):\n"
                                 "    v0 = iadd_imm v4294967294, 1\n    v2 = iadd_imm v0, 1\n"
                                 "    return\n}\n");
    const Func *f = c->module->funcs.at[0];
    for (uint32_t x = 0; x < f->values.n; x++)
        for (uint32_t y = 0; y < x; y++)
            assert_int_not_equal(f->values.at[x].name, f->values.at[y].name);
    arena_destroy(a);
}

/* One message a function and a directive; reading goes on behind it. */
static void goes_on(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Diag d;
    static const char text[] = "function %a() {\n    bad\n    worse\n}\n; run: %a(bad)\n"
                               "function %b()" RETURN "; run: bad\n; run: worse\n"
                               "function %c() {\nfunction %d() {\nblock0:\n    bad\n}\n";
    assert_null(read_bytes(a, text, sizeof text - 1, &d));
    static const uint32_t lines[] = {2, 10, 11, 13, 15};
    assert_int_equal(d.entries.n, countof(lines));
    for (size_t k = 0; k < countof(lines); k++) assert_int_equal(d.entries.at[k].line, lines[k]);
    arena_destroy(a);
}

/* A limit as it is reached and exceeded; those of a whole file are tested by tests/cli. */
static void expect_limit(const char *within, const char *above, LimitId limit)
{
    Arena *a = arena_create();
    Diag d;
    read_text(a, within);
    assert_null(read_bytes(a, above, strlen(above), &d));
    const LimitInfo *l = &limit_info[limit];
    const char *part = arena_printf(a, "%llu", (unsigned long long)l->most);
    if (!strstr(d.entries.at[0].text, part)) fail_msg("%s: %s", l->name, d.entries.at[0].text);
    arena_destroy(a);
}

static const char *nested(Arena *a, unsigned depth)
{
    Buf out = {.arena = a};
    buf_text(&out, "function %f(i64)" RETURN "; address: %f 0 range=0..8");
    for (unsigned k = 0; k < depth; k++) buf_text(&out, ", cell 0 = (range=0..8");
    for (unsigned k = 0; k < depth; k++) buf_char(&out, ')');
    return out.at;
}

static const char *repeated(Arena *a, const char *before, const char *item, unsigned n,
                            const char *behind)
{
    Buf out = {.arena = a};
    buf_text(&out, before);
    for (unsigned k = 0; k < n; k++) buf_printf(&out, item, k);
    buf_text(&out, behind);
    return out.at;
}

static const char *heaps(Arena *a, unsigned n)
{
    return repeated(a, "function %f()" RETURN, "; heap: <heap%u> size=1\n", n, "");
}

static const char *params(Arena *a, unsigned n)
{
    return repeated(a, "function %f(i32", ", i8", n - 1, ")" RETURN);
}

static const char *regions(Arena *a, unsigned n)
{
    return repeated(a, "function %f() {\n", "region%1$u = %1$u \"\"\n", n, "block0:\n return\n}");
}

static void limits(void **state)
{
    (void)state;
    Arena *a = arena_create();
    enum { DEPTH = LIMIT_contract_depth, HEAPS = LIMIT_heaps };
    expect_limit(nested(a, DEPTH), nested(a, DEPTH + 1), LIMIT_ID_contract_depth);
    expect_limit(heaps(a, HEAPS), heaps(a, HEAPS + 1), LIMIT_ID_heaps);
    expect_limit(params(a, LIMIT_params), params(a, LIMIT_params + 1), LIMIT_ID_params);
    expect_limit(regions(a, LIMIT_regions), regions(a, LIMIT_regions + 1), LIMIT_ID_regions);
    arena_destroy(a);
}

/* Text that takes the most memory for its size ends with a message, not without memory. */
static void memory(void **state)
{
    (void)state;
    static const char *const items[] = {
        "nop\n", "block1%u: return\n", "trap user1\n", "jump block0\n", "v%u=iconst.i8 1\n",
    };
    Arena *a = arena_create();
    for (size_t k = 0; k < countof(items); k++, arena_reset(a)) {
        Buf text = {.arena = a};
        while (text.n < 6 << 20) {
            buf_printf(&text, "function u0:%zu(){block0:\n", text.n);
            for (unsigned n = 0; n < 10000; n++) buf_printf(&text, items[k], n);
            buf_text(&text, "return}\n");
        }
        Diag d;
        Arena *reading = arena_create();
        assert_null(read_bytes(reading, text.at, text.n, &d));
        const char *message = d.entries.at[0].text;
        if (!strstr(message, "memory that a file's case")) fail_msg("%s: %s", items[k], message);
        assert_true(arena_used(reading) < 64 << 20);
        arena_destroy(reading);
    }
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places),        cmocka_unit_test(strange_bytes),
        cmocka_unit_test(same_text),     cmocka_unit_test(text_may_go),
        cmocka_unit_test(conventions),   cmocka_unit_test(what_a_case_holds),
        cmocka_unit_test(contracts),     cmocka_unit_test(numbers_far_apart),
        cmocka_unit_test(hidden_values), cmocka_unit_test(goes_on),
        cmocka_unit_test(limits),        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
