/* Every form of insns.def against an independent disassembler.
 *
 * `cases` writes each form in many ways: every register in every place beside low and high ones,
 * every base and index with displacements at the borders of 0, 8 and 32 bits, rip and absolute
 * addresses, immediates at their borders, all conditions. `check` encodes a case, has Zydis decode
 * the bytes, and compares mnemonic, length, every operand with its role and width, implicit
 * operands, flags, CPU feature and alignment with what the table says.
 *
 * Alignment is also tried on the CPU.
 *
 * Where Zydis itself is known to differ from the manual, `known` has a row with the reason. A form
 * without a check, a row of `known` that no case needed, and any difference fail.
 */
#include "jit/x64/enc.h"
#include "tests/unit/jit/isa.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include <cmocka.h>

#include <Zydis/Zydis.h>

enum { LABEL_BEFORE, LABEL_AFTER, LABELS };
enum { CODE_AT = 64, CODE_SIZE = 256, AFTER_AT = CODE_AT + 40 };
enum { SLOT_OFFSET = 0x140, MESSAGES_A_FORM = 2 };

static const int32_t slot_offset[] = {-0x18, SLOT_OFFSET};

typedef struct {
    Arena *arena;
    ZydisDecoder decoder;
    uint8_t code[CODE_SIZE];
    uint32_t checked[FORM_COUNT];
    uint32_t failed[FORM_COUNT];
    unsigned encodings, failures;
    /* the case being checked */
    const MInst *inst;
    const FormInfo *info;
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    bool matched[ZYDIS_MAX_OPERAND_COUNT];
    uint32_t length;
} Test;

/* -- Where the disassembler is not followed ---------------------------------------------------- */

/* Reasons are the manual's (SDM vol. 2, page of the instruction) unless they speak of CPUs. */

typedef enum { ABOUT_ROLE, ABOUT_WIDTH, ABOUT_SIGN, ABOUT_FLAGS, ABOUT_FEATURE, ABOUT_ALIGN } About;

static struct {
    const char *name; /* of a row, or its beginning with a `*` */
    About about;
    const char *reason;
    bool used;
} known[] = {
    {"bsf", ABOUT_ROLE, "CPUs leave the register as it was when the source is 0", false},
    {"bsr", ABOUT_ROLE, "CPUs leave the register as it was when the source is 0", false},
    {"movaps_over", ABOUT_ROLE, "a jump may skip it: the register then stays as it was", false},
    {"vmovaps_over", ABOUT_ROLE, "a jump may skip it: the register then stays as it was", false},
    {"cvtsi2s*", ABOUT_ROLE, "the low part is only written; the rest stays, as in cvtss2sd", false},
    {"sbb*", ABOUT_FLAGS, "AF is set according to the result, as in sub", false},
    {"vptest", ABOUT_FLAGS, "OF, SF, AF and PF are cleared, as in ptest", false},
    {"movhlps", ABOUT_WIDTH, "64 bits are read, but the high ones", false},
    {"movhpd_mr", ABOUT_WIDTH, "64 bits are read, but the high ones", false},
    {"unpck*", ABOUT_WIDTH, "one half is read; as memory all 16 bytes may be", false},
    {"punpck*", ABOUT_WIDTH, "one half is read; as memory all 16 bytes may be", false},
    {"vbroadcastss_rr", ABOUT_WIDTH, "only the low element is read", false},
    {"vucomis*", ABOUT_WIDTH, "only the low element is read, as in ucomiss", false},
    {"mov_u32", ABOUT_SIGN, "bits 32 to 63 are cleared: an unsigned number of the register", false},
    {"movup*", ABOUT_ALIGN, "of type 4, and exempt by its own page", false},
    {"movdqu*", ABOUT_ALIGN, "of type 4, and exempt by its own page", false},
    {"lddqu", ABOUT_ALIGN, "of type 4, and exempt by its own page", false},
};

static bool name_matches(const char *pattern, const char *name)
{
    size_t n = strlen(pattern);
    if (n && pattern[n - 1] == '*') return strncmp(pattern, name, n - 1) == 0;
    return strcmp(pattern, name) == 0;
}

static bool is_known(const Test *t, About about)
{
    for (size_t k = 0; k < countof(known); k++) {
        if (known[k].about != about || !name_matches(known[k].name, t->info->name)) continue;
        known[k].used = true;
        return true;
    }
    return false;
}

