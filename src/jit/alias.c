#include "jit/alias.h"

/* A value or a slot plus a constant. */
typedef struct {
    bool slot;
    uint32_t root; /* Slot or Value */
    int64_t offset;
    unsigned bytes;
} Place;

enum { ADDS_FOLLOWED = 8 };

static bool constant_operand(const Func *f, Value v, int64_t *n)
{
    const InstData *d = func_def(f, v);
    if (!d || d->op != OP_iconst) return false;
    *n = d->imm;
    return true;
}

/* Follows additions of constants from the address down to what they are added to. Offsets wrap as
 * addresses do. */
static Place place_of(const Func *f, const InstData *i)
{
    bool store = op_has((Op)i->op, EFFECT_S);
    Value v = inst_args_const(i)[store ? 1 : 0];
    uint64_t offset = (uint64_t)i->imm;
    Type type = store ? func_type(f, inst_args_const(i)[0]) : (Type)i->type;
    unsigned bytes = op_access_bytes((Op)i->op, type);
    for (unsigned k = 0; k < ADDS_FOLLOWED; k++) {
        const InstData *d = func_def(f, v);
        if (!d) break;
        if (d->op == OP_stack_addr)
            return (Place){true, d->entity, (int64_t)(offset + (uint64_t)d->imm), bytes};
        int64_t n;
        if (d->op != OP_iadd) break;
        const Value *args = inst_args_const(d);
        if (constant_operand(f, args[1], &n)) v = args[0];
        else if (constant_operand(f, args[0], &n)) v = args[1];
        else break;
        offset += (uint64_t)n;
    }
    return (Place){false, v.i, (int64_t)offset, bytes};
}

static bool within(const Func *f, const Place *p)
{
    return p->offset >= 0 && (uint64_t)p->offset + p->bytes <= f->slots.at[p->root].bytes;
}

Alias alias_query(const Func *f, const InstData *p, const InstData *q)
{
    if (p->flags.region && q->flags.region && p->flags.region != q->flags.region)
        return ALIAS_no; /* different regions */
    Place x = place_of(f, p), y = place_of(f, q);
    if (x.slot != y.slot) return ALIAS_may;
    if (x.root != y.root)
        return x.slot && within(f, &x) && within(f, &y) ? ALIAS_no /* two slots */ : ALIAS_may;
    if (x.offset == y.offset && x.bytes == y.bytes) return ALIAS_same;
    uint64_t gap = (uint64_t)y.offset - (uint64_t)x.offset;
    if (gap >= x.bytes && -gap >= y.bytes) return ALIAS_no; /* other bytes of one object */
    return ALIAS_may;
}
