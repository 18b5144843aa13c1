/* Keys of counts: operands by instruction and role, then accesses, flag sets, conventions. */
#include "triage/census_local.h"

enum {
    FLAG_SETS = 2 * 2 * 2 * 2 * 3 * REPORT_COUNT,
    ACCESS_ROW = TYPE_COUNT * ALIGNMENT_COUNT * PLACEMENT_COUNT,
};

static const char role_letters[ROLE_COUNT] = {
#define ROLE(name, letter) [ROLE_##name] = letter,
#include "triage/census.def"
};

static uint32_t operand_base[OP_COUNT][ROLE_COUNT], access_base[OP_COUNT];
static uint8_t roles[OP_COUNT][sizeof op_info->operands], nfixed[OP_COUNT];
static uint32_t flags_base, convention_base, end;

static CensusRole role_of(const OpInfo *o, char letter)
{
    for (CensusRole r = ROLE_operand + 1; r < ROLE_argument && o->type_operand >= 0; r++)
        if (letter == role_letters[r]) return r;
    return ROLE_operand;
}

CensusRole census_role(Op op, uint32_t k)
{
    return k < nfixed[op] ? (CensusRole)roles[op][k] : ROLE_argument;
}

bool census_has_other(Op op, CensusRole role)
{
    const OpInfo *o = &op_info[op];
    return role == ROLE_operand && o->type_operand < 0 && o->operands[0] && o->operands[0] != '*';
}

static bool has_role(Op op, CensusRole role)
{
    const OpInfo *o = &op_info[op];
    if (role == ROLE_argument) return strchr(o->operands, '*') || o->effects & EFFECT_B;
    for (uint32_t k = 0; k < nfixed[op]; k++)
        if (roles[op][k] == role) return true;
    return role == ROLE_operand && nfixed[op] == 0;
}

/* Room for `n` keys; where it begins. */
static uint32_t take(uint32_t n)
{
    end += n;
    return end - n;
}

static void take_op(Op op)
{
    const OpInfo *o = &op_info[op];
    nfixed[op] = (uint8_t)strcspn(o->operands, "*");
    for (uint32_t k = 0; k < nfixed[op]; k++) roles[op][k] = (uint8_t)role_of(o, o->operands[k]);
    for (CensusRole r = 0; r < ROLE_COUNT; r++) {
        uint32_t types = census_has_other(op, r) ? TYPE_COUNT * TYPE_COUNT : TYPE_COUNT;
        operand_base[op][r] = has_role(op, r) ? take(types * SOURCE_COUNT) : NO_INDEX;
    }
    bool accesses = strchr(format_operands[o->format], 'm') && !op_has(op, EFFECT_P);
    access_base[op] = accesses ? take(ACCESS_ROW) : NO_INDEX;
}

/* Runs after op.c's constructor, which has a priority. */
__attribute__((constructor)) static void fill_keys(void)
{
    for (Op op = 0; op < OP_COUNT; op++) take_op(op);
    flags_base = take(FLAG_SETS * 2);
    convention_base = take(CALLCONV_COUNT * CENSUS_PURPOSE_COUNT * 2);
}

uint32_t census_keys(void) { return end; }

uint32_t census_operand_key(Op op, CensusRole role, Type type, Type other)
{
    uint32_t base = operand_base[op][role];
    if (base == NO_INDEX) return NO_INDEX;
    uint32_t types = census_has_other(op, role) ? (uint32_t)(type * TYPE_COUNT + other) : type;
    return base + types * SOURCE_COUNT;
}

uint32_t census_access_key(Op op, Type type, CensusAlignment alignment, CensusPlacement placement)
{
    return access_base[op] + ((uint32_t)type * ALIGNMENT_COUNT + alignment) * PLACEMENT_COUNT +
           placement;
}

uint32_t census_flags_key(CensusFlags f)
{
    uint32_t order = !f.order ? 0 : f.order == MEMFLAG_little ? 1 : 2;
    uint32_t bits = f.aligned | f.readonly << 1 | f.can_move << 2 | f.region << 3 | f.store << 4;
    return flags_base + (bits * 3 + order) * REPORT_COUNT + f.report;
}

uint32_t census_convention_key(CallConv conv, CensusPurpose purpose, bool result)
{
    return convention_base + ((uint32_t)conv * CENSUS_PURPOSE_COUNT + purpose) * 2 + result;
}
