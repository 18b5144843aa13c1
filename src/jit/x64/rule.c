#include "jit/x64/rule.h"

typedef struct {
    uint16_t form;
    bool sized;   /* `form` is a SIZED row: the width is that of the type's lanes */
    bool test;    /* no result: operands begin with the first source */
    uint8_t cond;
    uint32_t operand[5]; /* StepOperand: the result, then up to four sources */
} Step;

/* Names for use in rules.def. */
enum {
    X = O_X, Y = O_Y, Z = O_Z, MX = O_MX, MY = O_MY, MZ = O_MZ, D = O_D, D2 = O_D2,
    A = O_A, B = O_B, C = O_C, E = O_E, F = O_F, G = O_G,
    RAX = O_RAX, RCX = O_RCX, RDX = O_RDX, N = O_N, ARG = O_ARG,
};
#define IMM(n) (O_IMM + (uint32_t)(n))
#define K(name) (O_CONST + CONST_##name)

#define TYPE_BIT(t) ((uint64_t)1 << TY_##t)
#define NO_TYPE ((uint64_t)1 << TY_none)
#define I8 TYPE_BIT(i8)
#define I16 TYPE_BIT(i16)
#define I32 TYPE_BIT(i32)
#define I64 TYPE_BIT(i64)
#define F32 TYPE_BIT(f32)
#define F64 TYPE_BIT(f64)
#define F16 TYPE_BIT(f16)
#define F128 TYPE_BIT(f128)
#define I8X16 TYPE_BIT(i8x16)
#define I16X8 TYPE_BIT(i16x8)
#define I32X4 TYPE_BIT(i32x4)
#define I64X2 TYPE_BIT(i64x2)
#define F16X8 TYPE_BIT(f16x8)
#define F32X4 TYPE_BIT(f32x4)
#define F64X2 TYPE_BIT(f64x2)
#define I16X4 TYPE_BIT(i16x4)
#define I16X2 TYPE_BIT(i16x2)
#define I32X2 TYPE_BIT(i32x2)
#define INT (I8 | I16 | I32 | I64)
#define I16_64 (I16 | I32 | I64)
#define I8_32 (I8 | I16 | I32)
#define I32_64 (I32 | I64)
#define V8 (I8X16 | TYPE_BIT(i8x8) | TYPE_BIT(i8x4) | TYPE_BIT(i8x2))
#define V16 (I16X8 | I16X4 | I16X2)
#define V32 (I32X4 | I32X2)
#define INTV (V8 | V16 | V32 | I64X2)
#define F16V (F16X8 | TYPE_BIT(f16x4) | TYPE_BIT(f16x2))
#define F32V (F32X4 | TYPE_BIT(f32x2))
#define FLOAT (F32 | F64)
#define FLOATV (F32V | F64X2)
#define FLOATS (FLOAT | FLOATV)
#define F16S (F16 | F16V)
#define F32S (F32 | F32V)
#define F64S (F64 | F64X2)
#define FLOATS_ALL (F16S | FLOATS | F128) /* with those that there is no arithmetic on */
#define VECTOR (INTV | F16V | FLOATV)
#define VEC128 (I8X16 | I16X8 | I32X4 | I64X2 | F16X8 | F32X4 | F64X2)
#define SMALL (VECTOR & ~VEC128)
#define X16X8 (I16X8 | F16X8)
#define X32X4 (I32X4 | F32X4)
#define X64X2 (I64X2 | F64X2)
#define UPTO4 (I32X4 | I64X2 | (INTV & SMALL & ~TYPE_BIT(i8x8)))
#define XMM (F16 | FLOAT | F128 | VECTOR)
#define PLAIN (INT | XMM)

