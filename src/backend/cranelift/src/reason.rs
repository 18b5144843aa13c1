//! Why a case was not compiled, in words that are the same for the same reason: without numbers of
//! values, names, or lines.

use crate::abi::Status;
use crate::edge::Panic;
use cranelift_codegen::ir::Function;
use cranelift_codegen::CodegenError;

#[derive(Debug, PartialEq)]
pub struct Reason {
    pub status: Status,
    pub text: String,
}

pub fn refused(text: impl Into<String>) -> Reason {
    Reason { status: Status::Refused, text: text.into() }
}

fn failed(text: String) -> Reason {
    Reason { status: Status::Failed, text }
}

/// What the reader did not take.
pub fn of_reading(message: &str) -> Reason {
    refused(format!("reader: {}", plain(message)))
}

/// What `function`'s compilation returned.
pub fn of_error(error: &CodegenError, function: &Function) -> Reason {
    match error {
        CodegenError::Verifier(errors) => {
            let first = errors.0.first().map_or_else(String::new, |e| plain(&e.message));
            failed(format!("verifier: {first}"))
        }
        CodegenError::Unsupported(text) => unsupported(text, function)
            .unwrap_or_else(|| refused(format!("unsupported: {}", plain(text)))),
        CodegenError::ImplLimitExceeded => refused("a limit of Cranelift's is exceeded"),
        CodegenError::CodeTooLarge => refused("the code is too large for Cranelift"),
        CodegenError::Regalloc(_) => failed("the checker of the register allocator objects".into()),
        other => failed(plain(&other.to_string())),
    }
}

/// Panics that only say that something is not there, in versions of all ages.
const NOT_THERE: [&str; 4] = [
    "not implemented",
    "not yet implemented",
    "ops should not appear here",
    "StructReturn return value not allowed",
];

pub fn of_panic(panic: &Panic, function: Option<&Function>) -> Reason {
    let text = plain(&panic.text);
    match function.and_then(|f| unsupported(&panic.text, f)) {
        Some(reason) => reason,
        None if NOT_THERE.iter().any(|words| text.contains(words)) => refused(text),
        None => failed(format!("panic: {text} at {}", panic.place)),
    }
}

/// The instruction that no rule lowers, when that is what `text` says: in versions of all ages,
/// "should be implemented in ISLE: inst = `v3 = popcnt.i16 v2`, type = …".
fn unsupported(text: &str, function: &Function) -> Option<Reason> {
    let inst = text.split_once("implemented in ISLE: ")?.1.split('`').nth(1)?;
    Some(refused(format!("no lowering of {}", typed(inst, function))))
}

/// `iadd.i64` of the instruction that is written so in `function`.
fn typed(text: &str, function: &Function) -> String {
    let dfg = &function.dfg;
    let insts = function.layout.blocks().flat_map(|block| function.layout.block_insts(block));
    let found = insts.into_iter().find(|&inst| dfg.display_inst(inst).to_string() == text);
    match found.map(|inst| dfg.ctrl_typevar(inst)) {
        Some(ty) if !ty.is_invalid() => format!("{}.{ty}", opcode(text)),
        _ => opcode(text).into(),
    }
}

/// `popcnt` of `v3 = popcnt.i16 v2`.
fn opcode(inst: &str) -> &str {
    let after = inst.split_once(" = ").map_or(inst, |(_, op)| op);
    after.split([' ', '.']).next().unwrap_or("")
}

/// The first line, every number of an entity and every number that stands alone as N.
pub fn plain(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(is_word) {
        let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |n| start + n);
        out.push_str(&rest[..start]);
        match rest[..start].ends_with('%') {
            true => out.push_str("NAME"),
            false => out.push_str(&word(&rest[start..end])),
        }
        rest = &rest[end..];
    }
    out + rest
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Words whose number says which, and not what.
const ENTITIES: [&str; 19] = [
    "v", "inst", "block", "ss", "fn", "sig", "gv", "const", "jt", "dyn", "dt", "mt", "mask", "imm",
    "user", "region", "vreg", "p", "u",
];

fn word(word: &str) -> String {
    let digit = word.find(|c: char| c.is_ascii_digit());
    let Some((head, tail)) = digit.map(|at| word.split_at(at)) else { return word.into() };
    if head.is_empty() || ENTITIES.contains(&head.to_ascii_lowercase().as_str()) {
        let unit = tail.trim_start_matches(|c: char| c.is_ascii_digit());
        let unit = if unit.starts_with('x') { "" } else { unit }; // 0x12
        return format!("{head}N{unit}");
    }
    word.into()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn numbers_that_say_which_go_and_types_stay() {
        let text = "arg 0 (v12) has type i32x4, block3 and inst17 of %f9 expect i64\nmore";
        let same = "arg N (vN) has type i32x4, blockN and instN of %NAME expect i64";
        assert_eq!(plain(text), same);
        assert_eq!(plain("index 17 of 0x1f, v192i"), "index N of N, vNi");
        assert_eq!(plain("Unknown opcode: 'x86_cvtt2dq'"), "Unknown opcode: 'x86_cvtt2dq'");
        assert_eq!(plain(""), "");
    }
}
