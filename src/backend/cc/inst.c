/* Instructions by the rows of expr.def, and those of them that compute values. */
#include "backend/cc/local.h"

#include <math.h>
#include <string.h>

/* ---- the table ---- */

#define CLASS(name, member, otherwise) \
    static const char *object_##name(const Writer *w, TallyType t) \
    { \
        (void)w, (void)t; \
        return (member) ? NULL : otherwise; \
    }
#include "backend/cc/types.def"

const Row rows[] = {
#define LANES(name, types, lane, vector) {#name, FORM_lanes, object_##types, lane, vector},
#define TRAPS(name, types, c0, t0, c1, t1, value) \
    {#name, FORM_traps, object_##types, value, "", {c0, c1}, {t0, t1}},
#define CODE(name, types, text) {#name, FORM_code, object_##types, text},
#define SPECIAL(name, types, function) {#name, FORM_special, object_##types, .write = function},
#define REFUSE(name, why) {#name, FORM_refused, NULL, why},
#include "backend/cc/expr.def"
    {0},
};

/* Floats that are carried as bits may be moved, and not be computed with. */
static const char *refuses_operand(const Writer *w, const TallyFunc *f, const TallyInst *i,
                                   const Row *row)
{
    for (uint32_t k = 0; row->objection != object_ANY && k < i->nargs; k++) {
        TallyType t = f->values[i->args[k]];
        if (t.is_float && !ctype_is_float(t)) return object_FLOAT(w, t);
    }
    return NULL;
}

const char *inst_refuses(const Writer *w, const TallyFunc *f, const TallyInst *i)
{
    const Row *row = w->rows[i->op];
    if (!row) return "no C is known for the instruction";
    if (row->form == FORM_refused) return row->lane;
    if (ctype_bytes(i->type) > 16) return "types wider than 128 bits";
    if (i->type.lane_bits == 128 && !w->options.has.int128) return "128-bit integers";
    const char *why = row->objection(w, i->type);
    return why ? why : refuses_operand(w, f, i, row);
}

bool inst_is(const Writer *w, const TallyInst *i, const char *name)
{
    return strcmp(w->host->ops[i->op].name, name) == 0;
}

/* ---- results ---- */

void emit_target(Writer *w, uint32_t value)
{
    if (!w->facts[value].crosses) emit(w, "%s ", ctype_of(w, value).at);
    emit(w, "v%u", value);
}

void emit_declaration(Writer *w, uint32_t value)
{
    if (!w->facts[value].crosses) emit(w, "%s v%u; ", ctype_of(w, value).at, value);
}

static TallyType result_type(const Writer *w, const TallyInst *i)
{
    return w->f->values[i->result];
}

/* ---- lanes ---- */

/* The value of a lane: bits become a float where the result's lanes are floats. */
static void put_lane(Writer *w, const TallyInst *i, const char *pattern, bool lane)
{
    TallyType t = result_type(w, i);
    bool convert = ctype_is_float(t) && pattern_has_bits(pattern);
    if (convert) emit(w, "float%u(", t.lane_bits);
    emit_pattern(w, i, pattern, lane);
    if (convert) emit_text(w, ")");
}

static void put_vector(Writer *w, const TallyInst *i, const char *pattern)
{
    emit_target(w, i->result);
    emit(w, " = (%s)(", ctype_of(w, i->result).at);
    emit_vector_pattern(w, i, pattern);
    emit_text(w, ");");
}

static void put_lanes(Writer *w, const TallyInst *i, const char *pattern)
{
    emit_declaration(w, i->result);
    emit_pattern(w, i, "EACH r", false);
    emit(w, "%s[k] = ", ctype_member(w, result_type(w, i)));
    put_lane(w, i, pattern, true);
    emit_text(w, ";");
}

static void put_value(Writer *w, const TallyInst *i, const char *lane, const char *vector)
{
    if (result_type(w, i).lanes == 1) {
        emit_target(w, i->result);
        emit_text(w, " = ");
        put_lane(w, i, lane, false);
        emit_text(w, ";");
    } else if (w->options.has.vectors && *vector) {
        put_vector(w, i, vector);
    } else {
        put_lanes(w, i, lane);
    }
}

/* ---- forms ---- */

unsigned trap_number(const Writer *w, const TallyInst *i, const char *name)
{
    return *name ? w->host->trap_code(name) : i->trap;
}

static void write_traps(Writer *w, const TallyInst *i, const Row *row)
{
    for (unsigned k = 0; k < 2 && *row->conds[k]; k++) {
        emit_text(w, "if (");
        emit_pattern(w, i, row->conds[k], false);
        emit(w, ") trap(%u);\n        ", trap_number(w, i, row->traps[k]));
    }
    put_value(w, i, row->lane, "");
}

static void write_code(Writer *w, const TallyInst *i, const Row *row)
{
    for (uint32_t k = 0; k < i->nresults; k++) emit_declaration(w, i->result + k);
    emit_pattern(w, i, row->lane, false);
}

static void write_row(Writer *w, const TallyInst *i, const Row *row)
{
    switch (row->form) {
    case FORM_refused: break;
    case FORM_lanes: put_value(w, i, row->lane, row->vector); break;
    case FORM_traps: write_traps(w, i, row); break;
    case FORM_code: write_code(w, i, row); break;
    case FORM_special: row->write(w, i); break;
    }
}

void emit_inst(Writer *w, const TallyInst *i)
{
    emit_text(w, "        ");
    write_row(w, i, w->rows[i->op]);
    emit_text(w, "\n");
}

/* ---- conditions ---- */

typedef struct {
    const char *name, *lane, *vector;
} Cond;

static const Cond int_conds[] = {
#define INTCOND(name, lane, vector) {#name, lane, vector},
#define FLOATCOND(name, lane, vector)
#include "backend/cc/conds.def"
    {0},
};

static const Cond float_conds[] = {
#define INTCOND(name, lane, vector)
#define FLOATCOND(name, lane, vector) {#name, lane, vector},
#include "backend/cc/conds.def"
    {0},
};

/* A scalar's truth is 0 or 1, that of a lane all bits. */
void write_compare(Writer *w, const TallyInst *i)
{
    const Cond *c = i->type.is_float ? float_conds : int_conds;
    while (strcmp(c->name, i->cond) != 0) c++;
    char lane[64];
    snprintf(lane, sizeof lane, result_type(w, i).lanes > 1 ? "(%s) ? (R)-1 : 0" : "%s", c->lane);
    put_value(w, i, lane, c->vector);
}

/* ---- constants ---- */

/* Bits of a lane, `n` of them, as a number; of a float as what has just these bits. */
static void put_number(Writer *w, uint64_t bits, unsigned n, bool is_float)
{
    uint32_t low = (uint32_t)bits;
    float f;
    double d;
    memcpy(&f, &low, sizeof f);
    memcpy(&d, &bits, sizeof d);
    if (!is_float) emit(w, n < 64 ? "0x%llx" : "0x%llxul", (unsigned long long)bits);
    else if (n == 32) isfinite(f) ? emit(w, "%af", f) : emit(w, "float32(0x%x)", low);
    else isfinite(d) ? emit(w, "%a", d) : emit(w, "float64(0x%llxul)", (unsigned long long)bits);
}

void write_iconst(Writer *w, const TallyInst *i)
{
    unsigned bits = i->type.lane_bits;
    emit_target(w, i->result);
    emit_text(w, " = ");
    put_number(w, (uint64_t)i->imm & UINT64_MAX >> (64 - bits), bits, false);
    emit_text(w, ";");
}

void write_fconst(Writer *w, const TallyInst *i)
{
    unsigned bits = i->type.lane_bits;
    emit_target(w, i->result);
    emit_text(w, " = ");
    put_number(w, (uint64_t)i->imm & UINT64_MAX >> (64 - bits), bits, true);
    emit_text(w, ";");
}

/* Bytes `from` to `from + n` of the constant, those that are not there are 0. */
static uint64_t constant_bits(const TallyInst *i, uint32_t from, uint32_t n)
{
    uint64_t bits = 0;
    for (uint32_t k = 0; k < n && from + k < i->nbytes; k++)
        bits |= (uint64_t)i->bytes[from + k] << (8 * k);
    return bits;
}

void write_wide_const(Writer *w, const TallyInst *i)
{
    emit_target(w, i->result);
    emit(w, " = (u128)0x%llxul << 64 | 0x%llxul;", (unsigned long long)constant_bits(i, 8, 8),
        (unsigned long long)constant_bits(i, 0, 8));
}

void write_vconst(Writer *w, const TallyInst *i)
{
    unsigned bytes = i->type.lane_bits / 8u;
    emit_target(w, i->result);
    emit(w, " = (%s)%s", ctype_name(i->type).at, w->options.has.vectors ? "{" : "{{");
    for (unsigned k = 0; k < i->type.lanes; k++) {
        emit_text(w, k ? ", " : "");
        put_number(w, constant_bits(i, k * bytes, bytes), 8 * bytes, ctype_is_float(i->type));
    }
    emit_text(w, w->options.has.vectors ? "};" : "}};");
}

/* ---- moving bits ---- */

/* Copies a value's bits; in the byte order of the flags, as if through memory. */
void write_bitcast(Writer *w, const TallyInst *i)
{
    TallyType from = w->f->values[i->args[0]], to = result_type(w, i);
    bool big = i->flags & TALLY_BIG && from.lane_bits != to.lane_bits;
    emit_declaration(w, i->result);
    if (!big) {
        emit(w, "memcpy(&v%u, &v%u, %u);", i->result, i->args[0], ctype_bytes(to));
        return;
    }
    emit(w, "{ u8 s[%u], t[%u]; memcpy(s, &v%u, %u); ", ctype_bytes(from), ctype_bytes(to),
        i->args[0], ctype_bytes(from));
    for (unsigned k = 0; k < ctype_bytes(to); k++) {
        unsigned n = to.lane_bits / 8u, m = from.lane_bits / 8u, at = k / n * n + n - 1 - k % n;
        emit(w, "t[%u] = s[%u]; ", k, at / m * m + m - 1 - at % m);
    }
    emit(w, "memcpy(&v%u, t, %u); }", i->result, ctype_bytes(to));
}

void write_shuffle(Writer *w, const TallyInst *i)
{
    bool vectors = w->options.has.vectors;
    if (vectors) {
        emit_target(w, i->result);
        emit(w, " = __builtin_shufflevector(v%u, v%u", i->args[0], i->args[1]);
    } else {
        emit_declaration(w, i->result);
    }
    for (unsigned k = 0; k < i->type.lanes; k++) {
        unsigned from = i->bytes[k] % i->type.lanes, which = i->bytes[k] / i->type.lanes;
        if (vectors) emit(w, ", %u", i->bytes[k]);
        else emit(w, "v%u.l[%u] = v%u.l[%u]; ", i->result, k, i->args[which], from);
    }
    if (vectors) emit_text(w, ");");
}
