/* Within the reader of directives: what its parts share. */
#ifndef IR_READ_DIRECTIVE_H
#define IR_READ_DIRECTIVE_H

#include "ir/read_state.h"

/* `word`, or `word=…`; `read` goes on behind it. */
typedef struct {
    const char *word;
    bool has_value;
    bool (*read)(Reader *r, void *into);
} Attribute;

/* One or more, comma-separated. */
bool read_attributes(Reader *r, const Attribute *table, unsigned n, void *into);
bool read_align(Reader *r, uint32_t *out);
bool read_region(Reader *r, uint8_t *out); /* its number plus 1 */

/* The name behind the directive's word. */
bool read_called_name(Reader *r);

/* <heap0>+8: an index into Case.heaps */
bool read_heap_place(Reader *r, uint32_t *heap, int64_t *offset);

/* [02 01 ff] */
bool read_byte_list(Reader *r, Str *out);

/* One directive each, from behind the colon. */
bool read_run(Reader *r, const Directive *d);
bool read_print(Reader *r, const Directive *d);
bool read_traps(Reader *r, const Directive *d);
bool read_heap(Reader *r, const Directive *d);
bool read_check_heap(Reader *r, const Directive *d);
bool read_address(Reader *r, const Directive *d);

#endif
