#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

CheckContext check_context;
void (*check_abort)(void);

static _Noreturn void end_with_bug(void)
{
    if (check_context.pass) fprintf(stderr, "  in pass: %s\n", check_context.pass);
    if (check_context.describe) {
        const char *(*describe)(void *) = check_context.describe;
        check_context.describe = NULL; /* a CHECK that fails in here must not come back */
        fprintf(stderr, "  at: %s\n", describe(check_context.data));
    }
    fflush(NULL);
    if (check_abort) check_abort();
    _exit(EXIT_BUG);
}

void check_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "tally: our own bug: %s:%d: CHECK(%s)\n", file, line, expression);
    end_with_bug();
}

void bug(const char *format, ...)
{
    va_list ap;
    fputs("tally: our own bug: ", stderr);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    end_with_bug();
}

void die(const char *format, ...)
{
    va_list ap;
    fputs("tally: ", stderr);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    fflush(NULL);
    _exit(EXIT_RESOURCE);
}
