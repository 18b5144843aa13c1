/* tests/clif/x64: what functions are compiled to, in the words of an independent disassembler.
 *
 * Behind each function its listing stands in comments that begin with `;   `, one instruction a
 * line, addresses counted from the start of the module's code, those of the C library's functions
 * and of ours (split_library.def) as names. Between the two there may be
 *
 *   ; instructions: N      so many, frame and exits not counted
 *   ; present: TEXT        some line holds TEXT
 *   ; absent: TEXT         no line does
 *
 * `set features=WORDS` in the header chooses the CPU, else it has everything up to AVX2's
 * predecessor SSE4.2. With BLESS=1 in the environment the listings are written anew; `git diff`
 * then shows the difference. */
#include "base/file.h"
#include "ir/read.h"
#include "jit/jit.h"
#include "jit/split_local.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include <Zydis/Zydis.h>

typedef struct {
    Arena *arena;
    const char *path;
    Str text;
    const Case *c;
    CodeMem *memory;
    JitCode code;
    ZydisDecoder decoder;
    ZydisFormatter formatter;
} Test;

static FeatureSet features_of(const Test *t)
{
    const char *words = "sse42";
    for (uint32_t k = 0; k < t->c->header.n; k++) {
        Str rest = t->c->header.at[k].rest;
        if (rest.n > 9 && memcmp(rest.at, "features=", 9) == 0)
            words = arena_strndup(t->arena, rest.at + 9, rest.n - 9);
    }
    FeatureSet set;
    Str bad;
    if (!feature_parse(str_of(words), &set, &bad))
        fail_msg("%s: no feature `%.*s`", t->path, (int)bad.n, bad.at);
    return set;
}

static void compile(Test *t, Jit *jit)
{
    JitOptions o = {.features = features_of(t), .wants_lines = true, .verify = true};
    const char *refused;
    if (!jit_compile(jit, t->c->module, &o, t->memory, &t->code, &refused))
        fail_msg("%s: refused: %s", t->path, refused);
}

/* -- Listing ----------------------------------------------------------------------------------- */

typedef struct {
    Buf text;
    uint32_t counted; /* instructions that a CLIF instruction stands behind */
} Listing;

/* The library's function at the address, or NULL. */
static const char *library_function(uint64_t at)
{
#define LIBCALL(op, lane, fn) \
    if (at == (uintptr_t)fn) return #fn;
#include "jit/x64/libcalls.def"
#define LIBRARY(name, params, result) \
    if (at == (uintptr_t)split_library_function(LIBRARY_##name)) return "library_" #name;
#include "jit/split_library.def"
    return NULL;
}

/* `words` := the instruction, when it loads the address of such a function, which is another one
 * in each process. */
static void name_function(const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *operands,
                          char *words, size_t size)
{
    if (insn->operand_count_visible != 2) return;
    bool has_number = operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    const char *name = has_number ? library_function(operands[1].imm.value.u) : NULL;
    if (!name) return;
    snprintf(words, size, "%s %s, %s", ZydisMnemonicGetString(insn->mnemonic),
             ZydisRegisterGetString(operands[0].reg.value), name);
}

static void list_line(const Test *t, const JitLine *line, uint32_t end, Listing *out)
{
    uint32_t at = line->offset;
    while (at < end) {
        ZydisDecodedInstruction insn;
        ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
        const uint8_t *bytes = (const uint8_t *)t->code.start + at;
        char words[128];
        assert_true(ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&t->decoder, bytes, end - at, &insn, operands)));
        assert_true(ZYAN_SUCCESS(ZydisFormatterFormatInstruction(
            &t->formatter, &insn, operands, insn.operand_count_visible, words, sizeof words, at,
            NULL)));
        name_function(&insn, operands, words, sizeof words);
        buf_printf(&out->text, ";   %s\n", words);
        out->counted += line->inst.i != NO_INDEX;
        at += insn.length;
    }
}

/* The function's code, up to its trap exits. */
static Listing list_function(const Test *t, uint32_t func)
{
    Listing out = {.text = {.arena = t->arena}};
    for (uint32_t k = 0; k + 1 < t->code.nlines; k++) {
        const JitLine *line = &t->code.lines[k];
        if (line->func == func) list_line(t, line, line[1].offset, &out);
    }
    return out;
}

