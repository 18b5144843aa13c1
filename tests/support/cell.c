#include "cell.h"

#include "ir/build.h"

typedef struct {
    Arena *arena;
    Case *c;
    Func *f;
    Builder b;
    VEC(Value) params;
} Maker;

/* A type that the letter accepts; TY_none when there is none. */
static Type operand_type(char letter, Type control)
{
    Type t = rule_result(letter, control);
    if (t != TY_none) return t;
    static const Type preferred[] = {TY_i32, TY_i8, TY_i64, TY_f32, TY_f64, TY_i16, TY_i16x8,
                                     TY_i8x16};
    for (size_t k = 0; k < countof(preferred); k++)
        if (rule_accepts(letter, control, preferred[k])) return preferred[k];
    for (t = 1; t < TYPE_COUNT; t++)
        if (rule_accepts(letter, control, t) && t != control) return t;
    return rule_accepts(letter, control, control) ? control : TY_none;
}

/* What symbol_value of a type other than an address's is loaded through. */
static bool needs_vmctx(const OpInfo *o, Type control)
{
    return strchr(format_operands[o->format], 'g') && control != TY_i64;
}

static bool add_params(const OpInfo *o, Type control, Signature *sig, Arena *a)
{
    if (needs_vmctx(o, control))
        *vec_push(a, &sig->params) = (AbiParam){.type = TY_i64, .purpose = PURPOSE_vmctx};
    for (const char *letter = o->operands; *letter && *letter != '*'; letter++) {
        Type t = operand_type(*letter, control);
        if (t == TY_none) return false;
        if (type_is_dynamic(t)) t = TY_i64; /* where it is loaded from */
        vec_push(a, &sig->params)->type = (uint8_t)t;
    }
    return true;
}

static bool is_tail_call(Op op)
{
    return op_has(op, EFFECT_K) && op_has(op, EFFECT_R);
}

/* Whether the result is an address that differs from one back end to the other. */
static bool gives_place(const OpInfo *o, Type type)
{
    if (o->effects & EFFECT_K) return false;
    bool symbol = strchr(format_operands[o->format], 'g') && type == TY_i64;
    return symbol || strpbrk(format_operands[o->format], "FlBD");
}

/* The results are returned; of an address its difference to itself. */
static bool add_returns(Op op, Type type, Signature *sig, Arena *a)
{
    const OpInfo *o = &op_info[op];
    if (is_tail_call(op)) vec_push(a, &sig->returns)->type = TY_i64;
    if (o->results[0] == '*') return true;
    InstData probe = {.op = (uint8_t)op, .type = (uint8_t)type};
    Type types[8];
    uint32_t n = inst_result_types(NULL, &probe, types, 8);
    for (uint32_t k = 0; k < n; k++) {
        if (types[k] == TY_none) return false;
        vec_push(a, &sig->returns)->type = (uint8_t)types[k];
    }
    return true;
}

/* A function that the cell's function can name: `%callee(i64) -> i64`. */
static void add_callee(Maker *cell, CallConv conv)
{
    Signature sig = {.conv = conv};
    vec_push(cell->arena, &sig.params)->type = TY_i64;
    vec_push(cell->arena, &sig.returns)->type = TY_i64;
    Func *f = func_create(cell->c->module, funcname_text("callee"), &sig);
    Builder b = builder_at(f, build_entry(f));
    build_return(&b, &func_block(f, b.at)->params.at[0], 1);
}

static Block add_return_block(Maker *cell)
{
    Block block = build_block(cell->f);
    Builder b = builder_at(cell->f, block);
    if (cell->f->sig.returns.n) build_trap(&b, 1);
    else build_return(&b, NULL, 0);
    return block;
}

/* The callee's signature in a new exception table, without handlers. */
static int64_t add_table(Maker *cell)
{
    Func *f = cell->f;
    *vec_push(cell->arena, &f->tables) =
        (ExceptionTable){.sig = build_sig(f, &cell->c->module->funcs.at[0]->sig)};
    return f->tables.n - 1;
}

/* A block that nothing leads to, with a handler. */
static Block add_try_block(Maker *cell)
{
    Block block = build_block(cell->f);
    Builder b = builder_at(cell->f, block);
    Value one = build_iconst(&b, TY_i64, 1);
    BlockCall *ways = arena_array(cell->arena, BlockCall, 2);
    InstData i = {.op = OP_try_call, .imm = add_table(cell), .ndests = 2, .dests = ways};
    vec_push(cell->arena, &func_table(cell->f, &i)->handlers)->kind = HANDLER_default;
    for (int k = 0; k < 2; k++) ways[k].block = add_return_block(cell);
    i.entity = build_ref(cell->f, 0).i;
    inst_set_args(cell->f, &i, &one, 1);
    build_inst(&b, &i);
    return block;
}

static uint32_t add_global(Maker *cell, GlobalValueData g)
{
    uint32_t k = cell->f->globals.n;
    g.name = k;
    *vec_push(cell->arena, &cell->f->globals) = g;
    return k;
}

/* The callee's address, or what the vmctx points to. */
static uint32_t add_value(Maker *cell, const InstData *i)
{
    if (!needs_vmctx(inst_op(i), (Type)i->type))
        return add_global(cell, (GlobalValueData){.kind = GLOBAL_symbol,
                                                  .tls = i->op == OP_tls_value,
                                                  .symbol = funcname_text("callee")});
    uint32_t vmctx = add_global(cell, (GlobalValueData){.kind = GLOBAL_vmctx});
    return add_global(cell, (GlobalValueData){.kind = GLOBAL_load, .base = vmctx, .type = i->type,
                                              .flags.bits = MEMFLAG_notrap | MEMFLAG_aligned});
}

