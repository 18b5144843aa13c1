/* Every row of ops.def, at every type it takes, is printed, read and printed again: the same text
 * and the same instruction. */
#include "ir/read.h"
#include "ir/write.h"

#include "ir/build.h"
#include "ir/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef struct {
    Arena *arena;
    Case *c;
    Func *f;
    Builder b;
    Block target; /* block1(v0: i32) */
    Value passed;
    unsigned variant;
} Maker;

/* A type that the letter accepts; TY_none when there is none. */
static Type operand_type(char letter, Type control, unsigned variant)
{
    for (unsigned k = 0; k < TYPE_COUNT; k++) {
        Type t = 1 + (k + variant) % (TYPE_COUNT - 1);
        if (rule_accepts(letter, control, t)) return t;
    }
    return TY_none;
}

/* Instructions name a dynamic type by its declaration. */
static void declare_dynamic(Maker *m, Type type)
{
    for (uint32_t k = 0; k < m->f->dyn_types.n; k++)
        if (type_to_dynamic(m->f->dyn_types.at[k].base) == type) return;
    *vec_push(m->arena, &m->f->dyn_types) =
        (DynTypeData){.base = (uint8_t)type_to_static(type), .name = 3 * m->f->dyn_types.n};
}

static Value param(Maker *m, Type type)
{
    if (type_is_dynamic(type)) { /* no block has one */
        declare_dynamic(m, type);
        return build_load(&m->b, OP_load, type, (MemFlags){0}, param(m, TY_i64), 0);
    }
    Block entry = func_entry(m->f);
    vec_push(m->arena, &m->f->sig.params)->type = (uint8_t)type;
    return build_param(m->f, entry, type);
}

static void declare(Maker *m)
{
    Func *f = m->f;
    Signature callee = {.conv = CALLCONV_tail};
    vec_push(m->arena, &callee.params)->type = TY_i32;
    *vec_push(m->arena, &callee.returns) =
        (AbiParam){.type = TY_i16, .extension = EXTENSION_sext};
    build_slot(f, 24, 16);
    build_sig(f, &callee);
    *vec_push(m->arena, &f->refs) =
        (FuncRefData){.name = {.space = 3, .index = 4}, .callee = NO_INDEX, .ref = 9};
    *vec_push(m->arena, &f->globals) = (GlobalValueData){.kind = GLOBAL_vmctx, .name = 2};
    declare_dynamic(m, TY_i32x4xN);
    *vec_push(m->arena, &f->dyn_slots) = (DynSlotData){.name = 4};
    build_region(f, 77);
}

static Maker maker(Arena *a, unsigned variant)
{
    Maker m = {.arena = a, .c = case_create(a), .variant = variant};
    m.f = func_create(m.c->module, funcname_text("cell"), &(Signature){.conv = CALLCONV_fast});
    m.b = builder_at(m.f, build_entry(m.f));
    m.target = build_block(m.f);
    build_param(m.f, m.target, TY_i32);
    m.passed = param(&m, TY_i32);
    declare(&m);
    return m;
}

static void set_constant(Maker *m, InstData *i, Type type)
{
    uint8_t bytes[4096];
    for (unsigned k = 0; k < type_bytes(type); k++) bytes[k] = (uint8_t)(k * 29 + m->variant);
    i->entity = build_constant(m->f, bytes, type_bytes(type)).i;
    m->f->constants.at[i->entity].named = m->variant & 1 && type != TY_f128;
}

static void set_dests(Maker *m, InstData *i, unsigned n)
{
    BlockCall with = build_dest(m->f, m->target, &m->passed, 1);
    BlockCall *dests = arena_array(m->arena, BlockCall, i->ndests + n);
    if (i->ndests) memcpy(dests, i->dests, i->ndests * sizeof *dests);
    for (unsigned k = 0; k < n; k++) dests[i->ndests + k] = with;
    i->dests = dests;
    i->ndests += n;
}

/* The return, a tag, a context, all others. */
static void set_table(Maker *m, InstData *i, ValueVec *args)
{
    ExceptionTable t = {.sig = {0}};
    for (unsigned k = 0; k < m->variant % 4; k++) {
        *vec_push(m->arena, &t.handlers) = (Handler){.kind = k, .tag = k ? 0 : m->variant};
        if (k == HANDLER_context) *vec_push(m->arena, args) = m->passed;
        else set_dests(m, i, 1);
    }
    set_dests(m, i, 1);
    i->imm = m->f->tables.n;
    *vec_push(m->arena, &m->f->tables) = t;
}

/* The smallest and the largest that a format can hold, and something in between. */
static int64_t immediate(const Maker *m, Type type)
{
    unsigned spare = 64 - type_bits(type == TY_none ? TY_i64 : type);
    static const uint64_t some[] = {0, 1, UINT64_MAX, 0x8000000000000000, 0x123456789abcdef0};
    return (int64_t)(some[m->variant % countof(some)] << spare) >> spare;
}

