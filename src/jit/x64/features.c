#include "jit/x64/features.h"

#include <cpuid.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    const char *name, *flag;
    uint32_t leaf;
    char reg;
    uint8_t bit;
    uint8_t state;
    Feature implies;
} FeatureRow;

static const FeatureRow rows[FEATURE_COUNT] = {
#define FEATURE(name, flag, leaf, reg, bit, state, implies) \
    {#name, flag, leaf, reg, bit, state, FEATURE_##implies},
#include "jit/x64/features.def"
};

static const struct {
    const char *name;
    FeatureSet set;
} presets[] = {
#define BIT(name) (1u << FEATURE_##name)
#define PRESET(name, set) {name, set},
#include "jit/x64/presets.def"
#undef BIT
};

/* Everything that `set` implies. A row implies an earlier one, so one pass from the end is enough;
 * every set has the base. */
static FeatureSet close_up(FeatureSet set)
{
    for (unsigned f = FEATURE_COUNT; f-- > 0;)
        if (set & feature_bit(f)) set |= feature_bit(rows[f].implies);
    return set | feature_bit(FEATURE_SSE2);
}

/* `set` without the features that lack something they imply. */
static FeatureSet close_down(FeatureSet set)
{
    for (unsigned f = 1; f < FEATURE_COUNT; f++)
        if (!(set & feature_bit(rows[f].implies))) set &= ~feature_bit(f);
    return set;
}

static uint32_t cpuid_word(uint32_t leaf, char reg)
{
    uint32_t a, b, c, d, sub_leaf = leaf >> 16 & 1;
    if (!__get_cpuid_count(leaf & ~UINT32_C(0x10000), sub_leaf, &a, &b, &c, &d)) return 0;
    return reg == 'a' ? a : reg == 'b' ? b : reg == 'c' ? c : d;
}

/* XCR0: the register state that the operating system saves. 0 without OSXSAVE (SDM vol. 1, 13.2),
 * when xgetbv itself would fault. */
static uint64_t enabled_state(void)
{
    if (!(cpuid_word(1, 'c') >> 27 & 1)) return 0;
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static FeatureSet ask_cpu(void)
{
    FeatureSet set = feature_bit(FEATURE_SSE2);
    uint64_t state = enabled_state();
    for (unsigned f = 0; f < FEATURE_COUNT; f++) {
        const FeatureRow *row = &rows[f];
        bool has = cpuid_word(row->leaf, row->reg) >> row->bit & 1;
        if (has && (row->state & state) == row->state) set |= feature_bit(f);
    }
    return close_down(set);
}

static bool apply_preset(Str word, FeatureSet native, FeatureSet *set)
{
    if (str_is(word, "native")) {
        *set = native;
        return true;
    }
    for (size_t k = 0; k < countof(presets); k++) {
        if (!str_is(word, presets[k].name)) continue;
        *set = close_up(presets[k].set);
        return true;
    }
    return false;
}

/* `has_avx`, `has_avx=true`, `has_avx=false` */
static bool apply_flag(Str word, FeatureSet *set)
{
    const char *equals = memchr(word.at, '=', word.n);
    Str flag = {word.at, equals ? (size_t)(equals - word.at) : word.n};
    Str value = equals ? (Str){equals + 1, word.n - flag.n - 1} : str_of("true");
    bool off = str_is(value, "false");
    if (!off && !str_is(value, "true")) return false;
    for (unsigned f = 1; f < FEATURE_COUNT; f++) {
        if (!str_is(flag, rows[f].flag)) continue;
        *set = off ? close_down(*set & ~feature_bit(f)) : close_up(*set | feature_bit(f));
        return true;
    }
    return false;
}

static bool parse(Str text, FeatureSet native, FeatureSet *set, Str *bad)
{
    FeatureSet now = feature_bit(FEATURE_SSE2);
    for (Str word; (word = str_next_word(&text, " \t\n,")).n;) {
        if (apply_preset(word, native, &now) || apply_flag(word, &now)) continue;
        if (bad) *bad = word;
        return false;
    }
    *set = now;
    return true;
}

static FeatureSet detected;

static void detect(void)
{
    FeatureSet cpu = ask_cpu(), allowed;
    detected = cpu;
    const char *text = getenv("TALLY_CPU");
    if (!text || !*text) return;
    Str bad;
    if (!parse(str_of(text), cpu, &allowed, &bad)) {
        fprintf(stderr, "tally: TALLY_CPU: unknown feature `%.*s`\n", (int)bad.n, bad.at);
        _exit(EXIT_INPUT);
    }
    detected = cpu & allowed;
}

FeatureSet feature_detect(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, detect);
    return detected;
}

bool feature_parse(Str text, FeatureSet *set, Str *bad)
{
    return parse(text, feature_detect(), set, bad);
}

const char *feature_name(Feature f)
{
    CHECK(f < FEATURE_COUNT);
    return rows[f].name;
}

const char *feature_flag(Feature f)
{
    CHECK(f < FEATURE_COUNT);
    return rows[f].flag;
}

void feature_print(FeatureSet set, Buf *out)
{
    const char *separator = "";
    for (unsigned f = 1; f < FEATURE_COUNT; f++) {
        if (!(set & feature_bit(f))) continue;
        buf_printf(out, "%s%s", separator, rows[f].flag);
        separator = " ";
    }
}
