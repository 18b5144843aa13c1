/* The file of a regression: its name, its sentence, and its way into the folder. */
#define _GNU_SOURCE
#include "triage/regression.h"

#include "base/file.h"
#include "base/hash.h"
#include "ir/load.h"
#include "ir/write.h"
#include "triage/tester.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char blanks[] = " \t\r\n\v\f";

/* ---- the sentence ------------------------------------------------------------------------- */

const char *regression_sentence(Arena *a, const char *cause)
{
    Buf out = {.arena = a};
    Str left = str_of(cause);
    for (Str word; (word = str_next_word(&left, blanks)).n;)
        buf_printf(&out, "%s%.*s", out.n ? " " : "", (int)word.n, word.at);
    if (!out.n) return NULL;
    if (out.at[out.n - 1] != '.') buf_char(&out, '.');
    return out.at;
}

/* Whether a comment that begins with the word would be a directive, or like one. */
static bool is_directive(Str word)
{
    static const char *const words[] = {
#define DIRECTIVE(name, text, alone) text,
#include "ir/directives.def"
    };
    if (word.n && word.at[word.n - 1] == ':') word.n--;
    for (size_t k = 0; k < countof(words); k++)
        if (str_is(word, words[k])) return true;
    return false;
}

static size_t columns(Str text)
{
    size_t n = 0;
    for (size_t k = 0; k < text.n; k++) n += ((unsigned char)text.at[k] & 0xc0) != 0x80;
    return n;
}

/* The front of `text` that makes a line: as many words as there is room for, at least one, and none
 * behind it that must not begin the next line. */
static Str take_line(Str *text, size_t room)
{
    size_t end = 0;
    Str left = *text;
    for (Str word; (word = str_next_word(&left, " ")).n;) {
        size_t behind = (size_t)(word.at + word.n - text->at);
        if (end && columns((Str){text->at, behind}) > room) break;
        Str rest = left, next = str_next_word(&rest, " ");
        if (!end || !is_directive(next)) end = behind;
    }
    Str line = {text->at, end};
    size_t skip = end + (end < text->n);
    *text = (Str){text->at + skip, text->n - skip};
    return line;
}

void regression_write(Buf *out, const Case *c, const char *sentence)
{
    enum { WIDTH = 100 };
    Str left = str_of(arena_printf(out->arena, "Cause: %s", sentence));
    while (left.n) {
        Str line = take_line(&left, WIDTH - 2);
        buf_printf(out, "; %.*s\n", (int)line.n, line.at);
    }
    case_write(out, c, NULL);
}

/* ---- the name ----------------------------------------------------------------------------- */

/* Words that tell two causes apart in no file's name. */
static bool is_filler(Str word)
{
    static const char *const fillers[] = {
        "a",  "an", "and", "are", "as", "at",   "be",   "been", "but",   "by",   "for",  "from",
        "in", "is", "it",  "its", "of", "on",   "one",  "or",   "that",  "the",  "then", "there",
        "to", "was", "were", "what", "when", "where", "which", "who", "with", "cause",
    };
    for (size_t k = 0; k < countof(fillers); k++)
        if (word.n == strlen(fillers[k]) && !strncasecmp(word.at, fillers[k], word.n)) return true;
    return false;
}

const char *regression_name(Arena *a, const char *sentence)
{
    enum { WORDS = 4, LENGTH = 40 };
    Buf out = {.arena = a};
    uint32_t words = 0;
    buf_text(&out, "");
    while (*sentence && words < WORDS) {
        size_t n = 0;
        while (isascii(sentence[n]) && isalnum((unsigned char)sentence[n])) n++;
        if (n && out.n + n < LENGTH && !is_filler((Str){sentence, n})) {
            if (words++) buf_char(&out, '-');
            for (size_t k = 0; k < n; k++) buf_char(&out, (char)tolower(sentence[k]));
        }
        sentence += n + !n;
    }
    return out.at ? out.at : "";
}

static bool is_name(Str name)
{
    for (size_t k = 0; k < name.n; k++)
        if (!isalnum((unsigned char)name.at[k]) && !(k && strchr("-_.", name.at[k]))) return false;
    return name.n > 0;
}

static const char *path_of(const Regression *r, Arena *a, const char *name, unsigned number)
{
    const char *ending = number > 1 ? arena_printf(a, "-%u", number) : "";
    return arena_printf(a, "%s/%s%s.clif", r->folder, name, ending);
}

/* ---- the folder --------------------------------------------------------------------------- */

