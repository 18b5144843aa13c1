#include "gen/table.h"

enum { WEIGHT_DEFAULT = 4, WEIGHT_RARE = 1, POOL_MAX = 1 << 15, ACCESS_MAX = 16 };

const Type kind_type[KIND_COUNT] = {
#define KIND(type, weight) [KIND_##type] = TY_##type,
#include "gen/kinds.def"
};

static const uint8_t kind_weight[KIND_COUNT] = {
#define KIND(type, weight) [KIND_##type] = weight,
#include "gen/kinds.def"
};

int8_t kind_of[TYPE_COUNT];
OpPlan op_plan[OP_COUNT];

/* What expr.c can fill in besides values, as letters of formats.def. */
#define FILLED "cxustm"

static const uint8_t op_weight[OP_COUNT] = {
#define WEIGHT(op, weight) [OP_##op] = weight,
#include "gen/weights.def"
};

typedef struct {
    Producer *at;
    uint32_t n;
} Producers;

typedef struct {
    uint8_t op[ACCESS_MAX];
    uint32_t n;
} Accesses;

static Producer pool[POOL_MAX];
static uint32_t pool_used;
static Producers producers[TYPE_COUNT];
static Accesses loads[TYPE_COUNT], stores[TYPE_COUNT];
static uint64_t accepts[128][TYPE_COUNT]; /* by letter and controlling type */
static uint64_t all_kinds, kind_masks[2][2]; /* by floats and vectors */
static uint8_t kind_wheel[256]; /* Type, by weight */

static void fill_kinds(void)
{
    unsigned total = 0, sum = 0, at = 0;
    memset(kind_of, KIND_none, sizeof kind_of);
    for (int k = 0; k < KIND_COUNT; k++) {
        kind_of[kind_type[k]] = (int8_t)k;
        all_kinds |= UINT64_C(1) << kind_type[k];
        total += kind_weight[k];
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        sum += kind_weight[k];
        while (at < 256 * sum / total) kind_wheel[at++] = (uint8_t)kind_type[k];
    }
}

static void fill_accepts(void)
{
    for (const char *l = "TLKbaCSNWnwIFXAVHDihd"; *l; l++)
        for (int c = 0; c < KIND_COUNT; c++)
            for (int k = 0; k < KIND_COUNT; k++)
                if (rule_accepts(*l, kind_type[c], kind_type[k]))
                    accepts[(int)*l][kind_type[c]] |= UINT64_C(1) << kind_type[k];
    /* a bitcast to the same type is none */
    for (int k = 0; k < KIND_COUNT; k++)
        accepts['X'][kind_type[k]] &= ~(UINT64_C(1) << kind_type[k]);
}

/* Formats of values and what can be filled in. */
static bool is_known(Format f)
{
    const char *operands = format_operands[f];
    return strchr(operands, 'v') && operands[strspn(operands, "v, " FILLED)] == 0;
}

static bool is_computation(const OpInfo *o, const OpPlan *p)
{
    unsigned forbidden = EFFECT_L | EFFECT_S | EFFECT_K | EFFECT_B | EFFECT_R | EFFECT_T;
    if (!is_known(o->format) || o->effects & forbidden) return false;
    if (o->effects & EFFECT_X) return p->guard != GUARD_none;
    return (o->effects & EFFECT_P) != 0;
}

/* The first result may be something else than float lanes. */
static bool gives_bits(const OpInfo *o)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        if (!(typeset_mask(o->types) >> kind_type[k] & 1)) continue;
        if (!type_has_float_lanes(rule_result(o->results[0], kind_type[k]))) return true;
    }
    return false;
}

/* `i8x16 f64` as a set. */
static uint64_t parse_types(const char *list)
{
    uint64_t set = 0;
    Str left = str_of(list);
    for (Str word; (word = str_next_word(&left, " ")).n;) {
        Type t = type_from_name(word);
        CHECK(t != TY_none);
        set |= UINT64_C(1) << t;
    }
    return set;
}

