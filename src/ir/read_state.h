/* Within the reader (read*.c): where it stands, and what its parts say to each other.
 *
 * A function that reads something returns false when it has reported an error; its caller then
 * returns false as well, up to case_read, which goes on with the next function.
 */
#ifndef IR_READ_STATE_H
#define IR_READ_STATE_H

#include "base/diag.h"
#include "ir/build.h"
#include "ir/dialect.h"
#include "ir/limits.h"
#include "ir/names.h"

/* A value as the text names it; `value` is VALUE_none until it is defined. `ret0` and `exn0` are
 * results of the instruction that mentions them. */
typedef struct {
    Value value;
    Token token;
} Mention;

/* An operand that was mentioned before its definition. */
typedef struct {
    Inst inst;
    uint32_t dest; /* NO_INDEX: of the instruction itself */
    uint32_t index;
    Token token;
} Use;

typedef struct {
    BlockCall call; /* args not set */
    uint32_t first; /* in Reader.dest_args */
} Destination;

/* A cell of a heap whose target may come later. */
typedef struct {
    uint32_t heap, cell;
    Token token;
} CellUse;

typedef struct Reader {
    Arena *arena, *scratch;
    Diag *diag;
    Case *c;
    Str text;
    size_t used_before; /* bytes of the arena */
    Lexer lex;
    Token token; /* the next one */
    CallConv default_conv;

    Func *f;
    uint32_t func;  /* its index */
    Block at;       /* instructions go here */
    NameMap names;
    VEC(Token) blocks;  /* each block's first mention; kind 0 once it is defined */
    VEC(Use) uses;
    VEC(Token) results; /* names left of `=` */
    VEC(Mention) args, dest_args;
    VEC(Destination) dests;
    VEC(Value) unnamed; /* results without a number in the text */
    uint32_t last_run;  /* of this function, plus 1 */
    VEC(CellUse) cell_uses;
    VEC(Token) tables;  /* of older jump tables: the `[` */
    VEC(Token) forwards; /* what declarations name, perhaps before it is declared */
    VEC(FuncName) user_names; /* each u0:7 that names a function or symbol, once */
    InstNote note;            /* of the instruction being read */
    uint64_t slot_bytes;
    uint32_t next_sig; /* the number of a signature on the spot */
    uint32_t heaps; /* of this function */
    bool has_vmctx_heap;
} Reader;

/* Errors; they return false. */
bool read_fail(Reader *r, const Token *at, const char *format, ...) PRINTF_LIKE(3, 4);

/* "WHAT not supported": what stands at `at` is well-formed, but cannot be represented. */
bool read_unsupported(Reader *r, const Token *at, const char *what);
bool read_expected(Reader *r, const char *what); /* … found the next token */
/* Whether `n` things are within the limit. */
bool read_limit(Reader *r, LimitId limit, uint64_t n);
bool read_memory_left(Reader *r);
uint32_t read_column(const Reader *r, const Token *at);

/* Tokens. */
void read_next(Reader *r);
bool read_kind(Reader *r, unsigned kind, const char *what); /* must be there */
bool read_optional(Reader *r, unsigned kind);               /* goes over it if it is there */
bool read_is_word(const Reader *r, const char *word);
bool read_optional_word(Reader *r, const char *word);
bool read_type(Reader *r, Type *out);
bool read_suffix_type(Reader *r, Type *out); /* or a dynamic one, as dt0 */
bool read_i64(Reader *r, int64_t lo, int64_t hi, const char *what, int64_t *out);
bool read_u64(Reader *r, const char *what, uint64_t *out);
/* One of `n` names. */
bool read_choice(Reader *r, const char *const *names, unsigned n, const char *what, uint8_t *out);
/* The index of something declared. */
bool read_entity(Reader *r, unsigned kind, const char *what, uint32_t *out);
/* A scalar, or a vector as `[1 2 3 4]` or hexadecimal. */
bool read_bits(Reader *r, Type type, uint8_t *bytes);

/* A copy in the case's arena. */
Str read_copy(Reader *r, Str text);

/* read_decl.c: all of them */
bool read_declarations(Reader *r);
bool read_declared(Reader *r, uint32_t index); /* `ss3 =`: enters the name for `index` */

/* read_global.c: one declaration each, from its name on; then what they name */
bool read_global(Reader *r);
bool read_dyn_type(Reader *r);
bool read_dyn_slot(Reader *r);
bool read_stack_limit(Reader *r);
bool read_resolve(Reader *r);

/* read_func.c */
bool read_function(Reader *r);
bool read_func_name(Reader *r, FuncName *out);
bool read_external_name(Reader *r, FuncName *out); /* userextname0 as well */
bool read_func_signature(Reader *r, Signature *out);
bool read_block_name(Reader *r, Block *out);
bool read_define(Reader *r, Value v, const Token *name);

/* read_inst.c */
bool read_instruction(Reader *r);
bool read_operands(Reader *r, const char *format, InstData *i);
bool read_value(Reader *r);           /* appended to args */
bool read_destination(Reader *r);     /* appended to dests */
bool read_memflags(Reader *r, MemFlags *out);
bool read_offset(Reader *r, int64_t *out);
/* Gives the instruction its operands and type, appends it, names its results; `word` is its name
 * in the text. */
bool read_finish(Reader *r, const Token *word, InstData *i);
/* Appends an instruction that the text does not show; VALUE_none when it has no result. */
Value read_hidden(Reader *r, const InstData *i);

/* read_note.c: what may stand before an instruction, and behind it; then what was noted is kept for
 * the instruction that was made last. */
bool read_before(Reader *r);
bool read_stack_map(Reader *r, const Token *word, const OpInfo *o);
void read_keep_note(Reader *r);

/* read_older.c: an instruction of an older dialect, behind its name. */
bool read_older(Reader *r, const Token *word, const Older *older);

/* read_directive.c */
void read_directives(Reader *r); /* all that the lexer has noted, for the function `f` or NULL */

#endif
