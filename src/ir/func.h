/* Functions as data: blocks of instructions over values, in arrays of one arena.
 *
 *     for each block in order:     for (k < f->layout.n) Block b = f->layout.at[k];
 *     its instructions in order:   BlockData *bd = func_block(f, b);
 *                                  for (k < bd->insts.n) Inst i = bd->insts.at[k];
 *     an instruction's parts:      InstData *d = func_inst(f, i); Value *args = inst_args(d);
 *
 * Handles are indices wrapped in a struct of their own, so that a Block is not taken for a Value.
 * `name` fields hold the number that the text uses (`v7`, `block2`): it survives a round trip and
 * means nothing else. Building is in ir/build.h.
 */
#ifndef IR_FUNC_H
#define IR_FUNC_H

#include "base/vec.h"
#include "ir/op.h"

#define HANDLE(Name) \
    typedef struct { \
        uint32_t i; \
    } Name
HANDLE(Value);
HANDLE(Inst);
HANDLE(Block);
HANDLE(Slot);
HANDLE(SigRef);
HANDLE(FuncRef);
HANDLE(Constant);
HANDLE(GlobalValue);

enum { NO_INDEX = UINT32_MAX };
#define VALUE_none ((Value){NO_INDEX})
#define BLOCK_none ((Block){NO_INDEX})
#define INST_none ((Inst){NO_INDEX})

typedef VEC(Value) ValueVec;

/* Flags of a memory access (memflags.def), its alias region and its trap code. */
typedef struct {
    uint8_t bits;   /* of MEMFLAG_… */
    uint8_t region; /* index into Func.regions plus 1; 0 is none */
    TrapCode trap;  /* TRAP_none stands for the default, heap_oob */
} MemFlags;

typedef struct {
    Block block;
    uint32_t nargs;
    Value *args; /* in the function's arena */
} BlockCall;

typedef struct {
    uint8_t op;       /* Op */
    uint8_t type;     /* controlling Type, TY_none where the row has none */
    uint8_t cond;     /* IntCC, FloatCC or AtomicOp, by format */
    TrapCode trap;    /* of trap, trapz, … */
    MemFlags flags;
    uint8_t nresults;
    uint32_t nargs;
    uint32_t ndests;
    uint32_t entity; /* FuncRef, SigRef, Slot, Constant, GlobalValue or Block, by format */
    Value result;    /* the first; the others follow it */
    int64_t imm;     /* integer, float bits, offset, lane, index into Func.tables, by format */
    union {
        Value few[4];
        Value *many; /* when nargs > 4 */
    } args_;
    BlockCall *dests; /* jump 1; brif then, else; br_table default, entries; try_call the return,
                         handlers */
    uint32_t line;    /* in the text it was read from, 0 for none */
} InstData;

typedef enum { VALUE_RESULT, VALUE_PARAM } ValueKind;

typedef struct {
    uint8_t type; /* Type */
    uint8_t kind; /* ValueKind */
    uint16_t index; /* among the results or parameters */
    uint32_t owner; /* Inst or Block */
    uint32_t name;
} ValueData;

typedef struct {
    ValueVec params;
    VEC(Inst) insts;
    uint32_t name;
    uint32_t line;
    bool cold;
} BlockData;

typedef enum { PURPOSE_normal, PURPOSE_sret, PURPOSE_sarg, PURPOSE_vmctx } Purpose;
typedef enum { EXTENSION_none, EXTENSION_uext, EXTENSION_sext } Extension;

typedef struct {
    uint8_t type; /* Type */
    uint8_t purpose, extension;
    bool low_half;  /* this and the next are one i128 that a code generator has split */
    uint32_t bytes; /* of a PURPOSE_sarg */
} AbiParam;

typedef struct {
    VEC(AbiParam) params, returns;
    CallConv conv;
    uint32_t name; /* of a signature that a function declares */
} Signature;

typedef struct {
    uint64_t bytes; /* size */
    uint32_t align; /* a power of two, 1 when the text says nothing */
    uint64_t key;   /* `key = N` */
    bool has_key;
    uint32_t name;
} SlotData;

