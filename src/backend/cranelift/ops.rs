//! Prints the instructions of the published crates, for `make ops-diff`:
//!
//!     iadd format binary
//!     iadd suffix inferred         or needed, or none
//!     iadd suffix i8               each that there is
//!     iadd is                      terminator, branch, call, return, load, store
//!     iadd types i8 i8 > i8        each that its constraints allow
//!
//! tests/support/ops.c prints the same of our tables.

use cranelift_codegen::ir::instructions::{Opcode, OpcodeConstraints, ResolvedConstraint};
use cranelift_codegen::ir::types::{self, Type};
use std::panic::catch_unwind;

/// Lane types, static vectors, dynamic vectors.
fn all_types() -> Vec<Type> {
    use types::{F128, F16, F32, F64, I128, I16, I32, I64, I8};
    let lanes = [I8, I16, I32, I64, I128, F16, F32, F64, F128];
    let vectors = (1..=8).flat_map(|n| lanes.map(|lane| lane.by(1 << n).expect("a vector")));
    let vectors: Vec<Type> = vectors.collect();
    let dynamic = vectors.iter().filter_map(|t| t.vector_to_dynamic());
    lanes.into_iter().chain(vectors.iter().copied()).chain(dynamic).collect()
}

/// What may stand for the controlling type; only INVALID where there is none.
fn controls(constraints: OpcodeConstraints, all: &[Type]) -> Vec<Type> {
    match constraints.ctrl_typeset() {
        Some(set) => all.iter().copied().filter(|&t| set.contains(t)).collect(),
        None => vec![types::INVALID],
    }
}

fn operand(constraints: OpcodeConstraints, n: usize, control: Type, all: &[Type]) -> Vec<Type> {
    match constraints.value_argument_constraint(n, control) {
        ResolvedConstraint::Bound(t) => vec![t],
        ResolvedConstraint::Free(set) => all.iter().copied().filter(|&t| set.contains(t)).collect(),
    }
}

/// Every choice of one from each list.
fn choices(lists: &[Vec<Type>]) -> Vec<Vec<Type>> {
    lists.iter().fold(vec![vec![]], |before, list| {
        let grown = |old: Vec<Type>| list.iter().map(move |&t| [&old[..], &[t]].concat());
        before.into_iter().flat_map(grown).collect()
    })
}

/// The verifier has rules beside the constraints: a bitcast keeps the number of bits.
fn is_allowed(opcode: Opcode, control: Type, operands: &[Type]) -> bool {
    opcode != Opcode::Bitcast || operands[0].bits() == control.bits()
}

/// As tally spells it: dynamic vectors are written `types::I32x4xN`.
fn name(t: Type) -> String {
    let text = t.to_string().replace("types::", "");
    text[..1].to_lowercase() + &text[1..]
}

fn print_types(opcode: Opcode, control: Type, all: &[Type]) {
    let mut lines = String::new();
    let constraints = opcode.constraints();
    let words = |list: &[Type]| list.iter().map(|&t| " ".to_string() + &name(t)).collect::<String>();
    let operands: Vec<_> = (0..constraints.num_fixed_value_arguments())
        .map(|n| operand(constraints, n, control, all))
        .collect();
    let results: Vec<_> =
        (0..constraints.num_fixed_results()).map(|n| constraints.result_type(n, control)).collect();
    for chosen in choices(&operands) {
        if is_allowed(opcode, control, &chosen) {
            lines += &format!("{opcode} types{} >{}\n", words(&chosen), words(&results));
        }
    }
    print!("{lines}");
    if !control.is_invalid() {
        println!("{opcode} suffix {}", name(control));
    }
}

fn print_suffix(opcode: Opcode) {
    let constraints = opcode.constraints();
    if !constraints.is_polymorphic() {
        println!("{opcode} suffix none");
        return;
    }
    let how = if constraints.use_typevar_operand() { "inferred" } else { "needed" };
    println!("{opcode} suffix {how}");
}

fn print_effects(opcode: Opcode) {
    let effects = [
        ("terminator", opcode.is_terminator()),
        ("branch", opcode.is_branch()),
        ("call", opcode.is_call()),
        ("return", opcode.is_return()),
        ("load", opcode.can_load() && !opcode.is_call()),
        ("store", opcode.can_store() && !opcode.is_call()),
    ];
    let on = effects.iter().filter(|e| e.1).map(|e| format!(" {}", e.0)).collect::<String>();
    println!("{opcode} is{on}");
}

fn main() {
    std::panic::set_hook(Box::new(|_| ()));
    let all = all_types();
    for &opcode in Opcode::all() {
        println!("{opcode} format {}", format!("{:?}", opcode.format()).to_lowercase());
        print_suffix(opcode);
        print_effects(opcode);
        for control in controls(opcode.constraints(), &all) {
            // One that a constraint cannot be derived from is none.
            let _ = catch_unwind(|| print_types(opcode, control, &all));
        }
    }
}