static void report(Test *t, const char *format, ...) PRINTF_LIKE(2, 3);

static void report(Test *t, const char *format, ...)
{
    t->failures++;
    if (t->failed[t->inst->form]++ >= MESSAGES_A_FORM) return;
    Buf text = {.arena = t->arena};
    minst_print(t->inst, &text);
    printf("%s (%u bits): %s:", t->info->name, t->info->bits, text.at);
    for (uint32_t k = 0; k < t->length; k++) printf(" %02x", t->code[CODE_AT + k]);
    printf(": ");
    va_list ap;
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    printf("\n");
}

/* -- Operands ---------------------------------------------------------------------------------- */

static ZydisRegister expected_register(Reg r, unsigned bytes)
{
    static const ZydisRegister low[] = {ZYDIS_REGISTER_AL, ZYDIS_REGISTER_CL, ZYDIS_REGISTER_DL,
                                        ZYDIS_REGISTER_BL};
    if (r.i >= REG_xmm0) return (ZydisRegister)(ZYDIS_REGISTER_XMM0 + r.i - REG_xmm0);
    switch (bytes) {
    case 1: return r.i < 4 ? low[r.i] : (ZydisRegister)(ZYDIS_REGISTER_SPL + r.i - 4);
    case 2: return (ZydisRegister)(ZYDIS_REGISTER_AX + r.i);
    case 4: return (ZydisRegister)(ZYDIS_REGISTER_EAX + r.i);
    default: return (ZydisRegister)(ZYDIS_REGISTER_RAX + r.i);
    }
}

static ZydisRegister expected_address(Reg r)
{
    return reg_equal(r, REG_NONE) ? ZYDIS_REGISTER_NONE : expected_register(r, 8);
}

/* The address an instruction must have, in terms of the machine. */
typedef struct {
    ZydisRegister base, index;
    unsigned scale;
    int64_t disp;
} Address;

static Address expected_memory(const Test *t, const Mem *m)
{
    if (m->kind == MEM_LABEL) {
        int64_t target = m->label == LABEL_BEFORE ? 0 : AFTER_AT;
        return (Address){ZYDIS_REGISTER_RIP, ZYDIS_REGISTER_NONE, 0,
                         target + m->disp - (CODE_AT + (int64_t)t->length)};
    }
    Address a = {expected_address(m->base), expected_address(m->index), 1u << m->scale, m->disp};
    if (m->kind == MEM_SLOT) {
        a.base = ZYDIS_REGISTER_RSP;
        a.disp += slot_offset[m->slot];
    }
    if (a.index == ZYDIS_REGISTER_NONE) a.scale = 0;
    return a;
}

static void check_memory(Test *t, const FormOperand *o, const ZydisDecodedOperand *z)
{
    Address want = expected_memory(t, &t->inst->mem);
    bool access = o->memory_bytes != 0;
    ZydisMemoryOperandType type = access ? ZYDIS_MEMOP_TYPE_MEM : ZYDIS_MEMOP_TYPE_AGEN;
    if (z->type != ZYDIS_OPERAND_TYPE_MEMORY || z->mem.type != type)
        report(t, "no memory operand");
    if (z->mem.base != want.base || z->mem.index != want.index || z->mem.scale != want.scale)
        report(t, "address [%s+%s*%u]", ZydisRegisterGetString(z->mem.base),
               ZydisRegisterGetString(z->mem.index), z->mem.scale);
    int64_t disp = z->mem.disp.has_displacement ? z->mem.disp.value : 0;
    if (disp != want.disp) report(t, "displacement %lld", (long long)disp);
    if (access && z->size != o->memory_bytes * 8) report(t, "memory of %u bits", z->size);
}

static void check_register(Test *t, unsigned k, const ZydisDecodedOperand *z)
{
    const FormOperand *o = &t->info->operand[k];
    if (z->type != ZYDIS_OPERAND_TYPE_REGISTER ||
        z->reg.value != expected_register(t->inst->reg[k], o->bytes))
        report(t, "operand %u is not that register", k);
}

/* A vector register of which only a part is written keeps the rest: the table may call that a use
 * and definition of the whole. */
