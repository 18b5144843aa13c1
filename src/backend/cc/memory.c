/* Instructions that access memory. */
#include "backend/cc/local.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t address; /* the value */
    int64_t offset;
    TallyType type;   /* of what lies in memory */
    uint8_t flags, trap;
} Access;

static Access access_of(const TallyInst *i, unsigned address, TallyType type, int64_t offset)
{
    return (Access){i->args[address], offset, type, i->flags, i->trap};
}

static bool swaps(const Access *a)
{
    return a->flags & TALLY_BIG && a->type.lane_bits > 8;
}

/* ---- addresses ---- */

/* Whether the access is known to lie within a slot, whose name is then the pointer to it: no
 * pointer is computed that leaves the slot, not even on the way. */
static bool is_within_slot(Writer *w, const Access *a, Place *at)
{
    *at = facts_place(w, a->address);
    if (at->slot == TALLY_NONE || !at->exact) return false;
    uint64_t size = w->f->slots[at->slot].bytes, n = ctype_bytes(a->type);
    at->offset = (int64_t)((uint64_t)at->offset + (uint64_t)a->offset);
    return at->offset >= 0 && n <= size && (uint64_t)at->offset <= size - n;
}

static void put_integer_address(Writer *w, const Access *a)
{
    emit(w, "v%u", a->address);
    if (a->offset) emit(w, a->offset < 0 ? " - %lld" : " + %lld", llabs(a->offset));
}

static void put_pointer(Writer *w, const Access *a)
{
    Place at;
    if (is_within_slot(w, a, &at)) {
        emit(w, "(ss%u + %lld)", at.slot, (long long)at.offset);
    } else if (w->options.pointers && at.slot != TALLY_NONE) {
        emit(w, "(ss%u + (", at.slot);
        put_integer_address(w, a);
        emit(w, " - (u64)ss%u))", at.slot);
    } else {
        emit_text(w, "AT(");
        put_integer_address(w, a);
        emit_text(w, ")");
    }
}

/* A slot is always accessible. */
static void put_check(Writer *w, const Access *a)
{
    Place at;
    if (a->flags & TALLY_NOTRAP || is_within_slot(w, a, &at)) return;
    emit_text(w, "check(");
    put_integer_address(w, a);
    emit(w, ", %u, %u); ", ctype_bytes(a->type), a->trap);
}

/* ---- bytes ---- */

/* What is copied from or to: a place in memory. */
static void put_place(Writer *w, const Access *a)
{
    unsigned n = ctype_bytes(a->type);
    bool aligned = a->flags & TALLY_ALIGNED && n > 1;
    emit_text(w, aligned ? "ALIGNED(" : "");
    put_pointer(w, a);
    if (aligned) emit(w, ", %u)", n);
}

static bool is_typed(const Writer *w, const Access *a)
{
    return w->options.typed && (a->type.lanes == 1 || w->options.has.vectors);
}

static void put_typed_place(Writer *w, const Access *a)
{
    emit(w, "*(%s_%c *)", ctype_name(a->type).at, a->flags & TALLY_ALIGNED ? 'n' : 'u');
    put_pointer(w, a);
}

static void put_copy_in(Writer *w, const Access *a, const char *name)
{
    if (is_typed(w, a)) {
        emit(w, "%s = ", name);
        put_typed_place(w, a);
        emit_text(w, ";");
    } else {
        emit(w, "memcpy(&%s, ", name);
        put_place(w, a);
        emit(w, ", %u);", ctype_bytes(a->type));
    }
}

static void put_copy_out(Writer *w, const Access *a, const char *name)
{
    if (is_typed(w, a)) {
        put_typed_place(w, a);
        emit(w, " = %s;", name);
    } else {
        emit_text(w, "memcpy(");
        put_place(w, a);
        emit(w, ", &%s, %u);", name, ctype_bytes(a->type));
    }
}

/* The bytes of each lane of the variable `bytes` change their order. */
static void put_swap(Writer *w, TallyType t)
{
    if (t.lanes == 1) {
        emit(w, " bytes = bswap%u(bytes); ", t.lane_bits);
        return;
    }
    const char *member = ctype_member(w, t);
    emit(w, " for (int k = 0; k < %u; k++) bytes%s[k] = bswap%u(bytes%s[k]); ", t.lanes, member,
        t.lane_bits, member);
}

