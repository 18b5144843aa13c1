#include "ir/verify_local.h"

/* ---- what to check, from the tables ------------------------------------------------------- */

/* By rule letter and controlling type: the set of types that an operand or a result may have. */
typedef TypeMask LetterTypes[TYPE_COUNT];
static LetterTypes accepted['z' - 'A' + 1];

/* A row of ops.def and its format, taken apart once. */
typedef struct {
    _Alignas(128) TypeMask types; /* what the controlling type may be */
    uint8_t nvalues;   /* `v` of the format */
    uint8_t ndests;    /* `b` */
    bool rest;         /* `*` */
    bool table;        /* `j`: any number of further destinations */
    bool tries;        /* `e`: destinations and operands as its table says */
    bool irregular;    /* has one of these */
    uint8_t nresults;  /* of the rule */
    bool by_signature; /* results are those of a signature */
    char others[8];    /* the letters left */
    const TypeMask *operands[8], *results[4]; /* rows of `accepted` */
} Shape;

static Shape shapes[OP_COUNT];

static void fill_format(Shape *s, const char *letters)
{
    size_t n = 0;
    for (; *letters; letters++) {
        if (*letters == 'v') s->nvalues++;
        else if (*letters == '*') s->rest = true;
        else if (*letters == 'b') s->ndests++;
        else if (*letters == 'j') s->table = true;
        else if (*letters == 'e') s->table = s->tries = true, s->ndests = 1;
        else if (!strchr(" ,()", *letters)) s->others[n++] = *letters;
    }
    CHECK(n < sizeof s->others);
}

static TypeMask just(Type t)
{
    TypeMask set = {0};
    mask_add(&set, t);
    return set;
}

static TypeMask accepted_types(char letter, Type control)
{
    Type only = rule_result(letter, control);
    if (only != TY_none) return just(only);
    TypeMask set = {0};
    for (Type t = 1; t < TYPE_COUNT; t++)
        if (rule_accepts(letter, control, t)) mask_add(&set, t);
    return set;
}

/* Up to `*` or the end; returns how many letters there are. */
static uint8_t fill_rule(const char *letters, const TypeMask **rows)
{
    uint8_t n = 0;
    for (; letters[n] && letters[n] != '*'; n++) {
        TypeMask *row = accepted[letters[n] - 'A'];
        rows[n] = row;
        for (Type t = 0; t < TYPE_COUNT; t++) row[t] = accepted_types(letters[n], t);
    }
    return n;
}

/* Runs after op.c's constructor, which has a priority. */
__attribute__((constructor)) static void fill_shapes(void)
{
    const TypeMask every = {{UINT64_MAX, UINT64_MAX}};
    for (Op op = 0; op < OP_COUNT; op++) {
        const OpInfo *o = &op_info[op];
        Shape *s = &shapes[op];
        s->types = o->has_type ? *typeset_members(o->types) : every;
        fill_format(s, format_operands[o->format]);
        fill_rule(o->operands, s->operands);
        s->nresults = fill_rule(o->results, s->results);
        s->by_signature = o->results[0] == '*';
        s->irregular = s->rest || s->table || s->ndests;
    }
}

#define fail(v, ...) verifier_error((v), __VA_ARGS__)

/* ---- letters of formats.def --------------------------------------------------------------- */

static void check_int_imm(const Verifier *v, const InstData *i)
{
    unsigned bits = type_bits(i->type);
    if (bits == 0 || bits >= 64) return;
    int64_t limit = INT64_C(1) << bits;
    if (i->imm >= limit || i->imm < -(limit / 2))
        fail(v, "immediate %lld does not fit %s", (long long)i->imm, type_name(i->type));
}

static void check_offset(const Verifier *v, const InstData *i)
{
    if (i->imm != (int32_t)i->imm) fail(v, "offset %lld does not fit 32 bits", (long long)i->imm);
}

