/* Older dialects: which there are, what they refuse, and how a module is said in each. */
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static Case *read_text(Arena *a, const char *text)
{
    Diag d = {.arena = a};
    Case *c = case_read(a, "text", str_of(text), &d);
    bool sound = c && module_verify(c->module, VERIFY_STRUCTURE, a, &d);
    diag_print(&d, stderr);
    assert_true(sound);
    return c;
}

static const Dialect *version(const char *text)
{
    const Dialect *d = dialect_for(str_of(text));
    assert_non_null(d);
    return d;
}

static void rows_follow_one_another(void **state)
{
    (void)state;
    for (unsigned k = 1; k < dialects_count; k++)
        assert_int_equal(dialects[k].from, dialects[k - 1].to + 1);
    assert_ptr_equal(dialect_current(), version("current"));
}

/* A row must begin where something new does, or what is newer is refused too long. */
static void news_begin_rows(void **state)
{
    (void)state;
    static const uint16_t since[] = {
#define NEWER_OP(op, since) since,
#define NEWER_ON(op, type, since) since,
#define NEWER_LANE(type, since) since,
#define NEWER_CONV(conv, since) since,
#define NEWER_CATCH(conv, since) since,
#define NEWER_WORD(word, since) since,
#define SETTING(word, since, when) since,
#define OLDER(word, until, shape, op) (until) + 1,
#define TYPE_SAID(op, until) (until) + 1,
#include "ir/dialects.def"
    };
    for (size_t k = 0; k < countof(since); k++) {
        bool begins = since[k] == 134; /* readers of what the current dialect does not write */
        for (unsigned d = 0; d < dialects_count; d++) begins |= dialects[d].from == since[k];
        assert_true(begins);
    }
}

static void versions_are_found(void **state)
{
    (void)state;
    static const char *const none[] = {"",     "0",     "0.",     "1.91", "0.90",   "0.7",
                                       "0.91.", "0.91x", "0.91.1x", "v0.91", "0.99999", "0x91"};
    assert_int_equal(version("0.91")->from, 91);
    assert_int_equal(version("0.92.1")->from, 91);
    assert_int_equal(version("0.111.13")->from, 111);
    assert_int_equal(version("0.137.1")->from, 133);
    assert_int_equal(version("0.1000")->from, 133);
    for (size_t k = 0; k < countof(none); k++) assert_null(dialect_for(str_of(none[k])));
}

