//! Panics stop here: nothing unwinds into the host, and nothing is printed.

use std::cell::Cell;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// What a panic said, and where: `src/isa/x64/lower.rs:17` behind the name of its crate.
pub struct Panic {
    pub text: String,
    pub place: String,
}

thread_local! {
    static LAST: Cell<Option<Panic>> = const { Cell::new(None) };
}

/// This library has a standard library of its own, so the hook is nobody else's.
pub fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_hook(Box::new(|info| {
            if cfg!(test) {
                eprintln!("{info}");
            }
            LAST.with(|last| last.set(Some(describe(info))));
        }))
    });
}

/// What `f` returns, or how it panicked.
pub fn guard<T>(f: impl FnOnce() -> T) -> Result<T, Panic> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|_| {
        let nothing = || Panic { text: "nothing".into(), place: "nowhere".into() };
        LAST.with(|last| last.take()).unwrap_or_else(nothing)
    })
}

fn describe(info: &PanicHookInfo) -> Panic {
    let payload = info.payload();
    let text = (payload.downcast_ref::<&str>().copied())
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let place = info.location().map(|at| format!("{}:{}", within_crate(at.file()), at.line()));
    Panic { text: text.unwrap_or("something").into(), place: place.unwrap_or_default() }
}

/// The file without what differs between machines: from the folder of its crate on, or the name of
/// one that was made when the crate was compiled.
fn within_crate(file: &str) -> &str {
    let behind = |mark: &str| file.rfind(mark).map(|at| &file[at + mark.len()..]);
    let crates = behind("/registry/src/").and_then(|f| f.split_once('/')).map(|(_, f)| f);
    crates.or_else(|| behind("/out/")).or_else(|| behind("/src/")).unwrap_or(file)
}