static void add_dynamic(Maker *cell)
{
    GlobalValueData scale = {.kind = GLOBAL_dyn_scale, .type = TY_i32x4};
    *vec_push(cell->arena, &cell->f->dyn_types) =
        (DynTypeData){.base = TY_i32x4, .global = add_global(cell, scale)};
    vec_push(cell->arena, &cell->f->dyn_slots);
}

/* Fills the immediates, entities and ways that the format's letters ask for. */
static void fill_operand(Maker *cell, InstData *i, char letter)
{
    static const uint8_t zeros[16];
    Func *f = cell->f;
    BlockCall ways[3];
    switch (letter) {
    case 'k': i->entity = build_constant(f, zeros, type_bytes((Type)i->type)).i; break;
    case 's': i->entity = build_constant(f, zeros, 16).i; break;
    case 't': i->trap = 1; break;
    case 'm': i->flags.bits = op_has((Op)i->op, EFFECT_P) ? MEMFLAG_little : 0; break;
    case 'l': i->entity = build_slot(f, 16, 16).i; break;
    case 'F': i->entity = build_ref(f, 0).i; break;
    case 'S': i->entity = build_sig(f, &cell->c->module->funcs.at[0]->sig).i; break;
    case 'B': i->entity = add_try_block(cell).i; break;
    case 'g': i->entity = add_value(cell, i); break;
    case 'D': add_dynamic(cell); break;
    case 'e':
        i->imm = add_table(cell);
        if (op_info[i->op].indirect) i->entity = func_table(f, i)->sig.i;
        /* fall through */
    case 'b':
    case 'j':
        ways[i->ndests] = (BlockCall){.block = add_return_block(cell)};
        if (i->ndests) memcpy(ways, i->dests, i->ndests * sizeof *ways);
        i->dests = memcpy(arena_array(cell->arena, BlockCall, 3), ways, sizeof ways);
        i->ndests++;
        break;
    default: break;
    }
}

static void set_operands(Maker *cell, InstData *i)
{
    const OpInfo *o = inst_op(i);
    VEC(Value) args = {0};
    uint32_t n = cell->params.n;
    for (uint32_t k = 0; k < n && !needs_vmctx(o, (Type)i->type); k++)
        *vec_push(cell->arena, &args) = cell->params.at[k];
    if (type_is_dynamic((Type)i->type)) {
        add_dynamic(cell);
        args.at[0] = build_load(&cell->b, OP_load, (Type)i->type, (MemFlags){0}, args.at[0], 0);
    }
    if (o->indirect)
        args.at[0] = build_func_addr(&cell->b, build_ref(cell->f, 0));
    if (strchr(format_operands[o->format], '*') && o->effects & EFFECT_K)
        *vec_push(cell->arena, &args) = build_iconst(&cell->b, TY_i64, 1);
    inst_set_args(cell->f, i, args.at, args.n);
}

/* The instruction, and a return of its results when it ends nothing. */
static void build_body(Maker *cell, Op op, Type type)
{
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)type};
    for (const char *letter = format_operands[op_info[op].format]; *letter; letter++)
        fill_operand(cell, &i, *letter);
    set_operands(cell, &i);
    Inst inst = build_inst(&cell->b, &i);
    if (op_has(op, EFFECT_T)) return;
    const InstData *d = func_inst(cell->f, inst);
    Value results[8];
    uint32_t n = 0;
    for (; n < cell->f->sig.returns.n; n++) results[n] = inst_result(d, n);
    if (gives_place(&op_info[op], type))
        results[0] = build_binary(&cell->b, OP_isub, results[0], results[0]);
    build_return(&cell->b, results, n);
}

static void add_run(Maker *cell)
{
    Run *run = vec_push(cell->arena, &cell->c->runs);
    run->kind = RUN_PRINT;
    run->func = cell->c->module->funcs.n - 1;
    const Signature *sig = &cell->f->sig;
    for (uint32_t k = 0; k < sig->params.n; k++) {
        DataValue *v = vec_push(cell->arena, &run->args);
        v->type = (Type)sig->params.at[k].type;
        v->bits = bits_of(1);
    }
}

static void point_into_heap(Maker *cell, const OpInfo *o)
{
    Run *run = &cell->c->runs.at[0];
    for (uint32_t k = 0; k < run->args.n; k++) {
        bool vmctx = cell->f->sig.params.at[k].purpose == PURPOSE_vmctx;
        bool dynamic = o->types == SET_DYN;
        bool address = o->operands[k] == 'a' && !(o->effects & EFFECT_K);
        if (!vmctx && !dynamic && !address) continue;
        run->args.at[k].heap = 1;
        Heap *h = vec_push(cell->arena, &cell->c->heaps);
        *h = (Heap){.func = run->func, .size = 64, .align = 16};
    }
}

Case *cell_make(Arena *a, Op op, Type type, const char **reason)
{
    const OpInfo *o = &op_info[op];
    if (o->types == SET_DYN) type = TY_i32x4xN;
    Maker cell = {.arena = a, .c = case_create(a)};
    Signature sig = {.conv = is_tail_call(op) ? CALLCONV_tail : CALLCONV_system_v};
    add_callee(&cell, sig.conv);
    *reason = "no operand type fits";
    if (!add_params(o, type, &sig, a)) return NULL;
    if (!add_returns(op, type, &sig, a)) return NULL;
    cell.f = func_create(cell.c->module, funcname_text("cell"), &sig);
    cell.b = builder_at(cell.f, build_entry(cell.f));
    const ValueVec *params = &func_block(cell.f, cell.b.at)->params;
    for (uint32_t k = 0; k < params->n; k++) *vec_push(a, &cell.params) = params->at[k];
    build_body(&cell, op, type);
    add_run(&cell);
    point_into_heap(&cell, o);
    module_link(cell.c->module);
    return cell.c;
}
