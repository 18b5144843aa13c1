#include "jit/x64/reg.h"

#include <string.h>

static const struct {
    const char *name[4]; /* at 8, 16, 32 and 64 bits */
} regs[REG_COUNT] = {
#define GPR(name, b8, b16, b32, b64, saved) {{b8, b16, b32, b64}},
#define XMM(name) {{#name, #name, #name, #name}},
#include "jit/x64/regs.def"
};

static const struct {
    const char *name, *reads;
} conds[COND_COUNT] = {
#define COND(name, reads, when) {#name, reads},
#include "jit/x64/conds.def"
};

const char *reg_name(Reg r, unsigned bits)
{
    if (!reg_is_physical(r)) return "none";
    unsigned column = bits <= 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3;
    return regs[r.i].name[column];
}

uint8_t flag_of(char letter)
{
    static const char letters[] = "OSZAPC";
    const char *at = letter ? strchr(letters, letter) : NULL;
    return at ? (uint8_t)(1 << (at - letters)) : 0;
}

const char *cond_name(Cond c)
{
    CHECK(c < COND_COUNT);
    return conds[c].name;
}

uint8_t cond_flags(Cond c)
{
    CHECK(c < COND_COUNT);
    uint8_t set = 0;
    for (const char *at = conds[c].reads; *at; at++) set |= flag_of(*at);
    return set;
}
