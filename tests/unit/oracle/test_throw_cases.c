/* Exceptions in the middle of generated cases: each is handled where it would have gone on, so that
 * nothing changes, whatever registers held. */
#include "gen/gen.h"
#include "ir/build.h"
#include "ir/verify.h"
#include "oracle/judge.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/support/throw.h"

enum { CASES = 400 };

/* All but the block's first `k` instructions, in a block of their own. */
static Block cut(Func *f, Block b, uint32_t k)
{
    Block rest = build_block(f);
    BlockData *from = func_block(f, b), *to = func_block(f, rest);
    for (uint32_t n = k; n < from->insts.n; n++)
        *vec_push(f->arena, &to->insts) = from->insts.at[n];
    from->insts.n = k;
    return rest;
}

/* Whether rbp holds the frame. */
static bool is_framed(const Func *f)
{
    for (uint32_t k = 0; k < f->slots.n; k++)
        if (f->slots.at[k].align > 16) return true;
    return false;
}

static SigRef throw_signature(Func *f)
{
    Signature sig = {.conv = CALLCONV_system_v};
    for (unsigned k = 0; k < 4; k++) vec_push(f->arena, &sig.params)->type = TY_i64;
    vec_push(f->arena, &sig.returns)->type = TY_i64;
    return build_sig(f, &sig);
}

/* Turn    b: one; two     into    b: one; try_call throw(..), next(ret0), [default: next(exn0)]
 *                                 next(x): trap unless x is what was brought; two
 *
 * The way of the return, which is never taken, wants the same values. */
static void throw_before(Func *f, SigRef sig, Block b, uint32_t k)
{
    enum { BROUGHT = 0x1234567 };
    Block next = cut(f, b, k);
    Builder at = builder_at(f, b);
    InstData handler = {.op = OP_get_exception_handler_address, .type = TY_i64, .entity = b.i};
    Value args[] = {
        build_iconst(&at, TY_i64, (int64_t)(uintptr_t)throw),
        func_inst(f, build_inst(&at, &handler))->result,
        build_iconst(&at, TY_i64, BROUGHT),
        build_iconst(&at, TY_i64, 0),
        build_iconst(&at, TY_i64, is_framed(f)),
    };
    InstData call = {.op = OP_try_call_indirect, .entity = sig.i, .imm = f->tables.n, .ndests = 2};
    ExceptionTable *t = vec_push(f->arena, &f->tables);
    *t = (ExceptionTable){.sig = sig};
    vec_push(f->arena, &t->handlers)->kind = HANDLER_default;
    call.dests = arena_array(f->arena, BlockCall, 2);
    inst_set_args(f, &call, args, countof(args));
    Value ret0 = func_inst(f, build_inst(&at, &call))->result, exn0 = {ret0.i + 1};
    call.dests[0] = build_dest(f, next, &ret0, 1);
    call.dests[1] = build_dest(f, next, &exn0, 1);
    Value x = build_param(f, next, TY_i64);
    Block rest = cut(f, next, 0);
    Builder in = builder_at(f, next);
    Value differs = build_binary(&in, OP_bxor, x, build_iconst(&in, TY_i64, BROUGHT));
    build_cond_trap(&in, OP_trapnz, differs, 99);
    build_jump(&in, (BlockCall){.block = rest});
}

/* Somewhere in each block; not in the entry, which nothing may name. */
static uint32_t throw_all_over(Func *f)
{
    SigRef sig = throw_signature(f);
    uint32_t n = f->layout.n, thrown = 0;
    Block first = cut(f, func_entry(f), 0);
    Builder at = builder_at(f, func_entry(f));
    build_jump(&at, (BlockCall){.block = first});
    for (uint32_t k = 1; k <= n; k++) {
        Block b = k == n ? first : f->layout.at[k];
        uint32_t insts = func_block(f, b)->insts.n;
        if (!insts) continue;
        throw_before(f, sig, b, (k * 7 + insts) % insts);
        thrown++;
    }
    return thrown;
}

typedef struct {
    Outcome outcome;
    uint64_t memory;
} Seen;

static Seen see(Judge *j, const Config *config, const Case *c, const Run *run)
{
    Seen seen;
    const char *reason = NULL;
    if (!judge_compile(j, config, c, &reason)) fail_msg("refused: %s", reason);
    assert_true(judge_place(j, c, run, &reason));
    judge_run(j, config, c, run, &seen.outcome);
    seen.memory = image_hash(judge_image(j));
    return seen;
}

static void compare(Judge *j, const Case *given, const Case *thrown, uint64_t seed)
{
    uint32_t result;
    for (uint32_t k = 0; k < given->runs.n; k++) {
        const Run *run = &given->runs.at[k];
        const Signature *sig = &given->module->funcs.at[run->func]->sig;
        for (uint32_t n = 0; n < judge_configs(j)->n; n++) {
            const Config *config = judge_configs(j)->at[n];
            Seen before = see(j, config, given, run), after = see(j, config, thrown, run);
            if (!outcome_equal(&before.outcome, &after.outcome, sig, &result) ||
                before.memory != after.memory)
                fail_msg("seed %llu, run %u: another outcome", (unsigned long long)seed, k);
        }
    }
}

static void nothing_changes(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const char *error;
    Judge *j = judge_create(&(JudgeOptions){.backends = "jit:none:sse2,jit:none:native"}, &error);
    assert_non_null(j);
    uint32_t thrown = 0;
    for (uint64_t seed = 0; seed < CASES; seed++) {
        static uint8_t bytes[GEN_SEED_BYTES];
        arena_reset(a);
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        GenInput again = in;
        Case *given = gen_next(&in, &(GenOptions){.off = OFF_soft | OFF_odd | OFF_machine}, a);
        Case *c = gen_next(&again, &(GenOptions){.off = OFF_soft | OFF_odd | OFF_machine}, a);
        c->discipline = false;
        for (uint32_t k = 0; k < c->module->funcs.n; k++)
            thrown += throw_all_over(c->module->funcs.at[k]);
        Diag d = {.arena = a};
        if (!module_verify(c->module, VERIFY_STRUCTURE, a, &d)) diag_print(&d, stderr);
        assert_int_equal(d.errors, 0);
        compare(j, given, c, seed);
    }
    assert_true(thrown > 5 * CASES);
    judge_destroy(j);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
