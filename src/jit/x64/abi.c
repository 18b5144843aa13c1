#include "jit/x64/abi.h"

static const uint8_t int_params[] = {REG_rdi, REG_rsi, REG_rdx, REG_rcx, REG_r8, REG_r9};
static const uint8_t int_returns[] = {REG_rax, REG_rdx};

enum { XMM_PARAMS = 8, XMM_RETURNS = 2, AREA_SLOT = 16 };

static RegSet reg_bit(Reg r) { return (RegSet)1 << r.i; }

/* The next register of the type's class, REG_NONE when they are used up. */
static Reg next_reg(Type t, const uint8_t *ints, uint32_t nints, uint32_t nxmms, uint32_t taken[2])
{
    bool xmm = type_in_xmm(t);
    uint32_t n = taken[xmm];
    if (n >= (xmm ? nxmms : nints)) return REG_NONE;
    taken[xmm]++;
    return reg_of(xmm ? REG_xmm0 + n : ints[n]);
}

/* The first with that purpose, NO_INDEX when there is none. */
static uint32_t find(const AbiParam *at, uint32_t n, Purpose purpose)
{
    for (uint32_t k = 0; k < n; k++)
        if (at[k].purpose == purpose) return k;
    return NO_INDEX;
}

static uint32_t find_sret(const Signature *sig)
{
    bool returned = find(sig->returns.at, sig->returns.n, PURPOSE_sret) != NO_INDEX;
    return returned ? NO_INDEX : find(sig->params.at, sig->params.n, PURPOSE_sret);
}

static void place_returns(const Signature *sig, Abi *abi)
{
    uint32_t taken[2] = {abi->sret != NO_INDEX, 0};
    for (uint32_t k = 0; k < sig->returns.n; k++) {
        AbiPlace *p = &abi->returns[k];
        p->reg = next_reg((Type)sig->returns.at[k].type, int_returns, countof(int_returns),
                          XMM_RETURNS, taken);
        if (!reg_equal(p->reg, REG_NONE)) {
            abi->return_regs |= reg_bit(p->reg);
            continue;
        }
        p->offset = abi->area_bytes;
        abi->area_bytes += AREA_SLOT;
    }
}

/* On the caller's stack. An i128 is aligned as a whole: its low half is. */
static void place_on_stack(const AbiParam *param, Abi *abi, AbiPlace *p)
{
    uint32_t bytes = type_bytes((Type)param->type) > 8 ? 16 : 8;
    uint32_t align = param->low_half ? 16 : bytes;
    if (param->purpose == PURPOSE_sarg) bytes = (uint32_t)align_up(param->bytes, 8);
    p->reg = REG_NONE;
    p->offset = (uint32_t)align_up(abi->stack_bytes, align);
    abi->stack_bytes = p->offset + bytes;
}

/* The halves of an i128 get two registers or none: a last one is left to who comes later. */
static void place_params(const Signature *sig, Abi *abi)
{
    uint32_t taken[2] = {abi->area_bytes != 0, 0};
    bool on_stack = false; /* a low half is, so its high half must be */
    if (abi->area_bytes) abi->param_regs |= reg_bit(ABI_AREA_REG);
    for (uint32_t k = 0; k < sig->params.n; k++) {
        const AbiParam *param = &sig->params.at[k];
        AbiPlace *p = &abi->params[k];
        on_stack |= param->low_half && taken[0] + 2 > countof(int_params);
        bool memory = on_stack || param->purpose == PURPOSE_sarg;
        p->reg = memory ? REG_NONE : next_reg((Type)param->type, int_params,
                                              countof(int_params), XMM_PARAMS, taken);
        if (reg_equal(p->reg, REG_NONE)) place_on_stack(param, abi, p);
        else abi->param_regs |= reg_bit(p->reg);
        on_stack &= param->low_half;
    }
    abi->stack_bytes = (uint32_t)align_up(abi->stack_bytes, 16);
}

void abi_compute(const Signature *sig, Arena *a, Abi *abi)
{
    *abi = (Abi){
        .params = arena_array_room(a, AbiPlace, sig->params.n + sig->returns.n),
        .pops = sig->conv == CALLCONV_tail,
        .sret = find_sret(sig),
    };
    abi->returns = abi->params + sig->params.n;
    place_returns(sig, abi);
    place_params(sig, abi);
}

static bool has_registers(Type t)
{
    return (type_bits(t) <= 128) & (t != TY_i128);
}

static bool are_passable(const AbiParam *params, uint32_t n)
{
    bool all = true;
    for (uint32_t k = 0; k < n; k++) all &= has_registers((Type)params[k].type);
    return all;
}

enum { STRUCTURES_MOST = 1 << 16 };

static uint64_t structure_bytes(const Signature *sig)
{
    uint64_t bytes = 0;
    for (uint32_t k = 0; k < sig->params.n; k++)
        bytes += sig->params.at[k].purpose == PURPOSE_sarg ? sig->params.at[k].bytes : 0;
    return bytes;
}

bool abi_has_structures(const Signature *sig)
{
    return find(sig->params.at, sig->params.n, PURPOSE_sarg) != NO_INDEX;
}

/* Functions are called by the module's own alone, and passed like system_v in every convention but
 * for what Abi.pops says. */
const char *abi_refusal(const Signature *sig)
{
    if (unlikely(!are_passable(sig->params.at, sig->params.n) ||
                 !are_passable(sig->returns.at, sig->returns.n)))
        return "a parameter or result: no registers for the type";
    bool large = structure_bytes(sig) > STRUCTURES_MOST;
    return large ? "structures of more than 64 KiB as arguments" : NULL;
}

Reg abi_payload(uint32_t k)
{
    return reg_of(int_returns[k]);
}

RegSet abi_clobbers(void)
{
    return (REGS_GPR | REGS_XMM) & ~reg_callee_saved();
}