static void check_lane(const Verifier *v, const InstData *i)
{
    Type t = func_type(v->f, inst_args_const(i)[0]);
    if (inst_op(i)->types == SET_DYN) return; /* a part, of how many nobody knows */
    if ((uint64_t)i->imm >= type_lanes(t))
        fail(v, "%s has no lane %lld", type_name(t), (long long)i->imm);
}

static void check_float_imm(const Verifier *v, const InstData *i)
{
    unsigned bits = type_bits(i->type);
    if (bits < 64 && (uint64_t)i->imm >> bits)
        fail(v, "bits 0x%llx do not fit %s", (unsigned long long)i->imm, type_name(i->type));
}

static bool check_pool(const Verifier *v, const InstData *i, unsigned want)
{
    const Func *f = v->f;
    if (i->entity >= f->constants.n)
        fail(v, "constant %u is not declared", i->entity);
    else if (f->constants.at[i->entity].n != want)
        fail(v, "the constant has %u bytes, %u are needed", f->constants.at[i->entity].n, want);
    else
        return true;
    return false;
}

static void check_constant(const Verifier *v, const InstData *i)
{
    check_pool(v, i, type_bytes(i->type));
}

static void check_mask(const Verifier *v, const InstData *i)
{
    if (!check_pool(v, i, 16)) return;
    const uint8_t *mask = v->f->constants.at[i->entity].bytes;
    for (unsigned k = 0; k < 16; k++)
        if (mask[k] >= 32) fail(v, "a shuffle has no byte %u, only 0 to 31", mask[k]);
}

static void check_intcc(const Verifier *v, const InstData *i)
{
    if (i->cond >= INTCC_COUNT) fail(v, "no integer condition has number %u", i->cond);
}

static void check_floatcc(const Verifier *v, const InstData *i)
{
    if (i->cond >= FLOATCC_COUNT) fail(v, "no float condition has number %u", i->cond);
}

static void check_atomic(const Verifier *v, const InstData *i)
{
    if (i->cond >= ATOMIC_COUNT) fail(v, "no atomic operation has number %u", i->cond);
}

static void check_trap(const Verifier *v, const InstData *i)
{
    if (i->trap == TRAP_none) fail(v, "a trap needs a code");
}

/* Flags on what touches no memory: a bitcast may and, when lanes change, must say the order. */
static void check_cast_flags(const Verifier *v, const InstData *i)
{
    MemFlags flags = i->flags;
    unsigned order = MEMFLAG_little | MEMFLAG_big;
    if (flags.bits & ~order || flags.region || flags.trap)
        fail(v, "only `little` and `big` may stand here");
    if (!(flags.bits & order) &&
        type_lanes(i->type) != type_lanes(func_type(v->f, inst_args_const(i)[0])))
        fail(v, "`little` or `big` is needed where the number of lanes changes");
}

static void check_flags(const Verifier *v, const InstData *i)
{
    unsigned bits = i->flags.bits;
    if (bits >> MEMFLAG_COUNT) fail(v, "unknown memory flags 0x%x", bits);
    if ((bits & MEMFLAG_little) && (bits & MEMFLAG_big)) fail(v, "both `little` and `big`");
    if ((bits & MEMFLAG_readonly) && op_has(i->op, EFFECT_S)) fail(v, "`readonly` on a store");
    if ((bits & MEMFLAG_notrap) && i->flags.trap) fail(v, "`notrap` and a trap code");
    if (i->flags.region > v->f->regions.n) fail(v, "region %u is not declared", i->flags.region);
    if (op_has(i->op, EFFECT_P)) check_cast_flags(v, i);
}

static void check_func_ref(const Verifier *v, const InstData *i)
{
    if (i->entity >= v->f->refs.n) fail(v, "function reference %u is not declared", i->entity);
}

static void check_sig_ref(const Verifier *v, const InstData *i)
{
    if (i->entity >= v->f->sigs.n) fail(v, "signature %u is not declared", i->entity);
}

static void check_slot(const Verifier *v, const InstData *i)
{
    if (i->entity >= v->f->slots.n) fail(v, "stack slot %u is not declared", i->entity);
}

