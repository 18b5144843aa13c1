/* By fuel. The rewrites of a compilation are a sequence: those of the first pass, then those of the
 * second. A part from its beginning is what limits can ask for: all of some passes, a number of the
 * next, none of those behind it. What is right with n and wrong with n + 1 of them differs by one
 * rewrite, and halving finds such a place whatever lies between.
 *
 * A rewrite of IR may be wrong and do no harm before a later pass relies on what it says (an
 * address that is said to be aligned). So IR is looked at first, by the interpreter, which checks
 * what is said: no later pass has a part in that. */
#include "triage/bisect.h"

bool bisect_is_jit(const Bisect *b)
{
    return strncmp(b->subject, "jit", 3) == 0 && (!b->subject[3] || b->subject[3] == ':');
}

/* All of the passes before `pass`, `n` of it, none of those behind it. */
static void probe_part(Bisect *b, Pass pass, uint32_t n, Probe *out)
{
    Buf spec = {.arena = b->arena};
    buf_printf(&spec, "%s:fuel=0", b->subject);
    for (unsigned p = 0; p < PASS_COUNT; p++)
        if (p <= pass)
            buf_printf(&spec, ":fuel-%s=%u", pass_name((Pass)p), p < pass ? FUEL_ALL : n);
    bisect_probe(b, arena_strndup(b->arena, spec.at, spec.n), out);
}

static bool is_wrong(const Probe *p, bool by_ir)
{
    return by_ir ? p->ir == IR_wrong : p->result == PROBE_wrong;
}

/* `pass` is right with none of its rewrites, and wrong with `of`. */
static void halve(Bisect *b, Pass pass, uint32_t of, bool by_ir, BisectJit *out)
{
    uint32_t right = 0, wrong = of;
    Probe p;
    while (wrong - right > 1) {
        uint32_t middle = right + (wrong - right) / 2;
        probe_part(b, pass, middle, &p);
        if (is_wrong(&p, by_ir)) wrong = middle;
        else right = middle;
    }
    probe_part(b, pass, wrong, &p);
    *out = (BisectJit){FOUND_rewrite, pass, by_ir, wrong, of, p.fuel.last[pass]};
}

/* The first pass with whose rewrites the answer turns. */
static bool find_pass(Bisect *b, bool by_ir, BisectJit *out)
{
    for (unsigned k = PASS_legalise; k < PASS_COUNT; k++) {
        Probe p;
        probe_part(b, (Pass)k, FUEL_ALL, &p);
        if (!p.fuelled || !is_wrong(&p, by_ir)) continue;
        halve(b, (Pass)k, p.fuel.applied[k], by_ir, out);
        return true;
    }
    return false;
}

void bisect_jit(Bisect *b, BisectJit *out)
{
    Probe none, all;
    *out = (BisectJit){.found = FOUND_nothing, .pass = PASS_COUNT};
    probe_part(b, PASS_verify, 0, &none);
    probe_part(b, PASS_COUNT, 0, &all);
    if (none.result == PROBE_wrong) {
        out->found = FOUND_always;
        if (none.ir == IR_wrong) out->pass = PASS_legalise, out->by_ir = true;
        return;
    }
    if (none.result != PROBE_right || all.result != PROBE_wrong) return;
    bool by_ir = none.ir == IR_right && all.ir == IR_wrong;
    if (!find_pass(b, by_ir, out)) *out = (BisectJit){.found = FOUND_nothing, .pass = PASS_COUNT};
}