/* -- Expectations ------------------------------------------------------------------------------ */

static bool starts_with(Str line, const char *word)
{
    size_t n = strlen(word);
    return line.n >= n && memcmp(line.at, word, n) == 0;
}

static Str rest_behind(Str line, const char *word)
{
    return (Str){line.at + strlen(word), line.n - strlen(word)};
}

static void check_line(const Test *t, Str line, const Listing *listing)
{
    const char *all = listing->text.at ? listing->text.at : "";
    if (starts_with(line, "; present: ")) {
        Str part = rest_behind(line, "; present: ");
        if (!strstr(all, arena_strndup(t->arena, part.at, part.n)))
            fail_msg("%s: `%.*s` is not in\n%s", t->path, (int)part.n, part.at, all);
    } else if (starts_with(line, "; absent: ")) {
        Str part = rest_behind(line, "; absent: ");
        if (strstr(all, arena_strndup(t->arena, part.at, part.n)))
            fail_msg("%s: `%.*s` is in\n%s", t->path, (int)part.n, part.at, all);
    } else if (starts_with(line, "; instructions: ")) {
        Str number = rest_behind(line, "; instructions: ");
        uint32_t wanted = (uint32_t)strtoul(number.at, NULL, 10);
        if (listing->counted != wanted)
            fail_msg("%s: %u instructions, not %u\n%s", t->path, listing->counted, wanted, all);
    }
}

/* -- Files ------------------------------------------------------------------------------------- */

static Str next_line(Str *rest)
{
    const char *end = memchr(rest->at, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->at) + 1 : rest->n;
    Str line = {rest->at, n - (end != NULL)};
    *rest = (Str){rest->at + n, rest->n - n};
    return line;
}

static bool is_expectation(Str line)
{
    return starts_with(line, "; present:") || starts_with(line, "; absent:") ||
           starts_with(line, "; instructions:");
}

/* The file as it should be: every function followed by its expectations and its listing. */
static Str with_listings(const Test *t)
{
    Buf out = {.arena = t->arena};
    Str rest = t->text;
    uint32_t func = 0;
    while (rest.n) {
        Str line = next_line(&rest);
        if (!starts_with(line, ";   ")) buf_printf(&out, "%.*s\n", (int)line.n, line.at);
        if (!str_is(line, "}")) continue;
        Listing listing = list_function(t, func++);
        for (Str ahead = rest; ahead.n; rest = ahead) {
            Str expectation = next_line(&ahead);
            if (!is_expectation(expectation)) break;
            check_line(t, expectation, &listing);
            buf_printf(&out, "%.*s\n", (int)expectation.n, expectation.at);
        }
        if (listing.text.n) buf_add(&out, listing.text.at, listing.text.n);
    }
    return buf_str(&out);
}

static void start(Test *t, const char *path)
{
    const char *error;
    *t = (Test){.arena = arena_create(), .path = path, .memory = codemem_create(0)};
    if (!file_read(t->arena, path, FILE_LIMIT, &t->text, &error)) fail_msg("%s: %s", path, error);
    Diag d = {0};
    t->c = case_read(t->arena, path, t->text, &d);
    if (!t->c) {
        diag_print(&d, stderr);
        fail_msg("%s cannot be read", path);
    }
    ZydisDecoderInit(&t->decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZydisFormatterInit(&t->formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    ZydisFormatterSetProperty(&t->formatter, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, 2);
}

static bool check_file(void *data, const char *path)
{
    Test t;
    start(&t, path);
    Jit *jit = jit_create();
    compile(&t, jit);
    Str wanted = with_listings(&t);
    const char *error;
    if (getenv("BLESS") && !file_write(path, wanted, &error)) fail_msg("%s: %s", path, error);
    if (!getenv("BLESS") && !str_equal(wanted, t.text))
        fail_msg("%s should be\n%.*s", path, (int)wanted.n, wanted.at);
    ++*(unsigned *)data;
    jit_destroy(jit);
    codemem_destroy(t.memory);
    arena_destroy(t.arena);
    return true;
}

static void files(void **state)
{
    (void)state;
    Arena *a = arena_create();
    unsigned count = 0;
    const char *error;
    if (!file_walk(a, "tests/clif/x64", ".clif", check_file, &count, &error))
        fail_msg("tests/clif/x64: %s", error);
    assert_true(count >= 7);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
