/* Machine instructions as the register allocator and the emitter see them, and what the encoder
 * does beside single instructions: labels, padding, a full buffer. */
#include "jit/x64/enc.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <Zydis/Zydis.h>

#define NO_MEM {.index = {UINT32_MAX}}

static void expect_ref(const RegRef *r, const Reg *at, unsigned role, unsigned takes,
                       unsigned fixed)
{
    assert_ptr_equal(r->at, at);
    assert_int_equal(r->role, role);
    assert_int_equal(r->takes, takes);
    assert_int_equal(r->fixed, fixed);
}

static void registers_are_visited_with_their_roles(void **state)
{
    (void)state;
    RegRef refs[MINST_REFS];
    MInst add = {.form = FORM_add_32,
                 .reg = {reg_virtual(0), REG_MEMORY},
                 .mem = {.base = reg_virtual(1), .index = reg_virtual(2), .scale = 3}};
    assert_int_equal(minst_regs(&add, refs), 3);
    expect_ref(&refs[0], &add.reg[0], ROLE_USE_DEF, TAKES_GPR, REG_ANY);
    expect_ref(&refs[1], &add.mem.base, ROLE_USE, TAKES_GPR, REG_ANY);
    expect_ref(&refs[2], &add.mem.index, ROLE_USE, TAKES_GPR, REG_ANY);

    MInst div = {.form = FORM_div_64, .reg = {reg_virtual(0), reg_virtual(1), reg_virtual(2)}};
    assert_int_equal(minst_regs(&div, refs), 3);
    expect_ref(&refs[0], &div.reg[0], ROLE_USE_DEF, TAKES_GPR, REG_rax);
    expect_ref(&refs[1], &div.reg[1], ROLE_USE_DEF, TAKES_GPR, REG_rdx);
    expect_ref(&refs[2], &div.reg[2], ROLE_USE, TAKES_GPR, REG_ANY);

    MInst load = {.form = FORM_movd_xr, .reg = {reg_virtual(3), reg_virtual(4)}};
    assert_int_equal(minst_regs(&load, refs), 2);
    expect_ref(&refs[0], &load.reg[0], ROLE_DEF, TAKES_XMM, REG_ANY);
    expect_ref(&refs[1], &load.reg[1], ROLE_USE, TAKES_GPR, REG_ANY);
}

/* Slots have an index but no base register, labels neither. */
static void addresses_name_the_registers_they_have(void **state)
{
    (void)state;
    RegRef refs[MINST_REFS];
    MInst i = {.form = FORM_jmp_rm, .reg = {REG_MEMORY}};
    i.mem = (Mem){.kind = MEM_LABEL, .label = 9, .index = reg_virtual(1)};
    assert_int_equal(minst_regs(&i, refs), 0);
    i.mem = (Mem){.kind = MEM_SLOT, .slot = 40, .index = reg_virtual(1)};
    assert_int_equal(minst_regs(&i, refs), 1);
    assert_ptr_equal(refs[0].at, &i.mem.index);
    i.mem = (Mem){.base = REG_NONE, .index = REG_NONE, .disp = 64};
    assert_int_equal(minst_regs(&i, refs), 0);
    assert_int_equal(minst_memory_operand(&i), 0);
    i.reg[0] = reg_of(REG_rax);
    assert_int_equal(minst_memory_operand(&i), FORM_OPERANDS);
    assert_int_equal(minst_regs(&i, refs), 1);
}

