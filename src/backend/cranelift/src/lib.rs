//! Cranelift as a back end of tally: include/tally/backend.h on the published crates of one version.
//!
//! Versions from 0.91 on compile from this source; what differs stands in compat.rs. Options are
//! that version's own settings. A panic of Cranelift's is what a compilation came to, never the end
//! of the process.

mod abi;
mod compat;
mod edge;
mod header;
mod image;
mod libcalls;
mod memory;
mod reason;
mod settings;
mod state;
#[cfg(test)]
mod tests;

use abi::{Backend, Case, Choice, Compiled, Host, Setting};
use state::State;
use std::ffi::{c_char, c_void, CStr, CString};
use std::ptr::null;
use std::sync::OnceLock;

/// Strings that live as long as the library.
fn forever(text: &str) -> *const c_char {
    CString::new(text).unwrap_or_default().into_raw()
}

#[no_mangle]
pub extern "C" fn tally_backend() -> *const Backend {
    static BACKEND: OnceLock<Backend> = OnceLock::new();
    edge::install_hook();
    BACKEND.get_or_init(|| Backend {
        abi: abi::ABI,
        size: std::mem::size_of::<Backend>() as u32,
        name: c"cranelift".as_ptr(),
        version: forever(settings::VERSION),
        meaning: c"Cranelift, the published crates".as_ptr(),
        dialect: forever(&dialect()),
        max_slot_align: compat::MAX_SLOT_ALIGN,
        max_cases: 1, // a case's functions have names that the next case's have too
        traits: 0,
        options,
        open,
        close,
        describe,
        features,
        refuses: None, // only compiling tells
        compile,
        entry,
        code,
        trap_at,
    })
}

/// "0.111" of 0.111.3.
fn dialect() -> String {
    format!("0.{}", env!("CARGO_PKG_VERSION_MINOR"))
}

extern "C" fn options(n: *mut u32) -> *const Choice {
    static OPTIONS: OnceLock<Vec<Choice>> = OnceLock::new();
    let raw = |c: settings::Choice| Choice {
        name: forever(&c.name),
        values: forever(&c.values),
        fallback: forever(&c.fallback),
        help: forever(&c.help),
    };
    let list = edge::guard(settings::choices).unwrap_or_default();
    let list = OPTIONS.get_or_init(|| list.into_iter().map(raw).collect());
    unsafe { *n = list.len() as u32 };
    list.as_ptr()
}

extern "C" fn open(
    host: *const Host,
    settings: *const Setting,
    n: u32,
    error: *mut *const c_char,
) -> *mut c_void {
    let done = edge::guard(|| {
        let host = unsafe { &*host };
        if host.abi != abi::ABI || (host.size as usize) < std::mem::size_of::<Host>() {
            return Err(format!("is for interface {}, and tally's is {}", abi::ABI, host.abi));
        }
        State::new(host, &unsafe { words(settings, n) })
    });
    match done.unwrap_or_else(|panic| Err(format!("panic: {} at {}", panic.text, panic.place))) {
        Ok(state) => Box::into_raw(Box::new(state)) as *mut c_void,
        Err(text) => {
            unsafe { *error = forever(&text) };
            std::ptr::null_mut()
        }
    }
}

unsafe fn words(settings: *const Setting, n: u32) -> Vec<(String, String)> {
    let text = |s: *const c_char| CStr::from_ptr(s).to_string_lossy().into_owned();
    (0..n as usize).map(|k| &*settings.add(k)).map(|s| (text(s.name), text(s.value))).collect()
}

fn state<'a>(state: *mut c_void) -> &'a mut State {
    unsafe { &mut *(state as *mut State) }
}

extern "C" fn close(s: *mut c_void) {
    let _ = edge::guard(|| drop(unsafe { Box::from_raw(s as *mut State) }));
}

extern "C" fn describe(s: *mut c_void) -> *const c_char {
    state(s).describe.as_ptr()
}

extern "C" fn features(s: *mut c_void) -> *const c_char {
    state(s).features.as_ptr()
}

extern "C" fn compile(s: *mut c_void, cases: *const *const Case, n: u32, out: *mut Compiled) {
    for k in 0..n as usize {
        let case = unsafe { *cases.add(k) };
        unsafe { out.add(k).write(state(s).compile(case)) };
    }
}

extern "C" fn entry(s: *mut c_void, _: u32, func: u32) -> *const c_void {
    edge::guard(|| state(s).entry(func)).map_or(null(), |address| address as *const c_void)
}

extern "C" fn code(s: *mut c_void, _: u32, at: *mut *const c_void, size: *mut usize) {
    let (start, bytes) = state(s).code();
    unsafe {
        *at = start as *const c_void;
        *size = bytes;
    }
}

/// Called where a signal was caught: allocates nothing, and cannot panic.
extern "C" fn trap_at(s: *mut c_void, _: u32, pc: u64) -> u8 {
    state(s).trap_at(pc)
}