/* Sets a variable of the access's type. */
static void put_read(Writer *w, const Access *a, const char *name)
{
    if (!swaps(a)) {
        put_copy_in(w, a, name);
        return;
    }
    Access bytes = *a;
    bytes.type.is_float = false;
    emit(w, "{ %s bytes; ", ctype_name(bytes.type).at);
    put_copy_in(w, &bytes, "bytes");
    put_swap(w, a->type);
    emit(w, "memcpy(&%s, &bytes, %u); }", name, ctype_bytes(a->type));
}

static void put_write(Writer *w, const Access *a, const char *name)
{
    if (!swaps(a)) {
        put_copy_out(w, a, name);
        return;
    }
    Access bytes = *a;
    bytes.type.is_float = false;
    emit(w, "{ %s bytes; memcpy(&bytes, &%s, %u);", ctype_name(bytes.type).at, name,
        ctype_bytes(a->type));
    put_swap(w, a->type);
    put_copy_out(w, &bytes, "bytes");
    emit_text(w, " }");
}

static const char *variable(char room[16], uint32_t value)
{
    snprintf(room, 16, "v%u", value);
    return room;
}

/* ---- loads and stores ---- */

void write_load(Writer *w, const TallyInst *i)
{
    char name[16];
    Access a = access_of(i, 0, i->type, i->imm);
    put_check(w, &a);
    emit_declaration(w, i->result);
    put_read(w, &a, variable(name, i->result));
}

void write_store(Writer *w, const TallyInst *i)
{
    char name[16];
    Access a = access_of(i, 1, i->type, i->imm);
    put_check(w, &a);
    put_write(w, &a, variable(name, i->args[0]));
}

/* The number in the instruction's name: uload16x4, istore8. */
static TallyType narrow_type(const Writer *w, const TallyInst *i)
{
    const char *name = w->host->ops[i->op].name;
    return (TallyType){(uint8_t)atoi(name + strcspn(name, "0123456789")), i->type.lanes, false};
}

/* Turns   v2 = sload8x8 v1
 * into    { u8x8 t; memcpy(&t, AT(v1), 8); for (…) v2[k] = (u16)(s8)t[k]; }
 */
void write_extending_load(Writer *w, const TallyInst *i)
{
    Access a = access_of(i, 0, narrow_type(w, i), i->imm);
    const char *member = ctype_member(w, i->type), *at = i->type.lanes > 1 ? "[k]" : "";
    char letter = w->host->ops[i->op].name[0];
    put_check(w, &a);
    emit_declaration(w, i->result);
    emit(w, "{ %s t; ", ctype_name(a.type).at);
    put_read(w, &a, "t");
    if (i->type.lanes > 1) emit_pattern(w, i, " EACH", false);
    emit(w, " v%u%s%s = (%s)(%s)t%s%s; }", i->result, member, at, ctype_lane(i->type).at,
        ctype_lane_as(letter, a.type.lane_bits).at, member, at);
}

void write_narrowing_store(Writer *w, const TallyInst *i)
{
    Access a = access_of(i, 1, narrow_type(w, i), i->imm);
    const char *type = ctype_name(a.type).at;
    put_check(w, &a);
    emit(w, "{ %s t = (%s)v%u; ", type, type, i->args[0]);
    put_write(w, &a, "t");
    emit_text(w, " }");
}

void write_stack_addr(Writer *w, const TallyInst *i)
{
    bool inside = i->imm >= 0 && (uint64_t)i->imm <= w->f->slots[i->entity].bytes;
    emit_target(w, i->result);
    if (inside && i->imm) emit(w, " = (u64)(ss%u + %lld);", i->entity, (long long)i->imm);
    else emit(w, " = (u64)ss%u", i->entity);
    if (!inside) emit(w, i->imm < 0 ? " - %lld" : " + %lld", llabs(i->imm));
    if (!inside || !i->imm) emit_text(w, ";");
}

