/* The bits of one value of any type up to 128 bits, little-endian, unused high bytes zero. */
#ifndef IR_BITS_H
#define IR_BITS_H

#include "ir/type.h"

typedef union {
    uint8_t u8[16];
    uint16_t u16[8];
    uint32_t u32[4];
    uint64_t u64[2];
    float f32[4];
    double f64[2];
    unsigned __int128 u128;
} Bits;

static inline Bits bits_of(uint64_t low) { return (Bits){.u64 = {low, 0}}; }

/* Lane `k` of a value of type `t`, zero-extended; lanes of at most 64 bits. */
static inline uint64_t bits_lane(const Bits *b, Type t, unsigned k)
{
    switch (type_lane_bits(t)) {
    case 8: return b->u8[k];
    case 16: return b->u16[k];
    case 32: return b->u32[k];
    default: return b->u64[k];
    }
}

static inline void bits_set_lane(Bits *b, Type t, unsigned k, uint64_t lane)
{
    switch (type_lane_bits(t)) {
    case 8: b->u8[k] = (uint8_t)lane; break;
    case 16: b->u16[k] = (uint16_t)lane; break;
    case 32: b->u32[k] = (uint32_t)lane; break;
    default: b->u64[k] = lane; break;
    }
}

static inline bool bits_equal(Bits a, Bits b)
{
    return a.u64[0] == b.u64[0] && a.u64[1] == b.u64[1];
}

#endif
