#include "interp/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static Evaluator *const evaluators[OP_COUNT] = {
#define OP(name, format, types, rule, effects, meaning) [OP_##name] = eval_##name,
#include "ir/ops.def"
};

Interp *interp_create(void)
{
    Arena *a = arena_create();
    Interp *in = arena_new(a, Interp);
    in->arena = a;
    memory_init(&in->memory);
    in->value_pages = pages_reserve(VALUE_BYTES);
    pages_open(&in->value_pages);
    in->scratch = (Bits *)(in->value_pages.at + VALUE_BYTES) - SCRATCH_VALUES;
    return in;
}

void interp_destroy(Interp *in)
{
    if (!in) return;
    memory_release(&in->memory);
    pages_release(&in->value_pages);
    arena_destroy(in->arena);
}

/* Ends of a run. */

bool stop_trap(Interp *in, TrapCode code)
{
    in->result->status = INTERP_trapped;
    in->result->trap = code;
    return false;
}

/* `%f, line 12, v7 = iadd.i32`; returns its length. */
static size_t describe_inst(const Interp *in, char *out, size_t size)
{
    const Func *f = in->f;
    const InstData *i = func_inst(f, in->inst);
    size_t n = f->name.text.n
                   ? (size_t)snprintf(out, size, "%%%.*s", (int)min_u64(f->name.text.n, 80),
                                      f->name.text.at)
                   : (size_t)snprintf(out, size, "u%u:%u", f->name.space, f->name.index);
    if (i->line) n += (size_t)snprintf(out + n, size - n, ", line %u", i->line);
    n += (size_t)snprintf(out + n, size - n, ", ");
    if (i->nresults)
        n += (size_t)snprintf(out + n, size - n, "v%u = ", func_value(f, i->result)->name);
    n += (size_t)snprintf(out + n, size - n, "%s", op_name(i->op));
    if (i->type) n += (size_t)snprintf(out + n, size - n, ".%s", type_name(i->type));
    return n;
}

static const char *describe_current(void *data)
{
    Interp *in = data;
    in->reason[0] = 0;
    if (in->f && in->inst.i != NO_INDEX) describe_inst(in, in->reason, sizeof in->reason);
    return in->reason;
}

/* Ends the run with a sentence: where, and why. */
static void stop_because(Interp *in, InterpStatus status, const char *format, va_list args)
{
    size_t n = 0;
    if (in->f) {
        n = describe_inst(in, in->reason, sizeof in->reason);
        n += (size_t)snprintf(in->reason + n, sizeof in->reason - n, ": ");
    }
    vsnprintf(in->reason + n, sizeof in->reason - n, format, args);
    in->result->status = status;
    in->result->reason = in->reason;
}

bool stop_invalid(Interp *in, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    stop_because(in, INTERP_invalid, format, args);
    va_end(args);
    return false;
}

bool stop_refused(Interp *in, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    stop_because(in, INTERP_refused, format, args);
    va_end(args);
    return false;
}

/* The loop, without and with a hook. */

static void run_plain(Interp *in)
{
    uint64_t fuel = in->options->fuel;
    const InstData *i;
    do {
        if (unlikely(in->steps == fuel)) {
            in->result->status = INTERP_out_of_fuel;
            return;
        }
        in->steps++;
        in->inst = *in->next++;
        i = func_inst(in->f, in->inst);
    } while (likely(evaluators[i->op](in, i)));
}

void trace_event(Interp *in, TraceKind kind, Block block)
{
    const InterpOptions *o = in->options;
    TraceEvent event = {
        .kind = kind,
        .func = in->func,
        .depth = in->activations.n - 1,
        .block = block,
        .inst = in->inst,
        .values = in->values,
        .address = in->access_address,
        .bytes = in->access_bytes,
    };
    o->trace(o->trace_data, &event);
    in->access_bytes = 0;
}

static void run_traced(Interp *in)
{
    bool on = true;
    while (on && in->steps < in->options->fuel) {
        in->steps++;
        in->inst = *in->next++;
        in->access_bytes = 0;
        const InstData *i = func_inst(in->f, in->inst);
        on = evaluators[i->op](in, i);
        if (on && !op_has(i->op, EFFECT_T | EFFECT_K)) trace_event(in, TRACE_inst, BLOCK_none);
    }
    if (on) in->result->status = INTERP_out_of_fuel;
}

static bool begin(Interp *in, const Module *m, uint32_t func, const Bits *args, uint32_t nargs,
                  const InterpHeap *heaps, uint32_t nheaps)
{
    in->f = NULL;
    in->values = NULL;
    in->next = NULL;
    in->inst = INST_none;
    in->func = func;
    in->steps = in->calls = 0;
    in->module = m;
    in->activations.n = 0;
    in->pinned = 0;
    in->access_bytes = 0;
    if (!memory_begin(&in->memory, heaps, nheaps, in->options))
        return stop_refused(in, "heaps larger than %u bytes together", HEAP_SHADOW_BYTES);
    return activation_begin(in, func, args, NULL, nargs);
}

void interp_run(Interp *in, const Module *m, uint32_t func, const Bits *args, uint32_t nargs,
                const InterpHeap *heaps, uint32_t nheaps, const InterpOptions *o,
                InterpResult *out)
{
    *out = (InterpResult){.inst = INST_none};
    in->options = o;
    in->result = out;
    CheckContext outer = check_context;
    check_context = (CheckContext){"interpret", describe_current, in};
    if (begin(in, m, func, args, nargs, heaps, nheaps)) {
        if (o->trace) run_traced(in);
        else run_plain(in);
    }
    check_context = outer;
    out->steps = in->steps;
    out->calls = in->calls;
    out->written = o->discipline ? memory_count_written(&in->memory) : 0;
    out->func = in->func;
    out->inst = in->inst;
}