/* What stands in brackets behind a try_call, `[tag7: block2(exn0), default: block3, context v5]`:
 * the k-th way but the contexts leads to dests[k + 1] of the instruction, where the normal return
 * is dests[0]; the contexts' values are its last operands. What `ret0` and `exn0` stand for are
 * results of the instruction, first those of the callee, then an exception's payload. No other
 * instruction uses them: blocks get them as arguments. */
typedef enum { HANDLER_tag, HANDLER_default, HANDLER_context } HandlerKind;

typedef struct {
    HandlerKind kind;
    uint32_t tag; /* of HANDLER_tag */
} Handler;

typedef struct {
    SigRef sig;
    VEC(Handler) handlers;
} ExceptionTable;

/* `%name` or `u0:7`. */
typedef struct {
    Str text; /* of `%name`; empty for a user name */
    uint32_t space, index;
} FuncName;

typedef struct {
    FuncName name;
    SigRef sig;
    bool colocated, patchable;
    uint32_t callee; /* index into Module.funcs, NO_INDEX when it is not of this module */
    uint32_t ref;    /* `fn7` */
} FuncRefData;

typedef struct {
    const uint8_t *bytes; /* in the function's arena */
    uint16_t n;
    bool named; /* declared as `const0 = 0x…` */
    uint32_t name;
} ConstantData;

typedef struct {
    uint32_t number; /* the same in all functions of a module */
    Str text;
    uint32_t name;
} RegionData;

typedef enum {
    GLOBAL_vmctx,     /* the parameter with that purpose */
    GLOBAL_load,      /* load.i64 notrap aligned gv0+8 */
    GLOBAL_iadd_imm,  /* iadd_imm.i64 gv0, 8 */
    GLOBAL_symbol,    /* symbol %name+8 */
    GLOBAL_dyn_scale, /* dyn_scale_target_const.i32x4 */
} GlobalKind;

typedef struct {
    uint8_t kind;   /* GlobalKind */
    uint8_t type;   /* of load and iadd_imm the value's, of dyn_scale the vector's, else TY_none */
    bool colocated, tls;
    MemFlags flags;
    uint32_t base;  /* index into globals, of load and iadd_imm */
    int64_t offset; /* what is added, of load, iadd_imm and symbol */
    FuncName symbol;
    uint32_t callee; /* of symbol: function of the module, NO_INDEX when it has none of that name */
    uint32_t name;
} GlobalValueData;

/* dt0 = i32x4*gv0 */
typedef struct {
    uint8_t base;    /* Type: a static vector */
    uint32_t global; /* how many of them there are */
    uint32_t name;
} DynTypeData;

/* dss0 = explicit_dynamic_slot dt0 */
typedef struct {
    uint32_t type; /* index into dyn_types */
    uint32_t name;
} DynSlotData;

/* What says nothing about how an instruction runs: `<1, ss0> @0042 call fn0(), stack_map=[i64 @
 * ss0+8]`. Slots are named by the number in the text. */
typedef struct {
    bool slot; /* `ss7`, else a number */
    uint32_t number;
} DebugTag;

typedef struct {
    uint8_t type; /* Type */
    uint32_t slot, offset;
} StackMapEntry;

enum { NO_LOCATION = UINT32_MAX };

typedef struct {
    Inst inst;
    uint32_t location; /* or NO_LOCATION */
    VEC(DebugTag) tags;
    VEC(StackMapEntry) map;
} InstNote;

typedef struct Func {
    Arena *arena;
    struct Module *module;
    struct Contract *contracts; /* one for each parameter, or NULL: no address parameters */
    FuncName name;
    Signature sig;
    VEC(SlotData) slots;
    VEC(Signature) sigs;
    VEC(FuncRefData) refs;
    VEC(ConstantData) constants;
    VEC(RegionData) regions;
    VEC(GlobalValueData) globals;
    VEC(ExceptionTable) tables;
    VEC(DynTypeData) dyn_types;
    VEC(DynSlotData) dyn_slots;
    bool has_dynamic; /* values of dynamic vectors */
    VEC(InstNote) notes; /* of few instructions, by ascending index */
    VEC(BlockData) blocks;
    VEC(InstData) insts;
    VEC(ValueData) values;
    VEC(Block) layout; /* blocks in order; the first is the entry */
    uint32_t value_names, block_names; /* of what is built next: no other has it (func_note_name) */
    uint32_t stack_limit; /* index into globals plus 1; 0 is none */
    uint32_t line;        /* of `function` in the text */
} Func;