static void check_global(const Verifier *v, const InstData *i)
{
    if (i->entity >= v->f->globals.n) {
        fail(v, "global value %u is not declared", i->entity);
        return;
    }
    const GlobalValueData *g = &v->f->globals.at[i->entity];
    if (global_type(g) != i->type)
        fail(v, "gv%u has type %s, not %s", g->name, type_name(global_type(g)), type_name(i->type));
}

static void check_dynamic_slot(const Verifier *v, const InstData *i)
{
    if (i->entity >= v->f->dyn_slots.n) fail(v, "dynamic slot %u is not declared", i->entity);
}

/* What the instruction's destinations and operands are counted by. */
static bool has_table(const Verifier *v, const InstData *i)
{
    if ((uint64_t)i->imm >= v->f->tables.n) {
        fail(v, "exception table %lld does not exist", (long long)i->imm);
        return false;
    }
    const ExceptionTable *t = func_table(v->f, i);
    bool callee = op_info[i->op].indirect || i->entity < v->f->refs.n;
    uint32_t contexts = table_contexts(t);
    uint32_t ways = t->handlers.n - contexts;
    if (t->sig.i >= v->f->sigs.n) fail(v, "signature %u is not declared", t->sig.i);
    else if (!callee) fail(v, "function reference %u is not declared", i->entity);
    else if (op_info[i->op].indirect && i->entity != t->sig.i) fail(v, "two signatures");
    else if (i->nargs < op_info[i->op].indirect + contexts) fail(v, "too few operands");
    else if (i->ndests != ways + 1) fail(v, "%u destinations, %u are needed", i->ndests, ways + 1);
    else return true;
    return false;
}

static void check_handler_block(const Verifier *v, const InstData *i)
{
    const Func *f = v->f;
    if (i->entity >= f->blocks.n) {
        fail(v, "block %u does not exist", i->entity);
        return;
    }
    const BlockData *b = &f->blocks.at[i->entity];
    bool ends = b->insts.n && vec_last(&b->insts).i < f->insts.n;
    const InstData *last = ends ? func_inst(f, vec_last(&b->insts)) : NULL;
    if (i->entity == func_entry(f).i) fail(v, "the entry block cannot be named here");
    if (!last || last->op >= OP_COUNT || !op_info[last->op].tries)
        fail(v, "block%u does not end in a try_call", b->name);
    else if (i->imm < 0 || (uint64_t)i->imm + 1 >= last->ndests)
        fail(v, "the try_call of block%u has %u handlers, none has number %lld", b->name,
             last->ndests - 1, (long long)i->imm);
}

/* What stands behind a letter that is neither a value nor a destination. */
static void (*const letter_checks[128])(const Verifier *, const InstData *) = {
    ['i'] = check_int_imm,     ['o'] = check_offset,      ['u'] = check_lane,
    ['h'] = check_float_imm,   ['f'] = check_float_imm,   ['d'] = check_float_imm,
    ['k'] = check_constant,    ['s'] = check_mask,        ['c'] = check_intcc,
    ['x'] = check_floatcc,     ['r'] = check_atomic,      ['t'] = check_trap,
    ['m'] = check_flags,       ['F'] = check_func_ref,    ['S'] = check_sig_ref,
    ['l'] = check_slot,        ['g'] = check_global,      ['D'] = check_dynamic_slot,
    ['B'] = check_handler_block,
};

/* ---- operands, destinations, results ------------------------------------------------------ */

static COLD void wrong_type(const Verifier *v, const char *what, Value x, const TypeMask *set)
{
    uint32_t name = func_value(v->f, x)->name;
    const char *got = type_name(func_type(v->f, x));
    Type single = mask_single(set);
    if (single != TY_none)
        fail(v, "%s v%u has type %s, %s is needed", what, name, got, type_name(single));
    else
        fail(v, "%s v%u has type %s, which does not fit", what, name, got);
}

static COLD void not_of_type(const Verifier *v, const char *what, Value x, Type t)
{
    TypeMask set = just(t);
    wrong_type(v, what, x, &set);
}

