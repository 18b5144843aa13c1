/* A small edit of the bytes is a small change of the case: one byte of a case is changed, and the
 * instructions that are there only before or only after are counted. Numbers of values, blocks and
 * entities do not count. */
#include "base/hash.h"
#include "base/rng.h"
#include "gen/gen.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

enum { LINES_MAX = 1 << 14 };

typedef struct {
    uint64_t at[LINES_MAX];
    uint32_t n;
} Lines;

static bool is_digit(char ch) { return ch >= '0' && ch <= '9'; }

/* A line without the numbers behind v, block, ss, fn and sig. */
static uint64_t hash_line(Arena *a, Str line)
{
    Buf out = {.arena = a};
    bool name = false;
    for (size_t k = 0; k < line.n; k++) {
        char ch = line.at[k];
        bool letter = (ch >= 'a' && ch <= 'z') || ch == '_';
        if (is_digit(ch) && name) continue;
        name = letter && k + 1 < line.n && (k == 0 || !is_digit(line.at[k - 1])) && ch != 'i' &&
               ch != 'f' && ch != 'x' && ch != 'd' && ch != 'e';
        buf_char(&out, ch);
    }
    return hash_bytes(out.at, out.n);
}

static int compare(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return a < b ? -1 : a > b;
}

static void take_lines(Lines *l, const uint8_t *bytes, size_t n, Arena *a)
{
    GenInput in = {.bytes = bytes, .n = n};
    Buf text = {.arena = a};
    const Case *c = gen_next(&in, NULL, a);
    l->n = 0;
    for (uint32_t k = 0; k < c->module->funcs.n; k++)
        func_write(&text, c->module->funcs.at[k], NULL);
    for (size_t from = 0; from < text.n;) {
        const char *end = memchr(text.at + from, '\n', text.n - from);
        size_t to = (size_t)(end - text.at);
        assert_true(l->n < LINES_MAX);
        l->at[l->n++] = hash_line(a, (Str){text.at + from, to - from});
        from = to + 1;
    }
    qsort(l->at, l->n, sizeof *l->at, compare);
}

/* Lines of one only, and of the other only. */
static uint32_t count_changed(const Lines *x, const Lines *y)
{
    uint32_t i = 0, j = 0, common = 0;
    while (i < x->n && j < y->n) {
        if (x->at[i] == y->at[j]) common++, i++, j++;
        else if (x->at[i] < y->at[j]) i++;
        else j++;
    }
    return (x->n - common) + (y->n - common);
}

static void one_byte_changes_little(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    static Lines before, after;
    Arena *a = arena_create();
    uint64_t changed = 0, lines = 0, samples = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        Rng r = rng_seeded(seed);
        size_t n = gen_seed_bytes(seed, bytes, sizeof bytes);
        take_lines(&before, bytes, n, a);
        for (unsigned k = 0; k < 4; k++) {
            size_t at = (size_t)rng_below(&r, n);
            uint8_t old = bytes[at];
            bytes[at] ^= (uint8_t)(1u << rng_below(&r, 8));
            take_lines(&after, bytes, n, a);
            bytes[at] = old;
            changed += count_changed(&before, &after);
            lines += before.n;
            samples++;
        }
        arena_reset(a);
    }
    print_message("one bit changes %.1f of %.1f lines\n", (double)changed / (double)samples,
                  (double)lines / (double)samples);
    assert_true(changed * 100 < lines * 30);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_byte_changes_little)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
