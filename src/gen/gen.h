/* The generator: any bytes in, valid cases out.
 *
 *     GenInput in = {.bytes = bytes, .n = n};
 *     for (Case *c; (c = gen_next(&in, &options, arena)) != NULL; arena_reset(arena)) judge(c);
 *
 * Every byte string, the empty one included, holds 1 to 8 cases, each of which is valid
 * (DESIGN, section 6) and ends within `budget` steps in every run. The same bytes and options give
 * the same cases on every machine. docs/format.md describes the bytes.
 */
#ifndef GEN_GEN_H
#define GEN_GEN_H

#include "ir/case.h"

/* Changes whenever the same bytes decode to another case. */
enum { GEN_FORMAT = 3, GEN_CASES_MAX = 8 };

enum {
#define FAMILY(name, inputs, meaning) FAMILY_##name,
#include "gen/families.def"
    FAMILY_COUNT
};
enum {
#define FAMILY(name, inputs, meaning) OFF_##name = 1 << FAMILY_##name,
#include "gen/families.def"
};

typedef struct {
    const char *name, *meaning;
} FamilyInfo;
extern const FamilyInfo gen_families[FAMILY_COUNT];

enum { GEN_BUDGET = 1 << 14, GEN_INSTS_MAX = 2400 };

typedef struct {
    uint32_t off;    /* of OFF_…: switched off whatever the input says */
    uint32_t budget; /* most steps of a run; 0: GEN_BUDGET */
    uint32_t insts;  /* most instructions of a case; 0: GEN_INSTS_MAX */
} GenOptions;

/* Reads `address,align` into bits of OFF_…; false when a name is unknown. */
bool gen_parse_off(Str list, uint32_t *off);

typedef struct {
    const uint8_t *bytes;
    size_t n, at;
    uint32_t count; /* cases decoded so far */
    uint32_t off;   /* OFF_… of the last one: options and its own mask */
    bool large;     /* the last one's head asks for a large case */
} GenInput;

/* The next case of the input, owned by `a`; NULL when there is no further one. */
Case *gen_next(GenInput *in, const GenOptions *o, Arena *a);

/* The bytes of case number `seed`, exactly one case: at most `cap` of them. Returns how many. */
enum { GEN_SEED_BYTES = 8192 };
size_t gen_seed_bytes(uint64_t seed, uint8_t *bytes, size_t cap);

#endif
