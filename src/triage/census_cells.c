/* What could be a cell, from the tables; what is one, by trying; and what it is called. */
#include "triage/cell.h"
#include "triage/census_local.h"

#include "ir/verify.h"
#include "oracle/judge.h"

const char *const census_kinds[] = {"operand", "access", "flags", "convention"};

/* ---- candidates --------------------------------------------------------------------------- */

typedef struct {
    Arena *arena;
    CensusCells cells;
} Lister;

static void add_sources(Lister *l, Op op, CensusRole role, Type type, Type other)
{
    uint32_t key = census_operand_key(op, role, type, other);
    if (key == NO_INDEX) return;
    const char *rule = op_info[op].operands;
    bool none = role == ROLE_operand && (!rule[0] || rule[0] == '*');
    CensusSource from = none ? SOURCE_none : SOURCE_register;
    for (CensusSource s = from; s < (none ? SOURCE_register : SOURCE_COUNT); s++)
        *vec_push(l->arena, &l->cells) = (CensusCell){
            .op = op, .role = role, .type = type, .other = other, .source = s, .key = key + s,
        };
}

/* The operand's type is one of those that the letter takes; without a letter, any. */
static void add_types(Lister *l, Op op, CensusRole role, char letter, Type control)
{
    for (Type t = 1; t < TYPE_COUNT; t++) {
        if (letter && !rule_accepts(letter, control, t)) continue;
        bool both = role == ROLE_operand;
        add_sources(l, op, role, both ? control : t, both ? t : TY_none);
    }
}

static void add_control(Lister *l, Op op, Type control)
{
    char letter = op_info[op].operands[0];
    if (census_has_other(op, ROLE_operand)) add_types(l, op, ROLE_operand, letter, control);
    else add_sources(l, op, ROLE_operand, control, TY_none);
}

static void add_operands(Lister *l, Op op)
{
    const OpInfo *o = &op_info[op];
    const TypeMask *set = typeset_members(o->types);
    for (Type t = 1; t < TYPE_COUNT; t++)
        if (mask_has(set, t)) add_control(l, op, t);
    if (!o->has_type) add_control(l, op, TY_none);
    add_types(l, op, ROLE_condition, 'C', TY_none);
    add_types(l, op, ROLE_amount, 'S', TY_none);
    add_types(l, op, ROLE_address, 'a', TY_none);
    add_types(l, op, ROLE_argument, 0, TY_none);
}

static void add_accesses(Lister *l, Op op, Type type)
{
    for (CensusAlignment a = 0; a < ALIGNMENT_COUNT; a++)
        for (CensusPlacement p = 0; p < PLACEMENT_COUNT; p++)
            *vec_push(l->arena, &l->cells) = (CensusCell){
                .kind = CENSUS_access, .op = op, .type = type, .alignment = a, .placement = p,
                .key = census_access_key(op, type, a, p),
            };
}

static void add_op_accesses(Lister *l, Op op)
{
    const TypeMask *set = typeset_members(op_info[op].types);
    for (Type t = 1; access_rows[op].accesses && t < TYPE_COUNT; t++)
        if (mask_has(set, t)) add_accesses(l, op, t);
}

static void add_flags(Lister *l, unsigned bits, uint8_t order)
{
    for (CensusReport r = 0; r < REPORT_COUNT; r++) {
        CensusFlags f = {
            .aligned = bits & 1, .readonly = bits & 2, .can_move = bits & 4, .region = bits & 8,
            .store = bits & 16, .order = order, .report = (uint8_t)r,
        };
        *vec_push(l->arena, &l->cells) =
            (CensusCell){.kind = CENSUS_flags, .flags = f, .key = census_flags_key(f)};
    }
}

static void add_conventions(Lister *l, CallConv conv)
{
    for (CensusPurpose p = 0; p < CENSUS_PURPOSE_COUNT; p++)
        for (int result = 0; result < 2; result++)
            *vec_push(l->arena, &l->cells) = (CensusCell){
                .kind = CENSUS_convention, .conv = conv, .purpose = p, .result = result,
                .key = census_convention_key(conv, p, result),
            };
}

CensusCells *census_candidates(Arena *a)
{
    static const uint8_t orders[] = {0, MEMFLAG_little, MEMFLAG_big};
    Lister *l = arena_new(a, Lister);
    l->arena = a;
    for (Op op = 0; op < OP_COUNT; op++) add_operands(l, op);
    for (Op op = 0; op < OP_COUNT; op++) add_op_accesses(l, op);
    for (unsigned bits = 0; bits < 32; bits++)
        for (size_t k = 0; k < countof(orders); k++) add_flags(l, bits, orders[k]);
    for (CallConv conv = 0; conv < CALLCONV_COUNT; conv++) add_conventions(l, conv);
    return &l->cells;
}

