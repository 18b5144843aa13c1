/* The screen: what is named, CLIF, machine code, steps back, heaps. */
#include "ir/write.h"

#include "triage/explain_local.h"

enum {
    BEFORE = 4,
    BEHIND = 2,
    CODE_LINES = 6,
    ENTRY_LINES = 24,
    STEP_LINES = 6,
    VECTORS = 2,
    HEAP_ROWS = 4,
    COLUMN = 46,
};

typedef struct {
    Picture *p;
    const Explanation *x;
    const Located *l;
    Arena *a;
} Screen;

/* ---- text --------------------------------------------------------------------------------- */

static uint32_t count_lines(const Buf *b)
{
    uint32_t n = 0;
    for (size_t k = 0; k < b->n; k++) n += b->at[k] == '\n';
    return n;
}

/* How many columns text takes: bytes that begin a character, without escapes for colour. */
static size_t columns_of(const char *text)
{
    size_t n = 0;
    for (const char *at = text; *at; at++) {
        if (*at == '\033') at = strchr(at, 'm');
        else n += ((uint8_t)*at & 0xc0) != 0x80;
    }
    return n;
}

/* A line of its own, cut where the screen ends; `text` has no escapes. */
static void put(Screen *s, const char *text)
{
    bool fits = columns_of(text) <= EXPLAIN_WIDTH;
    buf_printf(s->p->out, "%.*s%s\n", fits ? (int)strlen(text) : EXPLAIN_WIDTH - 2, text,
               fits ? "" : " …");
}

static void mark(Screen *s, Buf *out, const char *text, size_t n)
{
    buf_text(out, s->p->colour ? "\033[1;31m" : "[");
    buf_add(out, text, n);
    buf_text(out, s->p->colour ? "\033[0m" : "]");
}

/* Digits of `text` that `like`, as long, has otherwise stand out. */
static void mark_digits(Screen *s, Buf *out, const char *text, const char *like)
{
    for (size_t k = 0; text[k];) {
        size_t n = k;
        while (text[n] && (text[n] != like[n]) == (text[k] != like[k])) n++;
        if (text[k] != like[k]) mark(s, out, text + k, n - k);
        else buf_add(out, text + k, n - k);
        k = n;
    }
}

/* ---- values ------------------------------------------------------------------------------- */

/* An address in a heap by its heap, all else as it is. */
static const char *value_text(const Screen *s, const ShadowSite *site, Bits v)
{
    uint32_t n;
    const PlacedHeap *heaps = image_heaps(judge_image(s->x->judge), &n);
    for (uint32_t k = 0; k < n && site->sense != SENSE_number; k++) {
        uint64_t offset = v.u64[0] - (uint64_t)(uintptr_t)heaps[k].base;
        if (offset <= heaps[k].heap->size)
            return arena_printf(s->a, "<heap%u>+%llu", heaps[k].heap->name,
                                (unsigned long long)offset);
    }
    return arena_printf(s->a, "0x%s", explain_hex(v, type_bytes((Type)site->type), s->a));
}

/* What both hold at a site that is beside the point, in the room behind the line. */
static void add_seen(Screen *s, Buf *line, uint32_t site)
{
    const SiteSeen *seen = &s->l->seen[site];
    const ShadowSite *at = &s->l->sites->at[site];
    Buf text = {.arena = s->a};
    if (!seen->has_expected && !seen->has_odd) return;
    const char *expected = value_text(s, at, seen->expected), *odd = value_text(s, at, seen->odd);
    if (at->sense != SENSE_number && *expected != '<') return; /* a slot, which lies elsewhere */
    if (!explain_differs(s->x, site)) {
        buf_printf(&text, "= %s", seen->has_expected ? expected : odd);
    } else {
        buf_printf(&text, "= %s | ", expected);
        if (strlen(odd) == strlen(expected)) mark_digits(s, &text, odd, expected);
        else mark(s, &text, odd, strlen(odd));
    }
    size_t used = columns_of(line->at), pad = used < COLUMN ? COLUMN - used : 2;
    if (used + pad + columns_of(text.at) > EXPLAIN_WIDTH) return;
    buf_printf(line, "%*s%s", (int)pad, "", text.at);
}

