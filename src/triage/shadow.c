#include "triage/shadow.h"

#include "ir/build.h"
#include "oracle/expect.h"

/* The heap begins with the address of the next entry; an entry is the number of its site plus 1,
 * and the value. */
enum {
    HEAD = 32,
    ENTRY = 32,
    VALUE_AT = 16,
    ENTRIES_MAX = IMAGE_HEAP_BYTES / ENTRY - 2,
    END_OF_RUN = TRAP_user_last, /* what SHADOW_cut traps with */
};

/* ---- sites -------------------------------------------------------------------------------- */

static void set_sense(ShadowSite *s, const Func *f, const Addresses *x)
{
    const Fact *fact = address_fact(x, s->value);
    uint64_t low;
    s->sense = SENSE_number;
    if (!type_is_int(func_type(f, s->value)) || fact->kind == FACT_number) return;
    s->sense = fact->kind == FACT_address ? SENSE_address : SENSE_place;
    if (fact->kind == FACT_address) s->nlow = (uint8_t)address_low(x, fact, &low);
}

/* What a store leaves in memory has the type of what is stored, or is the lowest bytes of it. */
static Type stored_type(const Func *f, Value v, unsigned bytes)
{
    Type type = func_type(f, v);
    if (type_bytes(type) == bytes) return type;
    return bytes == 1 ? TY_i8 : bytes == 2 ? TY_i16 : TY_i32;
}

typedef struct {
    ShadowSites *sites;
    Arena *a;
    const Func *f;
    const Addresses *x;
    uint32_t func;
} Lister;

static void list_value(const Lister *l, Block b, Inst i, Value v)
{
    ShadowSite *s = vec_push(l->a, l->sites);
    *s = (ShadowSite){.func = l->func, .block = b, .inst = i, .value = v};
    s->type = (uint8_t)func_type(l->f, v);
    set_sense(s, l->f, l->x);
}

static void list_store(const Lister *l, Block b, Inst inst)
{
    const InstData *i = func_inst(l->f, inst);
    Access access;
    if (!inst_access(i, &access) || !access.writes || access.value < 0) return;
    Value v = inst_args_const(i)[access.value];
    ShadowSite *s = vec_push(l->a, l->sites);
    *s = (ShadowSite){.func = l->func, .block = b, .inst = inst, .value = v, .store = true};
    s->type = (uint8_t)stored_type(l->f, v, access.bytes);
    set_sense(s, l->f, l->x);
}

static void list_block(const Lister *l, Block b)
{
    const BlockData *bd = func_block(l->f, b);
    for (uint32_t k = 0; k < bd->params.n; k++) list_value(l, b, INST_none, bd->params.at[k]);
    for (uint32_t k = 0; k < bd->insts.n; k++) {
        const InstData *i = func_inst(l->f, bd->insts.at[k]);
        if (op_has(i->op, EFFECT_T)) continue;
        for (unsigned r = 0; r < i->nresults; r++)
            list_value(l, b, bd->insts.at[k], inst_result(i, r));
        list_store(l, b, bd->insts.at[k]);
    }
}

ShadowSites *shadow_sites(const Case *c, Arena *a)
{
    Lister l = {.sites = arena_new(a, ShadowSites), .a = a};
    for (; l.func < c->module->funcs.n; l.func++) {
        l.f = c->module->funcs.at[l.func];
        const Cfg *cfg = cfg_compute(l.f, a);
        l.x = address_derive(l.f, cfg, a);
        for (uint32_t b = 0; b < l.f->layout.n; b++)
            if (cfg_is_reachable(cfg, l.f->layout.at[b])) list_block(&l, l.f->layout.at[b]);
    }
    return l.sites;
}

uint32_t shadow_site_of(const ShadowSites *sites, uint32_t func, Value v)
{
    for (uint32_t k = 0; k < sites->n; k++) {
        const ShadowSite *s = &sites->at[k];
        if (s->func == func && s->value.i == v.i && !s->store) return k;
    }
    return NO_INDEX;
}

uint32_t shadow_site_at(const ShadowSites *sites, uint32_t func, Inst inst)
{
    for (uint32_t k = 0; k < sites->n; k++) {
        const ShadowSite *s = &sites->at[k];
        if (s->func == func && s->inst.i == inst.i && s->store) return k;
    }
    return NO_INDEX;
}