uint64_t regression_hash(Arena *scratch, const Case *c)
{
    ArenaMark mark = arena_mark(scratch);
    Case plain = *c;
    memset(&plain.header, 0, sizeof plain.header);
    memset(&plain.runs, 0, sizeof plain.runs);
    for (uint32_t k = 0; k < c->runs.n; k++) {
        Run *run = vec_push(scratch, &plain.runs);
        *run = (Run){.kind = RUN_PRINT, .func = c->runs.at[k].func};
        memcpy(&run->args, &c->runs.at[k].args, sizeof run->args);
    }
    Str text = case_text(&plain, scratch);
    uint64_t hash = hash_bytes(text.at, text.n);
    arena_release(scratch, mark);
    return hash;
}

typedef struct {
    Arena *arena;
    uint64_t hash;
    const char *path; /* of a file that has it */
} Search;

static bool compare(void *data, const char *path)
{
    Search *s = data;
    Diag d = {.arena = s->arena, .file = path};
    const Case *c = case_load(&d);
    if (c && regression_hash(s->arena, c) == s->hash)
        s->path = arena_strndup(s->arena, path, strlen(path));
    return !s->path;
}

/* A file under a hidden name, which no test looks at. */
static char *write_hidden(const Regression *r, Arena *a, Str text, const char **error)
{
    char *path = arena_printf(a, "%s/.new-XXXXXX", r->folder);
    int fd = mkstemp(path);
    *error = fd < 0 ? strerror(errno) : NULL;
    if (fd < 0) return NULL;
    fchmod(fd, 0644);
    close(fd);
    if (file_write(path, text, error)) return path;
    unlink(path);
    return NULL;
}

/* What is there already keeps its name. */
static bool give_name(Regression *r, Arena *a, const char *hidden, const char *name)
{
    enum { NUMBERS = 99 };
    unsigned numbers = r->name ? 1 : NUMBERS;
    for (unsigned k = 1; k <= numbers; k++) {
        const char *path = path_of(r, a, name, k);
        if (link(hidden, path) == 0) return r->path = path, true;
        const char *why = errno == EEXIST ? "is there already; --name gives another"
                                          : strerror(errno);
        r->said = arena_printf(a, "%s: %s", path, why);
        if (errno != EEXIST) break;
    }
    return false;
}

static int say(Regression *r, int status, const char *text)
{
    r->said = text;
    return status;
}

static int test_and_name(Regression *r, Judge *interp, Arena *a, const char *hidden,
                         const char *name)
{
    Tester *t = tester_create(interp, TESTER_QUIET);
    tester_run(t, hidden);
    TesterCounts n = tester_counts(t);
    tester_destroy(t);
    if (n.failed || n.skipped || !n.passed)
        return say(r, EXIT_BUG, "what was written does not pass in the interpreter");
    if (!give_name(r, a, hidden, name)) return EXIT_INPUT;
    return say(r, EXIT_AGREE, arena_printf(a, "%s: %u run line%s in the interpreter", r->path,
                                           n.passed, n.passed == 1 ? " passes" : "s pass"));
}

/* Name without ending, as it was asked for or from the cause; NULL when it does not do. */
static const char *choose_name(const Regression *r, Arena *a, const char *sentence)
{
    Str name = str_of(r->name ? r->name : regression_name(a, sentence));
    if (name.n > 5 && !memcmp(name.at + name.n - 5, ".clif", 5)) name.n -= 5;
    return is_name(name) ? arena_strndup(a, name.at, name.n) : NULL;
}

static int add_new(Regression *r, Judge *interp, const Case *c, Arena *a, const char *sentence,
                   const char *name)
{
    const char *error;
    int status;
    Buf text = {.arena = a};
    const Case *said = regression_expect(interp, c, a, &status, &error);
    if (!said) return say(r, status, error);
    regression_write(&text, said, sentence);
    const char *hidden = write_hidden(r, a, buf_str(&text), &error);
    if (!hidden) return say(r, EXIT_INPUT, arena_printf(a, "%s: %s", r->folder, error));
    status = test_and_name(r, interp, a, hidden, name);
    unlink(hidden);
    return status;
}

int regression_add(Regression *r, Judge *interp, const Case *c, Arena *a)
{
    const char *error, *sentence = regression_sentence(a, r->cause);
    Search same = {.arena = a, .hash = regression_hash(a, c)};
    r->path = NULL;
    if (!sentence) return say(r, EXIT_INPUT, "what was the cause? One sentence");
    const char *name = choose_name(r, a, sentence);
    if (!name)
        return say(r, EXIT_INPUT, r->name ? "a name consists of letters, digits, - and _"
                                          : "the cause gives no name for the file; --name does");
    if (!file_walk(a, r->folder, ".clif", compare, &same, &error))
        return say(r, EXIT_INPUT, arena_printf(a, "%s: %s", r->folder, error));
    if (same.path)
        return say(r, EXIT_INPUT, arena_printf(a, "%s has this case already", same.path));
    return add_new(r, interp, c, a, sentence, name);
}