static bool is_merge(const FormOperand *o, const ZydisDecodedOperand *z)
{
    return (o->takes & TAKES_XMM) && o->role == ROLE_USE_DEF && o->bytes == 16 &&
           z->actions == ZYDIS_OPERAND_ACTION_WRITE && z->size < 128;
}

static void check_role(Test *t, unsigned k, const ZydisDecodedOperand *z)
{
    const FormOperand *o = &t->info->operand[k];
    bool memory = z->type == ZYDIS_OPERAND_TYPE_MEMORY;
    if (memory && !o->memory_bytes) return;
    if (!memory && is_merge(o, z)) return;
    unsigned role = 0;
    if (z->actions & ZYDIS_OPERAND_ACTION_MASK_READ) role |= ROLE_USE;
    if (z->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) role |= ROLE_DEF;
    if (z->actions & ZYDIS_OPERAND_ACTION_CONDWRITE) role |= ROLE_USE; /* or it stays */
    if (role != o->role && !is_known(t, ABOUT_ROLE))
        report(t, "operand %u: role %u, not %u", k, role, o->role);
    if (!memory && z->size != o->bytes * 8 && !is_known(t, ABOUT_WIDTH))
        report(t, "operand %u: %u bits, not %u", k, z->size, o->bytes * 8);
}

static uint64_t low_bits(uint64_t value, unsigned bits)
{
    return bits >= 64 ? value : value & (((uint64_t)1 << bits) - 1);
}

/* An immediate narrower than the operand size is compared at that size: so its extension counts. */
static void check_number(Test *t, unsigned k, const ZydisDecodedOperand *z)
{
    const FormOperand *o = &t->info->operand[k];
    if (z->type != ZYDIS_OPERAND_TYPE_IMMEDIATE) {
        report(t, "operand %u is no immediate", k);
        return;
    }
    uint64_t want = (uint64_t)t->inst->imm;
    if (o->takes & TAKES_LABEL) {
        int64_t target = t->inst->imm == LABEL_BEFORE ? 0 : AFTER_AT;
        want = (uint64_t)(target - (CODE_AT + (int64_t)t->length));
    }
    unsigned bits = o->bytes * 8u;
    if ((o->takes & TAKES_IMM) && t->info->bits > bits) bits = t->info->bits;
    if (low_bits(z->imm.value.u, bits) != low_bits(want, bits) ||
        z->imm.is_relative != ((o->takes & TAKES_LABEL) != 0))
        report(t, "immediate 0x%llx", (unsigned long long)z->imm.value.u);
    bool is_signed = !(o->takes & TAKES_UIMM);
    if (z->imm.is_signed != is_signed && !is_known(t, ABOUT_SIGN))
        report(t, "immediate is %s", is_signed ? "unsigned" : "signed");
}

static void check_operand(Test *t, unsigned k, unsigned at)
{
    const FormOperand *o = &t->info->operand[k];
    const ZydisDecodedOperand *z = &t->operands[at];
    t->matched[at] = true;
    if (o->takes & (TAKES_IMM | TAKES_UIMM | TAKES_LABEL)) {
        check_number(t, k, z);
        return;
    }
    if (reg_equal(t->inst->reg[k], REG_MEMORY)) check_memory(t, o, z);
    else check_register(t, k, z);
    check_role(t, k, z);
}

/* The operand of Zydis that a fixed one of ours is: any unmatched one with this register. */
static void check_fixed_operand(Test *t, unsigned k)
{
    const FormOperand *o = &t->info->operand[k];
    ZydisRegister want = expected_register(reg_of(o->fixed), o->bytes);
    for (unsigned at = 0; at < t->insn.operand_count; at++) {
        const ZydisDecodedOperand *z = &t->operands[at];
        if (t->matched[at] || z->type != ZYDIS_OPERAND_TYPE_REGISTER || z->reg.value != want)
            continue;
        check_operand(t, k, at);
        return;
    }
    report(t, "implicit %s is not there", reg_name(reg_of(o->fixed), o->bytes * 8u));
}

static bool is_implied(ZydisRegister base)
{
    return base == ZYDIS_REGISTER_RSP || base == ZYDIS_REGISTER_RSI || base == ZYDIS_REGISTER_RDI;
}

/* What the table leaves out on purpose: rip and rsp, flags, MXCSR, the stack, what strings are
 * moved from and to. */
