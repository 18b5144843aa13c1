/* Cuts a file at every byte and gives each piece to a program as its last argument: it is accepted
 * in silence (exit status 0), or refused with a located message (2). Prints `N passed, N failed`;
 * a file of which every piece is accepted, or none, counts as one failure more, unless `all` says
 * that each must be accepted.
 *
 *     cuts MEGABYTES SECONDS all|some FILE COMMAND [ARGUMENT]...
 */
#define _GNU_SOURCE
#include "limited.h"

#include <stdbool.h>

typedef struct {
    char path[32]; /* the piece */
    int fd, messages, null;
    long accepted, refused, failed;
} Cuts;

/* What the program has written to stderr. */
static size_t take_messages(const Cuts *c, char *text, size_t room)
{
    ssize_t n = pread(c->messages, text, room - 1, 0);
    text[n > 0 ? n : 0] = 0;
    if (ftruncate(c->messages, 0) != 0 || lseek(c->messages, 0, SEEK_SET) != 0) _exit(BROKEN);
    return strlen(text);
}

/* `path:LINE:COLUMN: error: ` begins one of the lines. */
static bool located(const Cuts *c, const char *text)
{
    for (const char *at = text; (at = strstr(at, c->path)) != NULL; at++) {
        unsigned line, column;
        int n = 0;
        if (sscanf(at + strlen(c->path), ":%u:%u: error: %n", &line, &column, &n) == 2 && n)
            return true;
    }
    return false;
}

static void try_piece(Cuts *c, const Limits *l, char **command, long n)
{
    char text[4096];
    int status = run_limited(command, l);
    size_t written = take_messages(c, text, sizeof text);
    if (status == 0 && !written) {
        c->accepted++;
    } else if (status == 2 && located(c, text)) {
        c->refused++;
    } else {
        c->failed++;
        printf("WRONG: the first %ld bytes: exit status %d\n%.300s\n", n, status, text);
    }
}

/* Copies the file; its size. */
static long start(Cuts *c, const char *path)
{
    char block[65536];
    long size = 0;
    int in = open(path, O_RDONLY);
    strcpy(c->path, "/tmp/tally-cut-XXXXXX");
    c->fd = mkstemp(c->path);
    c->null = open("/dev/null", O_WRONLY);
    FILE *messages = tmpfile();
    c->messages = messages ? fileno(messages) : -1;
    if (in < 0 || c->fd < 0 || c->messages < 0) exit(BROKEN);
    for (ssize_t n; (n = read(in, block, sizeof block)) > 0; size += n)
        if (write(c->fd, block, (size_t)n) != n) exit(BROKEN);
    close(in);
    return size;
}

int main(int argc, char **argv)
{
    if (argc < 6) return BROKEN;
    Cuts c = {0};
    bool all = strcmp(argv[3], "all") == 0;
    long size = start(&c, argv[4]);
    Limits l = {atol(argv[1]), (rlim_t)atol(argv[2]), c.null, c.messages};
    char *command[32] = {0};
    int words = 0;
    for (int k = 5; k < argc && words < 30; k++) command[words++] = argv[k];
    command[words] = c.path;
    for (long n = size; n-- > 0;) {
        if (ftruncate(c.fd, n) != 0) return BROKEN;
        try_piece(&c, &l, command, n);
    }
    unlink(c.path);
    if (all ? c.refused != 0 : !c.accepted || !c.refused) {
        c.failed++;
        printf("WRONG: %s: %ld pieces accepted, %ld refused\n", argv[4], c.accepted, c.refused);
    }
    printf("%ld passed, %ld failed\n", c.accepted + c.refused, c.failed);
    return c.failed != 0;
}
