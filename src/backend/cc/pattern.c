/* Texts of expr.def, with what their words stand for. */
#include "backend/cc/local.h"

#include <ctype.h>
#include <string.h>

typedef struct {
    Writer *w;
    const TallyInst *i;
    bool lane;     /* operands mean their lane k */
    bool vectors;  /* whole GNU vectors */
} Pattern;

static TallyType operand_type(const Pattern *p, unsigned k)
{
    return p->w->f->values[p->i->args[k]];
}

static TallyType result_type(const Pattern *p)
{
    return p->w->f->values[p->i->result];
}

/* ---- operands ---- */

/* The lane that is meant, or of a vector that is followed by an index the array that has it. */
static void put_access(Pattern *p, TallyType t, const char *behind)
{
    if (t.lanes == 1 || p->vectors) return;
    if (p->lane || *behind == '[') emit_text(p->w, ctype_member(p->w, t));
    if (p->lane) emit_text(p->w, "[k]");
}

static void put_operand(Pattern *p, unsigned k, const char *behind)
{
    emit(p->w, "v%u", p->i->args[k]);
    put_access(p, operand_type(p, k), behind);
}

/* An operand as unsigned bits, its index included. Returns where the text goes on. */
static const char *put_bits(Pattern *p, unsigned k, const char *behind)
{
    TallyType t = operand_type(p, k);
    const char *end = *behind == '[' ? strchr(behind, ']') + 1 : behind;
    if (!ctype_is_float(t)) {
        put_operand(p, k, behind);
        return behind;
    }
    if (p->vectors) {
        emit(p->w, "(%s)v%u", ctype_as('u', t).at, p->i->args[k]);
        return behind;
    }
    emit(p->w, "bits%u(", t.lane_bits);
    put_operand(p, k, behind);
    emit(p->w, "%.*s)", (int)(end - behind), behind);
    return end;
}

/* ---- words ---- */

static void put_top(Pattern *p)
{
    unsigned bits = p->i->type.lane_bits;
    if (bits == 128) emit_text(p->w, "((u128)1 << 127)");
    else emit(p->w, "(u%u)0x%llx", bits, 1ull << (bits - 1));
}

static void put_power(Pattern *p, unsigned n)
{
    emit(p->w, "0x1p%u%s", n, operand_type(p, 0).lane_bits == 32 ? "f" : "");
}

/* What is above the numbers that are truncated to less than -2^(B-1): where the float can be one
 * less than that, all above it; else all from there. */
static void put_slow(Pattern *p)
{
    unsigned bits = p->i->type.lane_bits, precision = operand_type(p, 0).lane_bits == 32 ? 24 : 53;
    if (bits < precision) {
        emit(p->w, "> -%llu.0", (1ull << (bits - 1)) + 1);
        return;
    }
    emit_text(p->w, ">= -");
    put_power(p, bits - 1);
}

static void put_uend(Pattern *p) { put_power(p, p->i->type.lane_bits); }
static void put_send(Pattern *p) { put_power(p, p->i->type.lane_bits - 1u); }
static void put_code(Pattern *p) { emit(p->w, "%u", p->i->trap); }

static void put_loop(Pattern *p, TallyType t)
{
    emit(p->w, "for (int k = 0; k < %u; k++)", t.lanes);
}

static void put_each(Pattern *p) { put_loop(p, result_type(p)); }
static void put_all(Pattern *p) { put_loop(p, operand_type(p, 0)); }

static const struct {
    const char *word;
    void (*write)(Pattern *p);
} words[] = {
    {"TOP", put_top},   {"UEND", put_uend}, {"SEND", put_send}, {"SLOW", put_slow},
    {"EACH", put_each}, {"ALL", put_all},   {"CODE", put_code},
};

