#include "ir/write.h"

#include "triage/explain_local.h"

const char *located_what(LocatedWhat what)
{
    static const char *const words[] = {
        [LOCATED_nothing] = "nothing", [LOCATED_value] = "value",
        [LOCATED_store] = "store",     [LOCATED_way] = "way",
        [LOCATED_fault] = "fault",     [LOCATED_trap] = "trap",
        [LOCATED_inst] = "instruction", [LOCATED_function] = "function",
        [LOCATED_return] = "return",
    };
    return words[what];
}

const char *located_by(LocatedBy by)
{
    static const char *const words[] = {
        [BY_nothing] = "nothing", [BY_all] = "all",     [BY_one] = "one",       [BY_cut] = "cut",
        [BY_machine] = "machine", [BY_trace] = "trace", [BY_prefix] = "prefix",
    };
    return words[by];
}

const char *explain_func_name(const Case *c, uint32_t func, Arena *a)
{
    Buf out = {.arena = a};
    func_name_write(&out, c->module->funcs.at[func]->name);
    return out.at;
}

const char *explain_inst_text(const Case *c, uint32_t func, Inst inst, Arena *a)
{
    Buf out = {.arena = a};
    const Func *f = c->module->funcs.at[func];
    inst_write(&out, f, func_inst(f, inst), NULL);
    return out.at;
}

const char *explain_hex(Bits value, unsigned bytes, Arena *a)
{
    Buf out = {.arena = a};
    const uint8_t *at = (const uint8_t *)&value;
    for (unsigned k = bytes; k-- > 0;) buf_printf(&out, "%02x", at[k]);
    return out.at;
}

bool explain_differs(const Explanation *x, uint32_t site)
{
    const Located *l = x->located;
    const SiteSeen *s = &l->seen[site];
    return s->has_expected && s->has_odd &&
           !shadow_same(&l->sites->at[site], s->expected, s->odd);
}

Explanation *explain(Judge *j, const Case *c, const Verdict *v, Arena *a)
{
    Explanation *x = arena_new(a, Explanation);
    const char *reason;
    x->judge = j;
    x->c = c;
    x->v = v;
    x->located = locate(j, c, v, a);
    x->code_inst = INST_none;
    explain_steps(x, a);
    if (judge_place(j, c, &c->runs.at[0], &reason)) explain_code(x, a);
    return x;
}