/* As many operands and destinations as the format has. */
static bool check_counts(const Verifier *v, const InstData *i, const Shape *s)
{
    if (likely(i->nargs == s->nvalues && i->ndests == s->ndests)) return true;
    if (i->nargs < s->nvalues || (i->nargs > s->nvalues && !s->rest)) {
        fail(v, "%u operands, %u are needed", i->nargs, s->nvalues);
        return false;
    }
    if (i->ndests < s->ndests || (i->ndests > s->ndests && !s->table)) {
        fail(v, "%u destinations, %u are needed", i->ndests, s->ndests);
        return false;
    }
    return true;
}

static bool value_exists(const Verifier *v, Value x)
{
    if (likely(x.i < v->f->values.n)) return true;
    fail(v, "value %u does not exist", x.i);
    return false;
}

/* Those of which there is a fixed number. */
static inline bool check_operands(const Verifier *v, const InstData *i, const Shape *s)
{
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < s->nvalues; k++) {
        const TypeMask *set = &s->operands[k][i->type];
        if (!value_exists(v, args[k])) return false;
        if (unlikely(!mask_has(set, func_type(v->f, args[k]))))
            wrong_type(v, "operand", args[k], set);
    }
    return true;
}

/* Values against the parameters or returns of a signature. */
static void check_list(const Verifier *v, const char *what, const Value *at, uint32_t n,
                       const AbiParam *want, uint32_t nwant)
{
    if (n != nwant) fail(v, "%u %ss, %u are needed", n, what, nwant);
    for (uint32_t k = 0; k < n && value_exists(v, at[k]); k++)
        if (k < nwant && func_type(v->f, at[k]) != want[k].type)
            not_of_type(v, what, at[k], (Type)want[k].type);
}

static void check_dest(const Verifier *v, const BlockCall *dest)
{
    if (dest->block.i >= v->f->blocks.n) {
        fail(v, "block %u does not exist", dest->block.i);
        return;
    }
    const BlockData *to = func_block(v->f, dest->block);
    if (dest->block.i == func_entry(v->f).i) fail(v, "the entry block cannot be a destination");
    if (dest->nargs != to->params.n)
        fail(v, "%u arguments for block%u, which has %u parameters", dest->nargs, to->name,
             to->params.n);
    for (uint32_t k = 0; k < dest->nargs && value_exists(v, dest->args[k]); k++) {
        if (k >= to->params.n) continue;
        Type want = func_type(v->f, to->params.at[k]);
        if (unlikely(func_type(v->f, dest->args[k]) != want))
            not_of_type(v, "block argument", dest->args[k], want);
    }
}

/* A call in tail position gives its frame to the callee. */
static void check_tail_call(const Verifier *v, const Signature *sig)
{
    const Signature *own = &v->f->sig;
    if (sig->conv != CALLCONV_tail)
        fail(v, "convention %s has no tail calls", callconv_names[sig->conv]);
    if (sig->conv != own->conv) fail(v, "the conventions of caller and callee differ");
    bool equal = sig->returns.n == own->returns.n;
    for (uint32_t k = 0; equal && k < own->returns.n; k++)
        equal = sig->returns.at[k].type == own->returns.at[k].type;
    if (!equal) fail(v, "caller and callee return different types");
}

/* Where the callee returns to, and what handles an exception. */
static void check_try(const Verifier *v, const InstData *i, const Signature *sig)
{
    const ExceptionTable *t = func_table(v->f, i);
    uint32_t contexts = table_contexts(t), returned = sig->returns.n;
    const Value *context = inst_args_const(i) + i->nargs - contexts;
    for (uint32_t k = 0; k < contexts; k++) value_exists(v, context[k]);
    if (!signature_equal(&v->f->sigs.at[t->sig.i], sig))
        fail(v, "the signature is not that of the callee");
    if (!callconv_info[sig->conv].catches)
        fail(v, "convention %s has no exceptions", callconv_names[sig->conv]);
    for (uint32_t d = 0; d < i->ndests; d++)
        for (uint32_t k = 0; k < i->dests[d].nargs; k++) {
            uint32_t own = i->dests[d].args[k].i - i->result.i;
            if (own < i->nresults && (own < returned) != (d == 0))
                fail(v, d ? "a handler gets a value that the callee returns"
                          : "the way of the return gets an exception");
        }
}