/* What a function holds, the last version without it, the first with it, and why. */
static const struct {
    const char *text, *before, *with, *reason;
} refusals[] = {
    {"function %f(i32) -> i32, i8 {\nblock0(v0: i32):\n    v1, v2 = uadd_overflow v0, v0\n"
     "    return v1, v2\n}\n",
     "0.95", "0.96", "no instruction uadd_overflow before 0.96"},
    {"function %f(i8x16) -> i8x16 {\nblock0(v0: i8x16):\n    v1 = blendv v0, v0, v0\n"
     "    return v1\n}\n",
     "0.94", "0.95", "no instruction blendv before 0.95"},
    {"function %f(i64) {\nblock0(v0: i64):\n    v1 = load.f16x8 v0\n    return\n}\n", "0.109",
     "0.110", "no type f16x8 before 0.110"},
    {"function %f(f128) {\nblock0(v0: f128):\n    return\n}\n", "0.109", "0.110",
     "no type f128 before 0.110"},
    {"function %f() tail {\nblock0:\n    return\n}\n", "0.92", "0.93",
     "no calling convention tail before 0.93"},
    {"function %f() {\n    ss0 = explicit_slot 8, key = 3\nblock0:\n    return\n}\n", "0.125",
     "0.126", "no word key before 0.126"},
    {"function %f() {\n    sig0 = () winch\n    fn0 = u0:1 sig0\nblock0:\n"
     "    try_call fn0(), sig0, block1, [ default: block1 ]\nblock1:\n    return\n}\n",
     "0.124", "0.125", "no handler of a call winch before 0.125"},
    {"function %f() {\n    sig0 = () preserve_all\n    fn0 = patchable u0:1 sig0\nblock0:\n"
     "    return\n}\n",
     "0.127", "0.128", "no calling convention preserve_all before 0.128"},
    {"function %f() {\n    sig0 = ()\n    fn0 = patchable u0:1 sig0\nblock0:\n    return\n}\n",
     "0.127", "0.128", "no word patchable before 0.128"},
    {"function %f(i64, i128) {\nblock0(v0: i64, v1: i128):\n    atomic_store v1, v0\n"
     "    return\n}\n",
     "0.113", "0.114", "no instruction atomic_store.i128 before 0.114"},
    {"function %f(i64) -> i128 {\nblock0(v0: i64):\n    v1 = atomic_load.i128 v0\n"
     "    return v1\n}\n",
     "0.113", "0.114", "no instruction atomic_load.i128 before 0.114"},
    {"function %f(i64) {\n    sig0 = (i64) tail\nblock0(v0: i64):\n    return\n}\n", "0.92", "0.93",
     "no calling convention tail before 0.93"},
    {"function %f() {\n    sig0 = () system_v\n    fn0 = u0:1 sig0\nblock0:\n"
     "    try_call fn0(), sig0, block1, [ default: block1 ]\nblock1:\n    return\n}\n",
     "0.119", "0.120", "no instruction try_call before 0.120"},
    {"function %f(i64) {\n    sig0 = () system_v\n    fn0 = u0:1 sig0\nblock0(v0: i64):\n"
     "    try_call fn0(), sig0, block1, [ context v0, default: block1 ]\nblock1:\n"
     "    return\n}\n",
     "0.124", "0.125", "no word context before 0.125"},
    {"function %f() {\nblock0:\n    sequence_point\n    return\n}\n", "0.125", "0.126",
     "no instruction sequence_point before 0.126"},
    {"function %f() -> f16 {\nblock0:\n    v0 = f16const 0x1.0\n    return v0\n}\n", "0.110",
     "0.111",
     "no instruction f16const before 0.111"},
};

/* Until 0.94 the type of a swizzle's result followed from nothing. */
static void type_is_said(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Case *c = read_text(a, "function %f(i8x16) -> i8x16 {\nblock0(v0: i8x16):\n"
                           "    v1 = swizzle v0, v0\n    return v1\n}\n");
    for (unsigned k = 0; k < dialects_count; k++) {
        Buf out = {.arena = a};
        case_write(&out, c, &(WriteOptions){.dialect = &dialects[k]});
        bool said = strstr(buf_str(&out).at, "v1 = swizzle.i8x16 v0, v0\n") != NULL;
        assert_int_equal(said, dialects[k].from <= 94);
        read_text(a, out.at);
    }
    arena_destroy(a);
}

static void what_is_newer_is_refused(void **state)
{
    (void)state;
    Arena *a = arena_create();
    for (size_t k = 0; k < countof(refusals); k++) {
        const Module *m = read_text(a, refusals[k].text)->module;
        assert_string_equal(dialect_refuses(version(refusals[k].before), m, a),
                            refusals[k].reason);
        assert_null(dialect_refuses(version(refusals[k].with), m, a));
        assert_null(dialect_refuses(dialect_current(), m, a));
    }
    arena_destroy(a);
}

static const char *const everything =
    "test run\n"
    "set enable_multi_ret_implicit_sret\n"
    "set opt_level=speed\n"
    "target x86_64\n"
    "; discipline: addresses\n"
    "\n"
    "function %f(i64, i32) -> i32 system_v {\n"
    "    ss0 = explicit_slot 4, align = 32\n"
    "    region0 = 1 \"one\"\n"
    "    region1 = 2 \"two\"\n"
    "    region2 = 3 \"three\"\n"
    "    region3 = 4 \"four\"\n"
    "    const0 = 0x000102030405060708090a0b0c0d0e0f\n"
    "\n"
    "block0(v0: i64, v1: i32):\n"
    "    v2 = stack_addr.i64 ss0\n"
    "    store notrap aligned v1, v2\n"
    "    v3 = load.i32 user7 readonly region0 v0\n"
    "    v4 = load.i32 int_ovf readonly can_move region1 v0+4\n"
    "    v5 = load.i32 can_move region2 v0+8\n"
    "    v6 = load.i32 notrap region3 v0+12\n"
    "    v7 = vconst.i8x16 const0\n"
    "    br_table v1, block1(v3), [block2, block1(v4)]\n"
    "\n"
    "block1(v8: i32):\n"
    "    brif v8, block2, block3(v8)\n"
    "\n"
    "block2:\n"
    "    trap user7\n"
    "\n"
    "block3(v9: i32):\n"
    "    return v9\n"
    "}\n"
    "; address: %f 0 range=0..16, align=4, init=all\n";

