#include "ir/op.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    P = EFFECT_P, C = EFFECT_C, L = EFFECT_L, S = EFFECT_S, X = EFFECT_X,
    E = EFFECT_E, K = EFFECT_K, B = EFFECT_B, R = EFFECT_R, T = EFFECT_T,
};

static const char *const rules[OP_COUNT] = {
#define OP(name, format, types, rule, effects, meaning) [OP_##name] = rule,
#include "ir/ops.def"
};

OpInfo op_info[OP_COUNT] = {
#define OP(op, f, set, rule, e, text) \
    [OP_##op] = {.name = #op, .format = FORMAT_##f, .types = SET_##set, .effects = e, \
                 .meaning = text},
#include "ir/ops.def"
};

const char *const format_operands[FORMAT_COUNT] = {
#define FORMAT(name, operands) [FORMAT_##name] = operands,
#include "ir/formats.def"
};

const CondInfo intcc_info[INTCC_COUNT] = {
#define INTCC(name, inverse, swap) [INTCC_##name] = {#name, INTCC_##inverse, INTCC_##swap},
#define FLOATCC(name, inverse, swap)
#include "ir/conds.def"
};

const CondInfo floatcc_info[FLOATCC_COUNT] = {
#define INTCC(name, inverse, swap)
#define FLOATCC(name, inverse, swap) [FLOATCC_##name] = {#name, FLOATCC_##inverse, FLOATCC_##swap},
#include "ir/conds.def"
};

const char *const atomic_names[ATOMIC_COUNT] = {
#define ATOMIC(name) [ATOMIC_##name] = #name,
#include "ir/atomics.def"
};

const char *const callconv_names[CALLCONV_COUNT] = {
#define CALLCONV(name, catches, payload) [CALLCONV_##name] = #name,
#include "ir/callconvs.def"
};

const CallConvInfo callconv_info[CALLCONV_COUNT] = {
#define CALLCONV(name, catches, payload) [CALLCONV_##name] = {catches, payload},
#include "ir/callconvs.def"
};

const char *const memflag_names[MEMFLAG_COUNT] = {
#define MEMFLAG(name, meaning) [MEMFLAG_BIT_##name] = #name,
#include "ir/memflags.def"
};

enum { NAME_SLOTS = 1024 };
static uint16_t name_slots[NAME_SLOTS]; /* op + 1, open addressing */

static uint32_t name_slot(Str name)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t k = 0; k < name.n; k++) h = (h ^ (uint8_t)name.at[k]) * 16777619u;
    return h % NAME_SLOTS;
}

static void enter_name(Op op)
{
    uint32_t slot = name_slot(str_of(op_info[op].name));
    while (name_slots[slot]) slot = (slot + 1) % NAME_SLOTS;
    name_slots[slot] = (uint16_t)(op + 1);
}

/* Splits the rule at `>` and finds where the controlling type comes from. */
static void fill_rule(OpInfo *o, const char *rule)
{
    const char *gt = strchr(rule, '>');
    CHECK(gt && (size_t)(gt - rule) < sizeof o->operands && strlen(gt + 1) < sizeof o->results);
    memcpy(o->operands, rule, (size_t)(gt - rule));
    memcpy(o->results, gt + 1, strlen(gt + 1));
    const char *t = strchr(o->operands, 'T');
    o->type_operand = t ? (int8_t)(t - o->operands) : -1;
    o->has_type = strchr(rule, 'T') != NULL;
    if (o->has_type && o->types != SET_ADDR)
        o->only_type = (uint8_t)mask_single(typeset_members(o->types));
    o->needs_suffix = o->has_type && !t && !o->only_type;
    o->indirect = o->effects & EFFECT_K && o->operands[0] == 'a';
    o->tries = strchr(format_operands[o->format], 'e') != NULL;
}

/* The number in a name such as uload8 or istore16, in bytes; 0 when there is none. */
static uint8_t narrow_access(const OpInfo *o)
{
    if (o->format != FORMAT_load && o->format != FORMAT_store) return 0;
    const char *digit = strpbrk(o->name, "0123456789");
    return digit ? (uint8_t)(strtoul(digit, NULL, 10) / 8) : 0;
}

/* The controlling type; but it is a condition's, a callee's or an address's where the row has none,
 * or but one. */