/* Keeps the name that a text gives clear of those that are given to what is built later. (Names so
 * large that they cannot meet are let alone.) */
static inline void func_note_name(uint32_t *next, uint32_t name)
{
    if (name >= *next && name < UINT32_MAX / 2) *next = name + 1;
}

static inline InstData *func_inst(const Func *f, Inst i) { return &f->insts.at[i.i]; }
static inline BlockData *func_block(const Func *f, Block b) { return &f->blocks.at[b.i]; }
static inline ValueData *func_value(const Func *f, Value v) { return &f->values.at[v.i]; }
static inline Type func_type(const Func *f, Value v) { return (Type)f->values.at[v.i].type; }
static inline Block func_entry(const Func *f) { return f->layout.at[0]; }

static inline Value *inst_args(InstData *i) { return i->nargs > 4 ? i->args_.many : i->args_.few; }

static inline const Value *inst_args_const(const InstData *i)
{
    return i->nargs > 4 ? i->args_.many : i->args_.few;
}

static inline Value inst_result(const InstData *i, unsigned k)
{
    return (Value){i->result.i + k};
}

static inline const OpInfo *inst_op(const InstData *i) { return &op_info[i->op]; }

/* The instruction that defines `v`, or NULL for a block parameter. */
static inline InstData *func_def(const Func *f, Value v)
{
    const ValueData *d = func_value(f, v);
    return d->kind == VALUE_RESULT ? &f->insts.at[d->owner] : NULL;
}

/* The last instruction of a block, NULL when it is empty. */
static inline InstData *func_terminator(const Func *f, Block b)
{
    const BlockData *bd = func_block(f, b);
    return bd->insts.n ? func_inst(f, vec_last(&bd->insts)) : NULL;
}

/* What the text says beside an instruction; NULL when it is nothing. */
const InstNote *func_note(const Func *f, Inst i);

/* The type of what `symbol_value` of a global value gives. */
Type global_type(const GlobalValueData *g);

/* The signature that a call of any kind is made with. */
const Signature *func_call_signature(const Func *f, const InstData *i);

/* The table of a try_call. */
static inline ExceptionTable *func_table(const Func *f, const InstData *i)
{
    return &f->tables.at[i->imm];
}

/* How many of a try_call's operands are contexts. */
uint32_t table_contexts(const ExceptionTable *t);

/* What a call of any kind passes: its operands without callee and contexts. */
const Value *func_call_args(const Func *f, const InstData *call, uint32_t *n);

/* The same of a call that is no try_call. */
static inline const Value *inst_call_args(const InstData *call, uint32_t *n)
{
    *n = call->nargs - inst_op(call)->indirect;
    return inst_args_const(call) + inst_op(call)->indirect;
}

/* How often each value is used by instructions of the layout, block arguments included; the array
 * lives in `a`, one entry a value. */
uint32_t *func_count_uses(const Func *f, Arena *a);

typedef struct Module {
    Arena *arena;
    VEC(Func *) funcs;
} Module;

Module *module_create(Arena *a);

/* The index of the function of that name, NO_INDEX when there is none. */
uint32_t module_find(const Module *m, FuncName name);

bool funcname_equal(FuncName a, FuncName b);

/* Sets `callee` of every function reference by name. */
void module_link(Module *m);

/* A deep copy in `a`, handles unchanged. */
Module *module_clone(const Module *m, Arena *a);
Func *func_clone(const Func *f, Module *into, Arena *a);

/* Instructions in the layouts of all functions. */
uint32_t module_inst_count(const Module *m);

/* Whether one of them is an `op`. */
bool module_has_op(const Module *m, Op op);

#endif
