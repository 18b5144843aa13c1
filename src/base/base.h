/* What every file may use without thinking: fixed-width integers, CHECK, countof.
 *
 *     CHECK(n < cap);                 always on; a failure is our own bug: exit status 4
 *     die("cannot map %zu bytes", n); a resource is exhausted: exit status 3
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define countof(array) (sizeof(array) / sizeof((array)[0]))
#define PRINTF_LIKE(nth, first) __attribute__((format(printf, nth, first)))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define ALWAYS_INLINE inline __attribute__((always_inline)) /* into a hot caller */
#define COLD __attribute__((cold, noinline))                /* out of it */

/* Exit statuses of every program of the project. */
enum {
    EXIT_AGREE = 0,    /* agree, all passed */
    EXIT_FINDING = 1,  /* a finding, or a failed test */
    EXIT_INPUT = 2,    /* bad input or usage; nothing written */
    EXIT_RESOURCE = 3, /* memory, disk: what exists stays whole */
    EXIT_BUG = 4,      /* our own bug */
    EXIT_UNJUDGED = 5, /* nothing was judged */
    EXIT_GONE = 6,     /* a finding no longer shows, shows something else, or is flaky */
};

/* Ends the process with EXIT_BUG after printing expression, place and `check_context`. */
_Noreturn void check_failed(const char *expression, const char *file, int line);

/* As above with a printf-style explanation. */
_Noreturn void bug(const char *format, ...) PRINTF_LIKE(1, 2);

/* Ends the process with EXIT_RESOURCE after printing `tally: ` and the text. */
_Noreturn void die(const char *format, ...) PRINTF_LIKE(1, 2);

#define CHECK(x) \
    do { \
        if (unlikely(!(x))) check_failed(#x, __FILE__, __LINE__); \
    } while (0)

/* What is being worked on, named by CHECK's message: a pass, and a text that `describe` makes on
 * demand (the offending instruction). Both may be NULL. */
typedef struct {
    const char *pass;
    const char *(*describe)(void *data);
    void *data;
} CheckContext;
extern CheckContext check_context;

/* Called when our own bug has been told, in place of ending with EXIT_BUG: abort() for an engine
 * that keeps the input of a crash. NULL at first. */
extern void (*check_abort)(void);

/* Rounds up to a power of two `align`. */
static inline uint64_t align_up(uint64_t n, uint64_t align)
{
    return (n + align - 1) & ~(align - 1);
}

static inline bool is_power_of_two(uint64_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

#endif
