//! One configuration: a case's text becomes code.

use crate::abi::{Case, Compiled, Host, Status};
use crate::compat;
use crate::edge::guard;
use crate::header::{self, Word};
use crate::image::Image;
use crate::reason::{self, refused, Reason};
use crate::settings::{self, Flags};
use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::Context;
use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::sync::Arc;

/// Names of traps that this version may give and current CLIF has no more, with what they are now.
const OLDER_TRAPS: [(&str, &str); 9] = [
    ("table_oob", "heap_oob"),
    ("user0", "user250"),
    ("heap_misaligned", "user249"),
    ("icall_null", "user248"),
    ("bad_sig", "user247"),
    ("unreachable", "user246"),
    ("interrupt", "user245"),
    ("null_reference", "user244"),
    ("null_i31ref", "user243"),
];

pub struct State {
    host: &'static Host,
    words: Vec<Word>,
    isas: HashMap<Vec<Word>, Arc<dyn TargetIsa>>, // by what texts ask for
    context: Context,
    image: Image,
    message: CString,
    pub describe: CString,
    pub features: CString,
}

impl State {
    pub fn new(host: &'static Host, settings: &[Word]) -> Result<State, String> {
        let isa = isa(host, &[], settings)?;
        let text = |text: String| CString::new(text).unwrap_or_default();
        Ok(State {
            host,
            words: settings.to_vec(),
            context: Context::new(),
            image: Image::new().ok_or("there is no memory for code")?,
            message: CString::default(),
            describe: text(settings::describe()),
            features: text(settings::features(&*isa)),
            isas: HashMap::from([(vec![], isa)]),
        })
    }

    pub fn compile(&mut self, case: *const Case) -> Compiled {
        let mut size = 0;
        let start = (self.host.text)(case, &mut size);
        let text = unsafe { std::slice::from_raw_parts(start as *const u8, size) };
        let done = guard(|| self.compile_text(&String::from_utf8_lossy(text)));
        let done = done.unwrap_or_else(|panic| Err(reason::of_panic(&panic, None)));
        let reason = done.err().unwrap_or(Reason { status: Status::Compiled, text: String::new() });
        self.message = CString::new(reason.text).unwrap_or_default();
        Compiled { status: reason.status, message: self.message.as_ptr() }
    }

    fn compile_text(&mut self, text: &str) -> Result<(), Reason> {
        let (header, functions) = header::split(text);
        let isa = self.isa_for(header::settings(header))?;
        let done = self.compile_functions(functions, &*isa);
        done.map_err(|reason| lacking(header, &*isa).unwrap_or(reason))
    }

    fn compile_functions(&mut self, text: &str, isa: &dyn TargetIsa) -> Result<(), Reason> {
        let functions = read(text)?;
        if !settings::has_vectors(isa) && functions.iter().any(has_vectors) {
            return Err(refused("vectors are off (enable_simd)"));
        }
        if let Some(conv) = functions.iter().find_map(foreign_convention) {
            return Err(refused(format!("the calling convention {conv}")));
        }
        self.image.begin(functions.iter().map(|f| f.name.clone()).collect());
        for function in functions {
            self.compile_function(function, isa)?;
        }
        self.image.link()
    }

    fn isa_for(&mut self, needs: Vec<Word>) -> Result<Arc<dyn TargetIsa>, Reason> {
        if let Some(isa) = self.isas.get(&needs) {
            return Ok(isa.clone());
        }
        let isa = isa(self.host, &needs, &self.words).map_err(refused)?;
        self.isas.insert(needs, isa.clone());
        Ok(isa)
    }

    fn compile_function(&mut self, function: Function, isa: &dyn TargetIsa) -> Result<(), Reason> {
        self.context.clear();
        self.context.func = function;
        let done = guard(|| compat::compile(&mut self.context, isa).map(|_| ()));
        let result = match done {
            Ok(Ok(())) => return self.place(),
            Ok(Err(error)) => reason::of_error(&error, &self.context.func),
            Err(panic) => reason::of_panic(&panic, Some(&self.context.func)),
        };
        self.context = Context::new(); // a panic may have left anything in it
        Err(result)
    }

    fn place(&mut self) -> Result<(), Reason> {
        let host = self.host;
        let code = self.context.compiled_code().ok_or_else(|| refused("there is no code"))?;
        self.image.add(code, &self.context.func.params, &|name| trap_code(host, name))
    }

    pub fn entry(&self, func: u32) -> u64 {
        self.image.find(&format!("%tally_entry_{func}")).unwrap_or(0)
    }

    pub fn code(&self) -> (u64, usize) {
        self.image.code()
    }

    pub fn trap_at(&self, pc: u64) -> u8 {
        self.image.trap_at(pc)
    }
}

/// What a text needs, then what the configuration says.
fn isa(host: &Host, needs: &[Word], words: &[Word]) -> Result<Arc<dyn TargetIsa>, String> {
    let cpu = unsafe { CStr::from_ptr(host.cpu_features) }.to_string_lossy();
    let mut flags = Flags::new(&cpu);
    for (name, value) in needs {
        flags.need(name, value)?;
    }
    for (name, value) in words {
        flags.apply(name, value)?;
    }
    flags.finish()
}

/// What is no mistake: each target of this machine that the text names has an extension of the CPU
/// that is not to be had here.
fn lacking(header: &str, isa: &dyn TargetIsa) -> Option<Reason> {
    let targets = header::targets(header);
    let lacks: Option<Vec<_>> = targets.iter().map(|t| settings::lacks(isa, t)).collect();
    lacks?.first().map(|flag| refused(format!("CPU lacks {flag}")))
}

fn read(functions: &str) -> Result<Vec<Function>, Reason> {
    match guard(|| cranelift_reader::parse_functions(functions)) {
        Ok(Ok(functions)) => Ok(functions),
        Ok(Err(error)) => Err(reason::of_reading(&error.message)),
        Err(panic) => Err(reason::of_panic(&panic, None)),
    }
}

/// One that is used and that x86-64 has not.
fn foreign_convention(function: &Function) -> Option<String> {
    let callees = function.dfg.signatures.values();
    let signatures = callees.chain(std::iter::once(&function.signature));
    let names = signatures.map(|signature| signature.call_conv.to_string());
    names.into_iter().find(|name| ["apple_aarch64", "probestack"].contains(&name.as_str()))
}

fn has_vectors(function: &Function) -> bool {
    let dfg = &function.dfg;
    dfg.values().any(|value| dfg.value_type(value).is_vector())
}

fn trap_code(host: &Host, name: &str) -> u8 {
    let older = OLDER_TRAPS.iter().find(|(older, _)| *older == name);
    let name = older.map_or(name, |(_, current)| current);
    CString::new(name).map_or(0, |name| (host.trap_code)(name.as_ptr()))
}