static void fill_plans(void)
{
    for (Op op = 0; op < OP_COUNT; op++) {
        op_plan[op].nan = NAN_makes;
        op_plan[op].nan_fixed = gives_bits(&op_info[op]);
    }
    enum { any = 0, fixed = 1 };
#define NAN(name, result, operands) \
    op_plan[OP_##name].nan = NAN_##result, op_plan[OP_##name].nan_fixed = operands;
#include "gen/nan.def"
#define GUARD(name, kind) op_plan[OP_##name].guard = GUARD_##kind;
#include "gen/guards.def"
#define EXCLUDE(name, list, reason) op_plan[OP_##name].excluded |= parse_types(list);
#include "gen/excluded.def"
#define RARE(name, list) op_plan[OP_##name].rare |= parse_types(list);
#include "gen/rare.def"
    for (Op op = 0; op < OP_COUNT; op++)
        op_plan[op].known = is_computation(&op_info[op], &op_plan[op]);
}

/* All operands of `op` can be had among the generated types. */
static bool has_operands(Op op, Type control)
{
    for (const char *l = op_info[op].operands; *l; l++)
        if (!accepts[(int)*l][control]) return false;
    return true;
}

static void add_producer(Op op, Type control, Type result)
{
    unsigned weight = op_weight[op] ? op_weight[op] : WEIGHT_DEFAULT;
    if (op_plan[op].rare >> control & 1) weight = WEIGHT_RARE;
    if (rule_result(op_info[op].results[0], control) != result) return;
    if (!has_operands(op, control)) return;
    for (unsigned k = 0; k < weight; k++) {
        CHECK(pool_used < POOL_MAX);
        pool[pool_used++] = (Producer){(uint8_t)op, (uint8_t)control};
    }
}

static void fill_producers(Type result)
{
    Producers *p = &producers[result];
    p->at = pool + pool_used;
    for (Op op = 0; op < OP_COUNT; op++) {
        if (!op_plan[op].known || !op_info[op].has_type) continue;
        uint64_t controls = typeset_mask(op_info[op].types) & all_kinds & ~op_plan[op].excluded;
        for (int k = 0; k < KIND_COUNT; k++)
            if (controls >> kind_type[k] & 1) add_producer(op, kind_type[k], result);
    }
    p->n = (uint32_t)(pool + pool_used - p->at);
}

static void add_access(Accesses *a, Op op, Type t)
{
    if (!(typeset_mask(op_info[op].types) & ~op_plan[op].excluded & UINT64_C(1) << t)) return;
    CHECK(a->n < ACCESS_MAX);
    a->op[a->n++] = (uint8_t)op;
}

/* The plain access stands first: it is chosen half of the time. */
static void fill_accesses(Type t)
{
    for (Op op = 0; op < OP_COUNT; op++) {
        if (op_info[op].format == FORMAT_load) add_access(&loads[t], op, t);
        if (op_info[op].format == FORMAT_store) add_access(&stores[t], op, t);
    }
}

/* The set without floats, without vectors. */
static uint64_t mask_of(bool floats, bool vectors)
{
    uint64_t mask = all_kinds;
    for (int k = 0; k < KIND_COUNT; k++) {
        bool off = (!floats && type_has_float_lanes(kind_type[k])) ||
                   (!vectors && type_is_vector(kind_type[k]));
        if (off) mask &= ~(UINT64_C(1) << kind_type[k]);
    }
    return mask;
}

static void fill_masks(void)
{
    for (int k = 0; k < 4; k++) kind_masks[k / 2][k % 2] = mask_of(k / 2, k % 2);
}

/* Runs after the tables of ir/ are filled (priorities 101 and 102). */
__attribute__((constructor(103))) static void fill_tables(void)
{
    fill_kinds();
    fill_masks();
    fill_accepts();
    fill_plans();
    for (int k = 0; k < KIND_COUNT; k++) {
        fill_producers(kind_type[k]);
        fill_accesses(kind_type[k]);
    }
}

uint64_t kinds_mask(bool floats, bool vectors) { return kind_masks[floats][vectors]; }

bool table_has_producer(Op op, Type control)
{
    Type result = rule_result(op_info[op].results[0], control);
    return kind_of[result] != KIND_none && has_operands(op, control);
}

bool table_accepts(char letter, Type control, Type t)
{
    return accepts[(int)letter][control] >> t & 1;
}

Type choose_type(Choice *c, uint64_t types)
{
    for (unsigned tries = 0; tries < 4; tries++) {
        Type t = kind_wheel[choose(c, 256)];
        if (types >> t & 1) return t;
    }
    return TY_i64;
}

Producer choose_producer(Choice *c, Type result, uint64_t types)
{
    const Producers *p = &producers[result];
    for (unsigned tries = 0; tries < 4 && p->n; tries++) {
        Producer made = p->at[choose(c, p->n)];
        if (!(types >> made.type & 1)) continue;
        bool possible = true;
        for (const char *l = op_info[made.op].operands; *l; l++)
            possible &= (accepts[(int)*l][made.type] & types) != 0;
        if (possible) return made;
    }
    return (Producer){OP_COUNT, 0};
}

static Type choose_bit(Choice *c, uint64_t set)
{
    uint32_t skip = choose(c, (uint32_t)__builtin_popcountll(set));
    while (skip--) set &= set - 1;
    return (Type)__builtin_ctzll(set);
}

Type choose_operand(Choice *c, char letter, Type control, uint64_t types)
{
    uint64_t set = accepts[(int)letter][control] & types;
    if (!set) return TY_none;
    return set & (set - 1) ? choose_bit(c, set) : (Type)__builtin_ctzll(set);
}

static Op choose_access(Choice *c, const Accesses *a)
{
    return (Op)(chance(c, 1, 2) ? a->op[choose(c, a->n)] : a->op[0]);
}

Op choose_load(Choice *c, Type t) { return choose_access(c, &loads[t]); }
Op choose_store(Choice *c, Type t) { return choose_access(c, &stores[t]); }
