/* Integer arithmetic as on paper: numbers are rows of binary digits, the lowest first, and every
 * operation is a loop over digits. An independent judge of the interpreter's expressions. */
#ifndef TESTS_INTERP_PENCIL_H
#define TESTS_INTERP_PENCIL_H

#include "base/base.h"

#include <string.h>

enum { DIGITS_MAX = 256 };

typedef struct {
    unsigned n; /* digits in use */
    uint8_t digit[DIGITS_MAX];
} Pencil;

static inline Pencil pencil_of(unsigned __int128 x, unsigned n)
{
    Pencil p = {.n = n};
    for (unsigned k = 0; k < n && k < 128; k++) p.digit[k] = x >> k & 1;
    return p;
}

/* The lowest 128 digits as a number. */
static inline unsigned __int128 pencil_number(Pencil p)
{
    unsigned __int128 x = 0;
    for (unsigned k = 0; k < p.n && k < 128; k++) x |= (unsigned __int128)p.digit[k] << k;
    return x;
}

static inline bool pencil_sign(Pencil p) { return p.digit[p.n - 1]; }

static inline bool pencil_is_zero(Pencil p)
{
    for (unsigned k = 0; k < p.n; k++)
        if (p.digit[k]) return false;
    return true;
}

static inline Pencil pencil_not(Pencil p)
{
    for (unsigned k = 0; k < p.n; k++) p.digit[k] = !p.digit[k];
    return p;
}

static inline Pencil pencil_add(Pencil a, Pencil b, unsigned carry_in, unsigned *carry_out)
{
    unsigned carry = carry_in;
    for (unsigned k = 0; k < a.n; k++) {
        unsigned sum = a.digit[k] + b.digit[k] + carry;
        a.digit[k] = sum & 1;
        carry = sum >> 1;
    }
    if (carry_out) *carry_out = carry;
    return a;
}

/* No carry means a borrow. */
static inline Pencil pencil_sub(Pencil a, Pencil b, unsigned borrow_in, unsigned *borrow_out)
{
    unsigned carry;
    Pencil d = pencil_add(a, pencil_not(b), !borrow_in, &carry);
    if (borrow_out) *borrow_out = !carry;
    return d;
}

static inline Pencil pencil_negate(Pencil p) { return pencil_sub(pencil_of(0, p.n), p, 0, NULL); }

static inline Pencil pencil_magnitude(Pencil p) { return pencil_sign(p) ? pencil_negate(p) : p; }

static inline bool pencil_less(Pencil a, Pencil b)
{
    for (unsigned k = a.n; k-- > 0;)
        if (a.digit[k] != b.digit[k]) return b.digit[k];
    return false;
}

/* Flipping the sign digits maps signed order to unsigned order. */
static inline bool pencil_less_signed(Pencil a, Pencil b)
{
    a.digit[a.n - 1] ^= 1;
    b.digit[b.n - 1] ^= 1;
    return pencil_less(a, b);
}

static inline Pencil pencil_widen(Pencil p, unsigned n, bool with_sign)
{
    uint8_t fill = with_sign && pencil_sign(p);
    for (unsigned k = p.n; k < n; k++) p.digit[k] = fill;
    p.n = n;
    return p;
}

/* All digits of the product: twice as many. */
static inline Pencil pencil_mul(Pencil a, Pencil b)
{
    unsigned n = a.n;
    Pencil sum = pencil_of(0, 2 * n);
    for (unsigned k = 0; k < n; k++) {
        if (!b.digit[k]) continue;
        Pencil shifted = {.n = 2 * n};
        memcpy(shifted.digit + k, a.digit, n);
        sum = pencil_add(sum, shifted, 0, NULL);
    }
    return sum;
}

static inline Pencil pencil_mul_signed(Pencil a, Pencil b)
{
    Pencil p = pencil_mul(pencil_magnitude(a), pencil_magnitude(b));
    return pencil_sign(a) != pencil_sign(b) ? pencil_negate(p) : p;
}

static inline Pencil pencil_upper_half(Pencil p)
{
    Pencil h = {.n = p.n / 2};
    memcpy(h.digit, p.digit + h.n, h.n);
    return h;
}

static inline Pencil pencil_lower_half(Pencil p)
{
    Pencil h = {.n = p.n / 2};
    memcpy(h.digit, p.digit, h.n);
    return h;
}

/* Long division, one digit of the quotient at a time, from the top. */
static inline Pencil pencil_divide(Pencil a, Pencil b, Pencil *remainder)
{
    Pencil q = pencil_of(0, a.n), rest = pencil_of(0, a.n + 1), by = pencil_widen(b, b.n + 1,
        false);
    for (unsigned k = a.n; k-- > 0;) {
        memmove(rest.digit + 1, rest.digit, a.n);
        rest.digit[0] = a.digit[k];
        if (pencil_less(rest, by)) continue;
        rest = pencil_sub(rest, by, 0, NULL);
        q.digit[k] = 1;
    }
    rest.n = a.n;
    *remainder = rest;
    return q;
}

/* Digit k of the result is digit from(k) of `p`. */
static inline Pencil pencil_rotate_left(Pencil p, unsigned by)
{
    Pencil r = {.n = p.n};
    for (unsigned k = 0; k < p.n; k++) r.digit[(k + by) % p.n] = p.digit[k];
    return r;
}

static inline Pencil pencil_shift_left(Pencil p, unsigned by)
{
    Pencil r = {.n = p.n};
    for (unsigned k = by; k < p.n; k++) r.digit[k] = p.digit[k - by];
    return r;
}

static inline Pencil pencil_shift_right(Pencil p, unsigned by, uint8_t fill)
{
    Pencil r = {.n = p.n};
    for (unsigned k = 0; k < p.n; k++) r.digit[k] = k + by < p.n ? p.digit[k + by] : fill;
    return r;
}

#endif
