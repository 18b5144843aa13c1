/* Instructions of older dialects (dialects.def): their operands are read by a format, then turned
 * into current instructions. */
#include "ir/read_state.h"

/* The controlling type of an older instruction: its suffix, or that of its first operand. */
static bool find_type(Reader *r, const Token *word, InstData *i)
{
    const Mention *m = &r->args.at[0];
    if (i->type != TY_none) return true;
    if (m->value.i == NO_INDEX)
        return read_fail(r, word, "%.*s needs a type here: v%u is defined further down, or nowhere",
                         (int)word->text.n, word->text.at, m->token.number);
    i->type = (uint8_t)func_type(r->f, m->value);
    return true;
}

/* iconst n, widened to 128 bits where it must be */
static Value hidden_constant(Reader *r, Type type, int64_t n, bool is_signed, uint32_t line)
{
    Type narrow = type == TY_i128 ? TY_i64 : type;
    unsigned spare = 64 - type_bits(narrow);
    InstData i = {.op = OP_iconst, .type = (uint8_t)narrow, .line = line};
    i.imm = (int64_t)((uint64_t)n << spare) >> spare;
    Value v = read_hidden(r, &i);
    if (narrow == type) return v;
    InstData wide = {
        .op = is_signed ? OP_sextend : OP_uextend,
        .type = (uint8_t)type,
        .line = line,
        .nargs = 1,
        .args_.few = {v},
    };
    return read_hidden(r, &wide);
}

static void append_value(Reader *r, Value v)
{
    *vec_push(r->scratch, &r->args) = (Mention){.value = v};
}

/* Turn  v1 = iadd_imm v0, 5  into  v2 = iconst 5; v1 = iadd v0, v2 */
static bool turn_imm(Reader *r, const Token *word, const Older *older, InstData *i)
{
    if (!find_type(r, word, i)) return false;
    Type lane = type_lane(i->type);
    bool takes_scalar = op_info[older->op].operands[1] == 'S';
    if (!type_is_int(lane) || (type_is_vector(i->type) && !takes_scalar))
        return read_fail(r, word, "%s does not work on %s", older->word, type_name(i->type));
    bool is_signed = older->shape != OLDER_imm_unsigned;
    append_value(r, hidden_constant(r, lane, i->imm, is_signed, word->line));
    if (older->shape == OLDER_imm_reversed) {
        Mention x = r->args.at[0];
        r->args.at[0] = r->args.at[1];
        r->args.at[1] = x;
    }
    i->imm = 0;
    return read_finish(r, word, i);
}

/* Turn  v2 = band_not v0, v1  into  v3 = bnot v1; v2 = band v0, v3 */
static bool turn_complement(Reader *r, const Token *word, const Older *older, InstData *i)
{
    Mention *y = &r->args.at[1];
    if (!find_type(r, word, i)) return false;
    if (y->value.i == NO_INDEX)
        return read_fail(r, &y->token, "%s needs v%u to be defined before it", older->word,
                         y->token.number);
    InstData complement = {
        .op = OP_bnot,
        .type = i->type,
        .line = word->line,
        .nargs = 1,
        .args_.few = {y->value},
    };
    y->value = read_hidden(r, &complement);
    return read_finish(r, word, i);
}

/* Turn  v0 = stack_load.i32 ss0+4  into  v1 = stack_addr.i64 ss0+4; v0 = load.i32 notrap v1 */
static bool turn_stack(Reader *r, const Token *word, const Older *older, InstData *i)
{
    bool loads = older->shape == OLDER_stack_load || older->shape == OLDER_dynamic_load;
    bool sized = older->shape == OLDER_stack_load || older->shape == OLDER_stack_store;
    if (loads && i->type == TY_none)
        return read_fail(r, word, "%s needs a type, as %s.i32", older->word, older->word);
    InstData address = {
        .op = sized ? OP_stack_addr : OP_dynamic_stack_addr,
        .type = TY_i64,
        .entity = i->entity,
        .imm = i->imm,
        .line = word->line,
    };
    append_value(r, read_hidden(r, &address));
    i->imm = 0;
    i->entity = 0;
    i->flags.bits = MEMFLAG_notrap;
    return read_finish(r, word, i);
}

static Value hidden_unary(Reader *r, const Token *word, Value x, InstData i)
{
    i.line = word->line;
    i.nargs = 1;
    i.args_.few[0] = x;
    return read_hidden(r, &i);
}

/* The parameter that is the vmctx; the verifier blames the declaration when there is none. */
static Value vmctx(Reader *r)
{
    const Func *f = r->f;
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    for (uint32_t k = 0; k < params->n && k < f->sig.params.n; k++)
        if (f->sig.params.at[k].purpose == PURPOSE_vmctx) return params->at[k];
    return VALUE_none;
}

enum { GLOBALS_MAX = 1000 }; /* that are made of one another */

/* The value of a global value, in instructions that the text does not show; VALUE_none when it has
 * none: a scale, a circle. */