/* Of an address that depends on where slots lie, only digits that must agree can differ. */
static const char *comparable(const Screen *s, const ShadowSite *site, const char *odd,
                              const char *expected)
{
    size_t digits = (site->nlow + 3u) / 4, n = strlen(odd);
    if (strlen(expected) != n) return "";
    if (site->sense == SENSE_number || *expected == '<' || digits + 2 > n) return expected;
    return arena_printf(s->a, "%.*s%s", (int)(n - digits), odd, expected + n - digits);
}

/* Both values of what is named, one below the other. */
static void write_both(Screen *s)
{
    const Located *l = s->l;
    if (l->site == NO_INDEX || !l->odd || !l->expected) return;
    const SiteSeen *seen = &l->seen[l->site];
    const ShadowSite *at = &l->sites->at[l->site];
    size_t width = max_u64(strlen(l->expected->name), strlen(l->odd->name));
    if (!seen->has_expected) return;
    const char *expected = value_text(s, at, seen->expected);
    buf_printf(s->p->out, "        %-*s  %s\n", (int)width, l->expected->name, expected);
    if (!seen->has_odd || !explain_differs(s->x, l->site)) return;
    Buf odd = {.arena = s->a};
    const char *text = value_text(s, at, seen->odd);
    const char *like = comparable(s, at, text, expected);
    if (*like) mark_digits(s, &odd, text, like);
    else mark(s, &odd, text, strlen(text));
    buf_printf(s->p->out, "        %-*s  %s\n", (int)width, l->odd->name, odd.at);
    if (at->sense != SENSE_number && *expected != '<')
        put(s, arena_printf(s->a, "        (where slots lie is not compared: %u lowest bits are)",
                            at->nlow));
}

/* ---- what is named ------------------------------------------------------------------------ */

static const char *name_of(const Screen *s)
{
    const Located *l = s->l;
    const Func *f = s->x->c->module->funcs.at[l->func];
    if (l->what == LOCATED_value)
        return arena_printf(s->a, "v%u", func_value(f, l->value)->name);
    if (l->inst.i == NO_INDEX) return "";
    return arena_printf(s->a, "`%s`", explain_inst_text(s->x->c, l->func, l->inst, s->a));
}

static const char *claim(const Screen *s)
{
    const char *name = name_of(s);
    switch (s->l->what) {
    case LOCATED_nothing: return "no place of it could be named";
    case LOCATED_value: return arena_printf(s->a, "the first wrong value is %s", name);
    case LOCATED_store:
        return arena_printf(s->a, s->l->late ? "what is stored too late, or lost, is of %s"
                                             : "the first wrong bytes are those of %s", name);
    case LOCATED_way: return arena_printf(s->a, "until %s both do the same, and then part", name);
    case LOCATED_fault: return arena_printf(s->a, "it stops at %s", name);
    case LOCATED_trap: return arena_printf(s->a, "they end differently at %s", name);
    case LOCATED_inst: return arena_printf(s->a, "it takes all up to %s", name);
    case LOCATED_return: return arena_printf(s->a, "all values are right until %s", name);
    case LOCATED_function: return "it happens in the code around the instructions";
    }
    return "";
}

static const char *method(const Screen *s)
{
    const Located *l = s->l;
    switch (l->by) {
    case BY_nothing: return "";
    case BY_all:
        return arena_printf(s->a, "found by writing down all %u definitions and stores at once",
                            l->watched);
    case BY_one:
        return arena_printf(s->a, "found by writing down each of %u definitions and stores alone",
                            l->watched);
    case BY_cut: return "found by ending the run behind each definition and store in turn";
    case BY_machine: return "found by the machine code that was running";
    case BY_trace: return "found by what the reference did last";
    case BY_prefix: return "found by cutting functions short while it still shows";
    }
    return "";
}

