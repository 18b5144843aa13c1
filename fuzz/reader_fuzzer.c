/* Fuzzes the reader, the verifier and the printer: any bytes are a case or a message; what is read
 * is printed as text that reads as the same text, and is as valid as before. A broken promise is
 * our own bug (exit status 4, the text is printed).
 *
 *     build/reader_fuzzer -dict=fuzz/clif.dict -runs=300000 -seed=1
 */
#include "ir/limits.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static _Noreturn void fail(const char *what, Str text, const Diag *d)
{
    fwrite(text.at, 1, text.n, stderr);
    diag_print(d, stderr);
    bug("%s", what);
}

static Str print(const Case *c, Arena *a)
{
    Buf text = {.arena = a};
    case_write(&text, c, NULL);
    return buf_str(&text);
}

static void check(const Case *c, Arena *a)
{
    Str text = print(c, a);
    Diag d = {.arena = a}, before = {.arena = a, .file = "read"}, after = {.arena = a};
    bool valid = case_verify(c, a, &before);
    const Case *again = case_read(a, "printed", text, &d);
    if (!again) fail("what was read and printed cannot be read", text, &d);
    Str second = print(again, a);
    if (!str_equal(text, second)) fail("reading and printing again gives other text", text, &d);
    if (case_verify(again, a, &after) != valid)
        fail("printing changes whether a case is valid", text, valid ? &after : &before);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static Arena *a;
    if (!a) a = arena_create();
    arena_reset(a);
    Diag d = {.arena = a};
    const Case *c = case_read(a, "input", (Str){(const char *)bytes, n}, &d);
    CHECK((c == NULL) == (d.errors > 0));
    CHECK(arena_used(a) <= 2 * LIMIT_reader_bytes);
    if (c) check(c, a);
    return 0;
}