bool shadow_same(const ShadowSite *s, Bits expected, Bits actual)
{
    if (s->sense == SENSE_number) return expect_same((Type)s->type, &expected, &actual, true);
    if (image_covers(expected.u64[0])) return bits_equal(expected, actual);
    uint64_t known = s->nlow >= 64 ? UINT64_MAX : (UINT64_C(1) << s->nlow) - 1;
    return ((expected.u64[0] ^ actual.u64[0]) & known) == 0;
}

/* ---- writing down ------------------------------------------------------------------------- */

typedef struct {
    const ShadowSites *sites;
    uint32_t only;
    ShadowMode mode;
    uint64_t at; /* address of the heap */
} Plan;

static const MemFlags plain = {.bits = MEMFLAG_notrap};

/* At the place that the head names, which goes on to the next. */
static void write_entry(Builder *b, const Plan *p, uint32_t site, Value v)
{
    Value head = build_iconst(b, TY_i64, (int64_t)p->at);
    Value at = build_load(b, OP_load, TY_i64, plain, head, 0);
    build_store(b, OP_store, plain, v, at, VALUE_AT);
    build_store(b, OP_store, plain, build_iconst(b, TY_i64, (int64_t)site + 1), at, 0);
    Value next = build_binary(b, OP_iadd, at, build_iconst(b, TY_i64, ENTRY));
    Value last = build_iconst(b, TY_i64, (int64_t)(p->at + HEAD + (uint64_t)ENTRIES_MAX * ENTRY));
    build_store(b, OP_store, plain, build_binary(b, OP_umin, next, last), head, 0);
}

/* At the first place, whatever was there. */
static void write_over(Builder *b, const Plan *p, uint32_t site, Value v)
{
    Value head = build_iconst(b, TY_i64, (int64_t)p->at);
    build_store(b, OP_store, plain, v, head, HEAD + VALUE_AT);
    build_store(b, OP_store, plain, build_iconst(b, TY_i64, (int64_t)site + 1), head, HEAD);
}

static Value stored_bytes(Builder *b, const ShadowSite *s)
{
    const InstData *i = func_inst(b->f, s->inst);
    Access access = {0};
    inst_access(i, &access);
    MemFlags flags = {
        .bits = MEMFLAG_notrap | (i->flags.bits & (MEMFLAG_little | MEMFLAG_big)),
        .region = i->flags.region,
    };
    Value address = inst_args_const(i)[access.address];
    return build_load(b, OP_load, (Type)s->type, flags, address, (int32_t)access.offset);
}

/* True when the run ends there. */
static bool write_site(Builder *b, const Plan *p, uint32_t site)
{
    const ShadowSite *s = &p->sites->at[site];
    if (p->only != SHADOW_ALL && p->only != site) return false;
    Value v = s->store ? stored_bytes(b, s) : s->value;
    if (p->mode == SHADOW_log) write_entry(b, p, site, v);
    else write_over(b, p, site, v);
    if (p->mode == SHADOW_cut) build_trap(b, END_OF_RUN);
    return p->mode == SHADOW_cut;
}

/* The sites of a block stand one behind the other; `*site` is the first that is left. */
static bool write_sites(Builder *b, const Plan *p, uint32_t func, Inst inst, uint32_t *site)
{
    for (; *site < p->sites->n; ++*site) {
        const ShadowSite *s = &p->sites->at[*site];
        if (s->func != func || s->block.i != b->at.i || s->inst.i != inst.i) break;
        if (write_site(b, p, *site)) return true;
    }
    return false;
}

static uint32_t first_site(const ShadowSites *sites, uint32_t func, Block b)
{
    uint32_t k = 0;
    while (k < sites->n && (sites->at[k].func != func || sites->at[k].block.i != b.i)) k++;
    return k;
}

static void rewrite_block(Func *f, uint32_t func, Block block, const Plan *p)
{
    Builder b = builder_at(f, block);
    BlockData old = *func_block(f, block);
    uint32_t site = first_site(p->sites, func, block);
    func_block(f, block)->insts.at = NULL;
    func_block(f, block)->insts.n = func_block(f, block)->insts.cap = 0;
    bool ends = write_sites(&b, p, func, INST_none, &site);
    for (uint32_t k = 0; k < old.insts.n && !ends; k++) {
        *vec_push(f->arena, &func_block(f, block)->insts) = old.insts.at[k];
        ends = write_sites(&b, p, func, old.insts.at[k], &site);
    }
}

