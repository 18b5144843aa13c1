/* What changes leave behind. */
#include "ir/build.h"
#include "ir/cfg.h"
#include "reduce/step.h"

static bool is_idle(const InstData *i, const uint32_t *uses)
{
    if (!op_has(i->op, EFFECT_P) || op_has(i->op, EFFECT_E)) return i->op == OP_nop;
    for (unsigned k = 0; k < i->nresults; k++)
        if (uses[inst_result(i, k).i]) return false;
    return true;
}

/* Takes out instructions from the last to the first, so that one walk finds most of them. */
static bool drop_idle(Func *f, uint32_t *uses)
{
    bool dropped = false;
    for (uint32_t b = f->layout.n; b-- > 0;) {
        BlockData *bd = func_block(f, f->layout.at[b]);
        uint32_t to = bd->insts.n;
        for (uint32_t k = bd->insts.n; k-- > 0;) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            if (!is_idle(i, uses)) {
                bd->insts.at[--to] = bd->insts.at[k];
                continue;
            }
            dropped = true;
            for (uint32_t n = 0; n < i->nargs; n++) uses[inst_args_const(i)[n].i]--;
        }
        memmove(bd->insts.at, bd->insts.at + to, (bd->insts.n - to) * sizeof(Inst));
        bd->insts.n -= to;
    }
    return dropped;
}

static void drop_unreachable(Func *f)
{
    const Cfg *cfg = cfg_compute(f, f->arena);
    uint32_t kept = 0;
    for (uint32_t b = 0; b < f->layout.n; b++)
        if (cfg_is_reachable(cfg, f->layout.at[b])) f->layout.at[kept++] = f->layout.at[b];
    f->layout.n = kept;
}

/* A reference that nothing mentions keeps no function alive. */
static void drop_references(Func *f)
{
    bool *used = arena_array(f->arena, bool, f->refs.n + 1);
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            if (strchr(format_operands[inst_op(i)->format], 'F')) used[i->entity] = true;
        }
    }
    for (uint32_t k = 0; k < f->refs.n; k++) {
        if (used[k]) continue;
        f->refs.at[k].callee = NO_INDEX;
        f->refs.at[k].name = funcname_text("gone"); /* the other's type may have changed */
    }
}

void clean_case(Case *c)
{
    for (uint32_t k = 0; k < c->module->funcs.n; k++) {
        Func *f = c->module->funcs.at[k];
        drop_unreachable(f);
        while (drop_idle(f, func_count_uses(f, f->arena))) continue;
        drop_references(f);
    }
}
