#include "ir/write.h"

#include "triage/explain_local.h"

static json_t *text_or_null(const char *text) { return text ? json_string(text) : json_null(); }

static json_t *hex_or_null(const Explanation *x, bool known, Bits v, Arena *a)
{
    const Located *l = x->located;
    if (!known) return json_null();
    unsigned bytes = type_bytes((Type)l->sites->at[l->site].type);
    return json_string(arena_printf(a, "0x%s", explain_hex(v, bytes, a)));
}

static const char *site_text(const Explanation *x, uint32_t site, Arena *a)
{
    const ShadowSite *s = &x->located->sites->at[site];
    const Func *f = x->c->module->funcs.at[s->func];
    return arena_printf(a, "%s %sv%u", explain_func_name(x->c, s->func, a),
                        s->store ? "store " : "", func_value(f, s->value)->name);
}

static void add_place(const Explanation *x, json_t *o, Arena *a)
{
    const Located *l = x->located;
    const Func *f = x->c->module->funcs.at[l->func];
    bool named = l->what != LOCATED_nothing, inst = named && l->inst.i != NO_INDEX;
    json_object_set_new(o, "function", named ? json_string(explain_func_name(x->c, l->func, a))
                                             : json_null());
    json_object_set_new(o, "block", named && l->block.i != NO_INDEX
                                        ? json_integer(func_block(f, l->block)->name)
                                        : json_null());
    json_object_set_new(
        o, "instruction",
        inst ? json_string(explain_inst_text(x->c, l->func, l->inst, a)) : json_null());
    json_object_set_new(o, "value", l->site != NO_INDEX
                                        ? json_string(arena_printf(
                                              a, "v%u", func_value(f, l->value)->name))
                                        : json_null());
    json_object_set_new(o, "execution", json_integer(l->visit));
    json_object_set_new(o, "executions", json_integer(l->visits));
}

static void add_values(const Explanation *x, json_t *o, Arena *a)
{
    const Located *l = x->located;
    SiteSeen none = {0};
    const SiteSeen *s = l->site == NO_INDEX ? &none : &l->seen[l->site];
    json_object_set_new(o, "expected", hex_or_null(x, s->has_expected, s->expected, a));
    json_object_set_new(o, "actual", hex_or_null(x, s->has_odd, s->odd, a));
    json_object_set_new(o, "late", json_boolean(l->late));
    json_object_set_new(o, "written_by", l->writer == NO_INDEX
                                             ? json_null()
                                             : json_string(site_text(x, l->writer, a)));
}

static void add_method(const Explanation *x, json_t *o, Arena *a)
{
    const Located *l = x->located;
    json_t *list = json_array();
    for (uint32_t k = 0; k < l->vanishing.n; k++)
        json_array_append_new(list, json_string(site_text(x, l->vanishing.at[k], a)));
    json_object_set_new(o, "watched", json_integer(l->watched));
    json_object_set_new(o, "tried", json_integer(l->tried));
    json_object_set_new(o, "gone_when_all_watched", json_boolean(l->vanishes));
    json_object_set_new(o, "gone_when_watched", list);
}

static json_t *describe_steps(const Explanation *x)
{
    json_t *list = json_array();
    for (uint32_t k = 0; k < x->steps.n; k++)
        json_array_append_new(list, json_pack("{s:i, s:s}", "depth", (int)x->steps.at[k].depth,
                                              "text", x->steps.at[k].text));
    return list;
}

static json_t *describe_code(const Explanation *x)
{
    json_t *list = json_array();
    for (uint32_t k = 0; k < x->code->n; k++)
        json_array_append_new(list, json_pack("{s:i, s:s}", "offset", (int)x->code->at[k].offset,
                                              "text", x->code->at[k].text));
    return list;
}

static json_t *describe_registers(const Explanation *x, Arena *a)
{
    json_t *o = json_object();
    if (!x->has_registers) return json_decref(o), json_null();
    for (unsigned k = 0; k < 16; k++)
        json_object_set_new(o, explain_register(k),
                            json_string(explain_hex(bits_of(x->registers.general[k]), 8, a)));
    for (unsigned k = 0; k < 16; k++) {
        Bits v;
        memcpy(&v, x->registers.vector[k], sizeof v);
        json_object_set_new(o, arena_printf(a, "xmm%u", k), json_string(explain_hex(v, 16, a)));
    }
    return o;
}

json_t *explain_json(const Explanation *x)
{
    Arena *a = arena_create();
    const Located *l = x->located;
    json_t *o = json_pack("{s:s, s:s}", "what", located_what(l->what), "by", located_by(l->by));
    json_object_set_new(o, "odd", text_or_null(l->odd ? l->odd->name : NULL));
    json_object_set_new(o, "compared_with", text_or_null(l->expected ? l->expected->name : NULL));
    add_place(x, o, a);
    add_values(x, o, a);
    add_method(x, o, a);
    json_object_set_new(o, "steps", describe_steps(x));
    json_object_set_new(o, "code", describe_code(x));
    json_object_set_new(o, "registers", describe_registers(x, a));
    json_object_set_new(o, "registers_at", x->has_registers
                                               ? json_integer((json_int_t)x->registers_at)
                                               : json_null());
    arena_destroy(a);
    return o;
}