/* ---- which are legal ---------------------------------------------------------------------- */

typedef struct {
    Arena *scratch;
    Census *census; /* of all cases that were tried */
    Judge *judge;
    const Config *interp, *jit;
} Trial;

static bool runs(Trial *t, const Case *c)
{
    const char *reason;
    Outcome o;
    const Run *run = &c->runs.at[0];
    if (!judge_compile(t->judge, t->interp, c, &reason)) return false;
    if (!judge_place(t->judge, c, run, &reason)) return false;
    judge_run(t->judge, t->interp, c, run, &o);
    return o.kind == OUTCOME_returned || o.kind == OUTCOME_trapped;
}

/* Whether who counts finds the cell in the case. */
static bool is_there(Trial *t, const Case *c, const CensusCell *cell)
{
    uint64_t before = census_count(t->census, cell);
    census_case(t->census, c, t->scratch);
    return census_count(t->census, cell) > before;
}

static void try_cell(Trial *t, CensusCell *cell)
{
    const char *reason;
    arena_reset(t->scratch);
    const Case *c = cell_for(t->scratch, cell, &reason);
    Diag d = {.arena = t->scratch, .file = "cell"};
    if (!c || !case_verify(c, t->scratch, &d) || !runs(t, c)) return;
    cell->legal = is_there(t, c, cell);
    CHECK(cell->legal || cell->kind != CENSUS_operand);
    cell->jit = cell->legal && judge_compile(t->judge, t->jit, c, &reason);
}

const CensusCells *census_cells(Arena *a)
{
    const char *error;
    CensusCells *cells = census_candidates(a);
    Trial t = {.scratch = arena_create(), .census = census_create(a)};
    t.judge = judge_create(&(JudgeOptions){.backends = "interp,jit:none:native"}, &error);
    CHECK(t.judge);
    t.interp = judge_configs(t.judge)->at[0];
    t.jit = judge_configs(t.judge)->at[1];
    for (uint32_t k = 0; k < cells->n; k++) try_cell(&t, &cells->at[k]);
    judge_destroy(t.judge);
    arena_destroy(t.scratch);
    return cells;
}

/* ---- names -------------------------------------------------------------------------------- */

static const char *const roles[] = {
#define ROLE(name, letter) #name,
#include "triage/census.def"
};
static const char *const sources[] = {
#define SOURCE(name, text) #name,
#include "triage/census.def"
};
static const char *const alignments[] = {
#define ALIGNMENT(name, text) #name,
#include "triage/census.def"
};
static const char *const placements[] = {
#define PLACEMENT(name, text) #name,
#include "triage/census.def"
};
static const char *const purposes[] = {
#define PURPOSE(name, purpose, extension) #name,
#include "triage/census.def"
};
static const char *const reports[] = {
#define REPORT(name) #name,
#include "triage/census.def"
};

static void name_operand(Buf *out, const CensusCell *cell)
{
    buf_text(out, op_name(cell->op));
    if (cell->role != ROLE_operand) buf_printf(out, " %s", roles[cell->role]);
    if (cell->type != TY_none) buf_printf(out, ".%s", type_name(cell->type));
    bool one = rule_result(op_info[cell->op].operands[0], cell->type) == cell->other;
    if (cell->other != TY_none && !one) buf_printf(out, " of %s", type_name(cell->other));
}

static void name_flags(Buf *out, const CensusFlags *f)
{
    buf_text(out, f->store ? "store" : "load");
    buf_printf(out, " %s", reports[f->report]);
    if (f->aligned) buf_text(out, " aligned");
    if (f->readonly) buf_text(out, " readonly");
    if (f->can_move) buf_text(out, " can_move");
    if (f->order) buf_text(out, f->order == MEMFLAG_little ? " little" : " big");
    if (f->region) buf_text(out, " region");
}

void census_name(Buf *out, const CensusCell *cell)
{
    switch (cell->kind) {
    case CENSUS_operand: name_operand(out, cell); return;
    case CENSUS_flags: name_flags(out, &cell->flags); return;
    case CENSUS_access:
        buf_printf(out, "%s.%s %s", op_name(cell->op), type_name(cell->type),
                   alignments[cell->alignment]);
        return;
    case CENSUS_convention:
        buf_printf(out, "%s %s", callconv_names[cell->conv], purposes[cell->purpose]);
        return;
    }
}

const char *census_detail(const CensusCell *cell)
{
    switch (cell->kind) {
    case CENSUS_operand: return sources[cell->source];
    case CENSUS_flags: return "flags";
    case CENSUS_access: return placements[cell->placement];
    case CENSUS_convention: return cell->result ? "result" : "parameter";
    }
    return NULL;
}
