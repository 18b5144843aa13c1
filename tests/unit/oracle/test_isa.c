/* Machine code holds nothing that the features of its configuration do not allow: generated cases
 * are compiled with each feature alone, with all but one, and with each preset, and everything in
 * functions and entries is disassembled. */
#include "gen/gen.h"
#include "jit/jit.h"
#include "tests/unit/jit/isa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CASES_A_SET = 150, SETS = 64 };

typedef struct {
    Arena *arena;
    Jit *jit;
    CodeMem *memory;
    ZydisDecoder decoder;
    JitCode code;
    FeatureSet features;
    uint64_t insts;
    FeatureSet seen; /* of all features: some instruction has been in some code */
} Test;

/* The feature that has the set; FEATURE_COUNT when none has. */
static Feature feature_of(ZydisISASet set)
{
    for (size_t k = 0; k < countof(isa_sets); k++)
        if (isa_sets[k].set == set) return isa_sets[k].feature;
    return FEATURE_COUNT;
}

/* Its length; the test fails when the instruction is not allowed. */
static uint32_t check_inst(Test *t, uint32_t at, uint32_t end)
{
    ZydisDecodedInstruction i;
    const uint8_t *code = (const uint8_t *)t->code.start;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&t->decoder, NULL, code + at, end - at, &i)))
        fail_msg("no instruction at %u", at);
    const char *set = ZydisISASetGetString(i.meta.isa_set);
    const char *name = ZydisMnemonicGetString(i.mnemonic);
    Feature feature = feature_of(i.meta.isa_set);
    if (feature == FEATURE_COUNT) fail_msg("%s of unknown set %s", name, set);
    if (!(t->features & feature_bit(feature)))
        fail_msg("%s of %s, features 0x%x", name, set, (unsigned)t->features);
    t->seen |= feature_bit(feature);
    t->insts++;
    return i.length;
}

static void check_functions(Test *t)
{
    for (uint32_t k = 0; k < t->code.nlines; k++) {
        if (t->code.lines[k].func == NO_INDEX) continue;
        assert_true(k + 1 < t->code.nlines);
        uint32_t end = t->code.lines[k + 1].offset;
        for (uint32_t at = t->code.lines[k].offset; at < end;) at += check_inst(t, at, end);
    }
}

/* Up to the one return. */
static void check_entries(Test *t)
{
    enum { RET = 0xc3 };
    const uint8_t *code = (const uint8_t *)t->code.start;
    for (uint32_t k = 0; k < t->code.nfuncs; k++) {
        const void *entry = jit_entry(t->jit, &t->code, k);
        uint32_t at = (uint32_t)((uintptr_t)entry - t->code.start);
        while (code[at] != RET) at += check_inst(t, at, (uint32_t)t->code.size);
    }
}

static void check_case(Test *t, const Module *m)
{
    const char *refused = "";
    JitOptions options = {.features = t->features, .trap_exit = abort, .wants_lines = true};
    codemem_rewind(t->memory);
    if (!jit_compile(t->jit, m, &options, t->memory, &t->code, &refused)) fail_msg("%s", refused);
    check_functions(t);
    check_entries(t);
}

static uint32_t feature_sets(FeatureSet *sets)
{
    static const char *const presets[] = {"sse2", "ssse3", "sse41", "sse42", "avx", "avx2"};
    uint32_t n = 0;
    for (size_t k = 0; k < countof(presets); k++)
        assert_true(feature_parse(str_of(presets[k]), &sets[n++], NULL));
    for (Feature f = FEATURE_SSE2 + 1; f <= FEATURE_CX16; f++) {
        char text[64];
        assert_true(feature_parse(str_of(feature_flag(f)), &sets[n++], NULL));
        snprintf(text, sizeof text, "avx2 %s=false", feature_flag(f));
        assert_true(feature_parse(str_of(text), &sets[n++], NULL));
    }
    return n;
}

static void nothing_but_what_is_allowed(void **state)
{
    (void)state;
    FeatureSet sets[SETS];
    uint32_t n = feature_sets(sets);
    Test t = {.arena = arena_create(), .jit = jit_create(), .memory = codemem_create(0)};
    ZydisDecoderInit(&t.decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (uint64_t seed = 0; seed < n * CASES_A_SET; seed++, arena_reset(t.arena)) {
        uint8_t bytes[GEN_SEED_BYTES];
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        t.features = sets[seed % n];
        check_case(&t, gen_next(&in, &(GenOptions){.off = OFF_soft | OFF_odd}, t.arena)->module);
    }
    printf("feature sets %u, cases %u, instructions %llu\n", n, n * CASES_A_SET,
           (unsigned long long)t.insts);
    Buf seen = {.arena = t.arena};
    feature_print(t.seen, &seen);
    /* SSE3 has nothing that lowering wants */
    assert_string_equal(seen.at, "has_ssse3 has_sse41 has_sse42 has_popcnt has_lzcnt has_bmi1 "
                                 "has_bmi2 has_avx has_avx2 has_fma");
    jit_destroy(t.jit);
    codemem_destroy(t.memory);
    arena_destroy(t.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_but_what_is_allowed)};
    return cmocka_run_group_tests_name("isa", tests, NULL, NULL);
}
