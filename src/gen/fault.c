/* Accesses that fault in few runs: of null, of an inaccessible heap, of one of these or an ordinary
 * object. */
#include "gen/access.h"
#include "gen/index.h"
#include "gen/pick.h"
#include "gen/stmt.h"

enum { FAULT_BYTES = 64 }; /* of accesses through what may be null */

/* ---- null or an ordinary address ---------------------------------------------------------- */

/* What may be null, or a fault heap, instead of `a`: accesses have offsets from 0 on. */
static Origin nullable_origin(const Fn *fn, const Address *a, uint16_t align)
{
    Origin b = fn->origins[a->origin];
    int64_t hi = b.init.hi < b.range.hi ? b.init.hi : b.range.hi;
    if (hi > a->hi + FAULT_BYTES) hi = a->hi + FAULT_BYTES;
    b.range = (ByteRange){0, a->lo >= b.init.lo ? hi - a->hi : 0};
    b.null = true;
    b.constant = false;
    b.slot = (Slot){NO_INDEX};
    b.align = a->skew ? (uint16_t)(a->skew & -a->skew) : a->align;
    if (b.align > align) b.align = align;
    return b;
}

/* In few runs null or a fault heap: an access that traps, or else is an ordinary one. */
static bool choose_null(Fn *fn, Choice *c)
{
    Address a;
    if (!pick_address(fn, c, &a)) return false;
    bool fault = fn->fault != NO_ORIGIN && chance(c, 1, 2) && !fn->origins[a.origin].region;
    Origin b = nullable_origin(fn, &a, fault ? fn->origins[fn->fault].align : FAULT_BYTES);
    uint8_t origin = b.range.hi >= 1 ? scope_add_origin(fn, b, false) : NO_ORIGIN;
    if (origin == NO_ORIGIN) return false;
    Value condition = expr_rare(fn, c);
    Value null = fault ? fn->fault_root : gen_iconst(fn, TY_i64, 0);
    Op op = chance(c, 1, 2) ? OP_select_spectre_guard : OP_select;
    Value v = gen_select(fn, op, condition, null, a.v);
    access_any(fn, c, (Address){.v = v, .origin = origin, .align = b.align});
    return true;
}

/* ---- null, or an inaccessible heap -------------------------------------------------------- */

static Address null_address(Fn *fn)
{
    static const Origin null = {.range = {0, FAULT_BYTES}, .cell = NO_CELL, .align = FAULT_BYTES,
                                .null = true, .writable = true, .slot = {NO_INDEX}};
    if (fn->null == NO_ORIGIN) fn->null = scope_add_origin(fn, null, false);
    Address a = {.origin = fn->null, .align = FAULT_BYTES};
    if (a.origin != NO_ORIGIN) a.v = gen_iconst(fn, TY_i64, 0);
    return a;
}

/* Perhaps some bytes behind its beginning, at an index. */
static Address fault_address(Fn *fn, Choice *c)
{
    enum { MOST = 16 };
    Address a = {.v = fn->fault_root, .origin = fn->fault,
                 .align = fn->origins[fn->fault].align};
    if (!is_on(fn->g, FAMILY_index) || !chance(c, 1, 4)) return a;
    a.v = gen_binary(fn, OP_iadd, a.v, index_bounded(fn, c, TY_i64, MOST));
    a.hi = MOST - 1;
    a.align = 1;
    return a;
}

/* if (rare) access; */
static void access_rarely(Fn *fn, Choice *c, bool null)
{
    Value condition = expr_rare(fn, c);
    Block bad = gen_block(fn), good = gen_block(fn);
    BlockCall then = gen_dest(fn, bad, NULL, 0), otherwise = gen_dest(fn, good, NULL, 0);
    gen_brif(fn, condition, then, otherwise);
    fn->b.at = bad;
    Scope before = fn->scope;
    Address a = null ? null_address(fn) : fault_address(fn, c);
    if (a.origin != NO_ORIGIN) access_any(fn, c, a);
    fn->scope = before;
    gen_jump(fn, good, NULL, 0);
    fn->b.at = good;
}

void stmt_fault(Fn *fn, Choice *c)
{
    if (!fn->g->traps || !is_on(fn->g, FAMILY_trap)) {
        stmt_assign(fn, c);
        return;
    }
    fn->g->traps--;
    bool fault = fn->fault != NO_ORIGIN && chance(c, 1, 2);
    uint32_t times = is_on(fn->g, FAMILY_odd) ? 1 + choose(c, 4) : 1;
    if (fault || chance(c, 1, 3))
        while (times-- && can_afford(fn, STMT_COST)) access_rarely(fn, c, !fault);
    else if (!choose_null(fn, c)) stmt_assign(fn, c);
}
