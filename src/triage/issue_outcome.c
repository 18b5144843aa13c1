/* What came of it: expected and actual, and who voted how. */
#include "triage/issue_local.h"

#include "triage/picture.h"

/* In a row of a table: no bar ends a cell early, no line the row. */
static void put_cell(Buf *out, const char *text)
{
    for (; *text; text++)
        if (*text == '|') buf_text(out, "\\|");
        else buf_char(out, *text == '\n' ? ' ' : *text);
    buf_text(out, " |");
}

static void write_outcome(Buf *out, const Case *c, const Run *run, const Ballot *b)
{
    char trap[12];
    const Outcome *o = &b->outcome;
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    buf_text(out, outcome_name(o->kind));
    if (o->kind == OUTCOME_trapped) buf_printf(out, " %s", trap_name(o->trap, trap));
    for (uint32_t k = 0; o->kind == OUTCOME_returned && k < o->nresults; k++) {
        DataValue v = {.type = (Type)sig->returns.at[k].type, .bits = o->results[k]};
        buf_text(out, k ? ", " : " ");
        data_value_write(out, c, &v);
    }
    if (b->detail[0]) buf_printf(out, ": %s", issue_clean(out->arena, b->detail));
}

static const char *outcome_text(Arena *a, const Issue *i, const Ballot *b)
{
    Buf text = {.arena = a};
    write_outcome(&text, i->c, &i->c->runs.at[i->verdict->run], b);
    return text.at;
}

/* Where a compiler failed nobody has voted: who compiles it, and what it comes to there. */
static const char *outcome_now(Arena *a, const Issue *i, const Config *config)
{
    Ballot b = {0};
    const char *why = "";
    const Run *run = &i->c->runs.at[i->verdict->run];
    if (!judge_compile(i->judge, config, i->c, &why)) {
        static const char *const words[] = {
            [COMPILE_done] = "",
            [COMPILE_refused] = "refused",
            [COMPILE_failed] = "the compiler failed",
            [COMPILE_died] = "the compiler died",
            [COMPILE_stuck] = "the compiler did not end",
        };
        return arena_printf(a, "%s: %s", words[judge_compiled(i->judge, config)],
                            issue_clean(a, why));
    }
    if (!judge_place(i->judge, i->c, run, &why)) return issue_clean(a, why);
    judge_run(i->judge, config, i->c, run, &b.outcome);
    return outcome_text(a, i, &b);
}

static const char *what_came(Arena *a, const Issue *i, uint32_t k)
{
    const Verdict *v = i->verdict;
    if (k == NO_INDEX) return "that it is compiled, or refused with a reason";
    return v->nballots ? outcome_text(a, i, &v->ballots[k]) : outcome_now(a, i, issue_config(i, k));
}

static void write_byte_row(Buf *out, const Issue *i)
{
    const Verdict *v = i->verdict;
    uint32_t n;
    if (v->kind != VERDICT_memory && v->kind != VERDICT_stray) return;
    const PlacedHeap *heaps = image_heaps(judge_image(i->judge), &n);
    if (!v->other || v->where.heap >= n) return;
    buf_printf(out, "| first other byte, %s`<heap%u>` at offset %lld | `%02x` | `%02x` |\n",
               v->where.outside ? "beside " : "", heaps[v->where.heap].heap->name,
               (long long)v->where.offset, v->where.expected, v->where.actual);
}

static void write_difference(Buf *out, const Issue *i)
{
    Arena *a = out->arena;
    IssueSides s = issue_sides(i);
    Buf picture = {.arena = a};
    const Config *expected = issue_config(i, s.expected), *subject = issue_config(i, s.subject);
    buf_printf(out, "\n## Expected and actual\n\n| | expected%s%s%s | actual, by `%s` |\n"
                    "| --- | --- | --- |\n| outcome |", expected ? ", by `" : "",
               expected ? issue_name(a, expected) : "", expected ? "`" : "",
               subject ? issue_name(a, subject) : "nobody");
    buf_char(out, ' ');
    put_cell(out, what_came(a, i, s.expected));
    buf_char(out, ' ');
    put_cell(out, what_came(a, i, s.subject));
    buf_char(out, '\n');
    picture_difference(&(Picture){.out = &picture, .mark = NO_OFFSET}, i->judge, i->c, i->verdict);
    write_byte_row(out, i);
    if (i->verdict->message[0])
        issue_fence(out, "text", str_of(issue_clean(a, i->verdict->message)));
    if (picture.n) issue_fence(out, "text", str_of(issue_clean(a, picture.at)));
}

static void write_votes(Buf *out, const Issue *i)
{
    Arena *a = out->arena;
    const Verdict *v = i->verdict;
    const ConfigVec *configs = judge_configs(i->judge);
    buf_printf(out, "\n## Votes\n\n%s| configuration | outcome | | |\n| --- | --- | --- | --- |\n",
               v->nballots ? "Equal letters came to the same, heaps included.\n\n" : "");
    for (uint32_t k = 0; k < configs->n; k++) {
        uint8_t group = v->nballots ? v->ballots[k].group : (uint8_t)BALLOT_NONE;
        buf_printf(out, "| `%s` | ", issue_name(a, configs->at[k]));
        put_cell(out, what_came(a, i, k));
        if (group != BALLOT_NONE) buf_printf(out, " %c |", 'A' + group);
        else buf_text(out, " |");
        buf_printf(out, "%s |\n", configs->at[k] == v->odd ? " **stands alone**" : "");
    }
    if (!v->odd) buf_text(out, "\nNo majority says who is wrong.\n");
}

void issue_write_outcome(Buf *out, const Issue *i)
{
    Verdict again;
    judge_again(i->judge, i->c, &again); /* a twin has been compiled since */
    write_difference(out, i);
    write_votes(out, i);
}