/* What a letter of formats.def stands for. */
static void fill(Maker *m, InstData *i, char letter, ValueVec *args)
{
    static const int32_t offsets[] = {0, 8, -16, INT32_MAX, INT32_MIN, 10000};
    unsigned v = m->variant;
    switch (letter) {
    case 'i': i->imm = immediate(m, i->type); break;
    case 'o': i->imm = offsets[v % countof(offsets)]; break;
    case 'u': i->imm = v % 256; break;
    case 'h': i->imm = (uint16_t)(0x3e00 + v * 7919); break;
    case 'f': i->imm = 0x3fc00000 + v * 7919; break;
    case 'd': i->imm = 0x3ff8000000000000 + v * 7919; break;
    case 'k': set_constant(m, i, i->type); break;
    case 's':
        set_constant(m, i, TY_i8x16);
        m->f->constants.at[i->entity].named = false;
        break;
    case 'c': i->cond = (uint8_t)(v % INTCC_COUNT); break;
    case 'x': i->cond = (uint8_t)(v % FLOATCC_COUNT); break;
    case 'r': i->cond = (uint8_t)(v % ATOMIC_COUNT); break;
    case 't': i->trap = (TrapCode)(1 + v * 37 % 255); break;
    case 'm':
        i->flags.bits = (uint8_t)(v % (1 << MEMFLAG_COUNT));
        if (i->flags.bits & MEMFLAG_little) i->flags.bits &= (uint8_t)~MEMFLAG_big;
        i->flags.region = v / 2 % 2;
        if (!(i->flags.bits & MEMFLAG_notrap)) i->flags.trap = v % 3 ? TRAP_none : 9;
        break;
    case 'b': set_dests(m, i, 1); break;
    case 'j': set_dests(m, i, v % 3); break;
    case 'F': case 'S': case 'l': case 'g': case 'D': i->entity = 0; break;
    case 'B': i->entity = m->target.i; break;
    case 'e': set_table(m, i, args); break;
    case '*':
        for (unsigned k = 0; k < v % 7; k++) *vec_push(m->arena, args) = m->passed;
        break;
    default: break;
    }
}

static bool make(Maker *m, Op op, Type type)
{
    const OpInfo *o = &op_info[op];
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)type};
    ValueVec args = {0};
    const char *rule = o->operands;
    for (const char *letter = format_operands[o->format]; *letter; letter++) {
        if (*letter == 'v') {
            Type t = operand_type(*rule++, type, m->variant * 3);
            if (t == TY_none) return false;
            *vec_push(m->arena, &args) = param(m, t);
        } else {
            fill(m, &i, *letter, &args);
        }
    }
    Type results[LIMIT_results];
    uint32_t n = inst_result_types(m->f, &i, results, countof(results));
    for (uint32_t k = 0; k < n; k++)
        if (results[k] == TY_none) return false;
    if (type_is_dynamic(type)) declare_dynamic(m, type);
    inst_set_args(m->f, &i, args.at, args.n);
    build_inst(&m->b, &i);
    return true;
}

static Str print(Arena *a, const Case *c)
{
    Buf out = {.arena = a};
    case_write(&out, c, NULL);
    return buf_str(&out);
}

static bool same_flags(MemFlags x, MemFlags y)
{
    return x.bits == y.bits && x.region == y.region && x.trap == y.trap;
}

static void assert_same(const InstData *x, const InstData *y, Str text)
{
    bool same = x->op == y->op && x->type == y->type && x->cond == y->cond && x->imm == y->imm &&
                x->trap == y->trap && same_flags(x->flags, y->flags) && x->nargs == y->nargs &&
                x->ndests == y->ndests && x->nresults == y->nresults;
    if (!same) fail_msg("another instruction was read:\n%.*s", (int)text.n, text.at);
}

static void check_round_trip(Arena *a, const Maker *m)
{
    Str text = print(a, m->c);
    Diag d = {0};
    const Case *again = case_read(a, "printed", text, &d);
    if (!again) {
        diag_print(&d, stderr);
        fail_msg("cannot be read:\n%.*s", (int)text.n, text.at);
    }
    Str second = print(a, again);
    if (!str_equal(text, second))
        fail_msg("printed as\n%.*s\nthen as\n%.*s", (int)text.n, text.at, (int)second.n, second.at);
    Inst last = {m->f->insts.n - 1};
    assert_same(func_inst(m->f, last), func_inst(again->module->funcs.at[0], last), text);
}

static bool takes(const OpInfo *o, Type t)
{
    return o->has_type ? mask_has(typeset_members(o->types), t) : t == TY_none;
}

