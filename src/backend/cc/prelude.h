/* What every translation unit begins with; the lines above it define HAVE_… for what the compiler
 * was found to have (probes.def). Stands alone: no header is included, so none need be installed.
 *
 * Names end in the width of the lanes that they are for. Nothing here overflows a signed type,
 * shifts by a whole width or divides by zero.
 */
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"

typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef short s16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long u64;
typedef long s64;
typedef float f32;
typedef double f64;
#if HAVE_INT128
typedef unsigned __int128 u128;
typedef __int128 s128;
#endif

#define UNUSED __attribute__((unused))
#define HELPER static inline UNUSED
#ifdef NOINLINE
#define FUNCTION static UNUSED __attribute__((noinline))
#else
#define FUNCTION static UNUSED
#endif

#if HAVE_BUILTINS
#define memcpy __builtin_memcpy
#define sqrt32 __builtin_sqrtf
#define sqrt64 __builtin_sqrt
#define fma32 __builtin_fmaf
#define fma64 __builtin_fma
#define ceil32 __builtin_ceilf
#define ceil64 __builtin_ceil
#define floor32 __builtin_floorf
#define floor64 __builtin_floor
#define trunc32 __builtin_truncf
#define trunc64 __builtin_trunc
#define nearest32 __builtin_rintf
#define nearest64 __builtin_rint
#else
void *memcpy(void *, const void *, u64);
float sqrtf(float), fmaf(float, float, float), ceilf(float), floorf(float), truncf(float);
double sqrt(double), fma(double, double, double), ceil(double), floor(double), trunc(double);
float rintf(float);
double rint(double);
#define sqrt32 sqrtf
#define sqrt64 sqrt
#define fma32 fmaf
#define fma64 fma
#define ceil32 ceilf
#define ceil64 ceil
#define floor32 floorf
#define floor64 floor
#define trunc32 truncf
#define trunc64 trunc
#define nearest32 rintf
#define nearest64 rint
#endif

/* ---- traps ---- */

/* Filled in by whoever loads the code. */
struct tally_link {
    void (*trap)(int);
    const u64 (*faults)[2];
} tally_link;

static UNUSED __attribute__((noinline, cold, noreturn)) void trap(int code)
{
    tally_link.trap(code);
    for (;;) continue;
}

/* Whether there is a range, beside the first 64 KiB, at which accesses trap. */
static UNUSED int faults_exist;

HELPER void begin(void)
{
    faults_exist = 0;
    for (int k = 0; k < TALLY_RANGES; k++)
        faults_exist |= tally_link.faults[k][0] != tally_link.faults[k][1];
}

static UNUSED __attribute__((noinline)) int is_fault(u64 at, u64 n)
{
    if (at < 65536) return 1;
    for (int k = 0; k < TALLY_RANGES; k++)
        if (at < tally_link.faults[k][1] && at + n > tally_link.faults[k][0]) return 1;
    return 0;
}

/* Before an access that may trap. */
HELPER void check(u64 at, u64 n, int code)
{
    if ((at < 65536 || faults_exist) && is_fault(at, n)) trap(code);
}

/* ---- memory ---- */

#define AT(address) ((u8 *)(address))
#if HAVE_BUILTINS
#define ALIGNED(address, n) __builtin_assume_aligned(address, n)
#else
#define ALIGNED(address, n) (address)
#endif

/* T_n is accessed at multiples of its size, T_u anywhere; both alias everything. */
#define SCALAR(T) \
    typedef T __attribute__((may_alias)) T##_n; \
    typedef T __attribute__((may_alias, aligned(1))) T##_u;
