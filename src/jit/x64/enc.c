/* Every instruction is at most four pieces: prefixes (legacy and REX, or VEX), opcode, an address
 * or register (ModRM, SIB, displacement), an immediate. The third piece is computed first, because
 * the prefixes hold high bits of its registers. Pieces are stored whole words at a time and the
 * position then advances by their true length: ENC_SLACK bytes of room make that safe.
 */
#include "jit/x64/enc.h"

#include <string.h>

/* ModRM (without reg), SIB and displacement. */
typedef struct {
    uint64_t bytes; /* first byte lowest */
    uint8_t n;
    uint8_t xb;     /* REX.X << 1 | REX.B */
    bool high;      /* a register that needs REX when 8 bits of it are meant, or it would be ah to bh */
    bool label;     /* the displacement, bytes 1 to 4, needs a fixup */
} Place;

enum { NO_INDEX = 4, SIB_FOLLOWS = 4, NO_BASE = 5, RIP = 5 };

static bool is_none(Reg r)
{
    return r.i == UINT32_MAX;
}

/* [index << scale + disp32], or [disp32] */
static Place place_without_base(uint32_t index, uint32_t scale, int32_t disp)
{
    uint64_t sib = scale << 6 | (index & 7) << 3 | NO_BASE;
    return (Place){.bytes = SIB_FOLLOWS | sib << 8 | (uint64_t)(uint32_t)disp << 16,
                   .n = 6,
                   .xb = (uint8_t)(index >> 3 << 1)};
}

/* [base + index << scale + disp], the shortest displacement that holds `disp`. Low bits 101 of the
 * base (rbp, r13) with mod 0 would mean "no base". */
static Place place_with_base(uint32_t base, uint32_t index, uint32_t scale, int32_t disp)
{
    uint32_t some = (disp != 0) | ((base & 7) == NO_BASE), large = disp != (int8_t)disp;
    uint32_t mod = some + large; /* displacements of 0, 1 and 4 bytes */
    uint32_t sib = (index != NO_INDEX) | ((base & 7) == SIB_FOLLOWS);
    uint32_t second = (scale << 6 | (index & 7) << 3 | (base & 7)) * sib;
    uint32_t first = mod << 6 | (sib ? SIB_FOLLOWS : base & 7);
    return (Place){
        .bytes = first | second << 8 | (uint64_t)(uint32_t)disp << (8 + 8 * sib),
        .n = (uint8_t)(1 + sib + mod * mod),
        .xb = (uint8_t)(index >> 3 << 1 | base >> 3),
    };
}

/* [rip + disp32]. The CPU counts from the end of the instruction, the fixup from the displacement:
 * between the two lie 4 bytes and the immediate. */
static Place place_label(int32_t disp, unsigned imm_n)
{
    uint32_t from_field = (uint32_t)disp - 4 - imm_n;
    return (Place){.bytes = RIP | (uint64_t)from_field << 8, .n = 5, .label = true};
}

static Place place_memory(const Enc *e, const Mem *m, unsigned imm_n)
{
    if (m->kind == MEM_LABEL) return place_label(m->disp, imm_n);
    Reg base = m->base;
    int32_t disp = m->disp;
    if (m->kind == MEM_SLOT) {
        disp = (int32_t)((uint32_t)disp + (uint32_t)e->slot_offset[m->slot]);
        base = e->frame;
    }
    uint32_t index = is_none(m->index) ? NO_INDEX : m->index.i;
    if (is_none(base)) return place_without_base(index, m->scale, disp);
    return place_with_base(base.i, index, m->scale, disp);
}

/* The register's number in the operand, 0 for FORM_NO_OPERAND. */
static uint32_t number(const MInst *i, unsigned operand)
{
    return i->reg[operand].i & 15;
}

static bool is_high(uint32_t n) { return n >= 4; }

static Place place_rm(const Enc *e, const MInst *i, const FormCode *c)
{
    if (reg_equal(i->reg[c->rm], REG_MEMORY)) return place_memory(e, &i->mem, c->imm_n);
    uint32_t n = number(i, c->rm);
    return (Place){.bytes = 0xc0 | (n & 7), .n = 1, .xb = (uint8_t)(n >> 3), .high = is_high(n)};
}

/* Stores what `put` is made of; the caller advances. */
static void store(uint8_t *at, const void *bytes, size_t n)
{
    memcpy(at, bytes, n);
}

static void add_fixup(Enc *e, const uint8_t *at, uint32_t label)
{
    *vec_push(e->arena, &e->fixups) = (EncFixup){(uint32_t)(at - e->start), label};
}

static uint8_t *put_place(Enc *e, uint8_t *p, const MInst *i, const Place *place, uint32_t reg)
{
    uint64_t bytes = place->bytes | (reg & 7) << 3;
    store(p, &bytes, 8);
    if (unlikely(place->label)) add_fixup(e, p + 1, i->mem.label);
    return p + place->n;
}

