/* What says nothing about how an instruction runs: debug tags and a source location before it, a
 * stack map behind it. */
#include "ir/bits_text.h"
#include "ir/read_state.h"

/* <1, ss0> */
static bool read_debug_tags(Reader *r)
{
    read_next(r);
    while (r->token.kind != '>') {
        DebugTag tag = {.slot = r->token.kind == TOKEN_slot, .number = r->token.number};
        int64_t n;
        if (tag.slot) {
            read_next(r);
        } else {
            if (r->token.kind != TOKEN_number)
                return read_expected(r, "a debug tag: a number or a stack slot");
            if (!read_i64(r, 0, UINT32_MAX, "a debug tag", &n)) return false;
            tag.number = (uint32_t)n;
        }
        *vec_push(r->arena, &r->note.tags) = tag;
        if (!read_optional(r, ',')) break;
    }
    return read_kind(r, '>', "`,` or `>` behind a debug tag");
}

/* @0042 */
static bool read_location(Reader *r)
{
    char text[16] = "0x";
    Bits bits = {0};
    Str digits = {r->token.text.at + 1, r->token.text.n - 1};
    if (digits.n > 12) digits.n = 12; /* one that is too large stays so */
    memcpy(text + 2, digits.at, digits.n);
    const char *wrong = bits_read_int((Str){text, 2 + digits.n}, 32, &bits);
    if (wrong) return read_fail(r, &r->token, "%s: expected a source location of 32 bits", wrong);
    r->note.location = bits.u32[0];
    read_next(r);
    return true;
}

bool read_before(Reader *r)
{
    r->note = (InstNote){.location = NO_LOCATION};
    if (r->token.kind == '<' && !read_debug_tags(r)) return false;
    return r->token.kind != TOKEN_location || read_location(r);
}

/* i64 @ ss0+8, or with blanks around the sign */
static bool read_entry(Reader *r, StackMapEntry *e)
{
    Type type;
    int64_t offset;
    if (!read_type(r, &type) || !read_kind(r, '@', "`@` and a stack slot")) return false;
    e->type = (uint8_t)type;
    e->slot = r->token.number;
    if (!read_kind(r, TOKEN_slot, "a stack slot, as ss0")) return false;
    bool sign = read_optional(r, '+');
    if (!sign && (r->token.kind != TOKEN_number || r->token.text.at[0] != '+'))
        return read_expected(r, "`+` and an offset");
    if (!read_i64(r, 0, UINT32_MAX, "an offset", &offset)) return false;
    e->offset = (uint32_t)offset;
    return true;
}

/* , stack_map=[i64 @ ss0+8, i32 @ ss1+0] */
bool read_stack_map(Reader *r, const Token *word, const OpInfo *o)
{
    if (!read_optional(r, ',')) return true;
    if (!read_optional_word(r, "stack_map")) return read_expected(r, "`stack_map`");
    if (!(o->effects & EFFECT_K) || o->effects & EFFECT_R || o->results[0] != '*')
        return read_fail(r, word, "only calls that return have a stack map");
    if (!read_kind(r, '=', "`=`") || !read_kind(r, '[', "`[` and places in stack slots"))
        return false;
    while (r->token.kind != ']') {
        if (!read_entry(r, vec_push(r->arena, &r->note.map))) return false;
        if (!read_optional(r, ',')) break;
    }
    return read_kind(r, ']', "`,` or `]` behind a place in a stack slot");
}

void read_keep_note(Reader *r)
{
    InstNote *n = &r->note;
    if (n->location == NO_LOCATION && !n->tags.n && !n->map.n) return;
    n->inst.i = r->f->insts.n - 1;
    *vec_push(r->arena, &r->f->notes) = *n;
}
