/* From machine functions to the bytes of a module: functions, trap exits, jump tables, constants.
 *
 *     Emitter e;
 *     emit_start(&e, arena, pool, nfuncs, code, room, trap_exit);
 *     for (...) emit_func(&e, m);
 *     if (!emit_finish(&e, address)) ...          does not fit
 */
#ifndef JIT_X64_EMIT_H
#define JIT_X64_EMIT_H

#include "jit/jit.h"
#include "jit/x64/enc.h"
#include "jit/x64/mfunc.h"
#include "jit/x64/pool.h"

/* A jump table whose addresses are known at the end. */
typedef struct {
    uint32_t at;          /* offset of its first entry, 8 bytes each */
    uint32_t first_label; /* of the blocks of its function */
    const MFunc *m;
    const MTable *table;
} EmitTable;

typedef struct {
    Enc enc;
    Arena *arena;
    Pool *pool;
    const void *trap_exit;
    bool wants_lines;
    Fuel *fuel;
    VEC(JitTrap) traps;
    VEC(JitLine) lines;
    VEC(uint32_t) pool_labels; /* by entry of the pool */
    VEC(EmitTable) tables;
    uint32_t trap_labels[256]; /* of the current function, plus 1 */
    uint8_t trap_codes[256];   /* those that have a label */
    uint32_t ntrap_codes;
    uint32_t common_trap;      /* label of the jump to trap_exit */
    uint32_t nfuncs;
    JitStats stats;
} Emitter;

void emit_start(Emitter *e, Arena *a, Pool *pool, uint32_t nfuncs, uint8_t *code, size_t room,
                const void *trap_exit);
void emit_func(Emitter *e, const MFunc *m);

/* Writes what all functions share, and resolves labels; the code will run at `address`. */
bool emit_finish(Emitter *e, uintptr_t address);

static inline uint32_t emit_func_offset(const Emitter *e, uint32_t number)
{
    return e->enc.label_at.at[number];
}

#endif
