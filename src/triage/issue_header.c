/* A configuration of a library as header lines of a CLIF file. */
#define _GNU_SOURCE
#include "triage/issue_local.h"

static const TallyOption *find_option(const Library *l, const char *name)
{
    for (uint32_t k = 0; k < l->noptions; k++)
        if (!strcmp(l->options[k].name, name)) return &l->options[k];
    return NULL;
}

/* `speed` stands for `opt_level=speed`, as its line of help says. */
static bool stands_for_setting(const TallyOption *o)
{
    return strchr(o->help, '=') && !strchr(o->help, ' ');
}

/* What is about the CPU stands in the target's line: presets, and each of its features. */
static bool is_of_cpu(const TallyOption *o)
{
    return !strcmp(o->values, "true") || !strncmp(o->name, "has_", 4);
}

static void write_setting(Buf *out, const Library *l, const TallySetting *s)
{
    const TallyOption *o = find_option(l, s->name);
    if (!o) return;
    if (stands_for_setting(o)) buf_printf(out, "set %s\n", o->help);
    else if (!is_of_cpu(o)) buf_printf(out, "set %s=%s\n", s->name, s->value);
}

void issue_header(Buf *out, const Config *config, const Case *c)
{
    Buf own = {.arena = out->arena};
    buf_text(out, "test run\n");
    for (uint32_t k = 0; k < config->nsettings; k++)
        write_setting(out, config->library, &config->settings[k]);
    case_write_header(&own, c, config->library->dialect);
    Str left = buf_str(&own);
    for (Str line; (line = str_next_word(&left, "\n")).n;)
        if (line.n > 4 && !memcmp(line.at, "set ", 4))
            buf_printf(out, "%.*s\n", (int)line.n, line.at);
    const char *features = config->features ? config->features : "";
    buf_printf(out, "target x86_64%s%s\n", *features ? " " : "", features);
}
