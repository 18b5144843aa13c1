/* Every instruction is at most four pieces: prefixes (legacy and REX, or VEX), opcode, an address
 * or register (ModRM, SIB, displacement), an immediate. The third piece is computed first, because
 * the prefixes hold high bits of its registers. Pieces are stored whole words at a time and the
 * position then advances by their true length: ENC_SLACK bytes of room make that safe.
 */
#include "jit/x64/enc.h"

#include <string.h>

/* ModRM (without reg), SIB and displacement in the low 6 bytes, first byte lowest; and above them
 * what else is to be known. One number, so that it stays in a register. */
typedef uint64_t Place;
enum {
    PLACE_N = 48,     /* 3 bits: how many bytes */
    PLACE_XB = 52,    /* 2 bits: REX.X << 1 | REX.B */
    PLACE_HIGH = 55,  /* a register that needs REX where it is an 8-bit one, or is ah to bh */
    PLACE_LABEL = 56, /* the displacement, bytes 1 to 4, needs a fixup */
};

enum { NO_INDEX = 4, SIB_FOLLOWS = 4, NO_BASE = 5, RIP = 5 };

static Place place(uint64_t bytes, uint64_t n, uint64_t xb)
{
    return bytes | n << PLACE_N | xb << PLACE_XB;
}

static uint32_t place_xb(Place p) { return p >> PLACE_XB & 3; }
static uint32_t place_high(Place p) { return p >> PLACE_HIGH & 1; }

static bool is_none(Reg r)
{
    return r.i == UINT32_MAX;
}

/* [index << scale + disp32], or [disp32] */
static Place place_without_base(uint32_t index, uint32_t scale, int32_t disp)
{
    uint64_t sib = scale << 6 | (index & 7) << 3 | NO_BASE;
    return place(SIB_FOLLOWS | sib << 8 | (uint64_t)(uint32_t)disp << 16, 6, index >> 3 << 1);
}

/* [base + index << scale + disp], the shortest displacement that holds `disp`, unless it is to be
 * `wide`.
 * Low bits 101 of the base (rbp, r13) with mod 0 would mean "no base". */
static Place place_with_base(uint32_t base, uint32_t index, uint32_t scale, int32_t disp,
                             uint32_t wide)
{
    uint32_t some = (disp != 0) | ((base & 7) == NO_BASE) | wide;
    uint32_t large = (disp != (int8_t)disp) | wide;
    uint32_t mod = some + large; /* displacements of 0, 1 and 4 bytes */
    uint32_t sib = (index != NO_INDEX) | ((base & 7) == SIB_FOLLOWS);
    uint32_t second = (scale << 6 | (index & 7) << 3 | (base & 7)) * sib;
    uint32_t first = mod << 6 | (sib ? SIB_FOLLOWS : base & 7);
    return place(first | second << 8 | (uint64_t)(uint32_t)disp << (8 + 8 * sib),
                 1 + sib + mod * mod, index >> 3 << 1 | base >> 3);
}

/* [rip + disp32]. The CPU counts from the end of the instruction, the fixup from the displacement:
 * between the two lie 4 bytes and the immediate. */
static Place place_label(int32_t disp, unsigned imm_n)
{
    uint32_t from_field = (uint32_t)disp - 4 - imm_n;
    return place(RIP | (uint64_t)from_field << 8, 5, 0) | (Place)1 << PLACE_LABEL;
}

static Place place_memory(const Enc *e, const Mem *m, unsigned imm_n)
{
    if (unlikely(m->kind == MEM_LABEL)) return place_label(m->disp, imm_n);
    Reg base = m->base;
    int32_t disp = m->disp;
    if (m->kind == MEM_SLOT) {
        disp = (int32_t)((uint32_t)disp + (uint32_t)e->slot_offset[m->slot]);
        base = e->frame;
    }
    uint32_t index = is_none(m->index) ? NO_INDEX : m->index.i;
    if (unlikely(is_none(base))) return place_without_base(index, m->scale, disp);
    return place_with_base(base.i, index, m->scale, disp, e->wide);
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
    return place(0xc0 | (n & 7), 1, n >> 3) | (Place)is_high(n) << PLACE_HIGH;
}

