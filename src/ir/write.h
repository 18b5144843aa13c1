/* Prints functions and cases as CLIF that Cranelift's reader and ours take.
 *
 *     Buf out = {.arena = a};
 *     case_write(&out, c, NULL);            print(read(x)) is stable: reading it and printing
 *                                           again gives the same bytes
 *
 * Entities keep the numbers that their `name` says. Aliases are gone, results of older
 * instructions have fresh numbers.
 */
#ifndef IR_WRITE_H
#define IR_WRITE_H

#include "ir/dialect.h"

typedef struct {
    const Dialect *dialect; /* NULL: the current one */
    bool consistent; /* of a case: regions are, also where it does not claim to be disciplined
                        (dialect_legalise) */
} WriteOptions;

/* Header, functions, directives behind each function. A case without header gets one, with the
 * settings that its signatures need. In an older dialect, what dialect_legalise makes of the
 * module, without a claim of discipline; nothing that dialect_refuses may be written. */
void case_write(Buf *out, const Case *c, const WriteOptions *options);

/* The same by itself, in the current dialect, with a NUL behind it. */
Str case_text(const Case *c, Arena *a);

/* The header alone, without settings that the dialect lacks. */
void case_write_header(Buf *out, const Case *c, const Dialect *d);

/* In an older dialect the module must have been legalised. */
void func_write(Buf *out, const Func *f, const WriteOptions *options);

/* Its parts: the first line and the declarations; `block1(v0: i32):`. Each ends with a newline. */
void func_write_header(Buf *out, const Func *f, const WriteOptions *options);
void block_write_header(Buf *out, const Func *f, Block block, const WriteOptions *options);

/* One line without indentation and newline, every type spelled out: for messages. */
void inst_write(Buf *out, const Func *f, const InstData *i, const WriteOptions *options);

void func_name_write(Buf *out, FuncName name);

/* (i64 vmctx, i32 uext) -> i32 system_v */
void signature_write(Buf *out, const Signature *sig);

/* Each flag with a blank before it. */
void memflags_write(Buf *out, const Func *f, MemFlags flags);

/* `+8`, nothing for 0. */
void offset_write(Buf *out, int64_t offset);

/* As in a run line: 7, 0x1.8p3, 0x00…, <heap0>+8. */
void data_value_write(Buf *out, const Case *c, const DataValue *v);

#endif
