#include "cli/gen_census.h"

#include "cli/cli.h"
#include "triage/census.h"

#include <jansson.h>
#include <stdio.h>

typedef struct {
    const Census *census;
    const CensusCells *cells;
    uint64_t cases, demand;
    uint32_t legal, empty, few; /* cells, those of them without any, those with too few */
} Result;

static bool is_short(const Result *r, const CensusCell *cell)
{
    return cell->legal && census_count(r->census, cell) < r->demand;
}

static void sum_up(Result *r)
{
    for (uint32_t k = 0; k < r->cells->n; k++) {
        const CensusCell *cell = &r->cells->at[k];
        r->legal += cell->legal;
        r->empty += cell->legal && !census_count(r->census, cell);
        r->few += is_short(r, cell);
        if (!cell->legal && census_count(r->census, cell)) {
            Buf name = {.arena = arena_create()};
            census_name(&name, cell);
            bug("cases have %s %s, which is not legal", name.at, census_detail(cell));
        }
    }
}

static void write_cells(Buf *out, const Result *r, bool jit)
{
    for (uint32_t k = 0; k < r->cells->n; k++) {
        const CensusCell *cell = &r->cells->at[k];
        Buf name = {.arena = out->arena};
        if (!is_short(r, cell) || cell->jit != jit) continue;
        census_name(&name, cell);
        buf_printf(out, "%-54s %-9s %6llu%s\n", name.at, census_detail(cell),
                   (unsigned long long)census_count(r->census, cell), jit ? "" : "  interp only");
    }
}

static void put_text(const Result *r, Arena *a)
{
    Buf out = {.arena = a};
    write_cells(&out, r, true);
    write_cells(&out, r, false);
    buf_printf(&out, "cells %u, empty %u\n", r->legal, r->empty);
    cli_put(buf_str(&out));
}

/* An object a line. */
static void put_line(json_t *o)
{
    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(o);
}

static json_t *cell_object(const Result *r, const CensusCell *cell, Arena *a)
{
    Buf name = {.arena = a};
    census_name(&name, cell);
    return json_pack("{s:s, s:s, s:s, s:I, s:b, s:b}", "kind", census_kinds[cell->kind], "name",
                     name.at, "detail", census_detail(cell), "count",
                     (json_int_t)census_count(r->census, cell), "short", is_short(r, cell),
                     "interp_only", !cell->jit);
}

static void put_json(const Result *r, Arena *a)
{
    for (uint32_t k = 0; k < r->cells->n; k++)
        if (r->cells->at[k].legal) put_line(cell_object(r, &r->cells->at[k], a));
    put_line(json_pack("{s:I, s:I, s:i, s:i, s:i}", "cases", (json_int_t)r->cases, "demand",
                       (json_int_t)r->demand, "cells", (int)r->legal, "empty", (int)r->empty,
                       "short_cells", (int)r->few));
}

int gen_census_command(uint64_t n, const GenOptions *g, bool json)
{
    Arena *a = arena_create();
    Census *census = census_create(a);
    Result r = {.census = census, .cells = census_cells(a), .cases = n,
                .demand = census_demand(n)};
    census_seeds(census, n, g);
    sum_up(&r);
    if (json) put_json(&r, a);
    else put_text(&r, a);
    bool holds = census_holds(census, r.cells, n);
    arena_destroy(a);
    return holds ? EXIT_AGREE : EXIT_FINDING;
}
