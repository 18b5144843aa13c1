/* The reference: runs a function of a module plainly, one instruction after the other, straight
 * from the IR, and judges whether the run was valid.
 *
 *     Interp *in = interp_create();                          once a process
 *     InterpOptions o = {.fuel = 100000, .max_depth = 100, .discipline = true};
 *     InterpResult r;
 *     interp_run(in, module, func, args, nargs, heaps, nheaps, &o, &r);
 *     if (r.status == INTERP_returned) use(r.results, r.nresults);
 *     else if (r.status == INTERP_invalid) puts(r.reason);
 *
 * The module has passed the verifier's structure level; what the interpreter cannot do it refuses
 * with a reason, when it gets there. It reads and writes heaps where they lie.
 *
 * Results are the same from every compiler at every optimisation. Where CLIF leaves the choice of
 * a NaN open (results of float arithmetic, of min, max, rounding and of conversions between
 * floats) the result is the positive quiet NaN without payload; fneg, fabs, fcopysign, bitcast,
 * select, load and store move bits and keep every NaN as it is.
 *
 * Nothing raises exceptions: a try_call goes on where its callee returns to.
 *
 * Checked on every run: each access lies in one live object (a heap, or a slot of a live
 * activation); `aligned` and `notrap` say the truth; an
 * indirect call goes to a function of the right signature. An access to a fault heap or below
 * NULL_BYTES traps with the access's code, heap_oob by default.
 *
 * Checked under discipline, by the object that an address was derived from, and by byte (through
 * which parameter it came is not known, so `nowrite` and a parameter's range are enforced only
 * where no other way leads there):
 *   - an access stays in the object that its address was derived from: by sums, differences,
 *     roundings and choices (ir/address.def), through calls, and through cells;
 *   - no byte of a slot is read before it was written;
 *   - accesses to one byte name the same region, or none; a heap's region is given;
 *   - eight bytes to which such an i64 was stored are a cell: they are read and written as one i64
 *     only;
 *   - a byte read with `readonly`, or under a readonly contract, is not written from entry to exit
 *     of that activation;
 *   - a callee's contracts hold on entry: alignment, skew, one live object around the range,
 *     region, initialised bytes, cells and what they point to, relations of parameters;
 *   - addresses of slots and functions, which differ between back ends, reach no heap and no
 *     result.
 * Slots stand apart, at exactly the alignment they ask for, so that a false `aligned` shows. With
 * the option `apart` they stand elsewhere and in the other order: a run that comes to something
 * else then lets a result depend on where slots lie.
 *
 * Not under discipline slots start as zeros, at multiples of 16 at least, and those of one
 * activation lie side by side in their order: upstream has a test that writes one through the
 * other.
 */
#ifndef INTERP_INTERP_H
#define INTERP_INTERP_H

#include "ir/case.h"

enum { NULL_BYTES = 4096 }; /* addresses below are null with an offset */

typedef struct {
    uint8_t *base;
    uint64_t size;
    uint32_t heap;  /* a number for messages */
    uint8_t region; /* number plus 1; 0: the run's first access to each byte decides */
    bool fault;     /* an address range without memory: each access traps */
    const HeapCell *cells; /* which of its bytes hold addresses; their bytes are there already */
    uint32_t ncells;
} InterpHeap;

/* What the hook of InterpOptions is told. */
typedef enum {
    TRACE_block,  /* a block was entered: its parameters are set */
    TRACE_inst,   /* an instruction that is no branch was done: its results are set */
    TRACE_return, /* the activation ended, its slots are gone; `inst` is the return */
} TraceKind;

typedef struct {
    TraceKind kind;
    uint32_t func;  /* index into Module.funcs */
    uint32_t depth; /* of activations, from 0 */
    Block block;    /* TRACE_block */
    Inst inst;
    const Bits *values; /* of the activation, by Value.i; those not yet defined are garbage, and so
                           is what lies above the bytes of the type */
    uint64_t address;   /* of a load or store, its bytes at that address are final */
    uint32_t bytes;     /* 0: no memory was accessed */
} TraceEvent;

typedef struct {
    uint64_t fuel;      /* instructions */
    uint32_t max_depth; /* activations at one time; deeper is invalid */
    bool discipline;
    bool apart; /* see above; only under discipline */
    void (*trace)(void *data, const TraceEvent *event); /* costs nothing when NULL */
    void *trace_data;
} InterpOptions;

typedef enum {
    INTERP_returned,
    INTERP_trapped,
    INTERP_out_of_fuel,
    INTERP_invalid, /* the run broke a rule */
    INTERP_refused, /* the interpreter cannot do an instruction */
} InterpStatus;

typedef struct {
    InterpStatus status;
    TrapCode trap;
    uint32_t nresults;
    const Bits *results;  /* lives until the next run */
    uint64_t steps;       /* instructions, the last one included */
    uint64_t calls;       /* activations, the first one included */
    uint64_t written;     /* heap bytes written at least once; counted under discipline */
    const char *reason;   /* a sentence, for invalid and refused; lives until the next run */
    uint32_t func;        /* where it stopped */
    Inst inst;
} InterpResult;

typedef struct Interp Interp;

/* Owns the memory of slots, values and shadow state and reuses it from run to run. */
Interp *interp_create(void);
void interp_destroy(Interp *in);

/* `args` agree with the function's parameters in number and type; an address is its number. */
void interp_run(Interp *in, const Module *m, uint32_t func, const Bits *args, uint32_t nargs,
                const InterpHeap *heaps, uint32_t nheaps, const InterpOptions *o,
                InterpResult *out);

#endif
