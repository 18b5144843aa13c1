/* Order, predecessors, dominators and loops of random graphs, against what the words mean. */
#include "base/rng.h"
#include "ir/build.h"
#include "ir/dom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { MOST = 12, GRAPHS = 4000 };

/* Edges of a function whose block k ends with a table of the blocks in `to[k]`. */
typedef struct {
    uint32_t n;
    bool edge[MOST][MOST];
} Graph;

static Graph random_graph(Rng *r)
{
    Graph g = {.n = 1 + (uint32_t)rng_below(r, MOST)};
    uint32_t edges = (uint32_t)rng_below(r, 2 * g.n + 1);
    for (uint32_t k = 0; k < edges && g.n > 1; k++)
        g.edge[rng_below(r, g.n)][1 + rng_below(r, g.n - 1)] = true; /* never the entry */
    return g;
}

static Func *build_graph(Arena *a, const Graph *g)
{
    Signature sig = {0};
    vec_push(a, &sig.params)->type = TY_i32;
    Func *f = func_create(module_create(a), funcname_text("f"), &sig);
    build_entry(f);
    for (uint32_t k = 1; k < g->n; k++) build_block(f);
    for (uint32_t k = 0; k < g->n; k++) {
        Builder b = builder_at(f, (Block){k});
        BlockCall to[MOST];
        uint32_t n = 0;
        for (uint32_t t = 0; t < g->n; t++)
            if (g->edge[k][t]) to[n++] = build_dest(f, (Block){t}, NULL, 0);
        if (n) build_br_table(&b, (Value){0}, to, n);
        else build_return(&b, NULL, 0);
    }
    return f;
}

/* Which blocks can be reached from `from` without passing `without`. */
static void reach(const Graph *g, uint32_t from, uint32_t without, bool *seen)
{
    if (from == without || seen[from]) return;
    seen[from] = true;
    for (uint32_t t = 0; t < g->n; t++)
        if (g->edge[from][t]) reach(g, t, without, seen);
}

static bool is_reachable(const Graph *g, uint32_t from, uint32_t to, uint32_t without)
{
    bool seen[MOST] = {0};
    reach(g, from, without, seen);
    return seen[to];
}

static bool dominates(const Graph *g, uint32_t a, uint32_t b)
{
    return is_reachable(g, 0, a, NO_INDEX) && is_reachable(g, 0, b, NO_INDEX) &&
           !is_reachable(g, 0, b, a);
}

/* ---- checks ------------------------------------------------------------------------------- */

static void check_order(const Graph *g, const Cfg *c)
{
    uint32_t reachable = 0;
    assert_int_equal(c->order[0].i, 0);
    for (uint32_t b = 0; b < g->n; b++) {
        bool is = is_reachable(g, 0, b, NO_INDEX);
        assert_int_equal(cfg_is_reachable(c, (Block){b}), is);
        if (is) assert_int_equal(c->order[c->number[b]].i, b);
        reachable += is;
    }
    assert_int_equal(c->norder, reachable);
}

static void check_preds(const Graph *g, const Func *f, const Cfg *c)
{
    for (uint32_t b = 0; b < g->n; b++) {
        uint32_t want = 0;
        for (uint32_t from = 0; from < g->n; from++)
            want += g->edge[from][b] && cfg_is_reachable(c, (Block){from});
        assert_int_equal(cfg_pred_count(c, (Block){b}), want);
        for (const Edge *e = cfg_preds(c, (Block){b}); e < cfg_preds_end(c, (Block){b}); e++)
            assert_int_equal(func_terminator(f, e->from)->dests[e->dest].block.i, b);
    }
}

static void check_dominators(const Graph *g, const Dom *d)
{
    for (uint32_t a = 0; a < g->n; a++)
        for (uint32_t b = 0; b < g->n; b++)
            assert_int_equal(dom_dominates(d, (Block){a}, (Block){b}), dominates(g, a, b));
    for (uint32_t b = 0; b < g->n; b++) {
        Block idom = d->idom[b];
        if (idom.i == NO_INDEX) continue;
        assert_true(idom.i != b && dominates(g, idom.i, b));
        for (uint32_t a = 0; a < g->n; a++)
            if (a != b && dominates(g, a, b)) assert_true(dominates(g, a, idom.i));
    }
}

