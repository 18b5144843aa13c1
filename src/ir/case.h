/* A case: a module, the heaps its functions are given, and the runs. A CLIF file with directives
 * (DESIGN, formats) is read into one and printed from one; the generator makes one.
 *
 *     function %f(i64, i32) -> i32 { … }
 *     ; heap: <heap0> size=64, align=16
 *     ; run: %f(<heap0>+8, 10) == 10
 *     ; check-heap: <heap0>+8 == [02 01]
 */
#ifndef IR_CASE_H
#define IR_CASE_H

#include "ir/bits.h"
#include "ir/contract.h"

/* A value in a run line: bits of a type, or an address in a heap. */
typedef struct {
    Type type;
    uint32_t heap; /* index into Case.heaps plus 1; 0: plain bits */
    int64_t offset;
    Bits bits;
} DataValue;

typedef enum { PLACE_ANY, PLACE_END, PLACE_START } HeapPlace;
typedef enum { FILL_BYTE, FILL_BYTES, FILL_SEED } HeapFill;

/* An address stored in a heap before each run: `cell 8 = <heap1>+16`. */
typedef struct {
    uint64_t offset;
    uint32_t heap; /* index into Case.heaps */
    int64_t target_offset;
} HeapCell;

typedef struct {
    uint32_t name; /* `<heap3>` */
    uint32_t func; /* the function whose runs have it */
    uint64_t size;
    uint32_t align; /* power of two */
    HeapPlace place;
    bool fault;     /* inaccessible: an access traps */
    uint8_t region; /* region number plus 1, 0 none */
    HeapFill fill;
    uint8_t fill_byte;
    uint64_t seed; /* FILL_SEED: bytes of rng_fill */
    Str bytes;     /* FILL_BYTES, then zeros */
    VEC(HeapCell) cells;
    bool vmctx;     /* the older form: its start and end stand in the vmctx block */
    bool dynamic;   /* of the older form; means nothing here */
    uint32_t ptr, bound; /* offsets there */
    uint32_t line;
} Heap;

typedef enum { RUN_RUN, RUN_PRINT, RUN_TRAPS } RunKind;
typedef enum { EXPECT_TRUE, EXPECT_EQUAL, EXPECT_NOT_EQUAL } Expect;

/* What a heap must hold after a run. */
typedef struct {
    uint32_t heap; /* index into Case.heaps */
    uint64_t offset;
    Str bytes;      /* in memory order; when at is NULL, a hash */
    uint64_t hash;  /* XXH3-64 of `size` bytes */
    uint64_t size;
    uint32_t line;
} HeapCheck;

typedef struct {
    RunKind kind;
    Expect expect;
    TrapCode trap; /* RUN_TRAPS */
    uint32_t func; /* index into Module.funcs */
    VEC(DataValue) args; /* one a parameter; none for vmctx if there is an older heap */
    VEC(DataValue) results;
    VEC(HeapCheck) checks;
    uint32_t line;
} Run;

/* A line such as `test run`, `set opt_level=speed`, `target x86_64 has_avx`. */
typedef struct {
    Str word; /* test, set, target */
    Str rest;
} HeaderLine;

typedef struct Case {
    Arena *arena;
    Module *module;
    VEC(HeaderLine) header;
    VEC(Heap) heaps;
    VEC(Run) runs;
    bool discipline; /* `; discipline: addresses` */
} Case;

Case *case_create(Arena *a);

/* Whether the header has a line of that word whose rest begins so. */
bool case_has_header(const Case *c, const char *word, const char *prefix);

/* A case of one function and those it refers to, with that function's heaps and runs. Indices
 * into `funcs` and `heaps` are new. */
Case *case_extract(const Case *c, uint32_t func, Arena *a);

/* Room for the arguments and results that a run passes through memory: 16 bytes each. */
enum { ARG_BYTES = 16 };

#endif