static const struct {
    const char *fault; /* NULL: fine before allocation */
    MInst inst;
} faulty[] = {
    {NULL, {.form = FORM_add_32, .reg = {{40}, {41}}}},
    {NULL, {.form = FORM_shl_cl_32, .reg = {{40}, {41}}}},
    {NULL, {.form = FORM_add_i8_32, .reg = {{40}}, .imm = -128}},
    {"no such form", {.form = FORM_imul_8, .reg = {{40}, {41}}}},
    {"no such form", {.form = FORM_COUNT}},
    {"no such condition", {.form = FORM_ret, .cond = 1}},
    {"no such condition", {.form = FORM_jcc, .cond = COND_COUNT}},
    {"immediate out of range", {.form = FORM_add_i8_32, .reg = {{40}}, .imm = 128}},
    {"immediate out of range", {.form = FORM_shl_i_32, .reg = {{40}}, .imm = -1}},
    {"immediate out of range", {.form = FORM_shl_i_32, .reg = {{40}}, .imm = 256}},
    {"immediate out of range", {.form = FORM_mov_i_64, .reg = {{40}}, .imm = INT64_C(1) << 31}},
    {"not the fixed register", {.form = FORM_shl_cl_32, .reg = {{40}, {REG_rax}}}},
    {"register of the wrong class", {.form = FORM_add_32, .reg = {{REG_xmm0}, {41}}}},
    {"register of the wrong class", {.form = FORM_addsd, .reg = {{REG_xmm0}, {REG_rax}}}},
    {"no register", {.form = FORM_add_32, .reg = {{40}, {UINT32_MAX}}}},
    {"memory not allowed", {.form = FORM_imul_32, .reg = {{UINT32_MAX - 1}, {40}}, .mem = NO_MEM}},
    {"rsp as an index",
     {.form = FORM_add_32, .reg = {{40}, {UINT32_MAX - 1}}, .mem = {.index = {REG_rsp}}}},
    {"no such scale",
     {.form = FORM_add_32, .reg = {{40}, {UINT32_MAX - 1}}, .mem = {.scale = 4}}},
    {"an address needs general registers",
     {.form = FORM_add_32,
      .reg = {{40}, {UINT32_MAX - 1}},
      .mem = {.base = {REG_xmm1}, .index = {UINT32_MAX}}}},
};

static void faults_are_named(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(faulty); k++) {
        const char *fault = minst_fault(&faulty[k].inst, false);
        if (faulty[k].fault) assert_string_equal(fault ? fault : "none", faulty[k].fault);
        else assert_null(fault);
    }
    assert_string_equal(minst_fault(&faulty[0].inst, true), "virtual register");
    MInst i = {.form = FORM_jmp_rm, .reg = {REG_MEMORY}, .mem = {.base = {40}, .index = REG_NONE}};
    assert_null(minst_fault(&i, false));
    assert_string_equal(minst_fault(&i, true), "virtual register in an address");
}

static void listings_read_like_the_manual(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        MInst inst;
    } rows[] = {
        {"ret", {.form = FORM_ret}},
        {"jnz L3", {.form = FORM_jcc, .cond = COND_nz, .imm = 3}},
        {"setl v1", {.form = FORM_setcc, .cond = COND_l, .reg = {{33}}}},
        {"add ecx, [rdi+rsi*8+0x10]",
         {.form = FORM_add_32,
          .reg = {{REG_rcx}, {UINT32_MAX - 1}},
          .mem = {.base = {REG_rdi}, .index = {REG_rsi}, .scale = 3, .disp = 16}}},
        {"mov [v2-0x8], v0",
         {.form = FORM_mov_mr_64,
          .reg = {{UINT32_MAX - 1}, {32}},
          .mem = {.base = {34}, .index = {UINT32_MAX}, .disp = -8}}},
        {"addsd xmm1, [L7]",
         {.form = FORM_addsd,
          .reg = {{REG_xmm1}, {UINT32_MAX - 1}},
          .mem = {.kind = MEM_LABEL, .label = 7}}},
        {"movaps xmm1, [ss2+r9*4+0x20]",
         {.form = FORM_movaps,
          .reg = {{REG_xmm1}, {UINT32_MAX - 1}},
          .mem = {.kind = MEM_SLOT, .slot = 2, .index = {REG_r9}, .scale = 2, .disp = 32}}},
        {"lea rax, [-0x80000000]",
         {.form = FORM_lea_64,
          .reg = {{REG_rax}, {UINT32_MAX - 1}},
          .mem = {.base = {UINT32_MAX}, .index = {UINT32_MAX}, .disp = INT32_MIN}}},
        {"lea rax, [rcx*2]",
         {.form = FORM_lea_64,
          .reg = {{REG_rax}, {UINT32_MAX - 1}},
          .mem = {.base = {UINT32_MAX}, .index = {REG_rcx}, .scale = 1}}},
        {"sub sil, -1", {.form = FORM_sub_i_8, .reg = {{REG_rsi}}, .imm = -1}},
        {"pshufd xmm0, xmm1, 0xff",
         {.form = FORM_pshufd, .reg = {{REG_xmm0}, {REG_xmm1}}, .imm = 255}},
    };
    Arena *a = arena_create();
    for (size_t k = 0; k < countof(rows); k++) {
        Buf out = {.arena = a};
        minst_print(&rows[k].inst, &out);
        assert_string_equal(out.at, rows[k].text);
    }
    arena_destroy(a);
}