/* In a loop that is entered at its header alone: the blocks that reach a back edge without passing
 * the header. */
static bool in_natural_loop(const Graph *g, uint32_t header, uint32_t b)
{
    if (!dominates(g, header, b)) return false;
    for (uint32_t from = 0; from < g->n; from++) {
        if (!g->edge[from][header] || !dominates(g, header, from)) continue;
        if (b == header || is_reachable(g, b, from, header)) return true;
    }
    return false;
}

static void check_natural_loops(const Graph *g, const Cfg *c)
{
    for (uint32_t b = 0; b < g->n; b++) {
        if (!cfg_is_reachable(c, (Block){b})) continue;
        uint32_t depth = 0, innermost = NO_INDEX;
        for (uint32_t h = 0; h < g->n; h++) {
            if (!in_natural_loop(g, h, b)) continue;
            depth++;
            if (innermost == NO_INDEX || dominates(g, innermost, h)) innermost = h;
        }
        assert_int_equal(c->depth[b], depth);
        assert_int_equal(c->loop[b].i, innermost);
        if (innermost == b && depth > 1) assert_true(in_natural_loop(g, c->outer[b].i, b));
    }
}

/* Every cycle has a header: without headers no block reaches itself. */
static void check_cycles(const Graph *g, const Cfg *c)
{
    Graph rest = *g;
    for (uint32_t b = 0; b < g->n; b++)
        for (uint32_t from = 0; from < g->n && cfg_is_loop_header(c, (Block){b}); from++)
            rest.edge[from][b] = false;
    for (uint32_t b = 0; b < g->n; b++) {
        if (!cfg_is_reachable(c, (Block){b})) continue;
        for (uint32_t t = 0; t < g->n; t++)
            if (rest.edge[b][t]) assert_false(is_reachable(&rest, t, b, NO_INDEX));
        bool cyclic = false;
        for (uint32_t t = 0; t < g->n; t++)
            cyclic |= g->edge[b][t] && is_reachable(g, t, b, NO_INDEX);
        if (c->depth[b]) assert_true(cyclic);
        if (cyclic) assert_true(c->depth[b] > 0);
    }
}

/* Reducible: without the edges to what dominates their source nothing is cyclic. */
static bool is_reducible(const Graph *g)
{
    Graph rest = *g;
    for (uint32_t a = 0; a < g->n; a++)
        for (uint32_t b = 0; b < g->n; b++)
            if (g->edge[a][b] && dominates(g, b, a)) rest.edge[a][b] = false;
    for (uint32_t a = 0; a < g->n; a++)
        for (uint32_t b = 0; b < g->n; b++)
            if (rest.edge[a][b] && is_reachable(g, 0, a, NO_INDEX) &&
                is_reachable(&rest, b, a, NO_INDEX))
                return false;
    return true;
}

static void random_graphs(void **state)
{
    (void)state;
    Rng r = rng_seeded(11);
    Arena *a = arena_create();
    unsigned irreducible = 0;
    for (unsigned k = 0; k < GRAPHS; k++) {
        Graph g = random_graph(&r);
        Func *f = build_graph(a, &g);
        Cfg *c = cfg_compute(f, a);
        check_order(&g, c);
        check_preds(&g, f, c);
        check_dominators(&g, dom_compute(f, c, a));
        check_cycles(&g, c);
        assert_int_equal(c->irreducible, !is_reducible(&g));
        if (!c->irreducible) check_natural_loops(&g, c);
        irreducible += c->irreducible;
        arena_reset(a);
    }
    assert_true(irreducible > GRAPHS / 20 && irreducible < GRAPHS / 2);
    arena_destroy(a);
}

/* The order resembles the text where it may. */
static void follows_the_text(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Graph g = {.n = 6};
    g.edge[0][1] = g.edge[1][2] = g.edge[1][3] = g.edge[2][4] = g.edge[3][4] = true;
    g.edge[4][1] = g.edge[4][5] = true;
    Cfg *c = cfg_compute(build_graph(a, &g), a);
    for (uint32_t k = 0; k < g.n; k++) assert_int_equal(c->order[k].i, k);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_graphs),
        cmocka_unit_test(follows_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