/* `the store of v2 in %f` */
static const char *site_name(const Screen *s, uint32_t site)
{
    const ShadowSite *at = &s->l->sites->at[site];
    const Func *f = s->x->c->module->funcs.at[at->func];
    return arena_printf(s->a, "%sv%u in %s", at->store ? "the store of " : "",
                        func_value(f, at->value)->name, explain_func_name(s->x->c, at->func, s->a));
}

/* What makes it go away when it is watched. */
static void write_vanishing(Screen *s)
{
    const Located *l = s->l;
    Buf line = {.arena = s->a};
    if (l->vanishes) put(s, "  written down all at once, they make the difference disappear");
    if (!l->vanishing.n) return;
    buf_text(&line, "  it disappears when this alone is written down: ");
    for (uint32_t k = 0; k < l->vanishing.n; k++) {
        const char *name = site_name(s, l->vanishing.at[k]);
        if (columns_of(line.at) + strlen(name) + 14 > EXPLAIN_WIDTH) {
            buf_printf(&line, ", %u more", l->vanishing.n - k);
            break;
        }
        buf_printf(&line, "%s%s", k ? ", " : "", name);
    }
    put(s, line.at);
}

static void write_late(Screen *s)
{
    if (!s->l->late) return;
    if (s->l->until == NO_INDEX) {
        put(s, "  behind every definition and store memory is right, and wrong at the end");
        return;
    }
    const ShadowSite *until = &s->l->sites->at[s->l->until];
    const char *func = explain_func_name(s->x->c, until->func, s->a);
    const char *where = until->inst.i == NO_INDEX
                            ? "a block is entered"
                            : arena_printf(s->a, "`%s`", explain_inst_text(s->x->c, until->func,
                                                                         until->inst, s->a));
    put(s, arena_printf(s->a, "  memory is right until %s, in %s, and wrong from there on", where,
                        func));
}

static void write_claim(Screen *s)
{
    const Located *l = s->l;
    Buf line = {.arena = s->a};
    buf_text(&line, claim(s));
    if (l->what != LOCATED_nothing)
        buf_printf(&line, ", in %s", explain_func_name(s->x->c, l->func, s->a));
    if (l->visits > 1) buf_printf(&line, ", time %u of %u", l->visit, l->visits);
    put(s, line.at);
    if (l->by != BY_nothing)
        put(s, arena_printf(s->a, "  %s, in %u cop%s", method(s), l->tried,
                            l->tried == 1 ? "y" : "ies"));
    write_late(s);
    write_vanishing(s);
}

/* ---- CLIF --------------------------------------------------------------------------------- */

static uint32_t site_of_inst(const Screen *s, Inst inst)
{
    const Located *l = s->l;
    const InstData *i = func_inst(s->x->c->module->funcs.at[l->func], inst);
    uint32_t store = shadow_site_at(l->sites, l->func, inst);
    if (store != NO_INDEX || !i->nresults) return store;
    return shadow_site_of(l->sites, l->func, inst_result(i, 0));
}

static void write_inst(Screen *s, Inst inst)
{
    Buf line = {.arena = s->a};
    bool here = inst.i == s->l->inst.i;
    uint32_t site = site_of_inst(s, inst);
    buf_printf(&line, "%s   %s", here ? ">" : " ",
               explain_inst_text(s->x->c, s->l->func, inst, s->a));
    if (columns_of(line.at) > EXPLAIN_WIDTH) {
        put(s, line.at);
    } else {
        if (!here && site != NO_INDEX) add_seen(s, &line, site);
        buf_printf(s->p->out, "%s\n", line.at);
    }
    if (here) write_both(s);
}