/* The forms that the question "may this load be folded?" turns on. */
static void the_table_answers_what_may_be_memory(void **state)
{
    (void)state;
    assert_true(form_takes_memory(FORM_add_32, 1));
    assert_false(form_takes_memory(FORM_add_32, 0));
    assert_true(form_takes_memory(FORM_add_mr_32, 0));
    assert_false(form_takes_memory(FORM_movmskps, 1));
    assert_int_equal(form_info[FORM_add_16].operand[1].memory_bytes, 2);
    assert_int_equal(form_info[FORM_addss].operand[1].memory_bytes, 4);
    assert_int_equal(form_info[FORM_addss].operand[1].align, 1);
    assert_int_equal(form_info[FORM_paddd].operand[1].memory_bytes, 16);
    assert_int_equal(form_info[FORM_paddd].operand[1].align, 16);
    assert_int_equal(form_info[FORM_vpaddd].operand[2].align, 1);
    assert_int_equal(form_info[FORM_pmovsxbw].operand[1].memory_bytes, 8);
    assert_int_equal(form_info[FORM_pinsrb].operand[1].memory_bytes, 1);
    assert_int_equal(form_info[FORM_pinsrb].operand[1].bytes, 4);
    assert_int_equal(form_info[FORM_lea_64].operand[1].memory_bytes, 0);
    assert_int_equal(form_sized(FORM_add, 64), FORM_add_64);
}

/* A row named like another with a `v` before it is that row's sibling. */
static void vex_siblings_are_found(void **state)
{
    (void)state;
    unsigned found = 0;
    for (unsigned f = 0; f < FORM_COUNT; f++) {
        for (unsigned g = 0; form_info[f].mnemonic && g < FORM_COUNT; g++) {
            if (!form_info[g].mnemonic || form_info[g].name[0] != 'v') continue;
            if (strcmp(form_info[g].name + 1, form_info[f].name) != 0) continue;
            assert_int_equal(form_info[f].vex, g);
            assert_string_equal(form_info[f].mnemonic, form_info[g].mnemonic + 1);
            assert_int_equal(form_info[g].feature, FEATURE_AVX);
            found++;
        }
    }
    assert_int_equal(form_info[FORM_addsd].vex, FORM_vaddsd);
    assert_int_equal(form_info[FORM_add_32].vex, FORM_NONE);
    assert_true(found > 200);
}

static void a_full_buffer_stays_full(void **state)
{
    (void)state;
    Arena *a = arena_create();
    uint8_t code[128];
    memset(code, 0xa5, sizeof code);
    Enc e;
    enc_start(&e, a, code, sizeof code - 16, 0);
    MInst mov = {.form = FORM_movabs, .reg = {reg_of(REG_r9)}, .imm = INT64_MIN};
    for (int k = 0; k < 100; k++) enc_inst(&e, &mov);
    assert_true(e.full);
    assert_true(e.at <= e.end);
    uint32_t offset = enc_offset(&e);
    enc_bytes(&e, code, sizeof code);
    enc_inst(&e, &(MInst){.form = FORM_ret});
    assert_int_equal(enc_offset(&e), offset);
    assert_false(enc_finish(&e));
    for (size_t k = sizeof code - 16; k < sizeof code; k++) assert_int_equal(code[k], 0xa5);
    arena_destroy(a);
}

