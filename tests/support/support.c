/* Prints docs/support.md: for each instruction and type, whether it is read, verified, interpreted,
 * compiled and generated, with a reason where it is not. Types that fare alike share a line.
 *
 *     build/tally_support > docs/support.md
 */
#include "gen/gen.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "oracle/judge.h"
#include "triage/cell.h"

#include <stdio.h>

/* Where our rows are not Cranelift's. */
static const struct {
    const char *lines, *reason;
} differ[] = {
#define DIFFER(lines, reason) {lines, reason},
#include "ops_differ.def"
};

enum { COLUMNS = 5, GENERATED_CASES = 100000, WIDEST = 128 };

/* One line a column: empty for yes, else the reason. */
typedef struct {
    const char *no[COLUMNS];
} Status;

typedef struct {
    Arena *process, *cell;
    Judge *judge;
    uint64_t shown; /* the types that have lines */
    bool generated[OP_COUNT][TYPE_COUNT];
} Support;

static void count_generated(Support *s)
{
    for (uint64_t seed = 0; seed < GENERATED_CASES; seed++, arena_reset(s->cell)) {
        uint8_t bytes[GEN_SEED_BYTES];
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Module *m = gen_next(&in, &(GenOptions){0}, s->cell)->module;
        for (uint32_t k = 0; k < m->funcs.n; k++)
            for (uint32_t i = 0; i < m->funcs.at[k]->insts.n; i++) {
                const InstData *d = &m->funcs.at[k]->insts.at[i];
                s->generated[d->op][d->type] = true;
            }
    }
}

/* The text of a message without its place. */
static const char *first_message(const Diag *d)
{
    return d->entries.n ? d->entries.at[0].text : "no message";
}

static const char *try_read(Support *s, const Case *c)
{
    Buf text = {.arena = s->cell};
    case_write(&text, c, NULL);
    Diag d = {.arena = s->cell, .file = "cell", .text = buf_str(&text)};
    return case_read(s->cell, "cell", buf_str(&text), &d) ? NULL : first_message(&d);
}

static const char *try_verify(Support *s, const Case *c)
{
    Diag d = {.arena = s->cell, .file = "cell"};
    return case_verify(c, s->cell, &d) ? NULL : first_message(&d);
}

/* What stands behind place and instruction. */
static const char *bare_reason(const char *reason)
{
    const char *why = strrchr(reason, ':');
    return why ? why + 2 : reason;
}

static const char *try_config(Support *s, const Case *c, const Config *config)
{
    Outcome o;
    const char *reason = "refused";
    if (!judge_compile(s->judge, config, c, &reason)) return bare_reason(reason);
    if (!config->backend->run) return NULL;
    const Run *run = &c->runs.at[0];
    if (!judge_place(s->judge, c, run, &reason)) return reason;
    judge_run(s->judge, config, c, run, &o);
    if (o.kind == OUTCOME_returned || o.kind == OUTCOME_trapped) return NULL;
    return bare_reason(o.detail);
}

static Status try_cell(Support *s, Op op, Type type)
{
    Status status = {{0}};
    const char *reason;
    const Case *c = cell_make(s->cell, op, type, &reason);
    if (!c) {
        for (int k = 0; k < COLUMNS; k++) status.no[k] = reason;
        return status;
    }
    const ConfigVec *configs = judge_configs(s->judge);
    status.no[0] = try_read(s, c);
    status.no[1] = try_verify(s, c);
    for (int k = 0; k < 2; k++)
        status.no[2 + k] = status.no[1] ? "not valid" : try_config(s, c, configs->at[k]);
    if (!s->generated[op][type]) {
        status.no[4] = status.no[3] ? "the JIT does not compile it"
                                    : "the generator does not draw it";
    }
    return status;
}

static bool equal(const Status *a, const Status *b)
{
    for (int k = 0; k < COLUMNS; k++) {
        const char *x = a->no[k] ? a->no[k] : "", *y = b->no[k] ? b->no[k] : "";
        if (strcmp(x, y) != 0) return false;
    }
    return true;
}

static Status keep(Support *s, Status status)
{
    for (int k = 0; k < COLUMNS; k++)
        if (status.no[k])
            status.no[k] = arena_strndup(s->process, status.no[k], strlen(status.no[k]));
    return status;
}

static void print_line(Op op, const Buf *types, const Status *status)
{
    printf("| %s | %s |", op_name(op), types->at);
    for (int k = 0; k < COLUMNS; k++) printf(" %s |", status->no[k] ? status->no[k] : "yes");
    putchar('\n');
}

static void print_op(Support *s, Op op)
{
    uint64_t types = op_info[op].has_type ? typeset_mask(op_info[op].types) & s->shown : 1;
    if (!types) types = 1;
    while (types) {
        Type first = (Type)__builtin_ctzll(types);
        arena_reset(s->cell);
        Status status = keep(s, try_cell(s, op, first));
        Buf names = {.arena = s->process};
        for (Type t = first; t < 64; t++) {
            if (!(types >> t & 1)) continue;
            arena_reset(s->cell);
            Status other = try_cell(s, op, t);
            if (!equal(&status, &other)) continue;
            types &= ~(UINT64_C(1) << t);
            buf_printf(&names, "%s%s", names.n ? " " : "", t == TY_none ? "-" : type_name(t));
        }
        print_line(op, &names, &status);
    }
}

int main(void)
{
    static Support s;
    const char *error;
    s.process = arena_create();
    s.cell = arena_create();
    s.judge = judge_create(&(JudgeOptions){.backends = "interp,jit:none:native"}, &error);
    CHECK(s.judge);
    for (Type type = 1; type < TYPE_COUNT; type++)
        if (type_bits(type) <= WIDEST && !type_is_dynamic(type)) s.shown |= UINT64_C(1) << type;
    count_generated(&s);
    puts("# What is supported\n\n"
         "Made by `make docs`, checked by `make check`. Is an instruction at a type read,\n"
         "verified, interpreted, compiled by the JIT (all CPU features), generated? If not: why.\n"
         "Types wider than 128 bits and dynamic vectors are read and verified, and refused by all\n"
         "back ends.\n\n"
         "| instruction | types | read | verify | interpret | JIT | generate |\n"
         "| --- | --- | --- | --- | --- | --- | --- |");
    for (Op op = 0; op < OP_COUNT; op++) print_op(&s, op);
    puts("\n## Rows that are not Cranelift's\n\n"
         "`make ops-diff` compares the tables with those of the pinned Cranelift. Addresses of 32\n"
         "bits are read, and refused by the verifier: they are other machines'. Else differ\n\n"
         "| rows | reason |\n"
         "| --- | --- |");
    for (size_t k = 0; k < countof(differ); k++)
        printf("| %s | %s |\n", differ[k].lines, differ[k].reason);
    putchar('\n');
    judge_destroy(s.judge);
    return 0;
}
