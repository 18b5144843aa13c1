#include "gen/table.h"

enum { WEIGHT_DEFAULT = 4, POOL_MAX = 1 << 15, ACCESS_MAX = 16 };

const Type kind_type[KIND_COUNT] = {
#define KIND(type, weight, places, family) [KIND_##type] = TY_##type,
#include "gen/kinds.def"
};

/* Sets of them are bit masks of one word. */
#define KIND(type, weight, places, family) \
    _Static_assert(TY_##type < 64, "a generated type stands among the first of types.def");
#include "gen/kinds.def"

const uint8_t kind_places[KIND_COUNT] = {
#define KIND(type, weight, places, family) [KIND_##type] = places,
#include "gen/kinds.def"
};

static const struct {
    uint8_t weight;
    int8_t family; /* or -1 */
} kinds[KIND_COUNT] = {
#define FAMILY_none -1
#define KIND(type, weight, places, family) [KIND_##type] = {weight, FAMILY_##family},
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
static uint64_t all_kinds, soft_kinds; /* generated types, those of f16 and f128 lanes */
static uint64_t odd_kinds;             /* those of the family `odd` */
static uint8_t kind_wheel[2][256];     /* Type, by weight; the second has those of `odd` too */

static unsigned kind_share(int k, bool odd)
{
    return kinds[k].family != FAMILY_odd || odd ? kinds[k].weight : 0;
}

static void fill_wheel(bool odd)
{
    unsigned total = 0, sum = 0, at = 0;
    for (int k = 0; k < KIND_COUNT; k++) total += kind_share(k, odd);
    for (int k = 0; k < KIND_COUNT; k++) {
        sum += kind_share(k, odd);
        while (at < 256 * sum / total) kind_wheel[odd][at++] = (uint8_t)kind_type[k];
    }
}

static void fill_kinds(void)
{
    memset(kind_of, KIND_none, sizeof kind_of);
    for (int k = 0; k < KIND_COUNT; k++) {
        kind_of[kind_type[k]] = (int8_t)k;
        all_kinds |= UINT64_C(1) << kind_type[k];
        if (kinds[k].family == FAMILY_odd) odd_kinds |= UINT64_C(1) << kind_type[k];
        if (type_has_float_lanes(kind_type[k]) &&
            (type_lane_bits(kind_type[k]) == 16 || type_lane_bits(kind_type[k]) == 128))
            soft_kinds |= UINT64_C(1) << kind_type[k];
    }
    fill_wheel(false);
    fill_wheel(true);
}

static void fill_accepts(void)
{
    for (const char *l = "TLKbaCSNWnwIFXAVHDihd"; *l; l++)
        for (int c = 0; c < KIND_COUNT; c++)
            for (int k = 0; k < KIND_COUNT; k++)
                if (rule_accepts(*l, kind_type[c], kind_type[k]))
                    accepts[(int)*l][kind_type[c]] |= UINT64_C(1) << kind_type[k];
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
#define RARE(name, list) op_plan[OP_##name].rare |= parse_types(list);
#include "gen/rare.def"
#define SOFT(name) op_plan[OP_##name].soft = soft_kinds;
#include "gen/soft.def"
    for (Op op = 0; op < OP_COUNT; op++)
        op_plan[op].known = is_computation(&op_info[op], &op_plan[op]);
}

/* All operands of `op` can be had among `types`. */
static bool has_operands(Op op, Type control, uint64_t types)
{
    for (const char *l = op_info[op].operands; *l; l++)
        if (!(accepts[(int)*l][control] & types)) return false;
    return true;
}

static void add_producer(Op op, Type control, Type result)
{
    unsigned weight = op_weight[op] ? op_weight[op] : WEIGHT_DEFAULT;
    if (rule_result(op_info[op].results[0], control) != result) return;
    if (!has_operands(op, control, all_kinds)) return;
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
        uint64_t controls = typeset_mask(op_info[op].types) & all_kinds;
        for (int k = 0; k < KIND_COUNT; k++)
            if (controls >> kind_type[k] & 1) add_producer(op, kind_type[k], result);
    }
    p->n = (uint32_t)(pool + pool_used - p->at);
}

static void add_access(Accesses *a, Op op, Type t)
{
    if (!(typeset_mask(op_info[op].types) & UINT64_C(1) << t)) return;
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

/* Runs after the tables of ir/ are filled (priorities 101 and 102). */
__attribute__((constructor(103))) static void fill_tables(void)
{
    fill_kinds();
    fill_accepts();
    fill_plans();
    for (int k = 0; k < KIND_COUNT; k++) {
        fill_producers(kind_type[k]);
        fill_accesses(kind_type[k]);
    }
}

uint64_t kinds_on(uint32_t off)
{
    uint64_t on = 0;
    for (int k = 0; k < KIND_COUNT; k++) {
        Type t = kind_type[k];
        bool is_off = (type_has_float_lanes(t) && off & OFF_float) ||
                      (type_is_vector(t) && off & OFF_vector) ||
                      (kinds[k].family >= 0 && off >> kinds[k].family & 1);
        if (!is_off) on |= UINT64_C(1) << t;
    }
    return on;
}

uint64_t kinds_of_integers(void) { return typeset_mask(SET_INTS) & all_kinds; }

uint32_t kinds_sinks(uint64_t types)
{
    uint32_t n = 0;
    for (int k = 0; k < KIND_COUNT; k++)
        if (types >> kind_type[k] & 1) n += kind_places[k] << (type_lane_bits(kind_type[k]) == 128);
    return n;
}

uint64_t op_types(Op op, uint64_t types, uint32_t off)
{
    const OpPlan *p = &op_plan[op];
    if (off & OFF_odd) types &= ~p->rare;
    if (off & OFF_soft) types &= ~p->soft;
    return types;
}

bool table_has_producer(Op op, Type control, uint64_t types)
{
    Type result = rule_result(op_info[op].results[0], control);
    return kind_of[result] != KIND_none && types >> control & types >> result & 1 &&
           has_operands(op, control, types);
}

bool table_accepts(char letter, Type control, Type t)
{
    return accepts[(int)letter][control] >> t & 1;
}

Type choose_type(Choice *c, uint64_t types)
{
    for (unsigned tries = 0; tries < 4; tries++) {
        Type t = kind_wheel[(types & odd_kinds) != 0][choose(c, 256)];
        if (types >> t & 1) return t;
    }
    return TY_i64;
}

/* Its controlling type, its result or what an operand may be is of the family `soft`, or of `odd`
 * where that one is off. */
static bool is_odd(const Producer *p, Type result, uint32_t off)
{
    uint64_t odd = op_plan[p->op].rare | odd_kinds;
    if (!(off & OFF_soft)) odd = op_plan[p->op].soft;
    uint64_t touched = UINT64_C(1) << p->type | UINT64_C(1) << result;
    for (const char *l = op_info[p->op].operands; *l; l++) touched |= accepts[(int)*l][p->type];
    return (touched & odd) != 0;
}

Producer choose_producer(Choice *c, Type result, uint64_t types, uint32_t off)
{
    enum { TRIES = 4 };
    const Producers *p = &producers[result];
    Producer found = {OP_COUNT, 0};
    for (unsigned tries = 0; tries < TRIES && p->n; tries++) {
        Producer made = p->at[choose(c, p->n)];
        uint64_t on = op_types((Op)made.op, types, off);
        bool possible = on >> made.type & on >> result & has_operands((Op)made.op, made.type, on);
        if (!possible) continue;
        found = made;
        /* where seldom families are on, what they stand for comes first */
        if (off & OFF_odd || tries >= TRIES / 2 || is_odd(&made, result, off)) return made;
    }
    return found;
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

Op choose_access(Choice *c, Type t, bool store)
{
    const Accesses *a = store ? &stores[t] : &loads[t];
    return (Op)a->op[choose(c, a->n)];
}

static Op mostly_plain(Choice *c, Type t, bool store)
{
    if (chance(c, 1, 2)) return choose_access(c, t, store);
    return (Op)(store ? stores[t].op[0] : loads[t].op[0]);
}

Op choose_load(Choice *c, Type t) { return mostly_plain(c, t, false); }
Op choose_store(Choice *c, Type t) { return mostly_plain(c, t, true); }