/* A jump forward over data, a jump back, and a constant reached through rip. */
static void labels_are_resolved(void **state)
{
    (void)state;
    Arena *a = arena_create();
    uint8_t code[256];
    Enc e;
    enc_start(&e, a, code, sizeof code, 1);
    uint32_t top = 0, end = enc_label(&e), constant = enc_label(&e);
    enc_bind(&e, top);
    enc_inst(&e, &(MInst){.form = FORM_jmp, .imm = end});
    enc_align(&e, 16);
    enc_bind(&e, constant);
    enc_bytes(&e, "12345678", 8);
    enc_bind(&e, end);
    enc_inst(&e, &(MInst){.form = FORM_cmp_i8_64,
                          .reg = {REG_MEMORY},
                          .mem = {.kind = MEM_LABEL, .label = constant, .disp = 4},
                          .imm = 7});
    enc_inst(&e, &(MInst){.form = FORM_jcc, .cond = COND_z, .imm = top});
    assert_true(enc_finish(&e));
    static const uint8_t want[] = {0xe9, 19,   0,    0,    0,                       /* jmp +19 */
                                   0x48, 0x83, 0x3d, 0xf4, 0xff, 0xff, 0xff, 7,     /* rip-12 */
                                   0x0f, 0x84, 0xda, 0xff, 0xff, 0xff};             /* jz -38 */
    assert_int_equal(enc_offset(&e), 24 + sizeof want - 5);
    assert_memory_equal(code, want, 5);
    assert_memory_equal(code + 24, want + 5, sizeof want - 5);
    arena_destroy(a);
}

static void padding_is_made_of_no_ops(void **state)
{
    (void)state;
    Arena *a = arena_create();
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (uint32_t first = 1; first <= 64; first++) {
        uint8_t code[128] = {0};
        Enc e;
        enc_start(&e, a, code, sizeof code, 0);
        enc_bytes(&e, code + 64, first);
        enc_align(&e, 64);
        assert_int_equal(enc_offset(&e), 64);
        for (uint32_t at = first; at < 64;) {
            ZydisDecodedInstruction i;
            ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
            assert_true(ZYAN_SUCCESS(
                ZydisDecoderDecodeFull(&decoder, code + at, 64 - at, &i, operands)));
            assert_int_equal(i.mnemonic, ZYDIS_MNEMONIC_NOP);
            at += i.length;
        }
    }
    arena_destroy(a);
}

static void registers_and_conditions_have_names(void **state)
{
    (void)state;
    assert_string_equal(reg_name(reg_of(REG_rsi), 8), "sil");
    assert_string_equal(reg_name(reg_of(REG_r15), 16), "r15w");
    assert_string_equal(reg_name(reg_of(REG_rax), 32), "eax");
    assert_string_equal(reg_name(reg_of(REG_xmm15), 128), "xmm15");
    assert_string_equal(reg_name(REG_NONE, 64), "none");
    assert_int_equal(reg_callee_saved(), 1 << REG_rbx | 1 << REG_rsp | 1 << REG_rbp |
                                             1 << REG_r12 | 1 << REG_r13 | 1 << REG_r14 |
                                             1 << REG_r15);
    assert_int_equal(cond_inverse(COND_le), COND_nle);
    assert_int_equal(cond_flags(COND_le), FLAG_O | FLAG_S | FLAG_Z);
    assert_int_equal(reg_class(reg_of(REG_r15)), REG_GPR);
    assert_int_equal(reg_class(reg_of(REG_xmm0)), REG_XMM);
    assert_true(reg_is_virtual(reg_virtual(0)));
    assert_false(reg_is_virtual(REG_MEMORY));
}

int main(void)
{
    form_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_are_visited_with_their_roles),
        cmocka_unit_test(addresses_name_the_registers_they_have),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(listings_read_like_the_manual),
        cmocka_unit_test(the_table_answers_what_may_be_memory),
        cmocka_unit_test(vex_siblings_are_found),
        cmocka_unit_test(a_full_buffer_stays_full),
        cmocka_unit_test(labels_are_resolved),
        cmocka_unit_test(padding_is_made_of_no_ops),
        cmocka_unit_test(registers_and_conditions_have_names),
    };
    return cmocka_run_group_tests_name("minst", tests, NULL, NULL);
}