static bool is_left_out(const ZydisDecodedOperand *z)
{
    if (z->visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN) return false;
    if (z->type == ZYDIS_OPERAND_TYPE_MEMORY) return is_implied(z->mem.base);
    if (z->type != ZYDIS_OPERAND_TYPE_REGISTER) return false;
    ZydisRegister r = z->reg.value;
    return r == ZYDIS_REGISTER_RIP || r == ZYDIS_REGISTER_RSP || r == ZYDIS_REGISTER_RFLAGS ||
           r == ZYDIS_REGISTER_MXCSR;
}

static void check_operands(Test *t)
{
    unsigned at = 0;
    memset(t->matched, 0, sizeof t->matched);
    for (unsigned k = 0; k < t->info->operands_n; k++) {
        if (t->info->operand[k].fixed != REG_ANY) continue;
        if (at < t->insn.operand_count_visible) check_operand(t, k, at++);
        else report(t, "operand %u is not there", k);
    }
    for (unsigned k = 0; k < t->info->operands_n; k++)
        if (t->info->operand[k].fixed != REG_ANY) check_fixed_operand(t, k);
    for (at = 0; at < t->insn.operand_count; at++)
        if (!t->matched[at] && !is_left_out(&t->operands[at]))
            report(t, "operand %u of the disassembler is not in the table", at);
}

/* -- The rest of an instruction ---------------------------------------------------------------- */

static unsigned our_flags(ZydisAccessedFlagsMask z)
{
    static const ZydisAccessedFlagsMask bits[] = {ZYDIS_CPUFLAG_OF, ZYDIS_CPUFLAG_SF,
                                                  ZYDIS_CPUFLAG_ZF, ZYDIS_CPUFLAG_AF,
                                                  ZYDIS_CPUFLAG_PF, ZYDIS_CPUFLAG_CF};
    unsigned set = 0;
    for (unsigned k = 0; k < countof(bits); k++)
        if (z & bits[k]) set |= 1u << k;
    return set;
}

static void check_flags(Test *t)
{
    const ZydisAccessedFlags *z = t->insn.cpu_flags;
    unsigned want_read = t->info->flags_read;
    if (t->info->has_cond) want_read |= cond_flags((Cond)t->inst->cond);
    unsigned read = our_flags(z->tested), undefined = our_flags(z->undefined);
    unsigned written = our_flags(z->modified | z->set_0 | z->set_1);
    if (read == want_read && written == t->info->flags_written &&
        undefined == t->info->flags_undefined)
        return;
    if (!is_known(t, ABOUT_FLAGS))
        report(t, "flags: read %x, written %x, undefined %x", read, written, undefined);
}

static void check_mnemonic(Test *t)
{
    const char *cond = t->info->has_cond ? cond_name((Cond)t->inst->cond) : "";
    char want[32];
    snprintf(want, sizeof want, "%s%s", t->info->mnemonic, cond);
    const char *got = ZydisMnemonicGetString(t->insn.mnemonic);
    if (strcmp(got, want) != 0) report(t, "decoded as %s", got);
    bool locked = (t->insn.attributes & ZYDIS_ATTRIB_HAS_LOCK) != 0;
    if (locked != (strncmp(t->info->bytes, "F0 ", 3) == 0)) report(t, "lock prefix");
}

static void check_feature(Test *t)
{
    for (size_t k = 0; k < countof(isa_sets); k++)
        if (isa_sets[k].feature == t->info->feature && isa_sets[k].set == t->insn.meta.isa_set)
            return;
    if (!is_known(t, ABOUT_FEATURE))
        report(t, "instruction set %s", ZydisISASetGetString(t->insn.meta.isa_set));
}

/* SDM vol. 2A, 2.4: type 1 and legacy types 2 and 4 demand aligned operands of 16 bytes. */
static void check_alignment(Test *t)
{
    unsigned k = minst_memory_operand(t->inst);
    if (k == FORM_OPERANDS) return;
    const FormOperand *o = &t->info->operand[k];
    ZydisExceptionClass c = t->insn.meta.exception_class;
    bool strict = c == ZYDIS_EXCEPTION_CLASS_SSE1 || c == ZYDIS_EXCEPTION_CLASS_AVX1 ||
                  c == ZYDIS_EXCEPTION_CLASS_SSE2 || c == ZYDIS_EXCEPTION_CLASS_SSE4;
    unsigned align = strict && o->memory_bytes == 16 ? 16 : 1;
    if (align != o->align && !is_known(t, ABOUT_ALIGN))
        report(t, "alignment %u by exception class", align);
}