static Value expand_global(Reader *r, const Token *word, uint32_t index, unsigned depth)
{
    const GlobalValueData *g = &r->f->globals.at[index];
    Type type = global_type(g);
    if (depth == GLOBALS_MAX || g->kind == GLOBAL_dyn_scale) return VALUE_none;
    if (g->kind == GLOBAL_vmctx) return vmctx(r);
    InstData symbol = {.op = g->tls ? OP_tls_value : OP_symbol_value, .type = TY_i64,
                       .entity = index, .line = word->line};
    if (g->kind == GLOBAL_symbol) return read_hidden(r, &symbol);
    Value base = expand_global(r, word, g->base, depth + 1);
    if (base.i == NO_INDEX) return base;
    if (g->kind == GLOBAL_load)
        return hidden_unary(r, word, base, (InstData){.op = OP_load, .type = (uint8_t)type,
                                                      .flags = g->flags, .imm = g->offset});
    InstData sum = {.op = OP_iadd, .type = (uint8_t)type, .nargs = 2, .line = word->line};
    sum.args_.few[0] = base;
    sum.args_.few[1] = hidden_constant(r, type, g->offset, true, word->line);
    return read_hidden(r, &sum);
}

/* Turn  v1 = global_value.i64 gv1  into  v1 = load.i64 notrap aligned v0+8, and so on */
static bool turn_global(Reader *r, const Token *word, const Older *older, InstData *i)
{
    Type type = global_type(&r->f->globals.at[i->entity]);
    if (type != i->type && i->type != TY_none)
        return read_fail(r, word, "the global value has type %s", type_name(type));
    if (r->results.n != 1)
        return read_fail(r, word, "%s gives 1 results, %u are named", older->word, r->results.n);
    if (!read_limit(r, LIMIT_ID_instructions, r->f->insts.n + 2 * GLOBALS_MAX)) return false;
    if (!read_limit(r, LIMIT_ID_values, r->f->values.n + 3 * GLOBALS_MAX)) return false;
    if (!read_memory_left(r)) return false;
    Value v = expand_global(r, word, i->entity, 0);
    if (v.i == NO_INDEX || func_type(r->f, v) != type)
        return read_fail(r, word, "%s of what has no value", older->word);
    const Token *name = &r->results.at[0];
    if (names_add(&r->names, TOKEN_value, name->number, v.i)) return true;
    return read_fail(r, name, "v%u is already defined", name->number);
}

/* Turn  brz v0, block1; jump block2  into  brif v0, block2, block1 */
static bool turn_branch(Reader *r, const Token *word, const Older *older, InstData *i)
{
    i->type = TY_none;
    if (!read_optional_word(r, "jump")) return read_expected(r, "`jump` behind an older branch");
    if (!read_destination(r)) return false;
    if (older->shape == OLDER_branch_unless) {
        Destination d = r->dests.at[0];
        r->dests.at[0] = r->dests.at[1];
        r->dests.at[1] = d;
    }
    return read_finish(r, word, i);
}

/* Turn  v3 = x86_blendv v0, v1, v2  into  v3 = blendv v0, v1, v2 */
static bool turn_renamed(Reader *r, const Token *word, const Older *older, InstData *i)
{
    (void)older;
    return read_finish(r, word, i);
}

typedef struct {
    const char *operands; /* as in formats.def; NULL: those of the op's format */
    bool (*turn)(Reader *r, const Token *word, const Older *older, InstData *i);
} Shape;

static const Shape shapes[OLDER_SHAPE_COUNT] = {
    [OLDER_imm_signed] = {"v, i", turn_imm},
    [OLDER_imm_unsigned] = {"v, i", turn_imm},
    [OLDER_imm_reversed] = {"v, i", turn_imm},
    [OLDER_icmp_imm] = {"c v, i", turn_imm},
    [OLDER_complement] = {"v, v", turn_complement},
    [OLDER_stack_load] = {"lo", turn_stack},
    [OLDER_stack_store] = {"v, lo", turn_stack},
    [OLDER_dynamic_load] = {"D", turn_stack},
    [OLDER_dynamic_store] = {"v, D", turn_stack},
    [OLDER_global_value] = {"g", turn_global},
    [OLDER_branch] = {"v, b", turn_branch},
    [OLDER_branch_unless] = {"v, b", turn_branch},
    [OLDER_renamed] = {NULL, turn_renamed},
};

bool read_older(Reader *r, const Token *word, const Older *older)
{
    Type type = TY_none;
    InstData i = {0}; /* no type yet: an immediate has up to 64 bits */
    const char *operands = shapes[older->shape].operands;
    if (!operands) operands = format_operands[op_info[older->op].format];
    if (read_optional(r, '.') && !read_suffix_type(r, &type)) return false;
    if (!read_operands(r, operands, &i)) return false;
    i.op = (uint8_t)older->op;
    i.type = (uint8_t)type;
    return shapes[older->shape].turn(r, word, older, &i);
}
