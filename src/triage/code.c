#include "triage/code.h"

#include "ir/write.h"
#include "triage/picture.h"

#include <Zydis/Zydis.h>
#include <stdio.h>

static const char *shade(const Picture *p, const char *escape)
{
    return p->colour ? escape : "";
}

typedef struct {
    const uint8_t *at;
    size_t size;
    const CodePiece *pieces;
    uint32_t npieces;
    ZydisDecoder decoder;
    ZydisFormatter formatter;
} Code;

static void open_disassembler(Code *code)
{
    ZydisDecoderInit(&code->decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZydisFormatterInit(&code->formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    ZydisFormatterSetProperty(&code->formatter, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, 4);
    ZydisFormatterSetProperty(&code->formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
}

/* The text of the instruction at `from`, jumps as offsets in the code. How long it is; 0 when it is
 * none. */
static uint32_t disassemble_one(const Code *code, uint32_t from, uint32_t to, char *text, size_t n)
{
    ZydisDecodedInstruction i;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&code->decoder, code->at + from, to - from, &i,
                                             operands)) ||
        !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&code->formatter, &i, operands,
                                                      i.operand_count_visible, text, n, from,
                                                      NULL)))
        return 0;
    return i.length;
}

/* One machine instruction a line, with its offset in the code. */
static void disassemble(Picture *p, const Code *code, uint32_t from, uint32_t to)
{
    while (from < to) {
        char text[256];
        uint32_t n = disassemble_one(code, from, to, text, sizeof text);
        bool marked = p->mark >= from && p->mark < from + (n ? n : 1);
        if (!n) snprintf(text, sizeof text, ".byte 0x%02x", code->at[from]);
        buf_printf(p->out, "            %s%04x  %s%s%s\n",
                   shade(p, marked ? "\033[1;31m" : "\033[2m"), from, text,
                   marked ? "   <-- here" : "", shade(p, "\033[0m"));
        from += n ? n : 1;
    }
}

/* All pieces that belong to an instruction of a function, or to none of them. `head` is a line to
 * print before the first. */
static void show_pieces(Picture *p, const Code *code, uint32_t func, uint32_t inst,
                        const char *head)
{
    for (uint32_t k = 0; k < code->npieces; k++) {
        const CodePiece *piece = &code->pieces[k];
        if (piece->func != func || piece->inst != inst || !piece->size) continue;
        buf_text(p->out, head);
        head = "";
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
            show_pieces(p, code, k, bd->insts.at[n].i, "");
        }
    }
    buf_text(p->out, "}\n");
    show_pieces(p, code, k, NO_INDEX, "beside the instructions (entry, exits, wrapper):\n");
}

/* False when the configuration has no machine code. */
static bool open_code(Code *code, const Config *config)
{
    const void *at;
    const Backend *b = config->backend;
    *code = (Code){0};
    if (!b->code || !b->pieces) return false;
    open_disassembler(code);
    b->code(config->state, &at, &code->size);
    code->at = at;
    code->pieces = b->pieces(config->state, &code->npieces);
    return code->pieces != NULL;
}

static void list_piece(const Code *code, const CodePiece *piece, CodeLines *out, Arena *a)
{
    uint32_t end = piece->offset + piece->size;
    for (uint32_t from = piece->offset; from < end;) {
        char text[256];
        uint32_t n = disassemble_one(code, from, end, text, sizeof text);
        if (!n) snprintf(text, sizeof text, ".byte 0x%02x", code->at[from]);
        *vec_push(a, out) = (CodeLine){from, n ? n : 1, arena_printf(a, "%s", text)};
        from += n ? n : 1;
    }
}

CodeLines *code_of_inst(const Config *config, uint32_t func, Inst inst, Arena *a)
{
    Code code;
    CodeLines *out = arena_new(a, CodeLines);
    if (!open_code(&code, config)) return out;
    for (uint32_t k = 0; k < code.npieces; k++)
        if (code.pieces[k].func == func && code.pieces[k].inst == inst.i)
            list_piece(&code, &code.pieces[k], out, a);
    return out;
}

CodeLines *code_around(const Config *config, uint64_t offset, Arena *a)
{
    Code code;
    CodeLines *out = arena_new(a, CodeLines);
    if (!open_code(&code, config)) return out;
    for (uint32_t k = 0; k < code.npieces; k++)
        if (offset - code.pieces[k].offset < code.pieces[k].size)
            list_piece(&code, &code.pieces[k], out, a);
    return out;
}

bool picture_code(Picture *p, const Config *config, const Case *c)
{
    Code code;
    if (!open_code(&code, config)) return false;
    buf_printf(p->out, "machine code of %s, %zu bytes\n", config->name, code.size);
    for (uint32_t k = 0; k < c->module->funcs.n; k++) show_func(p, &code, c->module, k);
    return true;
}