static const char *header_of(const Screen *s)
{
    Buf out = {.arena = s->a};
    block_write_header(&out, s->x->c->module->funcs.at[s->l->func], s->l->block, NULL);
    return arena_printf(s->a, "%.*s", (int)strcspn(out.at, "\n"), out.at);
}

static void write_clif(Screen *s)
{
    const Located *l = s->l;
    if (l->block.i == NO_INDEX) return;
    const BlockData *bd = func_block(s->x->c->module->funcs.at[l->func], l->block);
    uint32_t at = 0;
    bool param = l->inst.i == NO_INDEX;
    while (!param && at + 1 < bd->insts.n && bd->insts.at[at].i != l->inst.i) at++;
    buf_char(s->p->out, '\n');
    put(s, arena_printf(s->a, "%s %s", param ? ">" : " ", header_of(s)));
    if (param) write_both(s);
    uint32_t from = at > BEFORE ? at - BEFORE : 0, to = at + BEHIND + 1;
    if (from) put(s, "    …");
    for (uint32_t k = from; k < to && k < bd->insts.n; k++) write_inst(s, bd->insts.at[k]);
    if (to < bd->insts.n) put(s, "    …");
}

/* ---- machine code ------------------------------------------------------------------------- */

/* Whether a register holds the wrong value, so that the eye finds it. */
static bool holds_value(const Screen *s, const void *bytes, unsigned room)
{
    const Located *l = s->l;
    if (l->site == NO_INDEX || !l->seen[l->site].has_odd) return false;
    unsigned n = type_bytes((Type)l->sites->at[l->site].type);
    Bits none = {0};
    if (n > room || memcmp(&l->seen[l->site].odd, &none, sizeof none) == 0) return false;
    return memcmp(bytes, &l->seen[l->site].odd, n) == 0;
}

static void write_general(Screen *s)
{
    const ExecRegisters *r = &s->x->registers;
    for (unsigned k = 0; k < 16; k++) {
        const char *hex = explain_hex(bits_of(r->general[k]), 8, s->a);
        buf_printf(s->p->out, "%s%-3s", k % 4 ? "  " : "      ", explain_register(k));
        if (holds_value(s, &r->general[k], 8)) mark(s, s->p->out, hex, 16);
        else buf_printf(s->p->out, k % 4 == 3 ? " %s" : " %s ", hex);
        if (k % 4 == 3) buf_char(s->p->out, '\n');
    }
}

/* Those that the code mentions. */
static void write_vectors(Screen *s)
{
    uint32_t shown = 0;
    for (unsigned k = 0; k < 16 && shown < VECTORS; k++) {
        const char *name = arena_printf(s->a, "xmm%u", k);
        bool mentioned = false;
        for (uint32_t n = 0; n < s->x->code->n; n++) {
            const char *at = strstr(s->x->code->at[n].text, name);
            mentioned |= at && (at[strlen(name)] < '0' || at[strlen(name)] > '9');
        }
        if (!mentioned) continue;
        Bits v;
        memcpy(&v, s->x->registers.vector[k], sizeof v);
        const char *hex = explain_hex(v, 16, s->a);
        buf_printf(s->p->out, "      %-5s", name);
        if (holds_value(s, &v, 16)) mark(s, s->p->out, hex, 32);
        else buf_printf(s->p->out, " %s", hex);
        buf_char(s->p->out, '\n');
        shown++;
    }
}

static uint32_t room_left(const Screen *s)
{
    uint32_t used = count_lines(s->p->out);
    return used + 1 < EXPLAIN_LINES ? EXPLAIN_LINES - 1 - used : 0; /* one says what is cut */
}