static bool encode(Test *t)
{
    Enc e;
    memset(t->code, 0xcc, sizeof t->code);
    ArenaMark mark = arena_mark(t->arena);
    enc_start(&e, t->arena, t->code, sizeof t->code, LABELS);
    e.frame = reg_of(REG_rsp);
    e.slot_offset = slot_offset;
    enc_bind(&e, LABEL_BEFORE);
    e.at = e.start + CODE_AT;
    enc_inst(&e, t->inst);
    t->length = enc_offset(&e) - CODE_AT;
    e.at = e.start + AFTER_AT;
    enc_bind(&e, LABEL_AFTER);
    bool fits = enc_finish(&e);
    arena_release(t->arena, mark);
    return fits;
}

static void check(Test *t, const MInst *i)
{
    t->inst = i;
    t->info = &form_info[i->form];
    t->length = 0;
    t->encodings++;
    t->checked[i->form]++;
    const char *fault = minst_fault(i, true);
    if (fault) report(t, "the case is invalid: %s", fault);
    if (!encode(t)) report(t, "no room");
    ZyanStatus status = ZydisDecoderDecodeFull(&t->decoder, t->code + CODE_AT, 15, &t->insn,
                                               t->operands);
    if (!ZYAN_SUCCESS(status)) {
        report(t, "cannot be decoded");
        return;
    }
    if (t->insn.length != t->length) report(t, "decoded length %u", t->insn.length);
    check_mnemonic(t);
    check_operands(t);
    check_flags(t);
    check_feature(t);
    check_alignment(t);
}

/* -- Cases ------------------------------------------------------------------------------------- */

static const int32_t displacements[] = {0, 1, -1, 127, -128, 128, -129, INT32_MAX, INT32_MIN};

/* The n-th of the immediates at the borders of an operand's range; false after the last. */
static bool border_immediate(const FormOperand *o, unsigned n, int64_t *value)
{
    uint64_t half = (uint64_t)1 << (o->bytes * 8 - 1), all = half * 2 - 1;
    int64_t most = (int64_t)(half - 1), least = -most - 1;
    int64_t signeds[] = {0, 1, -1, least, most, 0x55, 0x12345678 & most};
    int64_t unsigneds[] = {0, 1, most, (int64_t)half, (int64_t)all, 0x5a};
    int64_t labels[] = {LABEL_BEFORE, LABEL_AFTER};
    const int64_t *from = o->takes & TAKES_IMM ? signeds : unsigneds;
    unsigned count = o->takes & TAKES_IMM ? countof(signeds) : countof(unsigneds);
    if (o->takes & TAKES_LABEL) from = labels, count = countof(labels);
    if (n >= count) return false;
    *value = from[n];
    return true;
}

static const FormOperand *number_operand(const FormInfo *info)
{
    for (unsigned k = 0; k < info->operands_n; k++)
        if (info->operand[k].takes & (TAKES_IMM | TAKES_UIMM | TAKES_LABEL))
            return &info->operand[k];
    return NULL;
}

static bool is_free_place(const FormOperand *o)
{
    return (o->takes & (TAKES_GPR | TAKES_XMM | TAKES_MEMORY)) && o->fixed == REG_ANY;
}

static Reg register_for(const FormOperand *o, unsigned n)
{
    return reg_of((n & 15) + (o->takes & TAKES_XMM ? REG_xmm0 : 0));
}

/* A case whose registers, condition and immediate follow from `seed`, memory only where there is no
 * choice. */
static MInst make_case(unsigned form, unsigned seed)
{
    const FormInfo *info = &form_info[form];
    MInst i = {.form = (uint16_t)form};
    i.mem = (Mem){.base = reg_of(REG_rdi), .index = REG_NONE};
    for (unsigned k = 0; k < info->operands_n; k++) {
        const FormOperand *o = &info->operand[k];
        if (o->fixed != REG_ANY) i.reg[k] = reg_of(o->fixed);
        else if (o->takes == TAKES_MEMORY) i.reg[k] = REG_MEMORY;
        else i.reg[k] = register_for(o, seed * 5 + k * 11 + seed / 16);
    }
    if (info->has_cond) i.cond = (uint8_t)(seed % COND_COUNT);
    const FormOperand *number = number_operand(info);
    for (unsigned n = seed; number && !border_immediate(number, n % 7, &i.imm); n++)
        continue;
    return i;
}