/* ---- atomics ---- */

static const struct {
    const char *name, *builtin, *plain;
} operations[] = {
#define ATOMIC(name, builtin, plain) {#name, builtin, plain},
#include "backend/cc/atomics.def"
};

/* Without the builtins, and in the other byte order, plain code does for one thread. */
static bool is_plain(const Writer *w, const Access *a)
{
    return !w->options.has.atomics || swaps(a);
}

static Access atomic_access(Writer *w, const TallyInst *i, unsigned address)
{
    Access a = access_of(i, address, i->type, 0);
    a.flags |= TALLY_ALIGNED;
    put_check(w, &a);
    return a;
}

static void put_atomic_pointer(Writer *w, const Access *a)
{
    emit(w, "(%s_n *)", ctype_name(a->type).at);
    put_pointer(w, a);
}

void write_atomic_load(Writer *w, const TallyInst *i)
{
    char name[16];
    Access a = atomic_access(w, i, 0);
    if (is_plain(w, &a)) {
        emit_declaration(w, i->result);
        put_read(w, &a, variable(name, i->result));
        return;
    }
    emit_target(w, i->result);
    emit_text(w, " = __atomic_load_n(");
    put_atomic_pointer(w, &a);
    emit_text(w, ", 5);");
}

void write_atomic_store(Writer *w, const TallyInst *i)
{
    char name[16];
    Access a = atomic_access(w, i, 1);
    if (is_plain(w, &a)) {
        put_write(w, &a, variable(name, i->args[0]));
        return;
    }
    emit_text(w, "__atomic_store_n(");
    put_atomic_pointer(w, &a);
    emit(w, ", v%u, 5);", i->args[0]);
}

static void put_plain_rmw(Writer *w, const TallyInst *i, const Access *a, const char *plain)
{
    emit(w, "{ %s t; ", ctype_name(i->type).at);
    put_read(w, a, "t");
    emit(w, " v%u = t; t = ", i->result);
    emit_pattern(w, i, plain, false);
    emit_text(w, "; ");
    put_write(w, a, "t");
    emit_text(w, " }");
}

/* Tries until nobody was in between. */
static void put_loop_rmw(Writer *w, const TallyInst *i, const Access *a, const char *plain)
{
    emit(w, "{ %s t = __atomic_load_n(", ctype_name(i->type).at);
    put_atomic_pointer(w, a);
    emit_text(w, ", 5); while (!__atomic_compare_exchange_n(");
    put_atomic_pointer(w, a);
    emit_text(w, ", &t, ");
    emit_pattern(w, i, plain, false);
    emit(w, ", 0, 5, 5)) continue; v%u = t; }", i->result);
}

void write_atomic_rmw(Writer *w, const TallyInst *i)
{
    Access a = atomic_access(w, i, 0);
    size_t k = 0;
    while (strcmp(operations[k].name, i->cond) != 0) k++;
    emit_declaration(w, i->result);
    if (is_plain(w, &a)) {
        put_plain_rmw(w, i, &a, operations[k].plain);
    } else if (!*operations[k].builtin) {
        put_loop_rmw(w, i, &a, operations[k].plain);
    } else {
        emit(w, "v%u = __atomic_%s(", i->result, operations[k].builtin);
        put_atomic_pointer(w, &a);
        emit(w, ", v%u, 5);", i->args[1]);
    }
}

void write_atomic_cas(Writer *w, const TallyInst *i)
{
    Access a = atomic_access(w, i, 0);
    char name[16];
    emit_declaration(w, i->result);
    emit(w, "{ %s t = v%u; ", ctype_name(i->type).at, i->args[1]);
    if (is_plain(w, &a)) {
        put_read(w, &a, "t");
        emit(w, " v%u = t; if (t == v%u) ", i->result, i->args[1]);
        put_write(w, &a, variable(name, i->args[2]));
        emit_text(w, " }");
        return;
    }
    emit_text(w, "__atomic_compare_exchange_n(");
    put_atomic_pointer(w, &a);
    emit(w, ", &t, v%u, 0, 5, 5); v%u = t; }", i->args[2], i->result);
}