/* Stores what `put` is made of; the caller advances. */
static void store(uint8_t *at, const void *bytes, size_t n)
{
    memcpy(at, bytes, n);
}

/* Legacy prefixes, REX where it says something, and the opcode, in which a register may stand. All
 * forms go the same way. */
static uint8_t *put_legacy(uint8_t *p, const MInst *i, const FormCode *c, Place at, uint32_t reg)
{
    uint32_t rex = c->rex | reg >> 3 << 2 | place_xb(at);
    uint32_t high = place_high(at) << 1 | is_high(reg);
    uint32_t add = i->cond + ((uint32_t)at & c->low_mask);
    uint32_t opcode = c->opcode + (add << c->cond_shift);
    store(p, &c->prefix, 2);
    p += c->prefix_n;
    *p = (uint8_t)(0x40 | rex);
    p += (rex != 0) | ((c->byte_registers & high) != 0);
    store(p, &opcode, 4);
    return p + c->opcode_n;
}

/* C5 when everything that only C4 can say is at its default, C4 otherwise. Register bits are stored
 * inverted. */
static uint8_t *put_vex(uint8_t *p, const MInst *i, const FormCode *c, Place at, uint32_t reg)
{
    uint32_t last = (~number(i, c->vvvv) & 15) << 3 | c->vex_lpp;
    uint32_t r = (~reg & 8) << 4;
    if ((place_xb(at) | c->rex) == 0 && c->vex_map == 1) {
        uint32_t bytes = 0xc5 | (r | last) << 8 | c->opcode << 16;
        store(p, &bytes, 4);
        return p + 3;
    }
    uint32_t middle = r | (~place_xb(at) & 3) << 5 | c->vex_map;
    uint32_t bytes = 0xc4 | middle << 8 | (c->rex | last) << 16 | c->opcode << 24;
    store(p, &bytes, 4);
    return p + 4;
}

/* For the label of the instruction that ends here: its last field before the immediate, or that
 * itself. */
static void add_fixup(Enc *e, const MInst *i, const FormCode *c)
{
    static const int32_t from_field = -4;
    uint32_t behind = c->label ? 0 : c->imm_n, label = c->label ? (uint32_t)i->imm : i->mem.label;
    if (c->label) store(e->at - 4, &from_field, 4);
    *vec_push(e->arena, &e->fixups) = (EncFixup){enc_offset(e) - behind - 4, label};
}

void enc_inst(Enc *e, const MInst *i)
{
    if (unlikely(e->end - e->at < ENC_SLACK)) {
        e->full = true;
        return;
    }
    const FormCode *c = &form_code[i->form];
    Place at = place_rm(e, i, c);
    uint32_t reg = number(i, c->reg);
    uint8_t *p = c->shape == CODE_VEX ? put_vex(e->at, i, c, at, reg)
                                      : put_legacy(e->at, i, c, at, reg);
    uint64_t modrm = at | (reg & 7) << 3 | c->digit;
    store(p, &modrm, 8);
    p += at >> PLACE_N & c->modrm_mask;
    int64_t imm = i->imm | (number(i, FORM_OPERANDS - 1) & c->is4_mask) << 4;
    store(p, &imm, 8);
    e->at = p + c->imm_n;
    if (unlikely((at >> PLACE_LABEL) | c->label)) add_fixup(e, i, c);
}

void enc_start(Enc *e, Arena *arena, uint8_t *code, size_t size, uint32_t labels_n)
{
    *e = (Enc){.start = code, .at = code, .end = code + size, .arena = arena};
    enc_labels(e, labels_n);
}

uint32_t enc_labels(Enc *e, uint32_t n)
{
    uint32_t first = e->label_at.n;
    vec_reserve(e->arena, &e->label_at, first + n);
    e->label_at.n += n;
    for (uint32_t k = first; k < e->label_at.n; k++) e->label_at.at[k] = ENC_UNBOUND;
    return first;
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
