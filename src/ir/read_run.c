/* run, print and traps: a call, and what it must give. */
#include "ir/read_directive.h"

static bool read_data_value(Reader *r, Type type, DataValue *v)
{
    v->type = type;
    if (r->token.kind == TOKEN_heap)
        return read_fail(r, &r->token, "an address is written <heap%u>", r->token.number);
    if (r->token.kind != '<') return read_bits(r, type, v->bits.u8);
    if (type != TY_i64)
        return read_fail(r, &r->token, "an address is an i64, this value is %s", type_name(type));
    uint32_t heap;
    if (!read_heap_place(r, &heap, &v->offset)) return false;
    v->heap = heap + 1;
    return true;
}

/* A value for each of `params`, comma-separated. */
static bool read_data_values(Reader *r, const AbiParam *const *params, uint32_t n, DataValue *out)
{
    for (uint32_t k = 0; k < n; k++) {
        if (k && !read_kind(r, ',', "`,` and another value")) return false;
        if (type_bytes(params[k]->type) > sizeof out[k].bits)
            return read_unsupported(r, &r->token, "arguments and results above 128 bits are");
        if (!read_data_value(r, params[k]->type, &out[k])) return false;
    }
    return true;
}

/* The parameters that a run passes: all but an implicit vmctx. */
static uint32_t passed_params(Reader *r, const AbiParam **out)
{
    const Signature *sig = &r->f->sig;
    uint32_t n = 0;
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (!r->has_vmctx_heap || sig->params.at[k].purpose != PURPOSE_vmctx)
            out[n++] = &sig->params.at[k];
    return n;
}

/* %f(1, <heap0>) */
static bool read_invocation(Reader *r, Run *run)
{
    const AbiParam *params[LIMIT_params];
    uint32_t n = passed_params(r, params);
    if (!read_called_name(r) || !read_kind(r, '(', "`(` and arguments")) return false;
    run->args.n = run->args.cap = n;
    run->args.at = arena_array(r->arena, DataValue, n);
    return read_data_values(r, params, n, run->args.at) &&
           read_kind(r, ')', "`)` behind the last argument");
}

/* What the function returns: one value, or a list in brackets. */
static bool read_returned(Reader *r, Run *run)
{
    const AbiParam *params[LIMIT_results];
    const Signature *sig = &r->f->sig;
    uint32_t n = sig->returns.n;
    for (uint32_t k = 0; k < n; k++) params[k] = &sig->returns.at[k];
    run->results.n = run->results.cap = n;
    run->results.at = arena_array(r->arena, DataValue, n);
    if (n != 1 && !read_kind(r, '[', "`[` and the results")) return false;
    if (n == 1 && r->token.kind == '[' && !type_is_vector((Type)params[0]->type))
        return read_fail(r, &r->token, "one result stands without brackets");
    if (!read_data_values(r, params, n, run->results.at)) return false;
    return n == 1 || read_kind(r, ']', "`]` behind the last result");
}

static bool expect_true(Reader *r, Run *run)
{
    const Signature *sig = &r->f->sig;
    run->expect = EXPECT_TRUE;
    if (r->token.kind != TOKEN_end) return read_expected(r, "`==` or `!=`");
    if (sig->returns.n == 1 && type_is_int(sig->returns.at[0].type)) return true;
    return read_expected(r, "`==` or `!=` (without them, one integer must be returned)");
}

static bool read_expectation(Reader *r, Run *run)
{
    if (r->token.kind == '=') {
        read_next(r);
        run->expect = EXPECT_EQUAL;
    } else if (r->token.kind == '!') {
        read_next(r);
        run->expect = EXPECT_NOT_EQUAL;
    } else {
        return expect_true(r, run);
    }
    return read_kind(r, '=', "`==` or `!=`") && read_returned(r, run);
}

static bool add_run(Reader *r, const Run *run)
{
    if (!read_limit(r, LIMIT_ID_runs, r->c->runs.n + 1)) return false;
    *vec_push(r->arena, &r->c->runs) = *run;
    r->last_run = r->c->runs.n;
    return true;
}

static bool refuse_params(Reader *r)
{
    if (r->f->sig.params.n == 0) return true;
    return read_expected(r, "`:` and a call, because the function has parameters");
}

static Run run_of(Reader *r, RunKind kind, const Directive *d)
{
    return (Run){.kind = kind, .func = r->func, .line = d->line};
}

bool read_run(Reader *r, const Directive *d)
{
    Run run = run_of(r, RUN_RUN, d);
    bool ok = d->rest.at ? read_invocation(r, &run) && read_expectation(r, &run)
                         : refuse_params(r) && expect_true(r, &run);
    return ok && add_run(r, &run);
}

bool read_print(Reader *r, const Directive *d)
{
    Run run = run_of(r, RUN_PRINT, d);
    return (d->rest.at ? read_invocation(r, &run) : refuse_params(r)) && add_run(r, &run);
}

bool read_traps(Reader *r, const Directive *d)
{
    Run run = run_of(r, RUN_TRAPS, d);
    if (!read_invocation(r, &run)) return false;
    if (r->token.kind == TOKEN_word) run.trap = dialect_trap_code(r->token.text);
    if (run.trap == TRAP_none) return read_expected(r, "a trap code, as int_divz");
    read_next(r);
    return add_run(r, &run);
}