static const char *const in_91 = "test run\n"
                                 "set opt_level=speed\n"
                                 "target x86_64\n"
                                 "\n"
                                 "function %f(i64, i32) -> i32 system_v {\n"
                                 "    ss0 = explicit_slot 28\n"
                                 "    const0 = [15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0]\n"
                                 "    jt7 = jump_table [block2, block5]\n"
                                 "\n"
                                 "block0(v0: i64, v1: i32):\n"
                                 "    v10 = stack_addr.i64 ss0+24\n"
                                 "    v11 = iconst.i64 -32\n"
                                 "    v12 = band v10, v11\n"
                                 "    v13 = iconst.i64 0\n"
                                 "    v2 = iadd v12, v13\n"
                                 "    store notrap aligned v1, v2\n"
                                 "    v3 = load.i32 table v0\n"
                                 "    v4 = load.i32 readonly vmctx v0+4\n"
                                 "    v5 = load.i32 v0+8\n"
                                 "    v6 = load.i32 notrap heap v0+12\n"
                                 "    v7 = vconst.i8x16 const0\n"
                                 "    br_table v1, block4, jt7\n"
                                 "\n"
                                 "block1(v8: i32):\n"
                                 "    brnz v8, block2\n"
                                 "    jump block3(v8)\n"
                                 "\n"
                                 "block2:\n"
                                 "    trap user7\n"
                                 "\n"
                                 "block3(v9: i32):\n"
                                 "    return v9\n"
                                 "\n"
                                 "block4:\n"
                                 "    jump block1(v3)\n"
                                 "\n"
                                 "block5:\n"
                                 "    jump block1(v4)\n"
                                 "}\n"
                                 "; address: %f 0 range=0..16, align=4, init=all\n";

static const char *written(Arena *a, const Case *c, const char *dialect, bool consistent)
{
    Buf out = {.arena = a};
    case_write(&out, c, &(WriteOptions){.dialect = version(dialect), .consistent = consistent});
    return out.at;
}

static void all_of_it_is_said_in_the_first(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Case *c = read_text(a, everything);
    assert_string_equal(written(a, c, "0.91.0", false), in_91);
    assert_string_equal(written(a, c, "current", false), everything); /* and stays as it was */
    read_text(a, in_91);
    arena_destroy(a);
}

/* A line of the case in each version. */
static const struct {
    const char *dialect, *line;
} lines[] = {
    {"0.92", "    brnz v8, block2\n"},
    {"0.93", "    brif v8, block2, block3(v8)\n"},
    {"0.93", "    br_table v1, block4, jt7\n"},
    {"0.94", "    br_table v1, block1(v3), [block2, block1(v4)]\n"},
    {"0.94", "    const0 = 0x000102030405060708090a0b0c0d0e0f\n"},
    {"0.106", "    v4 = load.i32 readonly vmctx v0+4\n"},
    {"0.107", "    v4 = load.i32 int_ovf readonly vmctx v0+4\n"},
    {"0.107", "    v3 = load.i32 table v0\n"},
    {"0.108", "    ss0 = explicit_slot 28\n"},
    {"0.109", "    ss0 = explicit_slot 4, align = 32\n"},
    {"0.112", "    v3 = load.i32 table v0\n"},
    {"0.113", "    v3 = load.i32 user7 table v0\n"},
    {"0.113", "set opt_level=speed\n"},
    {"0.114", "set enable_multi_ret_implicit_sret\n"},
    {"0.118", "    v5 = load.i32 v0+8\n"},
    {"0.119", "    v3 = load.i32 user7 readonly table v0\n"},
    {"0.119", "    v4 = load.i32 int_ovf readonly can_move vmctx v0+4\n"},
    {"0.132", "    v5 = load.i32 can_move v0+8\n"},
    {"0.133", "    v5 = load.i32 can_move region2 v0+8\n"},
    {"0.133", "    region2 = 3 \"three\"\n"},
};

