/* Prints what our tables say of instructions and formats, in the form in which
 * src/backend/cranelift/ops.rs prints what Cranelift's say (`make ops-diff`).
 *
 *     build/tally_ops
 */
#include "ir/op.h"

#include <ctype.h>
#include <stdio.h>

/* `int_compare` is IntCompare there. */
static void print_format(Format f)
{
    static const char *const names[FORMAT_COUNT] = {
#define FORMAT(name, operands) [FORMAT_##name] = #name,
#include "ir/formats.def"
    };
    for (const char *c = names[f]; *c; c++)
        if (*c != '_') putchar(*c);
}

/* Cranelift's types of operands, in alphabetical order, by the letters of formats.def. */
static const struct {
    const char *name;
    char letter;
} kinds[] = {
    {"atomicrmwop", 'r'},   {"block", 'B'},       {"blockcall", 'b'},   {"constant", 'k'},
    {"dynamicstackslot", 'D'}, {"exceptiontable", 'e'}, {"floatcc", 'x'},  {"funcref", 'F'},
    {"globalvalue", 'g'},   {"ieee16", 'h'},      {"ieee32", 'f'},      {"ieee64", 'd'},
    {"imm64", 'i'},         {"immediate", 's'},   {"intcc", 'c'},       {"jumptable", 'j'},
    {"memflags", 'm'},      {"offset32", 'o'},    {"sigref", 'S'},      {"stackslot", 'l'},
    {"trapcode", 't'},      {"uimm8", 'u'},       {"value", 'v'},       {"valuelist", '*'},
};

/* A list of values begins with those before it, a table of blocks with the default. */
static bool is_part(const char *operands, char letter)
{
    return (letter == 'v' && strchr(operands, '*')) || (letter == 'b' && strchr(operands, 'j'));
}

static void print_operands(Format f)
{
    const char *operands = format_operands[f];
    printf("format ");
    print_format(f);
    for (size_t k = 0; k < countof(kinds); k++)
        for (const char *c = operands; *c; c++)
            if (*c == kinds[k].letter && !is_part(operands, *c)) printf(" %s", kinds[k].name);
    putchar('\n');
}

/* Of a type that there are no results for nothing is said. */
static bool has_results(const OpInfo *o, Type control)
{
    for (const char *r = o->results; *r && *r != '*'; r++)
        if (!o->only_type && rule_result(*r, control) == TY_none) return false;
    return true;
}

static void print_suffix(const OpInfo *o)
{
    bool none = (o->only_type && !o->access_bytes) || mask_is_empty(&o->suffix);
    printf("%s suffix %s\n", o->name, none ? "none" : o->needs_suffix ? "needed" : "inferred");
    for (Type t = 1; !none && t < TYPE_COUNT; t++)
        if (mask_has(&o->suffix, t) && has_results(o, t))
            printf("%s suffix %s\n", o->name, type_name(t));
}

static void print_effects(const OpInfo *o)
{
    static const struct {
        Effect effect;
        const char *name;
    } effects[] = {
        {EFFECT_T, "terminator"}, {EFFECT_B, "branch"}, {EFFECT_K, "call"},
        {EFFECT_R, "return"},     {EFFECT_L, "load"},   {EFFECT_S, "store"},
    };
    printf("%s is", o->name);
    unsigned implied = o->effects & EFFECT_K ? EFFECT_L | EFFECT_S : 0;
    for (size_t k = 0; k < countof(effects); k++)
        if (o->effects & ~implied & effects[k].effect) printf(" %s", effects[k].name);
    putchar('\n');
}

/* Addresses of 32 bits are read, and then refused by the verifier. */
static bool accepts(char letter, Type control, Type t)
{
    return rule_accepts(letter, control, t) || (letter == 'a' && t == TY_i32);
}

static void print_types(const OpInfo *o, Type control, uint32_t n, Type *chosen)
{
    char letter = o->operands[n];
    for (Type t = 1; letter && letter != '*' && t < TYPE_COUNT; t++) {
        if (!accepts(letter, control, t)) continue;
        chosen[n] = t;
        print_types(o, control, n + 1, chosen);
    }
    if (letter && letter != '*') return;
    printf("%s types", o->name);
    for (uint32_t k = 0; k < n; k++) printf(" %s", type_name(chosen[k]));
    printf(" >");
    for (const char *r = o->results; *r && *r != '*'; r++)
        printf(" %s", type_name(rule_result(*r, control)));
    putchar('\n');
}

static void print_op(const OpInfo *o)
{
    Type chosen[8];
    printf("%s format ", o->name);
    print_format(o->format);
    putchar('\n');
    print_suffix(o);
    print_effects(o);
    if (!o->has_type) print_types(o, TY_none, 0, chosen);
    for (Type t = 1; o->has_type && t < TYPE_COUNT; t++)
        if (mask_has(typeset_members(o->types), t) || (o->types == SET_ADDR && t == TY_i32))
            if (has_results(o, t)) print_types(o, t, 0, chosen);
}

int main(void)
{
    for (Op op = 0; op < OP_COUNT; op++) print_op(&op_info[op]);
    for (Format f = 0; f < FORMAT_COUNT; f++) print_operands(f);
    return 0;
}