static void put_letter(Pattern *p, char letter)
{
    unsigned bits = p->i->type.lane_bits;
    switch (letter) {
    case 'q': emit(p->w, "v%u", p->i->result + 1); break;
    case 'I': emit(p->w, "%u", (unsigned)p->i->imm); break;
    case 'U': emit_text(p->w, ctype_lane_as('u', bits).at); break;
    case 'S': emit_text(p->w, ctype_lane_as('s', bits).at); break;
    case 'V': emit_text(p->w, ctype_as('u', p->i->type).at); break;
    case 'W': emit_text(p->w, ctype_as('s', p->i->type).at); break;
    case 'P': emit_text(p->w, ctype_lane_as('u', bits < 32 ? 32 : bits).at); break;
    case 'B': emit(p->w, "%u", bits); break;
    case 'M': emit(p->w, "%u", bits - 1); break;
    case 'A': emit_text(p->w, ctype_lane_as('u', operand_type(p, 0).lane_bits).at); break;
    case 'Q': emit_text(p->w, ctype_lane_as('s', operand_type(p, 0).lane_bits).at); break;
    case 'E': emit(p->w, "%u", operand_type(p, 0).lane_bits); break;
    case 'R': emit_text(p->w, ctype_lane(result_type(p)).at); break;
    case 'T': emit_text(p->w, ctype_name(result_type(p)).at); break;
    case 'L': emit(p->w, "%u", result_type(p).lanes); break;
    case 'H': emit(p->w, "%u", result_type(p).lanes / 2); break;
    case 'N': emit(p->w, "((u32)v%u & %u)", p->i->args[1], bits - 1); break;
    default: emit(p->w, "%c", letter);
    }
}

/* Half of two lanes is a scalar, which has no lane k. Returns where the text goes on. */
static const char *put_result(Pattern *p, const char *behind)
{
    emit(p->w, "v%u", p->i->result);
    put_access(p, result_type(p), behind);
    return result_type(p).lanes == 1 && *behind == '[' ? strchr(behind, ']') + 1 : behind;
}

static bool put_long_word(Pattern *p, const char *word, size_t n)
{
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strlen(words[k].word) == n && strncmp(words[k].word, word, n) == 0) {
            words[k].write(p);
            return true;
        }
    return false;
}

/* Writes a word of `n` letters; returns where the text goes on. */
static const char *put_word(Pattern *p, const char *at, size_t n)
{
    const char *end = at + n;
    if (n == 1 && *at >= 'a' && *at <= 'c') {
        put_operand(p, (unsigned)(*at - 'a'), end);
    } else if (n == 1 && *at >= 'x' && *at <= 'z') {
        return put_bits(p, (unsigned)(*at - 'x'), end);
    } else if (n == 1 && *at == 'r') {
        return put_result(p, end);
    } else if (n == 1) {
        put_letter(p, *at);
    } else if (!put_long_word(p, at, n)) {
        emit(p->w, "%.*s", (int)n, at);
        if (*end == '$') emit(p->w, "%u", p->i->type.lane_bits);
        if (*end == '@') emit(p->w, "%u", result_type(p).lane_bits);
        end += *end == '$' || *end == '@';
    }
    return end;
}

static size_t word_length(const char *at)
{
    size_t n = 0;
    while (isalnum((unsigned char)at[n]) || at[n] == '_') n++;
    return n;
}

static void put_words(Pattern *p, const char *at)
{
    while (*at) {
        size_t n = word_length(at);
        if (n && !isdigit((unsigned char)*at)) {
            at = put_word(p, at, n);
            continue;
        }
        n += n == 0;
        emit(p->w, "%.*s", (int)n, at);
        at += n;
    }
}

void emit_pattern(Writer *w, const TallyInst *i, const char *pattern, bool lane)
{
    put_words(&(Pattern){.w = w, .i = i, .lane = lane}, pattern);
}

void emit_vector_pattern(Writer *w, const TallyInst *i, const char *pattern)
{
    put_words(&(Pattern){.w = w, .i = i, .vectors = true}, pattern);
}

bool pattern_has_bits(const char *at)
{
    while (*at) {
        size_t n = word_length(at);
        if (n == 1 && *at >= 'x' && *at <= 'z') return true;
        at += n ? n : 1;
    }
    return false;
}
