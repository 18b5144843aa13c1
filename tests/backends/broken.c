/* With -DMISTAKE=NAME, the library of that row of broken.def. */
#include "tally/backend.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum {
#define BROKEN(name, wrong, says) MISTAKE_##name,
#include "broken.def"
};
#define PASTE(name) MISTAKE_##name
#define MISTAKE_OF(name) PASTE(name)

static TallyOption list[] = {{"x", "true|false", "true", "nothing"}};
static bool many;

static const TallyOption *options(uint32_t *n)
{
    *n = many ? 100000 : 1;
    return list;
}

static void *open_state(const TallyHost *host, const TallySetting *settings, uint32_t n,
                        const char **error)
{
    (void)host, (void)settings, (void)n, (void)error;
    return list;
}

static void close_state(void *state) { (void)state; }

static void compile(void *state, const TallyCase *const *cases, uint32_t n, TallyCompiled *out)
{
    (void)state, (void)cases, (void)n, (void)out;
}

static const void *entry(void *state, uint32_t k, uint32_t func)
{
    (void)state, (void)k, (void)func;
    return NULL;
}

static void code(void *state, uint32_t k, const void **at, size_t *size)
{
    (void)state, (void)k, (void)at, (void)size;
}

const TallyBackend *tally_backend(void)
{
    static TallyBackend b = {
        .abi = TALLY_ABI, .size = sizeof b,
        .name = "broken", .version = "0", .meaning = "does not work",
        .max_slot_align = 16, .max_cases = 1,
        .options = options, .open = open_state, .close = close_state,
        .compile = compile, .entry = entry, .code = code,
    };
#define BROKEN(name, wrong, says) if (MISTAKE_OF(MISTAKE) == MISTAKE_##name) { wrong; }
#include "broken.def"
    return &b;
}
