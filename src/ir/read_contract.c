/* address: a parameter's contract, and how two parameters are related. */
#include "ir/read_directive.h"

static bool read_range(Reader *r, ByteRange *out)
{
    int64_t most = LIMIT_address_range;
    Token at = r->token;
    if (!read_i64(r, -most, most, "an offset", &out->lo)) return false;
    if (!read_kind(r, '.', "`..`") || !read_kind(r, '.', "`..`")) return false;
    if (!read_i64(r, -most, most, "an offset", &out->hi)) return false;
    return out->lo <= out->hi || read_fail(r, &at, "the range ends before it begins");
}

/* A contract while its attributes are read. */
typedef struct {
    Contract *c;
    unsigned depth;
    bool has_range, has_init, all;
} Terms;

static bool term_range(Reader *r, void *into)
{
    Terms *t = into;
    t->has_range = true;
    return read_range(r, &t->c->range);
}

static bool term_align(Reader *r, void *into)
{
    uint32_t align;
    if (!read_align(r, &align)) return false;
    ((Terms *)into)->c->align = (uint16_t)align;
    return true;
}

static bool term_skew(Reader *r, void *into)
{
    int64_t skew;
    if (!read_i64(r, 0, LIMIT_alignment - 1, "a skew", &skew)) return false;
    ((Terms *)into)->c->skew = (uint16_t)skew;
    return true;
}

static bool term_region(Reader *r, void *into)
{
    return read_region(r, &((Terms *)into)->c->region);
}

static bool term_readonly(Reader *r, void *into)
{
    (void)r;
    return ((Terms *)into)->c->readonly = true;
}

static bool term_nowrite(Reader *r, void *into)
{
    (void)r;
    return ((Terms *)into)->c->nowrite = true;
}

static bool term_fault(Reader *r, void *into)
{
    (void)r;
    return ((Terms *)into)->c->fault = true;
}

static bool read_init_range(Reader *r, Contract *c)
{
    if (!read_limit(r, LIMIT_ID_cells, c->init.n + 1)) return false;
    return read_range(r, vec_push(r->arena, &c->init));
}

/* all, none, 0..8 or [0..8 16..24] */
static bool term_init(Reader *r, void *into)
{
    Terms *t = into;
    t->has_init = true;
    if (read_optional_word(r, "all")) return t->all = true;
    if (read_optional_word(r, "none")) return true;
    if (r->token.kind == TOKEN_word)
        return read_expected(r, "`all`, `none`, a range as 0..8, or [0..8 16..24]");
    if (!read_optional(r, '[')) return read_init_range(r, t->c);
    while (r->token.kind != ']')
        if (!read_init_range(r, t->c)) return false;
    read_next(r);
    return true;
}

static bool read_contract(Reader *r, Contract *c, unsigned depth);

/* cell 8 = (range=0..16, align=8) */
static bool term_cell(Reader *r, void *into)
{
    Terms *t = into;
    int64_t most = LIMIT_address_range;
    Cell cell = {0};
    if (!read_limit(r, LIMIT_ID_cells, t->c->cells.n + 1)) return false;
    if (!read_limit(r, LIMIT_ID_contract_depth, t->depth + 1)) return false;
    if (!read_i64(r, -most, most, "an offset", &cell.offset)) return false;
    if (!read_kind(r, '=', "`=`")) return false;
    if (!read_kind(r, '(', "`(` and the contract of what it points to")) return false;
    if (!read_contract(r, &cell.target, t->depth + 1)) return false;
    *vec_push(r->arena, &t->c->cells) = cell;
    return read_kind(r, ')', "`)`");
}

static const Attribute terms[] = {
    {"range", true, term_range},         {"align", true, term_align},
    {"skew", true, term_skew},           {"region", true, term_region},
    {"readonly", false, term_readonly},  {"nowrite", false, term_nowrite},
    {"fault", false, term_fault},        {"init", true, term_init},
    {"cell", false, term_cell},
};

static bool read_contract(Reader *r, Contract *c, unsigned depth)
{
    Terms t = {.c = c, .depth = depth};
    c->is_address = true;
    c->align = 1;
    if (!read_attributes(r, terms, countof(terms), &t)) return false;
    if (!t.has_range) return read_expected(r, "`range=`");
    if (c->skew >= c->align) return read_fail(r, &r->token, "the skew must be below the alignment");
    if (t.has_init && !t.all) return true;
    if (c->range.lo < c->range.hi) *vec_push(r->arena, &c->init) = c->range;
    return true;
}

static bool read_param_index(Reader *r, uint32_t *out)
{
    int64_t index;
    const Signature *sig = &r->f->sig;
    Token at = r->token;
    if (!read_i64(r, 0, LIMIT_params, "a parameter's number", &index)) return false;
    if (index >= sig->params.n)
        return read_fail(r, &at, "the function has %u parameters, counted from 0", sig->params.n);
    if (sig->params.at[index].type != TY_i64)
        return read_fail(r, &at, "this parameter is no address: it is not an i64");
    *out = (uint32_t)index;
    return true;
}

static bool read_relation(Reader *r, uint32_t first)
{
    static const char *const relations[] = {
        [RELATION_any] = "any", [RELATION_disjoint] = "disjoint", [RELATION_same] = "same"};
    uint32_t second;
    uint8_t relation;
    Token at = r->token;
    if (!read_param_index(r, &second)) return false;
    if (first == second) return read_fail(r, &at, "two parameters are needed");
    if (!read_choice(r, relations, countof(relations), "any, disjoint or same", &relation))
        return false;
    func_set_relation(r->f, first, second, (Relation)relation);
    return true;
}

bool read_address(Reader *r, const Directive *d)
{
    (void)d;
    uint32_t index;
    if (!read_called_name(r)) return false;
    Token at = r->token;
    if (!read_param_index(r, &index)) return false;
    func_add_contracts(r->f);
    if (read_optional(r, ',')) return read_relation(r, index);
    Contract *c = &r->f->contracts[index];
    if (c->is_address)
        return read_fail(r, &at, "parameter %u has a contract already", index);
    return read_contract(r, c, 0);
}
