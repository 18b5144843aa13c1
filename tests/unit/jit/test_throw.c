/* Edges to handlers of exceptions. Nothing in the JIT raises one; here a callee does. */
#include "ir/read.h"
#include "jit/jit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/throw.h"

/* Whether the entry restores the registers that are its caller's. */
extern int guarded(const void *entry, const void *args, void *results);

#define EACH_SAVED(x) x(rbx, 11) x(rbp, 12) x(r12, 13) x(r13, 14) x(r14, 15) x(r15, 16)
#define PUSH(reg, n) "    push %" #reg "\n"
#define SET(reg, n) "    mov $" #n ", %" #reg "\n"
#define COMPARE(reg, n) "    xor $" #n ", %" #reg "\n    or %" #reg ", %rax\n"
#define RESTORE(reg, n) "    mov 8*(17-" #n ")(%rsp), %" #reg "\n"

__asm__(".text\n"
        ".globl guarded\n"
        "guarded:\n"
        EACH_SAVED(PUSH)
        "    sub $8, %rsp\n"
        "    mov %rdi, %rax\n"
        "    mov %rsi, %rdi\n"
        "    mov %rdx, %rsi\n"
        EACH_SAVED(SET)
        "    call *%rax\n"
        "    xor %eax, %eax\n"
        EACH_SAVED(COMPARE)
        "    cmp $1, %rax\n"
        "    sbb %eax, %eax\n"
        EACH_SAVED(RESTORE)
        "    add $56, %rsp\n"
        "    ret\n");

typedef struct {
    uint64_t args[8][2], results[8][2];
} Call;

static void call(const char *text, unsigned align, Call *c)
{
    Arena *a = arena_create();
    Jit *jit = jit_create();
    CodeMem *memory = codemem_create(0);
    Diag d = {.arena = a};
    char *whole = arena_printf(a, text, align);
    Case *module = case_read(a, "test", str_of(whole), &d);
    if (!module) diag_print(&d, stderr);
    assert_non_null(module);
    JitOptions options = {.features = feature_detect(), .trap_exit = abort, .verify = true};
    JitCode code;
    const char *refused = NULL;
    if (!jit_compile(jit, module->module, &options, memory, &code, &refused))
        fail_msg("refused: %s", refused);
    assert_true(guarded(jit_entry(jit, &code, 0), c->args, c->results));
    jit_destroy(jit);
    codemem_destroy(memory);
    arena_destroy(a);
}

/* More values than registers, in all classes; what the exception brings, exchanged. The way of the
 * return wants the same values, in registers. */
static const char pressure[] =
    "function %%f(i64, i64, i64, f64, i8x16, i64, i128) -> i64, f64, i8x16, i128 {\n"
    "    ss0 = explicit_slot 8, align = %u\n"
    "    sig0 = (i64, i64, i64, i64) -> i64 system_v\n"
    "block0(v0: i64, v1: i64, v2: i64, v3: f64, v4: i8x16, v5: i64, v6: i128):\n"
    "    v9 = stack_addr.i64 ss0\n"
    "    store v1, v9\n"
    "    v10 = iadd v1, v2\n"
    "    v11 = imul v1, v2\n"
    "    v12 = bxor v1, v2\n"
    "    v13 = bor v1, v2\n"
    "    v14 = band v1, v2\n"
    "    v15 = isub v1, v2\n"
    "    v16 = imul v10, v11\n"
    "    v17 = imul v12, v13\n"
    "    v18 = imul v14, v15\n"
    "    v19 = iadd v16, v17\n"
    "    v20 = fadd v3, v3\n"
    "    v21 = fmul v20, v3\n"
    "    v22 = iadd v4, v4\n"
    "    v23 = iadd v6, v6\n"
    "    jump block1\n"
    "block1:\n"
    "    v30 = get_exception_handler_address.i64 block1, 1\n"
    "    try_call_indirect v0(v30, v1, v2, v5), sig0, block2(ret0, v10),\n"
    "        [tag1: block2(v10, exn0), tag2: block3(exn1, v11, exn0, v23, v20, v22)]\n"
    "block2(v31: i64, v32: i64):\n"
    "    jump block3(v31, v11, v32, v23, v20, v22)\n"
    "block3(v40: i64, v41: i64, v42: i64, v43: i128, v44: f64, v45: i8x16):\n"
    "    v50 = iconst.i64 3\n"
    "    v51 = imul v40, v50\n"
    "    v52 = isub v51, v42\n"
    "    v53 = bxor v52, v41\n"
    "    v54 = iadd v53, v10\n"
    "    v55 = iadd v54, v12\n"
    "    v56 = iadd v55, v13\n"
    "    v57 = iadd v56, v14\n"
    "    v58 = iadd v57, v15\n"
    "    v59 = iadd v58, v16\n"
    "    v60 = iadd v59, v17\n"
    "    v61 = iadd v60, v18\n"
    "    v62 = iadd v61, v19\n"
    "    v63 = load.i64 v9\n"
    "    v64 = iadd v62, v63\n"
    "    v65 = iadd v64, v2\n"
    "    v66 = fadd v44, v21\n"
    "    v67 = iadd v45, v4\n"
    "    v68 = iadd v43, v6\n"
    "    return v65, v66, v67, v68\n"
    "}\n";