/* Steps of all rows, each row's ended by one with form FORM_NONE. */
#define S(f, ...) {.form = FORM_##f, .operand = {__VA_ARGS__}},
#define W(f, ...) {.form = FORM_##f, .sized = true, .operand = {__VA_ARGS__}},
#define SC(f, cc, ...) {.form = FORM_##f, .cond = COND_##cc, .operand = {__VA_ARGS__}},
#define WC(f, cc, ...) \
    {.form = FORM_##f, .sized = true, .cond = COND_##cc, .operand = {__VA_ARGS__}},
#define T(f, ...) {.form = FORM_##f, .test = true, .operand = {O_none, __VA_ARGS__}},
#define LOWER(op, types, feature, when, ...) __VA_ARGS__ {.form = FORM_NONE},
#define LOWER_BY(op, types, feature, function) {.form = FORM_NONE},
static const Step steps[] = {
#include "jit/x64/rules.def"
};

typedef struct {
    uint64_t types;
    RuleFunction *function; /* NULL: by steps */
    uint32_t first;         /* in `steps` */
    uint8_t op, feature, when;
} Rule;

#define LOWER(o, t, f, w, ...) {.op = OP_##o, .types = t, .feature = FEATURE_##f, .when = w},
#define LOWER_BY(o, t, f, fn) {.op = OP_##o, .types = t, .feature = FEATURE_##f, .function = fn},
static Rule rules[] = {
#include "jit/x64/rules.def"
};

#define LOWER(op, types, feature, when, ...) #types " " #feature " " #when ": " #__VA_ARGS__,
#define LOWER_BY(op, types, feature, function) #types " " #feature ": " #function,
static const char *const texts[] = {
#include "jit/x64/rules.def"
};

static const Bits constants[CONST_COUNT] = {
#define CONSTANT(name, low, high) {.u64 = {low, high}},
#include "jit/x64/constants.def"
};

/* The rows of one instruction stand together: [first, first + n). */
static struct {
    uint16_t first, n;
} rows_of[OP_COUNT];

/* The copy that stands in front of a form that modifies its operand must not destroy another. */
static void check_step(const Step *s)
{
    if (s->test || s->operand[1] == s->operand[0]) return;
    if (form_info[s->form + (s->sized ? 2 : 0)].operand[0].role != ROLE_USE_DEF) return;
    for (unsigned k = 2; k < countof(s->operand); k++)
        CHECK(!s->operand[k] || s->operand[k] != s->operand[0]);
}

/* A form in the width of the lanes exists at the width of each type that the row is for. */
static void check_widths(const Rule *r, const Step *s)
{
    for (unsigned t = 0; s->sized && t < 64; t++)
        if (r->types >> t & 1)
            CHECK(form_info[form_sized(s->form, type_lane_bits((Type)t))].mnemonic);
}

void rule_init(void)
{
    if (rows_of[rules[0].op].n) return;
    uint32_t step = 0;
    for (uint32_t k = 0; k < countof(rules); k++) {
        Rule *r = &rules[k];
        r->first = step;
        for (; steps[step].form != FORM_NONE; step++) {
            check_step(&steps[step]);
            check_widths(r, &steps[step]);
        }
        step++;
        if (!rows_of[r->op].n) rows_of[r->op].first = (uint16_t)k;
        CHECK(rows_of[r->op].first + rows_of[r->op].n == k); /* rows of one op are neighbours */
        rows_of[r->op].n++;
    }
}

/* Types that a row's mask has no bit for are no machine's. */
static bool row_may_apply(const Rule *r, Type type, FeatureSet features)
{
    return type < 64 && (r->types >> type & 1) && (features >> r->feature & 1);
}

static uint16_t first_row(Op op, Type type, FeatureSet features)
{
    for (uint32_t k = 0; k < rows_of[op].n; k++)
        if (row_may_apply(&rules[rows_of[op].first + k], type, features))
            return (uint16_t)(rows_of[op].first + k);
    return RULE_NONE;
}

bool rule_exists(Op op, Type type, FeatureSet features)
{
    return first_row(op, type, features) != RULE_NONE;
}

static unsigned root_of(unsigned effects)
{
    if (effects & (EFFECT_S | EFFECT_K | EFFECT_T | EFFECT_R)) return ROOT_ALWAYS;
    if ((effects & EFFECT_E) && !(effects & EFFECT_P)) return ROOT_ALWAYS;
    if (effects & EFFECT_L) return ROOT_UNLESS_NOTRAP;
    return effects & EFFECT_X ? ROOT_ALWAYS : ROOT_NEVER;
}

static uint16_t best_of(unsigned form, FeatureSet features)
{
    unsigned vex = form_info[form].vex;
    return (uint16_t)(vex != FORM_NONE && features >> form_info[vex].feature & 1 ? vex : form);
}

/* Conversions name one of their two types. */
static bool is_refusable(Op op)
{
    bool converts = strpbrk(op_info[op].operands, "nwF") != NULL;
    bool names = strpbrk(format_operands[op_info[op].format], NAMED_ENTITIES) != NULL;
    return op_has(op, EFFECT_K) || names || converts;
}

void rule_table_fill(RuleTable *t, FeatureSet features)
{
    if (t->filled && t->features == features) return;
    t->features = features;
    t->filled = true;
    for (unsigned op = 0; op < OP_COUNT; op++) {
        bool refusable = is_refusable((Op)op);
        for (unsigned type = 0; type < TYPE_COUNT; type++)
            t->of[op][type] = (RuleEntry){
                .row = first_row((Op)op, (Type)type, features),
                .root = (uint8_t)root_of(op_info[op].effects),
                .refusable = refusable,
            };
    }
    for (unsigned k = 0; k < FORM_COUNT; k++) t->best[k] = best_of(k, features);
    for (unsigned k = 0; k < TYPE_COUNT; k++)
        t->vreg[k] = (VReg){class_of((Type)k), (uint8_t)spill_bytes((Type)k), REG_ANY, 0};
}

/* -- Applying ---------------------------------------------------------------------------------- */

typedef struct {
    Lower *l;
    Value v[3];
    Reg temps[O_G - O_A + 1];
} Apply;

static bool condition_holds(const Apply *p, When when)
{
    int64_t n;
    switch (when) {
    case ALWAYS: return true;
    case Y_I8: return constant_of(p->l, p->v[1], &n) && n == (int8_t)n;
    case Y_I32: return constant_of(p->l, p->v[1], &n) && n == (int32_t)n;
    case Y_CONST: return constant_of(p->l, p->v[1], &n);
    }
    return false;
}

/* Whether the operands of a commutative instruction are better exchanged: constants and loads go
 * to y, and what dies here to x, where it can be overwritten. */
static bool better_swapped(const Apply *p)
{
    const Lower *l = p->l;
    int64_t n;
    if (constant_of(l, p->v[1], &n)) return false;
    if (constant_of(l, p->v[0], &n)) return true;
    unsigned bytes = type_bytes((Type)l->i->type);
    if (can_fuse(l, p->v[1], bytes, 1)) return false;
    if (can_fuse(l, p->v[0], bytes, 1)) return true;
    return is_live(l, p->v[0]) && !is_live(l, p->v[1]);
}

static unsigned value_bits(const Apply *p)
{
    return type_lane_bits((Type)p->l->i->type);
}

static bool is_number(unsigned code)
{
    return code == O_N || code == O_ARG || code >= O_CONST + CONST_COUNT;
}

/* The number in a step's immediate. */
static int64_t step_number(const Apply *p, unsigned code)
{
    if (code == O_ARG) return p->l->i->imm;
    if (is_number(code) && code != O_N) return (int64_t)code - O_IMM;
    int64_t n = 0;
    constant_of(p->l, p->v[1], &n);
    switch (p->l->i->op) {
    case OP_ishl: case OP_ushr: case OP_sshr: case OP_rotl: case OP_rotr:
        return n & (value_bits(p) - 1);
    }
    return n;
}

/* The register of a temporary; made when it is first mentioned, of the class that its definition
 * has. */
static Reg step_temp(Apply *p, unsigned code, const FormOperand *o)
{
    Reg *t = &p->temps[code - O_A];
    if (reg_equal(*t, REG_NONE)) {
        bool xmm = o->takes & TAKES_XMM;
        *t = temp(p->l, xmm ? REG_XMM : REG_GPR, xmm ? 16 : o->bytes > 4 ? 8 : 4);
    }
    return *t;
}

static Reg step_register(Apply *p, unsigned code, const FormOperand *o)
{
    switch (code) {
    case O_D: return result(p->l, 0);
    case O_D2: return result(p->l, 1);
    case O_RAX: return reg_of(REG_rax);
    case O_RCX: return reg_of(REG_rcx);
    case O_RDX: return reg_of(REG_rdx);
    case O_X: case O_Y: case O_Z: return use(p->l, p->v[code - O_X]);
    }
    return step_temp(p, code, o);
}

static Operand step_source(Apply *p, Form form, unsigned code)
{
    if (code >= O_MX && code <= O_MZ) {
        const FormInfo *info = &form_info[form];
        for (unsigned k = 0; k < info->operands_n; k++) {
            const FormOperand *o = &info->operand[k];
            if (!(o->takes & TAKES_MEMORY) || (o->role & ROLE_DEF)) continue;
            return use_rm(p->l, p->v[code - O_MX], o->memory_bytes, o->align);
        }
        return in_reg(use(p->l, p->v[code - O_MX]));
    }
    if (code >= O_CONST && code < O_CONST + CONST_COUNT)
        return pool_operand(p->l, constants[code - O_CONST]);
    return in_reg(step_register(p, code, &form_info[form].operand[0]));
}

static void apply_step(Apply *p, const Step *s)
{
    Form form = (Form)s->form;
    if (s->sized) form = form_sized(form, value_bits(p));
    form = best_form(p->l, form);
    Operand sources[4];
    unsigned n = 0;
    int64_t imm = 0;
    for (unsigned k = 1; k < countof(s->operand) && s->operand[k]; k++) {
        if (is_number(s->operand[k])) imm = step_number(p, s->operand[k]);
        else sources[n++] = step_source(p, form, s->operand[k]);
    }
    Reg d = s->test ? REG_NONE : step_register(p, s->operand[0], &form_info[form].operand[0]);
    emit_sources(p->l, form, d, sources, n, imm);
    last_inst(p->l)->cond = s->cond;
}

static void start(Apply *p, Lower *l)
{
    const Value *args = inst_args_const(l->i);
    p->l = l;
    for (uint32_t k = 0; k < countof(p->v); k++) p->v[k] = k < l->i->nargs ? args[k] : VALUE_none;
    for (uint32_t k = 0; k < countof(p->temps); k++) p->temps[k] = REG_NONE;
    if (!(inst_op(l->i)->effects & EFFECT_C) || !better_swapped(p)) return;
    if (!allows(l, REWRITE_operands_exchanged)) return;
    p->v[0] = args[1];
    p->v[1] = args[0];
}

/* Whether a row of steps applies. */
static bool starts(Apply *p, const Rule *r, Lower *l)
{
    if (!p->l) start(p, l);
    return condition_holds(p, (When)r->when);
}

static void apply_steps(Apply *p, const Rule *r)
{
    for (const Step *s = &steps[r->first]; s->form != FORM_NONE; s++) apply_step(p, s);
}

static bool apply_row(Apply *p, const Rule *r, Lower *l)
{
    if (r->function) return r->function(l);
    if (!starts(p, r, l)) return false;
    apply_steps(p, r);
    return true;
}

/* Whether a later row would do, too: without a condition, or by a function, which may decline. */
static bool has_alternative(const Rule *r, const Rule *end, const Lower *l)
{
    for (r++; r < end; r++)
        if (row_may_apply(r, (Type)l->i->type, l->features) && (r->function || r->when == ALWAYS))
            return true;
    return false;
}

/* The same for those who have fuel: a row that another could stand for is a rewrite. False when
 * none was left for what must be taken in the end. */
static COLD bool apply_with_fuel(Lower *l, const Rule *first, const Rule *end)
{
    Apply p;
    p.l = NULL;
    for (const Rule *r = first; r < end; r++) {
        if (!row_may_apply(r, (Type)l->i->type, l->features)) continue;
        bool optional = has_alternative(r, end, l);
        if (!r->function && !starts(&p, r, l)) continue;
        FuelRewrite before = l->fuel->last[PASS_lower];
        if (optional && !fuel_take(l->fuel, REWRITE_cheaper_rule, texts[r - rules], l->m->index,
                                   l->at))
            continue;
        if (!r->function) return apply_steps(&p, r), true;
        if (r->function(l)) return true;
        if (optional) fuel_give_back(l->fuel, PASS_lower, before);
    }
    return false;
}

const char *rule_row_text(Op op, Type type, FeatureSet features)
{
    uint16_t row = first_row(op, type, features);
    return row == RULE_NONE ? NULL : texts[row];
}

void rule_apply(Lower *l)
{
    Op op = (Op)l->i->op;
    Type type = (Type)l->i->type;
    const Rule *r = &rules[l->rules->of[op][type].row], *end = &rules[rows_of[op].first];
    Apply p;
    p.l = NULL;
    end += rows_of[op].n;
    if (unlikely(l->fuel) && apply_with_fuel(l, r, end)) return;
    for (; r < end; r++)
        if (row_may_apply(r, type, l->features) && apply_row(&p, r, l)) return;
    bug("no rule for %s.%s", op_name(op), type_name(type));
}
