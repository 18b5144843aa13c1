#include "jit/x64/form.h"

#include "base/str.h"

#include <pthread.h>
#include <stdlib.h>

FormInfo form_info[FORM_COUNT];
FormCode form_code[FORM_COUNT];
uint32_t form_roles[FORM_COUNT];

typedef struct {
    const char *name;
    uint16_t form;
    uint8_t least; /* of a SIZED row; else 0 */
    const char *mnemonic, *operands, *bytes, *flags;
    Feature feature;
} Row;

static const Row rows[] = {
#define FORM(name, mnemonic, operands, bytes, flags, feature) \
    {#name, FORM_##name, 0, mnemonic, operands, bytes, flags, FEATURE_##feature},
#define SIZED(name, least, mnemonic, operands, bytes, flags, feature) \
    {#name, FORM_##name, least, mnemonic, operands, bytes, flags, FEATURE_##feature},
#include "jit/x64/insns.def"
};

/* The row being read, for `expect`. */
typedef struct {
    const Row *row;
    unsigned bits; /* operand size, or 0 */
    FormInfo *info;
    FormCode *code;
} Reading;

static void expect(const Reading *r, bool holds, const char *what)
{
    if (!holds) bug("insns.def: %s: %s", r->row->name, what);
}

static bool take(Str *s, const char *text)
{
    size_t n = strlen(text);
    if (s->n < n || memcmp(s->at, text, n) != 0) return false;
    s->at += n;
    s->n -= n;
    return true;
}

/* -- Operands ---------------------------------------------------------------------------------- */

/* `32`, `v`, or nothing (a whole vector register), in bytes. */
static uint8_t read_width(const Reading *r, Str *s)
{
    if (take(s, "v")) {
        expect(r, r->bits != 0, "`v` outside a SIZED row");
        return (uint8_t)(r->bits / 8);
    }
    if (s->n == 0) return 16;
    char *end;
    unsigned long bits = strtoul(s->at, &end, 10);
    expect(r, bits >= 8 && bits <= 128 && bits % 8 == 0, "no such width");
    s->n -= (size_t)(end - s->at);
    s->at = end;
    return (uint8_t)(bits / 8);
}

static void read_memory_width(const Reading *r, Str *s, FormOperand *o)
{
    o->takes |= TAKES_MEMORY;
    o->memory_bytes = read_width(r, s);
    o->align = take(s, "a") ? o->memory_bytes : 1;
}

/* `rcx.8` */
static bool read_fixed(const Reading *r, Str *s, FormOperand *o)
{
    const char *dot = memchr(s->at, '.', s->n);
    if (!dot) return false;
    Str name = {s->at, (size_t)(dot - s->at)};
    for (uint32_t k = 0; k < REG_COUNT; k++)
        if (str_is(name, reg_name(reg_of(k), 64))) o->fixed = (uint8_t)k;
    expect(r, o->fixed != REG_ANY, "no such register");
    o->takes = reg_class(reg_of(o->fixed)) == REG_GPR ? TAKES_GPR : TAKES_XMM;
    s->n -= name.n + 1;
    s->at = dot + 1;
    o->bytes = read_width(r, s);
    return true;
}

/* `i8`, `u8`, `iv`, `rel32` */
static bool read_number(const Reading *r, Str *s, FormOperand *o)
{
    if (take(s, "rel")) o->takes = TAKES_LABEL;
    else if (take(s, "i")) o->takes = TAKES_IMM;
    else if (take(s, "u")) o->takes = TAKES_UIMM;
    else return false;
    bool sized = str_is(*s, "v");
    o->bytes = read_width(r, s);
    if (sized && o->bytes > 4) o->bytes = 4;
    return true;
}

/* `r32`, `x`, `m64`, `rm32`, `xm128a`, `r32/m8` */
static void read_place(const Reading *r, Str *s, FormOperand *o)
{
    o->takes = take(s, "r") ? TAKES_GPR : take(s, "x") ? TAKES_XMM : 0;
    if (take(s, "m")) {
        read_memory_width(r, s, o);
        if (o->takes != TAKES_MEMORY) o->bytes = o->memory_bytes;
        return;
    }
    expect(r, o->takes != 0, "unreadable operand");
    o->bytes = read_width(r, s);
    if (take(s, "/m")) read_memory_width(r, s, o);
}

static void read_operand(const Reading *r, Str s, FormOperand *o)
{
    o->role = take(&s, "=") ? ROLE_DEF : take(&s, "+") ? ROLE_USE_DEF : ROLE_USE;
    o->fixed = REG_ANY;
    if (str_is(s, "addr")) {
        o->takes = TAKES_MEMORY;
        o->align = 1;
        return;
    }
    if (!read_fixed(r, &s, o) && !read_number(r, &s, o)) read_place(r, &s, o);
    expect(r, s.n == 0, "unreadable end of an operand");
}

static void read_operands(const Reading *r)
{
    Str left = str_of(r->row->operands);
    for (Str word; (word = str_next_word(&left, " ")).n;) {
        expect(r, r->info->operands_n < FORM_OPERANDS, "too many operands");
        read_operand(r, word, &r->info->operand[r->info->operands_n++]);
    }
}

static void read_flags(const Reading *r)
{
    const char *at = r->row->flags;
    if (strncmp(at, "cc", 2) == 0) r->info->has_cond = true, at += 2;
    uint8_t *set = &r->info->flags_read;
    for (; *at; at++) {
        if (*at == '>') {
            set = &r->info->flags_written;
            continue;
        }
        bool undefined = *at >= 'a';
        uint8_t flag = flag_of(undefined ? (char)(*at - 'a' + 'A') : *at);
        expect(r, flag != 0, "no such flag");
        *(undefined ? &r->info->flags_undefined : set) |= flag;
    }
}

/* -- Bytes ------------------------------------------------------------------------------------- */

/* `VEX.128.66.0F38.WIG`: the parts are told apart by their spelling. */
static void read_vex(const Reading *r, Str word)
{
    FormCode *c = r->code;
    c->shape = CODE_VEX;
    while (word.n) {
        if (take(&word, ".LZ") || take(&word, ".LIG") || take(&word, ".128")) continue;
        if (take(&word, ".0F38")) c->vex_map = 2;
        else if (take(&word, ".0F3A")) c->vex_map = 3;
        else if (take(&word, ".0F")) c->vex_map = 1;
        else if (take(&word, ".66")) c->vex_lpp = 1;
        else if (take(&word, ".F3")) c->vex_lpp = 2;
        else if (take(&word, ".F2")) c->vex_lpp = 3;
        else if (take(&word, ".WIG") || take(&word, ".W0")) c->rex = 0;
        else if (take(&word, ".W1")) c->rex = 0x80;
        else if (take(&word, ".Wv")) c->rex = r->bits == 64 ? 0x80 : 0;
        else expect(r, false, "unreadable VEX prefix");
    }
    expect(r, c->vex_map != 0, "VEX without a map");
}

static void add_prefix(FormCode *c, unsigned byte)
{
    c->prefix |= (uint16_t)(byte << 8 * c->prefix_n++);
}

/* `66`, `0F`, `40+cc`. A prefix byte is one only before the opcode begins. */
static bool read_byte(const Reading *r, Str word)
{
    FormCode *c = r->code;
    char *end;
    unsigned byte = (unsigned)strtoul(word.at, &end, 16);
    Str rest = {end, word.n - (size_t)(end - word.at)};
    if (end != word.at + 2 || (rest.n && !str_is(rest, "+cc"))) return false;
    bool prefix = byte == 0x66 || byte == 0xf2 || byte == 0xf3 || byte == 0xf0;
    if (prefix && c->opcode_n == 0 && c->shape != CODE_VEX) {
        add_prefix(c, byte);
        return true;
    }
    if (rest.n) c->cond_shift = (uint8_t)(8 * c->opcode_n);
    expect(r, !rest.n || r->info->has_cond, "+cc without the flag column's cc");
    c->opcode |= byte << 8 * c->opcode_n++;
    return true;
}

/* `/r`, `/4`, `/is4` */
static bool read_slash(const Reading *r, Str word)
{
    FormCode *c = r->code;
    if (!take(&word, "/")) return false;
    if (str_is(word, "is4")) {
        c->imm_n = 1;
        return true;
    }
    if (c->shape != CODE_VEX) c->shape = CODE_MODRM;
    if (str_is(word, "r")) return true;
    expect(r, word.n == 1 && *word.at >= '0' && *word.at <= '7', "unreadable /digit");
    c->has_digit = true;
    c->digit = (uint8_t)((*word.at - '0') << 3);
    return true;
}

/* `ib`, `iw`, `id`, `io`, `iv`, `cd` */
static bool read_immediate(const Reading *r, Str word)
{
    static const char *const names[] = {"ib", "iw", "id", "io", "cd"};
    static const uint8_t bytes[] = {1, 2, 4, 8, 4};
    if (str_is(word, "iv")) {
        r->code->imm_n = r->bits == 64 ? 4 : (uint8_t)(r->bits / 8);
        return true;
    }
    for (size_t k = 0; k < countof(names); k++) {
        if (!str_is(word, names[k])) continue;
        r->code->imm_n = bytes[k];
        r->code->label = str_is(word, "cd");
        return true;
    }
    return false;
}

/* What the operand size adds to the bytes of a SIZED row. */
static void apply_size(const Reading *r)
{
    FormCode *c = r->code;
    if (r->bits == 8) c->opcode -= 1u << 8 * (c->opcode_n - 1);
    if (c->shape == CODE_VEX) return;
    if (r->bits == 16) c->prefix = (uint16_t)(c->prefix << 8 | 0x66), c->prefix_n++;
    if (r->bits == 64) c->rex = 0x48;
}

static void read_bytes(const Reading *r)
{
    Str left = str_of(r->row->bytes);
    for (Str word; (word = str_next_word(&left, " ")).n;) {
        Str rest = word;
        if (take(&rest, "VEX")) read_vex(r, rest);
        else if (str_is(word, "REX.W")) r->code->rex = 0x48;
        else if (str_is(word, "+r")) r->code->shape = CODE_OPREG;
        else if (!read_immediate(r, word) && !read_slash(r, word) && !read_byte(r, word))
            expect(r, false, "unreadable bytes");
    }
    if (r->bits) apply_size(r);
    if (r->code->shape == CODE_OPREG) {
        r->code->low_mask = 7;
        r->code->cond_shift = (uint8_t)(8 * (r->code->opcode_n - 1));
    }
    if (r->code->shape == CODE_MODRM || r->code->shape == CODE_VEX) r->code->modrm_mask = 7;
    expect(r, r->code->opcode_n > 0 && r->code->opcode_n <= 3 && r->code->prefix_n <= 2,
           "impossible number of bytes");
}

/* -- Which operand goes where ------------------------------------------------------------------ */

static bool is_encoded(const FormOperand *o)
{
    return (o->takes & (TAKES_GPR | TAKES_XMM | TAKES_MEMORY)) && o->fixed == REG_ANY;
}

/* ModRM.rm: the operand that may be memory, else the last register. */
static uint8_t choose_rm(const FormInfo *info)
{
    uint8_t last = FORM_NO_OPERAND;
    for (uint8_t k = 0; k < info->operands_n; k++) {
        if (!is_encoded(&info->operand[k])) continue;
        if (info->operand[k].takes & TAKES_MEMORY) return k;
        last = k;
    }
    return last;
}

static void place_operands(const Reading *r)
{
    FormCode *c = r->code;
    const FormInfo *info = r->info;
    bool has_is4 = strstr(r->row->bytes, "/is4") != NULL;
    uint8_t is4, *fields[] = {&c->reg, &c->vvvv, &is4};
    size_t next = c->has_digit ? 1 : 0, encoded = 0;
    c->reg = c->vvvv = FORM_NO_OPERAND;
    c->is4_mask = has_is4 ? 15 : 0;
    c->rm = choose_rm(info);
    for (uint8_t k = 0; k < info->operands_n; k++) {
        if (!is_encoded(&info->operand[k])) continue;
        encoded++;
        if (k == c->rm) continue;
        expect(r, next < countof(fields), "no field left for an operand");
        *fields[next++] = k;
    }
    expect(r, next == countof(fields) || encoded < FORM_OPERANDS, "no place that holds 0");
    expect(r, c->shape == CODE_VEX || next < 2, "too many registers without VEX");
    expect(r, has_is4 == (next == countof(fields)), "/is4 and operands disagree");
    expect(r, !has_is4 || is4 == FORM_OPERANDS - 1, "/is4 is not the last operand");
    expect(r, (c->shape != CODE_PLAIN) == (encoded > 0), "ModRM and operands disagree");
}

static uint8_t byte_registers(const FormCode *c, const FormInfo *info)
{
    uint8_t set = 0;
    for (uint8_t k = 0; k < info->operands_n; k++) {
        const FormOperand *o = &info->operand[k];
        if (o->bytes != 1 || !(o->takes & TAKES_GPR)) continue;
        set |= k == c->reg ? 1 : k == c->rm ? 2 : 0;
    }
    return set;
}

static void check_immediate(const Reading *r)
{
    unsigned bytes = 0;
    for (uint8_t k = 0; k < r->info->operands_n; k++)
        if (r->info->operand[k].takes >= TAKES_IMM) bytes += r->info->operand[k].bytes;
    expect(r, r->code->is4_mask || bytes == r->code->imm_n, "immediate and operands disagree");
}

static void read_form(const Row *row, unsigned form, unsigned bits)
{
    Reading r = {row, bits, &form_info[form], &form_code[form]};
    FormInfo *info = r.info;
    info->name = row->name;
    info->mnemonic = row->mnemonic;
    info->operands = row->operands;
    info->bytes = row->bytes;
    info->bits = (uint8_t)bits;
    info->feature = (uint8_t)row->feature;
    info->vex = FORM_NONE;
    read_operands(&r);
    read_flags(&r);
    if (strcmp(row->bytes, "loop") == 0) {
        *r.code = (FormCode){.shape = CODE_LOOP, .label = true};
        return;
    }
    read_bytes(&r);
    place_operands(&r);
    check_immediate(&r);
    r.code->byte_registers = byte_registers(r.code, info);
}

/* The sibling stands in the next row. */
static bool is_vex_sibling(const Row *row, const Row *next)
{
    return next->name[0] == 'v' && strcmp(next->name + 1, row->name) == 0;
}

static unsigned special_roles(Form f)
{
    switch ((unsigned)f) {
    case FORM_mov_32: case FORM_mov_64: case FORM_movaps: case FORM_vmovaps: return ROLES_COPY;
    case FORM_call: case FORM_call_rm: case FORM_tail: case FORM_tail_rm: return ROLES_CALL;
    case FORM_xorps: case FORM_vxorps: case FORM_pcmpeqd: case FORM_vpcmpeqd: return ROLES_SAME;
    }
    return 0;
}

static void fill_roles(Form f)
{
    const FormInfo *info = &form_info[f];
    unsigned roles = special_roles(f), count = 0;
    for (unsigned k = 0; k < info->operands_n; k++) {
        const FormOperand *o = &info->operand[k];
        if (!(o->takes & (TAKES_GPR | TAKES_XMM | TAKES_MEMORY))) continue;
        CHECK(count++ == k); /* no immediate before */
        roles |= (unsigned)o->role << ROLES_BITS * k;
        if (o->takes & TAKES_MEMORY) roles |= k << ROLES_MEMORY_SHIFT;
    }
    form_roles[f] = roles | count << ROLES_COUNT_SHIFT;
}

static void read_table(void)
{
    for (size_t k = 0; k < countof(rows); k++) {
        const Row *row = &rows[k];
        if (!row->least) read_form(row, row->form, 0);
        for (unsigned bits = row->least; bits && bits <= 64; bits *= 2)
            read_form(row, form_sized((Form)row->form, bits), bits);
        if (k + 1 < countof(rows) && is_vex_sibling(row, row + 1))
            form_info[row->form].vex = row[1].form;
    }
    for (unsigned f = 0; f < FORM_COUNT; f++) fill_roles((Form)f);
}

void form_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_table);
}
