//! All that differs between versions of Cranelift, but for what they say (reason.rs).

use cranelift_codegen::ir::ExternalName;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CodegenError, CompiledCode, Context};

#[cfg(not(since_101))]
use cranelift_codegen::MachReloc;
#[cfg(all(since_101, not(since_137)))]
use cranelift_codegen::{FinalizedMachReloc as MachReloc, FinalizedRelocTarget as RelocTarget};
#[cfg(since_137)]
use cranelift_codegen::{MachReloc, RelocTarget};

/// Alignment of stack slots that is honoured. Before `align =` was read slots were made of words,
/// one behind the other.
pub const MAX_SLOT_ALIGN: u32 = if cfg!(since_109) { 16 } else { 8 };

pub fn compile<'a>(
    context: &'a mut Context,
    isa: &dyn TargetIsa,
) -> Result<&'a CompiledCode, CodegenError> {
    #[cfg(since_96)]
    let done = context.compile(isa, &mut Default::default());
    #[cfg(not(since_96))]
    let done = context.compile(isa);
    done.map_err(|error| error.inner)
}

/// What its constants need.
pub fn alignment(code: &CompiledCode) -> usize {
    #[cfg(since_137)]
    let asked = code.buffer.min_alignment;
    #[cfg(all(since_97, not(since_137)))]
    let asked = code.buffer.alignment;
    #[cfg(not(since_97))]
    let asked = code.alignment;
    asked as usize
}

/// The symbol that a relocation is against; None when it is against a place in its own function,
/// which x86-64 code has no use for.
pub fn symbol(reloc: &MachReloc) -> Option<&ExternalName> {
    #[cfg(not(since_101))]
    return Some(&reloc.name);
    #[cfg(since_101)]
    match &reloc.target {
        RelocTarget::ExternalName(name) => Some(name),
        _ => None,
    }
}