static void drop_unreachable(Func *f)
{
    Arena *scratch = arena_create();
    const Cfg *cfg = cfg_compute(f, scratch);
    uint32_t kept = 0;
    for (uint32_t b = 0; b < f->layout.n; b++)
        if (cfg_is_reachable(cfg, f->layout.at[b])) f->layout.at[kept++] = f->layout.at[b];
    f->layout.n = kept;
    arena_destroy(scratch);
}

static void rewrite(Module *m, const Plan *p)
{
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        Func *f = m->funcs.at[k];
        for (uint32_t b = 0; b < f->layout.n; b++) rewrite_block(f, k, f->layout.at[b], p);
        if (p->mode == SHADOW_cut) drop_unreachable(f);
    }
}

/* Modules and heaps are its own. */
static Case *copy_case(const Case *c, Arena *a)
{
    Case *copy = arena_new(a, Case);
    *copy = *c;
    copy->arena = a;
    copy->module = module_clone(c->module, a);
    copy->heaps.at = NULL;
    copy->heaps.n = copy->heaps.cap = 0;
    for (uint32_t k = 0; k < c->heaps.n; k++) *vec_push(a, &copy->heaps) = c->heaps.at[k];
    return copy;
}

static uint32_t free_name(const Case *c)
{
    uint32_t name = 0;
    for (uint32_t k = 0; k < c->heaps.n; k++)
        if (c->heaps.at[k].name >= name) name = c->heaps.at[k].name + 1;
    return name;
}

bool shadow_make(Shadow *s, Judge *j, const Case *c, const ShadowSites *sites, uint32_t only,
                 ShadowMode mode, Arena *a)
{
    const char *reason;
    bool many = mode == SHADOW_log;
    uint64_t *head = arena_new(a, uint64_t);
    *s = (Shadow){.c = copy_case(c, a), .heap = c->heaps.n};
    s->c->discipline = false;
    *vec_push(a, &s->c->heaps) = (Heap){
        .name = free_name(c),
        .func = c->runs.at[0].func,
        .size = many ? IMAGE_HEAP_BYTES : HEAD + ENTRY,
        .align = 64,
        .fill = FILL_BYTES,
        .bytes = {(const char *)head, sizeof *head},
    };
    if (!judge_place(j, s->c, &s->c->runs.at[0], &reason)) return false;
    Plan p = {.sites = sites, .only = only, .mode = mode};
    p.at = (uint64_t)(uintptr_t)image_heap(judge_image(j), s->heap)->base;
    *head = p.at + HEAD;
    rewrite(s->c->module, &p);
    return judge_place(j, s->c, &s->c->runs.at[0], &reason);
}

ShadowLog shadow_read(const Shadow *s, Judge *j, uint32_t n, Arena *a)
{
    ShadowLog log = {0};
    const Heap *h = &s->c->heaps.at[s->heap];
    const uint8_t *base = image_heap(judge_image(j), s->heap)->base;
    for (uint64_t at = HEAD; at + ENTRY <= h->size; at += ENTRY) {
        uint64_t site;
        memcpy(&site, base + at, sizeof site);
        if (site == 0 || site > n) break;
        ShadowEntry *e = vec_push(a, &log);
        e->site = (uint32_t)site - 1;
        memcpy(&e->value, base + at + VALUE_AT, sizeof e->value);
    }
    return log;
}

/* ---- cutting ------------------------------------------------------------------------------ */

Case *shadow_cut_return(const Case *c, uint32_t func, Block block, uint32_t at, Arena *a)
{
    Case *copy = copy_case(c, a);
    Func *f = copy->module->funcs.at[func];
    Builder b = builder_at(f, block);
    Value *zeros = arena_array(a, Value, f->sig.returns.n + 1);
    func_block(f, block)->insts.n = at;
    copy->discipline = false;
    for (uint32_t k = 0; k < f->sig.returns.n; k++)
        zeros[k] = build_bits(&b, (Type)f->sig.returns.at[k].type, bits_of(0));
    build_return(&b, zeros, f->sig.returns.n);
    drop_unreachable(f);
    return copy;
}
