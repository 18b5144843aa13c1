/* Numbers as CLIF spells them, from text to bits and back.
 *
 *     Bits b;
 *     const char *wrong = bits_read_int(text, 32, &b);      NULL, or what is wrong with it
 *     bits_write_int(out, &b, TY_i32);                      -7, 0x0001_0000
 *     bits_write_float(out, &b, TY_f64);                    0x1.8000000000000p1, -Inf, +NaN:0x1
 *
 * The forms are those of Cranelift's reader and writer (ir/immediates.rs, ir/constant.rs).
 */
#ifndef IR_BITS_TEXT_H
#define IR_BITS_TEXT_H

#include "ir/bits.h"

/* Decimal or 0x, `_` between digits, from -2^(n-1) to 2^n - 1; `bits` n of 8 to 128. */
const char *bits_read_int(Str text, unsigned bits, Bits *out);

/* The same for a number that the caller bounds; `text` may have a sign. */
const char *bits_read_i64(Str text, int64_t lo, int64_t hi, int64_t *out);

/* Hexadecimal with a point and a binary exponent, 0.0, Inf, NaN, NaN:0x…, sNaN:0x…; exact or
 * refused. `type` is a scalar float. */
const char *bits_read_float(Str text, Type type, Bits *out);

/* Two hexadecimal digits a byte behind `0x`, the last byte first; at most `cap` bytes; `n` says
 * how many there were. */
const char *bits_read_hex(Str text, uint8_t *bytes, unsigned cap, unsigned *n);

/* Negative and small numbers in decimal, others in hexadecimal groups. */
void bits_write_i64(Buf *out, int64_t n);
void bits_write_int(Buf *out, const Bits *b, Type type);
void bits_write_float(Buf *out, const Bits *b, Type type);
void bits_write_hex(Buf *out, const uint8_t *bytes, unsigned n);

#endif