static void fill_suffix(OpInfo *o)
{
    bool of_address = o->operands[0] == 'a' && (o->only_type || !o->has_type);
    if (o->has_type && !of_address) o->suffix = *typeset_members(o->types);
    else if (of_address) o->suffix = *typeset_members(SET_ADDR);
    else if (o->operands[0] == 'C') o->suffix = *typeset_members(SET_INTS);
    if (of_address || o->types == SET_ADDR) mask_add(&o->suffix, TY_i32);
}

/* Runs after type.c's constructor (priority 101) and before those of the default priority. */
__attribute__((constructor(102))) static void fill_ops(void)
{
    for (Op op = 0; op < OP_COUNT; op++) {
        fill_rule(&op_info[op], rules[op]);
        op_info[op].access_bytes = narrow_access(&op_info[op]);
        fill_suffix(&op_info[op]);
        enter_name(op);
    }
}

Op op_from_name(Str name)
{
    for (uint32_t slot = name_slot(name); name_slots[slot]; slot = (slot + 1) % NAME_SLOTS) {
        Op op = (Op)(name_slots[slot] - 1);
        if (str_is(name, op_info[op].name)) return op;
    }
    return OP_COUNT;
}

static bool is_scalar_int(Type t) { return type_is_int(t); }

static bool same_lanes(Type a, Type b) { return type_lanes(a) == type_lanes(b); }

bool rule_accepts(char letter, Type control, Type t)
{
    switch (letter) {
    case 'C': case 'S': return is_scalar_int(t);
    case 'N': return is_scalar_int(t) && type_bits(t) < type_bits(control);
    case 'W': return is_scalar_int(t) && type_bits(t) > type_bits(control);
    case 'n': return type_is_float(t) && type_bits(t) < type_bits(control);
    case 'w': return type_is_float(t) && type_bits(t) > type_bits(control);
    case 'I': return type_info[t].lane_class == CLASS_INT && same_lanes(t, control);
    case 'F': return type_has_float_lanes(t) && same_lanes(t, control);
    case 'X': return type_bits(t) == type_bits(control);
    case 'V': return type_is_vector(t);
    default: return t != TY_none && t == rule_result(letter, control);
    }
}

Type rule_result(char letter, Type control)
{
    switch (letter) {
    case 'T': return control;
    case 'L': return type_lane(control);
    case 'A': return type_to_static(control);
    case 'K': return type_truth(control);
    case 'b': return TY_i8;
    case 'a': return TY_i64;
    case 'i': return TY_i32;
    case 'H': return type_half_lanes(control);
    case 'D': return type_twice_lanes(control);
    case 'h': return type_half_int(control);
    case 'd': return type_twice_int(control);
    default: return TY_none;
    }
}

const char *trap_name(TrapCode code, char text[static 12])
{
    switch (code) {
#define TRAP(name, number, older) \
    case number: return #name;
#include "ir/traps.def"
    default: snprintf(text, 12, "user%u", code); return text;
    }
}

uint32_t trap_sums(const uint64_t by_code[static 256], TrapSum out[static TRAP_SUMS_MAX])
{
    uint32_t n = 0;
    uint64_t user = 0;
    for (unsigned code = 1; code <= TRAP_user_last; code++) user += by_code[code];
    if (user) out[n++] = (TrapSum){"user", user};
#define TRAP(name, number, older) \
    if (by_code[number]) out[n++] = (TrapSum){#name, by_code[number]};
#include "ir/traps.def"
    return n;
}

static TrapCode user_trap(Str name)
{
    unsigned n = 0;
    for (size_t k = 4; k < name.n; k++) {
        if (name.at[k] < '0' || name.at[k] > '9' || n > TRAP_user_last) return TRAP_none;
        n = n * 10 + (unsigned)(name.at[k] - '0');
    }
    return name.n > 4 && n <= TRAP_user_last ? (TrapCode)n : TRAP_none;
}

TrapCode trap_from_name(Str name)
{
#define TRAP(trap, number, older) \
    if (str_is(name, #trap) || (older[0] && str_is(name, older))) return number;
#include "ir/traps.def"
    return name.n > 4 && memcmp(name.at, "user", 4) == 0 ? user_trap(name) : TRAP_none;
}