static void each_version_has_its_spelling(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Case *c = read_text(a, everything);
    for (size_t k = 0; k < countof(lines); k++) {
        const char *text = written(a, c, lines[k].dialect, false);
        if (!strstr(text, lines[k].line)) fail_msg("%s has no\n%s", text, lines[k].line);
    }
    assert_null(strstr(written(a, c, "0.113", false), "implicit_sret"));
    assert_null(strstr(written(a, c, "0.132", false), "region0 ="));
    arena_destroy(a);
}

static void renamed_instructions_are_read_back(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Case *c = read_text(a, refusals[1].text);
    const char *text = written(a, c, "0.128", false);
    assert_non_null(strstr(text, "v1 = x86_blendv v0, v0, v0\n"));
    assert_non_null(strstr(written(a, c, "0.129", false), "v1 = blendv v0, v0, v0\n"));
    assert_non_null(strstr(written(a, read_text(a, text), "current", false), "v1 = blendv "));
    arena_destroy(a);
}

static const char *const mixed = "function %f(i64) {\n"
                                 "    region0 = 0 \"r\"\n"
                                 "block0(v0: i64):\n"
                                 "    v1 = load.i32 region0 v0\n"
                                 "    v2 = load.i32 v0+4\n"
                                 "    return\n"
                                 "}\n"
                                 "function %g(i64) {\n"
                                 "    region0 = 0 \"r\"\n"
                                 "block0(v0: i64):\n"
                                 "    v1 = load.i32 region0 v0\n"
                                 "    return\n"
                                 "}\n";

/* Where both kinds of accesses may be to one object, none keeps its region. */
static void regions_are_not_mixed(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Case *c = read_text(a, mixed);
    const char *text = written(a, c, "0.132", false);
    const char *g = strstr(text, "function %g");
    assert_non_null(g);
    assert_non_null(strstr(text, "    v1 = load.i32 v0\n"));
    assert_non_null(strstr(g, "    v1 = load.i32 heap v0\n"));
    assert_non_null(strstr(written(a, c, "0.132", true), "    v1 = load.i32 heap v0\n"));
    assert_non_null(strstr(written(a, c, "0.133", false), "    v1 = load.i32 region0 v0\n"));
    arena_destroy(a);
}

static void codes_of_accesses_are_seen_as_one(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const Module *m = read_text(a, everything)->module;
    const TrapCode user7 = 7, user8 = 8;
    assert_int_equal(dialect_seen_trap(version("0.106"), m, user7), TRAP_heap_oob);
    assert_int_equal(dialect_seen_trap(version("0.106"), m, TRAP_int_ovf), TRAP_heap_oob);
    assert_int_equal(dialect_seen_trap(version("0.106"), m, user8), user8); /* no access's */
    assert_int_equal(dialect_seen_trap(version("0.107"), m, TRAP_int_ovf), TRAP_int_ovf);
    assert_int_equal(dialect_seen_trap(version("0.112"), m, user7), TRAP_heap_oob);
    assert_int_equal(dialect_seen_trap(version("0.113"), m, user7), user7);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_one_another),
        cmocka_unit_test(news_begin_rows),
        cmocka_unit_test(versions_are_found),
        cmocka_unit_test(type_is_said),
        cmocka_unit_test(what_is_newer_is_refused),
        cmocka_unit_test(all_of_it_is_said_in_the_first),
        cmocka_unit_test(each_version_has_its_spelling),
        cmocka_unit_test(renamed_instructions_are_read_back),
        cmocka_unit_test(regions_are_not_mixed),
        cmocka_unit_test(codes_of_accesses_are_seen_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