/* Each register in each place; each time beside two choices for the others. */
static void check_registers(Test *t, unsigned form)
{
    const FormInfo *info = &form_info[form];
    for (unsigned k = 0; k < info->operands_n; k++) {
        const FormOperand *o = &info->operand[k];
        if (!is_free_place(o) || o->takes == TAKES_MEMORY) continue;
        for (unsigned n = 0; n < 64; n++) {
            MInst i = make_case(form, n * 7);
            i.reg[k] = register_for(o, n);
            check(t, &i);
        }
    }
}

static void check_numbers(Test *t, unsigned form)
{
    const FormOperand *number = number_operand(&form_info[form]);
    MInst i = make_case(form, 3);
    for (unsigned n = 0; number && border_immediate(number, n, &i.imm); n++) check(t, &i);
}

static void check_conditions(Test *t, unsigned form)
{
    MInst i = make_case(form, 1);
    unsigned count = form_info[form].has_cond ? COND_COUNT : 1;
    for (unsigned c = 0; c < count; c++) {
        i.cond = (uint8_t)c;
        check(t, &i);
    }
}

static void check_address(Test *t, unsigned form, unsigned operand, unsigned seed, Mem mem)
{
    MInst i = make_case(form, seed);
    i.reg[operand] = REG_MEMORY;
    i.mem = mem;
    check(t, &i);
}

static void check_bases(Test *t, unsigned form, unsigned operand)
{
    for (unsigned base = 0; base < 16; base++)
        for (unsigned d = 0; d < countof(displacements); d++)
            check_address(t, form, operand, base + d * 3,
                          (Mem){.base = reg_of(base), .index = REG_NONE, .disp = displacements[d]});
}

/* Every index but rsp with every base and with none. */
static void check_indices(Test *t, unsigned form, unsigned operand)
{
    unsigned seed = 0;
    for (unsigned index = 0; index < 16; index++) {
        for (unsigned base = 0; base <= 16; base++, seed++) {
            if (index == REG_rsp) continue;
            Mem m = {.base = base < 16 ? reg_of(base) : REG_NONE,
                     .index = reg_of(index),
                     .scale = (uint8_t)((seed + seed / 4) % 4),
                     .disp = displacements[seed % countof(displacements)]};
            check_address(t, form, operand, seed, m);
        }
    }
}

static void check_scales(Test *t, unsigned form, unsigned operand)
{
    for (unsigned scale = 0; scale < 4; scale++)
        for (unsigned index = 0; index < 16; index += 5)
            check_address(t, form, operand, scale + index,
                          (Mem){.base = index & 1 ? REG_NONE : reg_of(REG_r13),
                                .index = reg_of(index),
                                .scale = (uint8_t)scale});
}

/* Absolute addresses, labels on both sides, frame slots with and without an index. */
static void check_places(Test *t, unsigned form, unsigned operand)
{
    for (unsigned d = 0; d < countof(displacements); d++) {
        int32_t disp = displacements[d];
        int32_t half = disp / 2;
        check_address(t, form, operand, d,
                      (Mem){.base = REG_NONE, .index = REG_NONE, .disp = disp});
        check_address(t, form, operand, d,
                      (Mem){.kind = MEM_LABEL, .label = d % LABELS, .disp = half});
        check_address(t, form, operand, d,
                      (Mem){.kind = MEM_SLOT, .slot = d % 2, .index = REG_NONE, .disp = half});
        check_address(t, form, operand, d,
                      (Mem){.kind = MEM_SLOT, .slot = d % 2, .index = reg_of(REG_r9), .scale = 2,
                            .disp = half});
    }
}

static void check_form(Test *t, unsigned form)
{
    check_conditions(t, form);
    check_registers(t, form);
    check_numbers(t, form);
    for (unsigned k = 0; k < form_info[form].operands_n; k++) {
        if (!form_takes_memory((Form)form, k)) continue;
        check_bases(t, form, k);
        check_indices(t, form, k);
        check_scales(t, form, k);
        check_places(t, form, k);
    }
}

