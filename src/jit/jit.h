/* The JIT: CLIF to x86-64 machine code that can be called.
 *
 *     Jit *jit = jit_create();
 *     CodeMem *memory = codemem_create(0);
 *     JitOptions o = {.features = feature_detect(), .trap_exit = exec_trap_exit};
 *     JitCode code;
 *     const char *refused;
 *     codemem_rewind(memory);
 *     if (!jit_compile(jit, module, &o, memory, &code, &refused)) puts(refused);
 *     else ((JitEntry *)jit_entry(jit, &code, 0))(args, results);
 *     jit_destroy(jit);
 *
 * Functions of a module call each other by the System V convention, an extension of it where there
 * are more results than it has registers for (jit/x64/abi.h). From outside they are called through
 * uniform entries: `args` and `results` are 16-byte slots, one a value, narrow integers zero-filled
 * on the way out and with any upper bytes on the way in.
 *
 * A trap that an instruction asks for (trap, trapz, division by zero, bad conversions) jumps to
 * `trap_exit` with the trap code in edi. A trap of a memory access is a fault at an address for
 * which jit_trap_at knows the code.
 */
#ifndef JIT_JIT_H
#define JIT_JIT_H

#include "base/codemem.h"
#include "jit/fuel.h"
#include "jit/hook.h"
#include "jit/x64/features.h"
#include "jit/x64/reg.h"

typedef struct Jit Jit;
typedef void JitEntry(const void *args, void *results);

typedef struct {
    FeatureSet features;
    const void *trap_exit;    /* where explicit traps jump, the trap code in edi */
    bool wants_lines;         /* fill JitCode.lines */
    RegSet avoided;           /* registers that values are kept out of: for tests of spilling */
    bool verify;              /* verify the IR before and after legalising; failures are our bugs */
    PassHook *hook;           /* NULL: none */
    void *hook_data;
    Fuel *fuel;               /* limits rewrites and counts them; NULL: all, uncounted */
} JitOptions;

/* A fault of the instruction at `offset` from the code's start means this trap. */
typedef struct {
    uint32_t offset;
    TrapCode code;
} JitTrap;

/* The code from `offset` on, up to the next line, belongs to this instruction. */
typedef struct {
    uint32_t offset;
    uint32_t func; /* index; NO_INDEX: constants, stubs */
    Inst inst;     /* INST_none: prologue, moves at edges, traps */
} JitLine;

typedef struct {
    uint32_t ir_insts;     /* instructions compiled */
    uint32_t insts, bytes; /* machine instructions and bytes of the functions */
    uint32_t spill_loads, spill_stores, remats, moves;
} JitStats;

/* Lives until the next jit_compile with the same Jit. */
typedef struct {
    uint32_t nfuncs;
    const void *const *funcs;   /* the functions themselves: what func_addr gives */
    uintptr_t start;            /* executable address of the first byte */
    size_t size;                /* with the entries that were asked for */
    const JitTrap *traps; /* by offset */
    uint32_t ntraps;
    const JitLine *lines; /* by offset; NULL unless wanted */
    uint32_t nlines;
    JitStats stats;
    uint32_t changes;     /* what the hook changed */
    const Module *module; /* what was lowered: the one that was given, or what legalising made */
} JitCode;

Jit *jit_create(void);
void jit_destroy(Jit *jit);

/* Compiles all functions of a verified module into the free room of `memory`. False when the JIT
 * cannot: `*refused` then names the instruction and the type, or the reason, and nothing was taken
 * from `memory`. The text lives as long as JitCode. */
bool jit_compile(Jit *jit, const Module *m, const JitOptions *options, CodeMem *memory,
                 JitCode *code, const char **refused);

/* The uniform entry of a function, made when it is first asked for, behind the code, while nothing
 * else was taken from the memory that it lies in. */
const void *jit_entry(Jit *jit, JitCode *code, uint32_t func);

/* The trap that a fault at `pc` stands for, TRAP_none when the code expects none there. */
TrapCode jit_trap_at(const JitCode *code, uintptr_t pc);

/* The line that holds `pc`; NULL when there is none or lines were not wanted. */
const JitLine *jit_line_at(const JitCode *code, uintptr_t pc);

/* Whether there is code for an instruction with this controlling type, and in `reason` (NUL-
 * terminated, static) why not. */
bool jit_supports(Op op, Type type, FeatureSet features, const char **reason);

#endif