/* The operands behind the fixed ones: of a call by its signature, of a return by the function's. */
static void check_rest(const Verifier *v, const InstData *i, const Shape *s, const Signature *sig)
{
    const Value *args = inst_args_const(i) + s->nvalues;
    uint32_t n = i->nargs - s->nvalues;
    if (s->tries) n -= table_contexts(func_table(v->f, i));
    if (!sig) {
        check_list(v, "returned value", args, n, v->f->sig.returns.at, v->f->sig.returns.n);
        return;
    }
    check_list(v, "argument", args, n, sig->params.at, sig->params.n);
    if (op_has(i->op, EFFECT_R)) check_tail_call(v, sig);
}

static inline void check_result(const Verifier *v, const InstData *i, uint32_t k,
                                const TypeMask *set)
{
    Value x = inst_result(i, k);
    if (unlikely(x.i >= v->f->values.n)) {
        fail(v, "result %u does not exist", k);
        return;
    }
    const ValueData *d = func_value(v->f, x);
    if (unlikely(d->kind != VALUE_RESULT || d->index != k ||
                 d->owner != (uint32_t)(i - v->f->insts.at)))
        fail(v, "result v%u belongs to something else", d->name);
    if (unlikely(!mask_has(set, (Type)d->type))) wrong_type(v, "result", x, set);
}

static inline void check_results(const Verifier *v, const InstData *i, const Shape *s)
{
    if (unlikely(i->nresults != s->nresults)) {
        fail(v, "%u results, %u are needed", i->nresults, s->nresults);
        return;
    }
    for (uint32_t k = 0; k < s->nresults; k++) check_result(v, i, k, &s->results[k][i->type]);
}

static void check_call_results(const Verifier *v, const InstData *i, const Signature *sig)
{
    uint32_t returned = sig->returns.n;
    uint32_t n = returned + (op_info[i->op].tries ? callconv_info[sig->conv].payload : 0);
    if (i->nresults != n) fail(v, "%u results, %u are needed", i->nresults, n);
    for (uint32_t k = 0; k < n && k < i->nresults; k++) {
        TypeMask set = just(k < returned ? (Type)sig->returns.at[k].type : TY_i64);
        check_result(v, i, k, &set);
    }
}

/* What has destinations, or more operands than a format can say. */
static void check_irregular(const Verifier *v, const InstData *i, const Shape *s)
{
    const Signature *sig = op_has(i->op, EFFECT_K) ? func_call_signature(v->f, i) : NULL;
    for (uint32_t d = 0; d < i->ndests; d++) check_dest(v, &i->dests[d]);
    if (s->tries) check_try(v, i, sig);
    if (s->rest) check_rest(v, i, s, sig);
    if (s->by_signature) check_call_results(v, i, sig);
    else check_results(v, i, s);
}

bool verify_inst(const Verifier *v, const InstData *i)
{
    if (unlikely(i->op >= OP_COUNT || i->type >= TYPE_COUNT)) {
        fail(v, "no instruction has number %u, or no type has number %u", i->op, i->type);
        return false;
    }
    const Shape *s = &shapes[i->op];
    uint32_t before = v->d->errors;
    if (!check_counts(v, i, s) || !check_operands(v, i, s)) return false;
    if (unlikely(s->tries) && !has_table(v, i)) return false;
    if (unlikely(!mask_has(&s->types, (Type)i->type)))
        fail(v, "%s is no type for it", type_name(i->type));
    for (const char *letter = s->others; *letter; letter++)
        letter_checks[(unsigned char)*letter](v, i);
    if (unlikely(v->d->errors != before)) return false;
    if (unlikely(s->irregular)) check_irregular(v, i, s);
    else check_results(v, i, s);
    return v->d->errors == before;
}