static void values_survive(void **state)
{
    (void)state;
    for (unsigned align = 8; align <= 64; align *= 2) {
        uint64_t x = 1000003, y = 77, half = 0x4000000000000000; /* 2.0 */
        uint64_t bytes = 0x0102030405060708;
        Call c = {.args = {{(uintptr_t)throw}, {x}, {y}, {half}, {bytes, ~bytes}, {align > 16},
                           {~UINT64_C(0), 4}}};
        call(pressure, align, &c);
        uint64_t sum = x + y, product = x * y, a = x ^ y, o = x | y, n = x & y, less = x - y;
        uint64_t products = sum * product + a * o;
        uint64_t want = ((y * 3 - x) ^ product) + sum + a + o + n + less + sum * product + a * o +
                        n * less + products + x + y;
        assert_int_equal(c.results[0][0], want);
        assert_int_equal(c.results[1][0], 0x4028000000000000); /* 12.0 */
        assert_int_equal(c.results[2][0], 3 * bytes);
        assert_int_equal(c.results[3][0], ~UINT64_C(2));
        assert_int_equal(c.results[3][1], 14);
    }
}

/* The handler stands before the call, and is the header of the loop around it. */
static const char loop[] =
    "function %%f(i64, i64, i64) -> i64 {\n"
    "    ss0 = explicit_slot 8, align = %u\n"
    "    sig0 = (i64, i64, i64, i64) -> i64 system_v\n"
    "block0(v0: i64, v1: i64, v2: i64):\n"
    "    v3 = iconst.i64 0\n"
    "    v4 = imul v1, v1\n"
    "    jump block1(v1, v3, v4)\n"
    "block1(v10: i64, v11: i64, v12: i64):\n"
    "    brif v10, block2, block4\n"
    "block2:\n"
    "    v20 = iconst.i64 -1\n"
    "    v21 = iadd v10, v20\n"
    "    v22 = iadd v11, v10\n"
    "    v23 = bxor v12, v4\n"
    "    v24 = get_exception_handler_address.i64 block2, 0\n"
    "    try_call_indirect v0(v24, v22, v21, v2), sig0, block3(ret0),\n"
    "        [default: block1(exn1, exn0, v23)]\n"
    "block3(v30: i64):\n"
    "    jump block1(v21, v22, v23)\n"
    "block4:\n"
    "    v40 = stack_addr.i64 ss0\n"
    "    store v12, v40\n"
    "    v41 = load.i64 v40\n"
    "    v42 = iadd v41, v11\n"
    "    v43 = iadd v42, v4\n"
    "    return v43\n"
    "}\n";

static void loops_go_on(void **state)
{
    (void)state;
    for (unsigned align = 16; align <= 32; align *= 2) {
        Call c = {.args = {{(uintptr_t)throw}, {11}, {align > 16}}};
        call(loop, align, &c);
        assert_int_equal(c.results[0][0], 0 + 66 + 121); /* exchanged eleven times */
        c.args[1][0] = 10;
        call(loop, align, &c);
        assert_int_equal(c.results[0][0], 100 + 55 + 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_survive),
        cmocka_unit_test(loops_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
