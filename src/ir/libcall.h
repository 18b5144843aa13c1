/* Functions that Cranelift's runtime provides (libcalls.def). The reader defines those that a file
 * names and does not define, so that nobody else need know of them:
 *
 *     fn0 = %CeilF32(f32) -> f32      makes      function %CeilF32(f32) -> f32 {
 *                                                block0(v0: f32):
 *                                                    v1 = ceil v0
 *                                                    return v1
 *                                                }
 */
#ifndef IR_LIBCALL_H
#define IR_LIBCALL_H

#include "ir/func.h"

enum {
    LIBCALL_COUNT = 0
#define LIBCALL(name, op, type) + 1
#include "ir/libcalls.def"
};

/* Adds the function that `ref` of `f` means to the module, with that signature; NULL when its name
 * is none of theirs or the signature is another. */
Func *libcall_define(Module *m, const Func *f, const FuncRefData *ref);

/* The same for a symbol; its signature has the convention system_v. */
Func *libcall_define_symbol(Module *m, FuncName name);

#endif