/* Of many lines the first and the last: of what stands beside the instructions, entry and exits. */
static void write_lines(Screen *s)
{
    const CodeLines *code = s->x->code;
    bool beside = s->x->code_inst.i == NO_INDEX, cut = false;
    bool stops = s->l->by == BY_machine && s->x->has_registers;
    uint32_t room = (uint32_t)max_u64(room_left(s), STEP_LINES + CODE_LINES) - STEP_LINES;
    uint32_t most = beside ? (uint32_t)min_u64(room, ENTRY_LINES) : CODE_LINES;
    for (uint32_t k = 0; k < code->n; k++) {
        const CodeLine *c = &code->at[k];
        bool here = stops && c->offset == s->x->registers_at;
        bool shown = here || k < most / 2 || k + (most - most / 2) >= code->n;
        if (shown)
            put(s, arena_printf(s->a, "      %04x  %s%s", c->offset, c->text,
                                here ? "   <-- here" : ""));
        else if (!cut) put(s, "      …");
        cut = !shown;
    }
}

static void write_code(Screen *s)
{
    const Explanation *x = s->x;
    if (!x->code->n && !x->has_registers) return;
    const char *of = "";
    if (x->code_inst.i == NO_INDEX)
        of = " beside the instructions (entry, exits, wrapper)";
    else if (x->code_inst.i != s->l->inst.i)
        of = arena_printf(s->a, "; it has none of its own, this is that of `%s`",
                          explain_inst_text(x->c, s->l->func, x->code_inst, s->a));
    buf_char(s->p->out, '\n');
    put(s, arena_printf(s->a, "  machine code of %s%s", s->l->odd->name, of));
    write_lines(s);
    if (!x->has_registers) return;
    put(s, arena_printf(s->a, "    registers before %04llx", (unsigned long long)x->registers_at));
    write_general(s);
    write_vectors(s);
}

/* ---- steps back, heaps -------------------------------------------------------------------- */

static void write_steps(Screen *s)
{
    const Explanation *x = s->x;
    uint32_t most = (uint32_t)min_u64(room_left(s), STEP_LINES + 3);
    if (x->steps.n < 2 || most < 4) return;
    most -= 3; /* a blank line, a heading, an end */
    buf_text(s->p->out, "\n  where it comes from\n");
    for (uint32_t k = 1; k < x->steps.n && k <= most; k++) {
        const ExplainStep *step = &x->steps.at[k];
        Buf line = {.arena = s->a};
        buf_printf(&line, "    %s", step->text);
        if (columns_of(line.at) > EXPLAIN_WIDTH) {
            put(s, line.at);
            continue;
        }
        if (step->site != NO_INDEX) add_seen(s, &line, step->site);
        buf_printf(s->p->out, "%s\n", line.at);
    }
    if (x->steps.n > most + 1) put(s, "    …");
}

/* Lines without which rows that differ can be read: those beside them. */
static bool is_dispensable(const char *line) { return strncmp(line, "  > ", 4) && *line == ' '; }

/* In the room that is left. */
static void write_heaps(Screen *s)
{
    Buf *screen = s->p->out, heaps = {.arena = s->a};
    uint32_t room = room_left(s);
    s->p->out = &heaps;
    picture_heaps(s->p, s->x->judge, s->x->c, s->x->v, HEAP_ROWS);
    s->p->out = screen;
    bool tight = count_lines(&heaps) > room;
    uint32_t lines = 0;
    for (const char *at = buf_str(&heaps).at; *at; at += strcspn(at, "\n") + 1) {
        const char *line = arena_printf(s->a, "%.*s", (int)strcspn(at, "\n"), at);
        if (tight && is_dispensable(line)) continue;
        if (++lines > room) break;
        if (columns_of(line) <= EXPLAIN_WIDTH) buf_printf(screen, "%s\n", line);
        else put(s, line);
    }
    if (lines > room) buf_text(screen, "      …\n");
}

void explain_write(Picture *p, const Explanation *x)
{
    Screen s = {p, x, x->located, p->out->arena};
    put(&s, arena_printf(s.a, "%s: %s", verdict_name(x->v->kind), x->v->text));
    write_claim(&s);
    write_clif(&s);
    write_code(&s);
    write_steps(&s);
    write_heaps(&s);
}
