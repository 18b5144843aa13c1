/* Prints the C that the C writer makes of a case, as for a compiler that has all that probes look
 * for; with --arrays, as for one that has nothing.
 *
 *     build/tally_c [--arrays] [--typed] [--pointers] [--no-prelude] FILE
 */
#include "backend/backend.h"
#include "backend/cc/writer.h"
#include "backend/given.h"
#include "ir/load.h"

#include <stdio.h>

typedef struct {
    WriterOptions write;
    bool arrays, no_prelude;
    const char *file;
} Options;

static bool read_options(int argc, char **argv, Options *o)
{
    o->write = (WriterOptions){.has = {true, true, true, true, true}, .slot_align = 128};
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--arrays") == 0) o->arrays = true;
        else if (strcmp(argv[k], "--typed") == 0) o->write.typed = true;
        else if (strcmp(argv[k], "--pointers") == 0) o->write.pointers = true;
        else if (strcmp(argv[k], "--no-prelude") == 0) o->no_prelude = true;
        else if (o->file || argv[k][0] == '-') return false;
        else o->file = argv[k];
    }
    if (o->arrays) o->write.has = (Abilities){0}, o->write.slot_align = 16;
    return o->file != NULL;
}

static uint8_t trap_code(const char *name) { return trap_from_name(str_of(name)); }

static bool is_entered(const void *data, uint32_t func)
{
    const Case *c = data;
    for (uint32_t k = 0; k < c->runs.n; k++)
        if (c->runs.at[k].func == func) return true;
    return false;
}

/* Without what all units begin with. */
static const char *own_text(const char *text)
{
    const char *at = strstr(text, "\n/* ---- case 0 ---- */");
    return at ? at + 1 : text;
}

static int print_case(const Options *o, Arena *a)
{
    Diag d = {.arena = a, .file = o->file};
    Case *c = case_load(&d);
    diag_print(&d, stderr);
    if (!c) return EXIT_INPUT;
    TallyHost host = {.ops = given_ops(), .nops = OP_COUNT, .trap_code = trap_code};
    Writer *w = writer_create(&host, &o->write);
    writer_begin(w);
    const TallyModule *m = view_module(a, c->module, c->module->funcs.n);
    const char *why = writer_add(w, m, 0, is_entered, c);
    size_t n;
    const char *text = writer_end(w, &n);
    if (why) fprintf(stderr, "%s: %s\n", o->file, why);
    else fputs(o->no_prelude ? own_text(text) : text, stdout);
    writer_destroy(w);
    return why ? EXIT_UNJUDGED : EXIT_AGREE;
}

int main(int argc, char **argv)
{
    Options o = {0};
    if (!read_options(argc, argv, &o)) {
        fprintf(stderr, "usage: tally_c [--arrays] [--typed] [--pointers] [--no-prelude] FILE\n");
        return EXIT_INPUT;
    }
    Arena *a = arena_create();
    int status = print_case(&o, a);
    arena_destroy(a);
    return status;
}
