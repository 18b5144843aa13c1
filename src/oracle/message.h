/* What compilers say when they fail: cut down to one line for people, and to a few words that are
 * the same for the same cause.
 *
 *     message_clean(text);                    one line of printable ASCII
 *     message_slug("panic: no register for v17 at isa/emit.rs:12", slug, sizeof slug);
 *                                             "emit_rs_12_panic_no_register_for_v_at"
 */
#ifndef ORACLE_MESSAGE_H
#define ORACLE_MESSAGE_H

#include "base/str.h"

/* In place: line ends and tabs become blanks, typographic quotes plain ones, other bytes that are
 * not printable ASCII `?`. */
void message_clean(char *text);

/* The line that says most of what was written to file `fd` behind byte `from`: the last one, but
 * for those that tools write behind a message (hints, stack traces). Lives in `room`; may be
 * empty. */
Str message_last_words(int fd, int64_t from, char *room, size_t size);

/* Letters, digits and `_`: where in the compiler's own source it was said, then the words without
 * numbers, addresses and paths, as many as there is room for; NUL-terminated, empty where there is
 * nothing. */
enum { MESSAGE_SLUG = 64 };
void message_slug(const char *text, char *slug, size_t size);

/* Whether two messages are of the same cause, as far as one can tell. */
bool message_is_alike(const char *a, const char *b);

#endif
