/* Who the issue is about, and names and texts without what they tell of this machine. */
#define _GNU_SOURCE
#include "triage/issue_local.h"

#include <ctype.h>

static bool is_path_byte(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("/._-@%~", c));
}

/* Whether a word of a command begins at `at`: blanks in an option are written `+`. */
static bool begins_word(const char *text, const char *at)
{
    return at == text || !is_path_byte(at[-1]);
}

/* Whether a path from the root, or from one's home, begins at `at`; also behind `-I`. */
static bool begins_path(const char *text, const char *at)
{
    if (*at == '~' && at[1] == '/') return begins_word(text, at);
    if (*at != '/' || !is_path_byte(at[1])) return false;
    bool in_flag = at - text >= 2 && at[-2] == '-' && isalpha((unsigned char)at[-1]);
    return begins_word(text, at) || (in_flag && begins_word(text, at - 2));
}

/* What may be told of a path: behind a registry's folder and its host, else the last part. */
static Str rest_of_path(Str path)
{
    static const char registry[] = "/registry/src/";
    const char *end = path.at + path.n;
    const char *at = memmem(path.at, path.n, registry, strlen(registry));
    if (at) {
        at += strlen(registry);
        const char *host_end = memchr(at, '/', (size_t)(end - at));
        if (host_end) at = host_end + 1;
    } else {
        at = (const char *)memrchr(path.at, '/', path.n) + 1;
    }
    return (Str){at, (size_t)(end - at)};
}

const char *issue_clean(Arena *a, const char *text)
{
    Buf out = {.arena = a};
    buf_text(&out, "");
    for (const char *at = text; *at;) {
        size_t n = 0;
        if (!begins_path(text, at)) {
            buf_char(&out, *at++);
            continue;
        }
        while (is_path_byte(at[n])) n++;
        Str rest = rest_of_path((Str){at, n});
        buf_add(&out, rest.at, rest.n);
        at += n;
    }
    return out.at;
}

/* ---- configurations ------------------------------------------------------------------------ */

static bool differs(const Ballot *a, const Ballot *b)
{
    return a->group != BALLOT_NONE && b->group != BALLOT_NONE && a->group != b->group;
}

IssueSides issue_sides(const Issue *i)
{
    const Verdict *v = i->verdict;
    const ConfigVec *configs = judge_configs(i->judge);
    IssueSides s = {NO_INDEX, NO_INDEX};
    for (uint32_t k = 0; k < configs->n; k++) {
        if (configs->at[k] == v->odd) s.subject = k;
        if (configs->at[k] == v->other) s.expected = k;
    }
    for (uint32_t k = 0; k < v->nballots && s.expected == NO_INDEX; k++)
        if (s.subject == NO_INDEX || differs(&v->ballots[k], &v->ballots[s.subject]))
            s.expected = k;
    for (uint32_t k = 0; k < v->nballots && s.subject == NO_INDEX; k++)
        if (differs(&v->ballots[k], &v->ballots[s.expected])) s.subject = k;
    return s;
}

const Config *issue_config(const Issue *i, uint32_t k)
{
    return k == NO_INDEX ? NULL : judge_configs(i->judge)->at[k];
}

const Config *issue_subject(const Issue *i)
{
    return issue_config(i, issue_sides(i).subject);
}

const char *issue_name(Arena *a, const Config *config)
{
    return issue_clean(a, config->slug ? config->slug : config->name);
}

Str issue_about(const Config *config)
{
    const char *open = strchr(config->label, '(');
    return open ? (Str){open + 1, strlen(open + 1) - 1} : str_of("");
}

const char *issue_addressee(Arena *a, const Config *config)
{
    Str words = issue_about(config), first = str_next_word(&words, ",");
    return first.n ? issue_clean(a, arena_strndup(a, first.at, first.n)) : issue_name(a, config);
}

/* ---- Markdown ---------------------------------------------------------------------------- */

void issue_fence(Buf *out, const char *language, Str text)
{
    buf_printf(out, "\n```%s\n", language);
    buf_add(out, text.at, text.n);
    buf_printf(out, "%s```\n", text.n && text.at[text.n - 1] == '\n' ? "" : "\n");
}
