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

static void show_func(Picture *p, const Code *code, const Module *m, uint32_t k)
{
    const Func *f = m->funcs.at[k];
    buf_char(p->out, '\n');
    func_write_header(p->out, f, NULL);
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        block_write_header(p->out, f, f->layout.at[b], NULL);
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            buf_text(p->out, "    ");
            inst_write(p->out, f, func_inst(f, bd->insts.at[n]), NULL);
            buf_char(p->out, '\n');
            show_pieces(p, code, k, bd->insts.at[n].i);
        }
    }
    buf_text(p->out, "}\nbeside the instructions (entry, exits, wrapper):\n");
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