#if HAVE_VECTORS
#define VECTOR(T, lanes) \
    typedef T T##x##lanes __attribute__((vector_size(sizeof(T) * lanes))); \
    SCALAR(T##x##lanes)
#else
#define VECTOR(T, lanes) \
    typedef struct { T l[lanes]; } T##x##lanes;
#endif

SCALAR(u8) SCALAR(u16) SCALAR(u32) SCALAR(u64) SCALAR(f32) SCALAR(f64)
#if HAVE_INT128
SCALAR(u128)
#endif
VECTOR(u8, 16) VECTOR(u8, 8) VECTOR(u8, 4) VECTOR(u8, 2)
VECTOR(s8, 16) VECTOR(s8, 8) VECTOR(s8, 4) VECTOR(s8, 2)
VECTOR(u16, 8) VECTOR(u16, 4) VECTOR(u16, 2)
VECTOR(s16, 8) VECTOR(s16, 4) VECTOR(s16, 2)
VECTOR(u32, 4) VECTOR(u32, 2) VECTOR(s32, 4) VECTOR(s32, 2)
VECTOR(u64, 2) VECTOR(s64, 2)
VECTOR(f32, 4) VECTOR(f32, 2) VECTOR(f64, 2)

#if HAVE_ATOMICS
#define FENCE __atomic_thread_fence(5)
#else
#define FENCE (void)0
#endif

/* ---- the bits of floats ---- */

HELPER u32 bits32(f32 x) { u32 r; memcpy(&r, &x, 4); return r; }
HELPER u64 bits64(f64 x) { u64 r; memcpy(&r, &x, 8); return r; }
HELPER f32 float32(u32 x) { f32 r; memcpy(&r, &x, 4); return r; }
HELPER f64 float64(u64 x) { f64 r; memcpy(&r, &x, 8); return r; }

/* Equal operands are the same number, or zeros of any sign; what is unordered gives the one NaN. */
#define MIN_MAX(B, F, nan) \
    HELPER F fmin##B(F x, F y) \
    { \
        if (x == y) return float##B(bits##B(x) | bits##B(y)); \
        return x < y ? x : y < x ? y : float##B(nan); \
    } \
    HELPER F fmax##B(F x, F y) \
    { \
        if (x == y) return float##B(bits##B(x) & bits##B(y)); \
        return x > y ? x : y > x ? y : float##B(nan); \
    }
MIN_MAX(32, f32, 0x7fc00000) MIN_MAX(64, f64, 0x7ff8000000000000)

/* ---- bits and bytes ---- */

#if HAVE_BUILTINS
HELPER u32 clz32(u32 x) { return x ? (u32)__builtin_clz(x) : 32; }
HELPER u32 clz64(u64 x) { return x ? (u32)__builtin_clzll(x) : 64; }
HELPER u32 ctz32(u32 x) { return x ? (u32)__builtin_ctz(x) : 32; }
HELPER u32 ctz64(u64 x) { return x ? (u32)__builtin_ctzll(x) : 64; }
#define popcnt32 (u32)__builtin_popcount
#define popcnt64 (u32)__builtin_popcountll
#define bswap16 __builtin_bswap16
#define bswap32 __builtin_bswap32
#define bswap64 __builtin_bswap64
#else
HELPER u32 clz64(u64 x)
{
    u32 n = 64;
    for (; x; x >>= 1) n--;
    return n;
}
HELPER u32 ctz64(u64 x)
{
    u32 n = 0;
    for (; n < 64 && !(x & 1); x >>= 1) n++;
    return n;
}
HELPER u32 popcnt64(u64 x)
{
    u32 n = 0;
    for (; x; x &= x - 1) n++;
    return n;
}
HELPER u64 bswap64(u64 x)
{
    x = (x & 0x00ff00ff00ff00ff) << 8 | (x >> 8 & 0x00ff00ff00ff00ff);
    x = (x & 0x0000ffff0000ffff) << 16 | (x >> 16 & 0x0000ffff0000ffff);
    return x << 32 | x >> 32;
}
#define clz32(x) (clz64((u32)(x)) - 32)
#define ctz32(x) ctz64((u64)(x) | (u64)1 << 32)
#define popcnt32 popcnt64
#define bswap32(x) ((u32)(bswap64(x) >> 32))
#define bswap16(x) ((u16)(bswap64(x) >> 48))
#endif
#define clz16(x) (clz32(x) - 16)
#define clz8(x) (clz32(x) - 24)
#define ctz16(x) ctz32((x) | 0x10000u)
#define ctz8(x) ctz32((x) | 0x100u)
#define popcnt16 popcnt32
#define popcnt8 popcnt32
#define bswap8(x) (x)

HELPER u64 bitrev64(u64 x)
{
    x = (x & 0x5555555555555555) << 1 | (x >> 1 & 0x5555555555555555);
    x = (x & 0x3333333333333333) << 2 | (x >> 2 & 0x3333333333333333);
    x = (x & 0x0f0f0f0f0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0f);
    return bswap64(x);
}
#define bitrev32(x) ((u32)(bitrev64(x) >> 32))
#define bitrev16(x) ((u16)(bitrev64(x) >> 48))
#define bitrev8(x) ((u8)(bitrev64(x) >> 56))

/* ---- the upper half of products ---- */

#define umulhi8(x, y) ((u32)(x) * (y) >> 8)
#define umulhi16(x, y) ((u32)(x) * (y) >> 16)
#define umulhi32(x, y) ((u64)(x) * (y) >> 32)
#define smulhi8(x, y) ((s32)(s8)(x) * (s8)(y) >> 8)
#define smulhi16(x, y) ((s32)(s16)(x) * (s16)(y) >> 16)
#define smulhi32(x, y) ((s64)(s32)(x) * (s32)(y) >> 32)

/* By halves of h bits, as on paper: no sum below reaches 2 to the power of 2h. A negative factor
 * was taken for one that is larger by 2 to the power of 2h. */
#define PRODUCT(B, U, h) \
    HELPER U umulhi##B(U x, U y) \
    { \
        U mask = ((U)1 << h) - 1, x0 = x & mask, x1 = x >> h, y0 = y & mask, y1 = y >> h; \
        U middle = x1 * y0 + (x0 * y0 >> h), other = x0 * y1 + (middle & mask); \
        return x1 * y1 + (middle >> h) + (other >> h); \
    } \
    HELPER U smulhi##B(U x, U y) \
    { \
        return umulhi##B(x, y) - (x >> (B - 1) ? y : 0) - (y >> (B - 1) ? x : 0); \
    }
#if HAVE_INT128
HELPER u64 umulhi64(u64 x, u64 y) { return (u64)((u128)x * y >> 64); }
HELPER u64 smulhi64(u64 x, u64 y) { return (u64)((s128)(s64)x * (s64)y >> 64); }
PRODUCT(128, u128, 64)
#else
PRODUCT(64, u64, 32)
#endif

/* ---- overflow: the value through `r`, whether it overflowed as the result ---- */

#if HAVE_OVERFLOW
#define OVERFLOW(B, U, S) \
    HELPER u8 uadd_overflow##B(U x, U y, U *r) { return __builtin_add_overflow(x, y, r); } \
    HELPER u8 usub_overflow##B(U x, U y, U *r) { return __builtin_sub_overflow(x, y, r); } \
    HELPER u8 sadd_overflow##B(U x, U y, U *r) \
    { \
        S s; \
        u8 o = __builtin_add_overflow((S)x, (S)y, &s); \
        return *r = (U)s, o; \
    } \
    HELPER u8 ssub_overflow##B(U x, U y, U *r) \
    { \
        S s; \
        u8 o = __builtin_sub_overflow((S)x, (S)y, &s); \
        return *r = (U)s, o; \
    }
#define OVERFLOW_MUL(B, U, S) \
    HELPER u8 umul_overflow##B(U x, U y, U *r) { return __builtin_mul_overflow(x, y, r); } \
    HELPER u8 smul_overflow##B(U x, U y, U *r) \
    { \
        S s; \
        u8 o = __builtin_mul_overflow((S)x, (S)y, &s); \
        return *r = (U)s, o; \
    }
#else
#define OVERFLOW(B, U, S) \
    HELPER u8 uadd_overflow##B(U x, U y, U *r) { *r = (U)(x + y); return *r < x; } \
    HELPER u8 usub_overflow##B(U x, U y, U *r) { *r = (U)(x - y); return x < y; } \
    HELPER u8 sadd_overflow##B(U x, U y, U *r) \
    { \
        *r = (U)(x + y); \
        return (u8)(((x ^ *r) & (y ^ *r)) >> (B - 1)); \
    } \
    HELPER u8 ssub_overflow##B(U x, U y, U *r) \
    { \
        *r = (U)(x - y); \
        return (u8)(((x ^ y) & (x ^ *r)) >> (B - 1)); \
    }
#define OVERFLOW_MUL(B, U, S) \
    HELPER u8 umul_overflow##B(U x, U y, U *r) \
    { \
        *r = (U)((u64)x * y); \
        return umulhi##B(x, y) != 0; \
    } \
    HELPER u8 smul_overflow##B(U x, U y, U *r) \
    { \
        *r = (U)((u64)x * y); \
        return (U)smulhi##B(x, y) != (U)((S)*r < 0 ? -1 : 0); \
    }
#endif

/* With a carry or borrow: two steps, of which at most one overflows unsigned. */
#define CARRY(B, U) \
    HELPER u8 uadd_overflow_cin##B(U x, U y, u8 c, U *r) \
    { \
        U t = (U)(x + y); \
        *r = (U)(t + c); \
        return t < x || *r < t; \
    } \
    HELPER u8 usub_overflow_bin##B(U x, U y, u8 c, U *r) \
    { \
        U t = (U)(x - y); \
        *r = (U)(t - c); \
        return x < y || t < c; \
    } \
    HELPER u8 sadd_overflow_cin##B(U x, U y, u8 c, U *r) \
    { \
        *r = (U)((U)(x + y) + c); \
        return (u8)(((x ^ *r) & (y ^ *r)) >> (B - 1)) & 1; \
    } \
    HELPER u8 ssub_overflow_bin##B(U x, U y, u8 c, U *r) \
    { \
        *r = (U)((U)(x - y) - c); \
        return (u8)(((x ^ y) & (x ^ *r)) >> (B - 1)) & 1; \
    }

/* ---- saturation ---- */

#define SATURATE(B, U, S) \
    HELPER U uadd_sat##B(U x, U y) { U r = (U)(x + y); return r < x ? (U)-1 : r; } \
    HELPER U usub_sat##B(U x, U y) { return (U)(x < y ? 0 : x - y); } \
    HELPER U saturated##B(U x) { return (U)((x >> (B - 1)) + ((U)((U)-1) >> 1)); } \
    HELPER U sadd_sat##B(U x, U y) \
    { \
        U r; \
        return sadd_overflow##B(x, y, &r) ? saturated##B(x) : r; \
    } \
    HELPER U ssub_sat##B(U x, U y) \
    { \
        U r; \
        return ssub_overflow##B(x, y, &r) ? saturated##B(x) : r; \
    }

#define CLAMP(B, U, S) \
    HELPER U clamp_s##B(s64 x) \
    { \
        s64 most = ((s64)1 << (B - 1)) - 1; \
        return (U)(x > most ? most : x < -most - 1 ? -most - 1 : x); \
    } \
    HELPER U clamp_u##B(s64 x) \
    { \
        s64 most = ((s64)1 << B) - 1; \
        return (U)(x > most ? most : x < 0 ? 0 : x); \
    }

#define EACH_WIDTH(M) M(8, u8, s8) M(16, u16, s16) M(32, u32, s32) M(64, u64, s64)
EACH_WIDTH(OVERFLOW)
EACH_WIDTH(OVERFLOW_MUL)
EACH_WIDTH(SATURATE)
CARRY(8, u8) CARRY(16, u16) CARRY(32, u32) CARRY(64, u64)
CLAMP(8, u8, s8) CLAMP(16, u16, s16) CLAMP(32, u32, s32)

/* ---- 128 bits, by halves ---- */

#if HAVE_INT128
OVERFLOW(128, u128, s128)
CARRY(128, u128)
#define HIGH(x) ((u64)((x) >> 64))
HELPER u32 clz128(u128 x) { return HIGH(x) ? clz64(HIGH(x)) : 64 + clz64((u64)x); }
HELPER u32 ctz128(u128 x) { return (u64)x ? ctz64((u64)x) : 64 + ctz64(HIGH(x)); }
HELPER u32 popcnt128(u128 x) { return popcnt64((u64)x) + popcnt64(HIGH(x)); }
HELPER u128 bswap128(u128 x) { return (u128)bswap64((u64)x) << 64 | bswap64(HIGH(x)); }
HELPER u128 bitrev128(u128 x) { return (u128)bitrev64((u64)x) << 64 | bitrev64(HIGH(x)); }
#endif