/* A register may stand in it (is4). */
static uint8_t *put_immediate(Enc *e, uint8_t *p, const MInst *i, const FormCode *c)
{
    int64_t value = i->imm | number(i, c->is4) << 4;
    if (unlikely(c->label)) {
        add_fixup(e, p, (uint32_t)value);
        value = -4;
    }
    store(p, &value, 8);
    return p + c->imm_n;
}

/* Legacy prefixes, REX where it says something, the opcode, in which a register may stand, and
 * ModRM where the form has one. All forms go the same way. */
static uint8_t *put_legacy(Enc *e, uint8_t *p, const MInst *i, const FormCode *c)
{
    Place place = place_rm(e, i, c);
    uint32_t reg = number(i, c->reg), rex = c->rex | reg >> 3 << 2 | place.xb;
    uint32_t high = (uint32_t)place.high << 1 | is_high(reg);
    uint32_t add = i->cond + (place.bytes & c->low_mask);
    uint32_t opcode = c->opcode + (add << c->cond_shift);
    store(p, &c->prefix, 2);
    p += c->prefix_n;
    *p = (uint8_t)(0x40 | rex);
    p += (rex != 0) | ((c->byte_registers & high) != 0);
    store(p, &opcode, 4);
    p += c->opcode_n;
    place.n *= c->has_modrm;
    return put_place(e, p, i, &place, reg | c->digit >> 3);
}

/* C5 when everything that only C4 can say is at its default, C4 otherwise. Register bits are stored
 * inverted. */
static uint8_t *put_vex(Enc *e, uint8_t *p, const MInst *i, const FormCode *c)
{
    Place place = place_rm(e, i, c);
    uint32_t reg = number(i, c->reg), vvvv = number(i, c->vvvv);
    uint32_t last = (~vvvv & 15) << 3 | c->vex_lpp;
    uint32_t r = (~reg & 8) << 4;
    if (place.xb == 0 && c->rex == 0 && c->vex_map == 1) {
        uint32_t bytes = 0xc5 | (r | last) << 8 | c->opcode << 16;
        store(p, &bytes, 4);
        p += 3;
    } else {
        uint32_t middle = r | (uint32_t)(~place.xb & 3) << 5 | c->vex_map;
        uint32_t bytes = 0xc4 | middle << 8 | (c->rex | last) << 16 | c->opcode << 24;
        store(p, &bytes, 4);
        p += 4;
    }
    return put_place(e, p, i, &place, reg | c->digit >> 3);
}

void enc_inst(Enc *e, const MInst *i)
{
    if (unlikely(e->end - e->at < ENC_SLACK)) {
        e->full = true;
        return;
    }
    const FormCode *c = &form_code[i->form];
    uint8_t *p = c->shape == CODE_VEX ? put_vex(e, e->at, i, c) : put_legacy(e, e->at, i, c);
    e->at = put_immediate(e, p, i, c);
}

void enc_start(Enc *e, Arena *arena, uint8_t *code, size_t size, uint32_t labels_n)
{
    *e = (Enc){.start = code, .at = code, .end = code + size, .arena = arena};
    vec_reserve(arena, &e->label_at, labels_n);
    for (uint32_t k = 0; k < labels_n; k++) enc_label(e);
}

uint32_t enc_label(Enc *e)
{
    *vec_push(e->arena, &e->label_at) = ENC_UNBOUND;
    return e->label_at.n - 1;
}

void enc_bind(Enc *e, uint32_t label)
{
    CHECK(label < e->label_at.n && e->label_at.at[label] == ENC_UNBOUND);
    e->label_at.at[label] = enc_offset(e);
}

void enc_bytes(Enc *e, const void *bytes, size_t n)
{
    if ((size_t)(e->end - e->at) < n) {
        e->full = true;
        return;
    }
    memcpy(e->at, bytes, n);
    e->at += n;
}

/* The recommended no-ops of 1 to 9 bytes (SDM vol. 2B, NOP, table 4-12). */
static const char *const nops[] = {
    "",
    "\x90",
    "\x66\x90",
    "\x0f\x1f\x00",
    "\x0f\x1f\x40\x00",
    "\x0f\x1f\x44\x00\x00",
    "\x66\x0f\x1f\x44\x00\x00",
    "\x0f\x1f\x80\x00\x00\x00\x00",
    "\x0f\x1f\x84\x00\x00\x00\x00\x00",
    "\x66\x0f\x1f\x84\x00\x00\x00\x00\x00",
};

void enc_align(Enc *e, uint32_t align)
{
    CHECK(is_power_of_two(align));
    uint32_t n = -enc_offset(e) & (align - 1);
    while (n) {
        uint32_t step = n < countof(nops) ? n : (uint32_t)countof(nops) - 1;
        enc_bytes(e, nops[step], step);
        n -= step;
    }
}

bool enc_finish(Enc *e)
{
    if (e->full) return false;
    for (uint32_t k = 0; k < e->fixups.n; k++) {
        EncFixup f = e->fixups.at[k];
        uint32_t target = e->label_at.at[f.label], field;
        CHECK(target != ENC_UNBOUND);
        memcpy(&field, e->start + f.at, 4);
        field += target - f.at;
        memcpy(e->start + f.at, &field, 4);
    }
    return true;
}
