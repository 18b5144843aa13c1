//! The code of one case: functions placed, relocations resolved, traps known by address.
//!
//!     image.begin(&names);
//!     image.add(0, &compiled, &params)?;
//!     image.link()?;
//!     image.trap_at(pc)

use crate::compat;
use crate::libcalls;
use crate::memory::Memory;
use crate::reason::{refused, Reason};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::function::FunctionParameters;
use cranelift_codegen::ir::{ExternalName, UserFuncName};
use cranelift_codegen::CompiledCode;

const SIZE: usize = 64 << 20;
const STUB: usize = 16;

/// Trap codes of a text are the host's; the compiler makes these of its own.
type TrapCode<'a> = &'a dyn Fn(&str) -> u8;

#[derive(Clone, Copy)]
enum Target {
    Func(usize),
    Stub(usize), // an offset
}

struct Fixup {
    at: usize,
    kind: Reloc,
    target: Target,
    addend: i64,
}

pub struct Image {
    memory: Memory,
    libcalls: Vec<&'static str>,
    names: Vec<UserFuncName>,
    starts: Vec<usize>,
    cells: Option<usize>, // an address of each function, made when one is asked for
    fixups: Vec<Fixup>,
    traps: Vec<(usize, u8)>,
}

impl Image {
    /// None when there is no memory.
    pub fn new() -> Option<Image> {
        let mut memory = Memory::new(SIZE)?;
        memory.begin();
        let mut names = vec![];
        for (name, address) in libcalls::all() {
            memory.append(STUB, &stub(address as u64))?;
            names.push(name);
        }
        memory.keep();
        memory.finish();
        let (libcalls, fixups, traps) = (names, vec![], vec![]);
        Some(Image { memory, libcalls, names: vec![], starts: vec![], cells: None, fixups, traps })
    }

    /// A case of functions with these names; the one before is gone.
    pub fn begin(&mut self, names: Vec<UserFuncName>) {
        self.memory.begin();
        self.names = names;
        self.starts.clear();
        self.cells = None;
        self.fixups.clear();
        self.traps.clear();
    }

    /// The next function.
    pub fn add(
        &mut self,
        code: &CompiledCode,
        params: &FunctionParameters,
        trap_code: TrapCode,
    ) -> Result<(), Reason> {
        let align = compat::alignment(code).max(16);
        let at = self.memory.append(align, code.code_buffer()).ok_or_else(too_large)?;
        self.starts.push(at);
        for reloc in code.buffer.relocs() {
            let symbol = compat::symbol(reloc).ok_or_else(|| unknown(reloc.kind))?;
            let target = self.target(symbol, params)?;
            let at = at + reloc.offset as usize;
            self.fixups.push(Fixup { at, kind: reloc.kind, target, addend: reloc.addend });
        }
        for trap in code.buffer.traps() {
            self.traps.push((at + trap.offset as usize, trap_code(&trap.code.to_string())));
        }
        Ok(())
    }

    fn target(&self, symbol: &ExternalName, params: &FunctionParameters) -> Result<Target, Reason> {
        let func = match symbol {
            ExternalName::User(name) => {
                let name = UserFuncName::User(params.user_named_funcs()[*name].clone());
                self.names.iter().position(|n| *n == name)
            }
            ExternalName::TestCase(name) => {
                let is = |n: &UserFuncName| matches!(n, UserFuncName::Testcase(n) if n == name);
                self.names.iter().position(is)
            }
            ExternalName::LibCall(call) => {
                let name = call.to_string();
                let k = self.libcalls.iter().position(|n| *n == name);
                return Ok(Target::Stub(k.ok_or_else(|| refused(format!("calls {name}")))? * STUB));
            }
            _ => None,
        };
        func.map(Target::Func).ok_or_else(|| refused("calls a function that is not in its module"))
    }

    /// After the last function: makes the code executable.
    pub fn link(&mut self) -> Result<(), Reason> {
        for k in 0..self.fixups.len() {
            self.resolve(k)?;
        }
        self.traps.sort_unstable();
        self.memory.finish();
        Ok(())
    }

    fn resolve(&mut self, k: usize) -> Result<(), Reason> {
        let Fixup { at, kind, target, addend } = self.fixups[k];
        let place = self.memory.address(at) as i64;
        let symbol = match (kind, target) {
            (Reloc::X86GOTPCRel4, Target::Func(f)) => self.cell(f)?,
            (Reloc::X86GOTPCRel4, Target::Stub(at)) => self.memory.address(at + STUB / 2),
            (_, Target::Func(f)) => self.memory.address(self.starts[f]),
            (_, Target::Stub(at)) => self.memory.address(at),
        };
        let value = symbol as i64 + addend;
        match kind {
            Reloc::Abs8 => self.memory.patch(at, &value.to_le_bytes()),
            Reloc::X86PCRel4
            | Reloc::X86CallPCRel4
            | Reloc::X86CallPLTRel4
            | Reloc::X86GOTPCRel4 => self.memory.patch(at, &((value - place) as i32).to_le_bytes()),
            other => return Err(unknown(other)),
        }
        Ok(())
    }

    /// Where the address of a function stands.
    fn cell(&mut self, func: usize) -> Result<u64, Reason> {
        if self.cells.is_none() {
            let address = |&start: &usize| self.memory.address(start).to_le_bytes();
            let cells: Vec<u8> = self.starts.iter().flat_map(address).collect();
            self.cells = Some(self.memory.append(8, &cells).ok_or_else(too_large)?);
        }
        Ok(self.memory.address(self.cells.unwrap_or(0) + 8 * func))
    }

    /// The function of that name.
    pub fn find(&self, name: &str) -> Option<u64> {
        let func = self.names.iter().position(|n| n.to_string() == name)?;
        self.starts.get(func).map(|&start| self.memory.address(start))
    }

    pub fn code(&self) -> (u64, usize) {
        self.memory.code()
    }

    /// The code of the trap at an instruction, 0 for none.
    pub fn trap_at(&self, pc: u64) -> u8 {
        let at = pc.wrapping_sub(self.memory.address(0)) as usize;
        let found = self.traps.binary_search_by_key(&at, |trap| trap.0);
        found.map_or(0, |k| self.traps[k].1)
    }
}

/// `jmp *address` with the address behind it, which is a cell of a global offset table too.
fn stub(address: u64) -> [u8; STUB] {
    let mut bytes = [0x90; STUB];
    bytes[..6].copy_from_slice(&[0xff, 0x25, 2, 0, 0, 0]);
    bytes[STUB / 2..].copy_from_slice(&address.to_le_bytes());
    bytes
}

fn too_large() -> Reason {
    refused(format!("its code is larger than {} MiB", SIZE >> 20))
}

fn unknown(kind: Reloc) -> Reason {
    refused(format!("relocation {kind:?}"))
}
