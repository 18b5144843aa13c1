/* The rules of DESIGN section 6 for addresses, as far as they can be decided without running.
 *
 *     discipline_verify(m, cfgs, scratch, d);    what VERIFY_DISCIPLINE adds to the structure
 *
 * Requires a module of sound structure. Each function is judged by itself, calls by the contracts
 * of what they call. What follows is decided here, for every run:
 *
 *   escape     addresses are operands of accesses, of address.def's rules, of conditions, and of
 *              calls whose contract takes them; they are never returned, and stored only in cells:
 *              any in own slots, through a parameter where its contract has a cell and never a
 *              slot's own. Nothing else may depend on where something lies
 *   range      an access at a constant offset lies in its slot or contract, one at an index lies
 *              there for some index; a constant offset from what may be null lies in the null page
 *   aligned    is provable from slot alignment, contracts and indices; so is what a callee's
 *              contract says of alignment and skew
 *   notrap     the address can be neither null nor in a fault heap
 *   readonly   not in an own slot; no store goes through a readonly or nowrite contract, nor is
 *              such an address passed on to be written through
 *   can_move   a load whose bytes are in the object whatever its operands are
 *   region     all accesses to one object, in whatever way its address came there, name one region
 *              or none: contracts fix it between functions, choices unite it within them
 *   cells      are stored and loaded whole, as i64; nothing else touches their bytes; a contract
 *              whose range covers a cell has it as well
 *   calls      go to known functions of the signature; arguments imply the contracts: range and
 *              relations where offsets are constant, faults, regions, permissions, cells
 *
 * Left to the interpreter, which checks it in every run: dynamic offsets (range, notrap, overlap
 * with cells), `readonly` beyond contracts, what is initialised, relations and cells of addresses
 * that are chosen or loaded, lifetime, and that heaps get no address of a slot through two
 * parameters. What neither sees is an index that leads out of a contract's range and stays in the
 * object: whoever makes or changes indices keeps their final address bounded.
 */
#ifndef IR_DISCIPLINE_H
#define IR_DISCIPLINE_H

#include "base/diag.h"
#include "ir/cfg.h"

/* `cfgs` are those of the module's functions. True when nothing was found. */
bool discipline_verify(const Module *m, const Cfg *const *cfgs, Arena *scratch, Diag *d);

#endif
