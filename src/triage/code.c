#include "triage/picture.h"

#include "ir/write.h"

#include <Zydis/Zydis.h>

static const char *shade(const Picture *p, const char *escape)
{
    return p->colour ? escape : "";
}

typedef struct {
    const uint8_t *at;
    size_t size;
    const CodePiece *pieces;
    uint32_t npieces;
} Code;

/* One machine instruction a line, with its offset in the code. */
static void disassemble(Picture *p, const Code *code, uint32_t from, uint32_t to)
{
    while (from < to) {
        ZydisDisassembledInstruction i;
        const uint8_t *at = code->at + from;
        if (ZYAN_SUCCESS(ZydisDisassembleIntel(ZYDIS_MACHINE_MODE_LONG_64, (ZyanU64)(uintptr_t)at,
                                               at, to - from, &i))) {
            buf_printf(p->out, "            %s%04x  %s%s\n", shade(p, "\033[2m"), from, i.text,
                       shade(p, "\033[0m"));
            from += i.info.length;
        } else {
            buf_printf(p->out, "            %04x  .byte 0x%02x\n", from, *at);
            from++;
        }
    }
}

/* All pieces that belong to an instruction of a function, or to none of them. */
static void show_pieces(Picture *p, const Code *code, uint32_t func, uint32_t inst)
{
    for (uint32_t k = 0; k < code->npieces; k++) {
        const CodePiece *piece = &code->pieces[k];
        if (piece->func == func && piece->inst == inst)
            disassemble(p, code, piece->offset, piece->offset + piece->size);
    }
}

/* What func_write calls below each instruction. */
typedef struct {
    Picture *picture;
    const Code *code;
    uint32_t func;
} Below;

static void show_below(void *data, Buf *out, const Func *f, Inst inst)
{
    const Below *below = data;
    (void)out, (void)f;
    show_pieces(below->picture, below->code, below->func, inst.i);
}

static void show_func(Picture *p, const Code *code, const Module *m, uint32_t k)
{
    Below below = {p, code, k};
    buf_text(p->out, "\n");
    func_write(p->out, m->funcs.at[k], &(WriteOptions){.below = show_below, .below_data = &below});
    buf_text(p->out, "beside the instructions (entry, exits, wrapper):\n");
    show_pieces(p, code, k, NO_INDEX);
}

bool picture_code(Picture *p, const Config *config, const Case *c)
{
    const Backend *b = config->backend;
    if (!b->code || !b->pieces) return false;
    Code code = {0};
    const void *at;
    b->code(config->state, &at, &code.size);
    code.at = at;
    code.pieces = b->pieces(config->state, &code.npieces);
    if (!code.pieces) return false;
    buf_printf(p->out, "machine code of %s, %zu bytes\n", config->name, code.size);
    for (uint32_t k = 0; k < c->module->funcs.n; k++) show_func(p, &code, c->module, k);
    return true;
}
