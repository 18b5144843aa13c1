/* Fuzzes the generator and the printer: any bytes decode to valid cases, whose text is read back as
 * the same text. A broken promise is our own bug (the case is printed, the engine keeps the input).
 *
 *     build/decoder_fuzzer -runs=300000 -seed=1
 */
#include "gen/gen.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { MOST_BYTES = 64 << 20 };

static _Noreturn void fail(const char *what, const Buf *text, const Diag *d)
{
    fwrite(text->at, 1, text->n, stderr);
    diag_print(d, stderr);
    bug("%s", what);
}

static Buf print(const Case *c, Arena *a)
{
    Buf text = {.arena = a};
    case_write(&text, c, NULL);
    return text;
}

static void check(const Case *c, Arena *a)
{
    Diag d = {.arena = a, .file = "decoded"};
    Buf text = print(c, a);
    if (!case_verify(c, a, &d)) fail("a decoded case is not valid", &text, &d);

    Diag reading = {.arena = a};
    Case *again = case_read(a, "printed", (Str){text.at, text.n}, &reading);
    if (!again) fail("a printed case cannot be read", &text, &reading);
    Buf second = print(again, a);
    if (!str_equal((Str){text.at, text.n}, (Str){second.at, second.n}))
        fail("a case that was read is printed otherwise", &text, &reading);
    Diag verifying = {.arena = a, .file = "printed"};
    if (!case_verify(again, a, &verifying)) fail("a case that was read is not valid", &text, &d);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static Arena *a;
    if (!a) a = arena_create();
    check_abort = abort;
    GenOptions options = {0};
    GenInput in = {.bytes = bytes, .n = n};
    uint32_t cases = 0;
    for (Case *c; (c = gen_next(&in, &options, a)) != NULL; arena_reset(a), cases++) {
        CHECK(c->discipline);
        check(c, a);
        CHECK(arena_used(a) <= MOST_BYTES);
    }
    CHECK(cases >= 1 && cases <= GEN_CASES_MAX);
    return 0;
}