/* What is several instructions is shown by listings (tests/clif/x64/atomics.clif). */
static bool is_form(unsigned form)
{
    return form_info[form].mnemonic != NULL && form_code[form].shape != CODE_LOOP;
}

static void every_form_is_what_the_disassembler_says(void **state)
{
    (void)state;
    static Test t;
    unsigned forms = 0, unchecked = 0;
    t.arena = arena_create();
    ZydisDecoderInit(&t.decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (unsigned form = 0; form < FORM_COUNT; form++) {
        if (!is_form(form)) continue;
        forms++;
        check_form(&t, form);
        if (t.checked[form]) continue;
        printf("%s: no check\n", form_info[form].name);
        unchecked++;
    }
    for (size_t k = 0; k < countof(known); k++) {
        if (known[k].used) continue;
        printf("%s: no longer differs (%s)\n", known[k].name, known[k].reason);
        unchecked++;
    }
    printf("forms %u, encodings %u\n", forms, t.encodings);
    assert_int_equal(t.failures, 0);
    assert_int_equal(unchecked, 0);
    arena_destroy(t.arena);
}

/* -- On the CPU -------------------------------------------------------------------------------- */

static sigjmp_buf after_fault;

static void on_fault(int signal)
{
    siglongjmp(after_fault, signal);
}

/* `form` with rdi as its address, xmm0 to xmm3 as its registers, and a return. */
static void encode_access(Enc *e, unsigned form, unsigned memory)
{
    MInst i = {.form = (uint16_t)form, .mem = {.base = reg_of(REG_rdi), .index = REG_NONE}};
    for (unsigned k = 0; k < form_info[form].operands_n; k++)
        i.reg[k] = reg_of(REG_xmm0 + (form_info[form].operand[k].fixed == REG_ANY ? k : 0));
    i.reg[memory] = REG_MEMORY;
    assert_null(minst_fault(&i, true));
    enc_inst(e, &i);
    enc_inst(e, &(MInst){.form = FORM_ret});
}

static bool faults_at(void (*code)(void *), uint8_t *address)
{
    if (sigsetjmp(after_fault, 1)) return true;
    code(address);
    return false;
}

/* The operand of 16 bytes in memory of a form whose other operands are vector registers. */
static bool find_vector_access(const FormInfo *info, unsigned *memory)
{
    bool found = false;
    for (unsigned k = 0; k < info->operands_n; k++) {
        if (info->operand[k].takes & TAKES_GPR) return false;
        if (info->operand[k].memory_bytes != 16) continue;
        *memory = k;
        found = true;
    }
    return found;
}

static void misaligned_operands_fault_where_the_table_says(void **state)
{
    (void)state;
    enum { PAGE = 4096 };
    unsigned tried = 0, skipped = 0;
    Arena *a = arena_create();
    uint8_t *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(page != MAP_FAILED);
    _Alignas(16) static uint8_t data[64];
    struct sigaction old, action = {.sa_handler = on_fault};
    sigaction(SIGSEGV, &action, &old);
    for (unsigned form = 0; form < FORM_COUNT; form++) {
        unsigned memory;
        if (!is_form(form) || !find_vector_access(&form_info[form], &memory)) continue;
        if (!(feature_detect() & feature_bit((Feature)form_info[form].feature))) {
            skipped++;
            continue;
        }
        Enc e;
        mprotect(page, PAGE, PROT_READ | PROT_WRITE);
        enc_start(&e, a, page, PAGE, 0);
        encode_access(&e, form, memory);
        mprotect(page, PAGE, PROT_READ | PROT_EXEC);
        void (*code)(void *) = (void (*)(void *))(uintptr_t)page;
        bool strict = form_info[form].operand[memory].align == 16;
        if (faults_at(code, data) || faults_at(code, data + 8) != strict)
            fail_msg("%s: alignment %d", form_info[form].name, strict ? 16 : 1);
        tried++;
    }
    sigaction(SIGSEGV, &old, NULL);
    munmap(page, PAGE);
    arena_destroy(a);
    printf("forms run at an odd place %u, skipped for want of the feature %u\n", tried, skipped);
    assert_true(tried > 0 && tried + skipped > 300);
}

int main(void)
{
    form_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_what_the_disassembler_says),
        cmocka_unit_test(misaligned_operands_fault_where_the_table_says),
    };
    return cmocka_run_group_tests_name("encoder", tests, NULL, NULL);
}
