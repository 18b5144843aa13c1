#include "reduce/signature.h"

#include "ir/cfg.h"
#include "oracle/message.h"
#include "reduce/shrink.h"

#include <stdio.h>

static const char *const family_names[] = {
#define OPFAMILY(name, holds) name,
#include "reduce/families.def"
};

static uint32_t family_of(const InstData *i)
{
    const OpInfo *o = inst_op(i);
    uint32_t k = 0;
#define OPFAMILY(name, holds) \
    if (holds) return k; \
    k++;
#include "reduce/families.def"
    return k - 1;
}

/* Families of all blocks that can be reached, as bits by their row. */
static uint32_t families_of(const Func *f, Arena *a)
{
    uint32_t families = 0;
    const Cfg *cfg = cfg_compute(f, a);
    for (uint32_t b = 0; b < f->layout.n; b++) {
        if (!cfg_is_reachable(cfg, f->layout.at[b])) continue;
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++)
            families |= 1u << family_of(func_inst(f, bd->insts.at[k]));
    }
    return families;
}

/* Functions that the run can reach by direct calls and func_addr, as a mark each. */
static void mark_called(const Module *m, uint32_t k, bool *called)
{
    if (called[k]) return;
    called[k] = true;
    const Func *f = m->funcs.at[k];
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            const InstData *i = func_inst(f, bd->insts.at[n]);
            if (!strchr(format_operands[inst_op(i)->format], 'F')) continue;
            uint32_t callee = f->refs.at[i->entity].callee;
            if (callee != NO_INDEX) mark_called(m, callee, called);
        }
    }
}

static uint32_t families_left(const Case *c, Arena *a)
{
    const Module *m = c->module;
    bool *called = arena_array(a, bool, m->funcs.n);
    mark_called(m, c->runs.at[0].func, called);
    uint32_t families = 0;
    for (uint32_t k = 0; k < m->funcs.n; k++)
        if (called[k]) families |= families_of(m->funcs.at[k], a);
    return families;
}

/* `jit:none:sse2` becomes `jit_none_sse2`. */
static size_t add_name(char *text, size_t n, const char *name)
{
    for (; *name && n + 1 < SIGNATURE_SIZE; name++) {
        bool plain = (*name >= '0' && *name <= '9') || (*name >= 'a' && *name <= 'z') ||
                     (*name >= 'A' && *name <= 'Z');
        text[n++] = plain ? *name : '_';
    }
    text[n] = 0;
    return n;
}

static size_t add_text(char *text, size_t n, const char *more)
{
    return n + (size_t)snprintf(text + n, SIGNATURE_SIZE - n, "%s", more);
}

/* The register or rule that the named configuration broke; NULL when it broke none. */
static const char *broken_rule(Judge *j, const Verdict *v)
{
    const ConfigVec *configs = judge_configs(j);
    for (uint32_t k = 0; v->kind == VERDICT_abi && k < v->nballots; k++)
        if (configs->at[k] == v->odd) return v->ballots[k].outcome.broken;
    return NULL;
}

static void add_families(char *text, size_t n, uint32_t families)
{
    uint32_t named = 0;
    for (uint32_t k = 0; k < countof(family_names); k++) {
        if (!(families >> k & 1) || !family_names[k][0]) continue;
        bool again =
            k && (families >> (k - 1) & 1) && !strcmp(family_names[k], family_names[k - 1]);
        if (again || n + 16 > SIGNATURE_SIZE) continue;
        n = add_text(text, n, named++ ? "_" : "");
        n = add_text(text, n, family_names[k]);
    }
    if (!named) add_text(text, n, "constant");
}

/* A compiler that is a process of its own is asked less often. */
static uint32_t tries_for(const Verdict *v)
{
    const Library *l = v->odd ? v->odd->library : NULL;
    return l && l->api->traits & TALLY_FORKS ? SIGNATURE_TRIES_SLOW : SIGNATURE_TRIES;
}

/* `CONFIGURATION-KIND-` */
static size_t add_head(char *text, const Verdict *v)
{
    size_t n = add_name(text, 0, v->odd ? v->odd->slug : "unknown");
    n = add_text(text, n, "-");
    n = add_text(text, n, verdict_name(v->kind));
    return add_text(text, n, "-");
}

/* True when the verdict alone says what there is to say. */
static bool make_from_verdict(const Verdict *v, char *text)
{
    char slug[MESSAGE_SLUG];
    message_slug(v->kind == VERDICT_leak ? "memory" : v->message, slug, sizeof slug);
    if (*slug) add_text(text, add_head(text, v), slug);
    return *slug;
}

void signature_make(Judge *j, const Case *c, const Verdict *v, Arena *scratch,
                    char text[static SIGNATURE_SIZE])
{
    Verdict last;
    if (make_from_verdict(v, text)) return;
    uint32_t voters = judge_focus(j, v);
    const Case *small = shrink_case(j, c, v, scratch, tries_for(v), &last);
    judge_unfocus(j, voters);
    const char *broken = broken_rule(j, &last);
    size_t n = add_head(text, &last);
    if (broken) add_name(text, n, broken);
    else add_families(text, n, families_left(small, scratch));
}