static void every_row_survives(void **state)
{
    (void)state;
    Arena *a = arena_create();
    for (Op op = 0; op < OP_COUNT; op++) {
        unsigned made = 0;
        for (Type t = 0; t < TYPE_COUNT; t++)
            for (unsigned variant = 0; variant < 8 && takes(&op_info[op], t); variant++) {
                Maker m = maker(a, variant);
                if (make(&m, op, t)) {
                    check_round_trip(a, &m);
                    made++;
                }
                arena_reset(a);
            }
        if (!made) fail_msg("no instance of %s", op_name(op));
    }
    arena_destroy(a);
}

/* The flags of an access, one after the other and all together. */
static void every_flag_survives(void **state)
{
    (void)state;
    Arena *a = arena_create();
    for (unsigned variant = 0; variant < 1 << (MEMFLAG_COUNT + 2); variant++, arena_reset(a)) {
        Maker m = maker(a, variant);
        assert_true(make(&m, OP_load, TY_i32));
        check_round_trip(a, &m);
    }
    arena_destroy(a);
}

/* The text of one function is printed as it is. */
static Func *expect_itself(Arena *a, const char *text)
{
    Diag d = {0};
    const Case *c = case_read(a, "text", str_of(text), &d);
    assert_non_null(c);
    Buf out = {.arena = a};
    func_write(&out, c->module->funcs.at[0], NULL);
    assert_string_equal(out.at, text);
    return c->module->funcs.at[0];
}

/* The type is printed where a reader has not seen the operand that gives it. */
static void suffixes(void **state)
{
    (void)state;
    static const char text[] = "function %f(i8, i64) -> i32 fast {\n"
                               "    sig0 = (i32) fast\n"
                               "\n"
                               "block0(v0: i8, v1: i64):\n"
                               "    v2 = iadd v0, v0\n"
                               "    jump block2\n"
                               "\n"
                               "block1:\n"
                               "    v4 = iadd.i32 v3, v3\n"
                               "    trapz.i8 v0, user1\n"
                               "    call_indirect.i64 sig0, v1(v4)\n"
                               "    return v4\n"
                               "\n"
                               "block2:\n"
                               "    v3 = load.i32 notrap aligned v1+8\n"
                               "    v5 = icmp eq v3, v3\n"
                               "    atomic_store.i8 v0, v1\n"
                               "    v6 = atomic_rmw.i32 add v1, v3\n"
                               "    brif v5, block1, block2\n"
                               "}\n";
    Arena *a = arena_create();
    const Func *f = expect_itself(a, text);
    Buf line = {.arena = a};
    inst_write(&line, f, func_inst(f, (Inst){0}), NULL);
    assert_string_equal(line.at, "v2 = iadd.i8 v0, v0");
    arena_destroy(a);
}

/* A type that an operand must not have is no suffix: the reader would not take it. */
static void no_suffixes(void **state)
{
    (void)state;
    static const char text[] = "function %f(f32, i8) fast {\n"
                               "    sig0 = () fast\n"
                               "\n"
                               "block0(v0: f32, v1: i8):\n"
                               "    jump block1\n"
                               "\n"
                               "block1:\n"
                               "    istore32 v0, v1\n"
                               "    v2 = uload32 v1\n"
                               "    trapz v0, user1\n"
                               "    call_indirect sig0, v1()\n"
                               "    return\n"
                               "}\n";
    Arena *a = arena_create();
    expect_itself(a, text);
    arena_destroy(a);
}

static const char *header_of(Arena *a, const char *signature)
{
    const char *text = arena_printf(a, "function %%f%s {\nblock0:\n    trap user1\n}\n", signature);
    Diag d = {0};
    const Case *c = case_read(a, "text", str_of(text), &d);
    assert_non_null(c);
    Str printed = print(a, c);
    const char *end = strstr(printed.at, "target x86_64\n");
    assert_non_null(end);
    return arena_strndup(a, printed.at, (size_t)(end - printed.at));
}

/* A case without a header gets one with the settings that its signatures need. */
static void headers(void **state)
{
    (void)state;
    Arena *a = arena_create();
    static const char many[] = "test run\nset enable_multi_ret_implicit_sret\n";
    assert_string_equal(header_of(a, "()"), "test run\n");
    assert_string_equal(header_of(a, "() -> i8, i64, f32, f64x2"), "test run\n");
    assert_string_equal(header_of(a, "() -> i8, i64, i8"), many);
    assert_string_equal(header_of(a, "() -> f64, f32, i32x4"), many);
    assert_string_equal(header_of(a, "(i128)"), "test run\nset enable_llvm_abi_extensions=true\n");
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_survives),
        cmocka_unit_test(every_flag_survives),
        cmocka_unit_test(suffixes),
        cmocka_unit_test(no_suffixes),
        cmocka_unit_test(headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
