//! The back end through its interface, on texts that every version reads.

use crate::abi::{Backend, Case, Compiled, Host, Setting, Status};
use crate::tally_backend;
use std::ffi::{c_char, c_void, CStr, CString};

extern "C" fn text(case: *const Case, size: *mut usize) -> *const c_char {
    unsafe { *size = CStr::from_ptr(case as *const c_char).to_bytes().len() };
    case as *const c_char
}

extern "C" fn module(_: *const Case) -> *const c_void {
    unreachable!("the text is enough")
}

extern "C" fn is_entered(_: *const Case, _: u32) -> bool {
    unreachable!("the text says it")
}

/// 1 to 250, and 253 for what memory traps with.
extern "C" fn trap_code(name: *const c_char) -> u8 {
    let name = unsafe { CStr::from_ptr(name) }.to_str().unwrap();
    match name {
        "heap_oob" => 253,
        _ => name.strip_prefix("user").map_or(0, |n| n.parse().unwrap()),
    }
}

const HOST: Host = Host {
    abi: crate::abi::ABI,
    size: std::mem::size_of::<Host>() as u32,
    ops: std::ptr::null(),
    nops: 0,
    trap_exit: std::ptr::null(),
    faults: std::ptr::null(),
    cpu_features: c"has_sse3 has_ssse3 has_sse41 has_sse42".as_ptr(),
    folder: c"".as_ptr(),
    module,
    text,
    is_entered,
    trap_code,
};

/// One configuration.
struct Tested {
    api: &'static Backend,
    state: *mut c_void,
}

impl Tested {
    fn open(words: &[(&str, &str)]) -> Result<Tested, String> {
        static THE_HOST: Shared = Shared(HOST);
        let api = unsafe { &*tally_backend() };
        let strings: Vec<_> = words
            .iter()
            .map(|(n, v)| (CString::new(*n).unwrap(), CString::new(*v).unwrap()))
            .collect();
        let settings: Vec<_> =
            strings.iter().map(|(n, v)| Setting { name: n.as_ptr(), value: v.as_ptr() }).collect();
        let mut error = std::ptr::null();
        let state = (api.open)(&THE_HOST.0, settings.as_ptr(), settings.len() as u32, &mut error);
        match state.is_null() {
            true => Err(unsafe { CStr::from_ptr(error) }.to_str().unwrap().into()),
            false => Ok(Tested { api, state }),
        }
    }

    fn compile(&self, text: &str) -> (Status, String) {
        let text = CString::new(text).unwrap();
        let case = text.as_ptr() as *const Case;
        let mut out = Compiled { status: Status::Failed, message: std::ptr::null() };
        (self.api.compile)(self.state, &case, 1, &mut out);
        (out.status, unsafe { CStr::from_ptr(out.message) }.to_str().unwrap().into())
    }

    /// What the entry of function 0 makes of its argument.
    fn run(&self, argument: u64) -> u64 {
        let entry = (self.api.entry)(self.state, 0, 0);
        let entry: extern "C" fn(*const u64, *mut u64) = unsafe { std::mem::transmute(entry) };
        let mut result = 0;
        entry(&argument, &mut result);
        result
    }

    fn code(&self) -> (u64, Vec<u8>) {
        let (mut at, mut size) = (std::ptr::null(), 0);
        (self.api.code)(self.state, 0, &mut at, &mut size);
        (at as u64, unsafe { std::slice::from_raw_parts(at as *const u8, size) }.to_vec())
    }

    fn describe(&self) -> &str {
        unsafe { CStr::from_ptr((self.api.describe)(self.state)) }.to_str().unwrap()
    }

    fn features(&self) -> &str {
        unsafe { CStr::from_ptr((self.api.features)(self.state)) }.to_str().unwrap()
    }
}

impl Drop for Tested {
    fn drop(&mut self) {
        (self.api.close)(self.state);
    }
}

struct Shared(Host);
unsafe impl Sync for Shared {}

/// `%f0` with a result and its entry, as tally writes them.
fn case(body: &str, ty: &str) -> String {
    format!(
        "test run\nset enable_probestack=false\ntarget x86_64\n\n{body}\n
function %tally_entry_0(i64, i64) system_v {{
    sig0 = ({ty}) -> {ty} system_v
    fn0 = %f0 sig0

block0(v0: i64, v1: i64):
    v2 = load.{ty} notrap v0
    v3 = call fn0(v2)
    store notrap v3, v1
    return
}}\n"
    )
}

#[test]
fn compiled_code_runs() {
    let add = case(
        "function %f0(i64) -> i64 system_v {
block0(v0: i64):
    v1 = iadd v0, v0
    return v1
}",
        "i64",
    );
    for words in [&[("speed", "true")][..], &[("is_pic", "true")], &[("sse2", "true")]] {
        let t = Tested::open(words).unwrap();
        assert_eq!(t.compile(&add), (Status::Compiled, String::new()));
        assert_eq!(t.run(21), 42);
        assert_eq!(t.compile(&add).0, Status::Compiled);
        assert_eq!(t.run(4), 8);
    }
}

#[test]
fn library_calls_are_far_away() {
    let ceil = case(
        "function %f0(f64) -> f64 system_v {
block0(v0: f64):
    v1 = ceil v0
    return v1
}",
        "f64",
    );
    for pic in ["true", "false"] {
        for colocated in ["true", "false"] {
            let words = [("sse2", "true"), ("is_pic", pic), ("use_colocated_libcalls", colocated)];
            let t = Tested::open(&words).unwrap();
            assert_eq!(t.compile(&ceil), (Status::Compiled, String::new()));
            assert_eq!(f64::from_bits(t.run(1.25f64.to_bits())), 2.0);
        }
    }
}

#[test]
fn large_frames_are_probed() {
    let large = case(
        "function %f0(i64) -> i64 system_v {
    ss0 = explicit_slot 100000
block0(v0: i64):
    v1 = stack_addr.i64 ss0
    store notrap v0, v1
    v2 = load.i64 notrap v1
    return v2
}",
        "i64",
    );
    for strategy in ["outline", "inline"] {
        let words = [("enable_probestack", "true"), ("probestack_strategy", strategy)];
        let t = Tested::open(&words).unwrap();
        assert_eq!(t.compile(&large), (Status::Compiled, String::new()));
        assert_eq!(t.run(77), 77);
    }
}

#[test]
fn traps_are_known_by_address() {
    let t = Tested::open(&[]).unwrap();
    let trap =
        case("function %f0(i64) -> i64 system_v {\nblock0(v0: i64):\n    trap user7\n}", "i64");
    assert_eq!(t.compile(&trap).0, Status::Compiled);
    let (start, code) = t.code();
    let ud2 = code.windows(2).position(|bytes| bytes == [0x0f, 0x0b]).unwrap() as u64;
    for at in 0..code.len() as u64 {
        assert_eq!((t.api.trap_at)(t.state, 0, start + at), if at == ud2 { 7 } else { 0 });
    }
    let load = case(
        "function %f0(i64) -> i64 system_v {
block0(v0: i64):
    v1 = load.i64 v0
    return v1
}",
        "i64",
    );
    assert_eq!(t.compile(&load).0, Status::Compiled);
    let (start, code) = t.code();
    let codes = (0..code.len() as u64).map(|at| (t.api.trap_at)(t.state, 0, start + at));
    assert_eq!(codes.filter(|&code| code != 0).collect::<Vec<_>>(), [253]);
    assert_eq!((t.api.trap_at)(t.state, 0, 0), 0);
}

#[test]
fn what_cannot_be_compiled_is_refused() {
    let t = Tested::open(&[]).unwrap();
    let function = |body: &str| format!("function %f0(i64) -> i64 system_v {{\n{body}\n}}\n");
    let (status, text) = t.compile(&function("block0(v0: i64):\n    v1 = frobnicate v0"));
    assert_eq!((status, &text[..8]), (Status::Refused, "reader: "));
    let rounds = function("block0(v0: i64):\n    v1 = sqmul_round_sat v0, v0\n    return v1");
    let why = "no lowering of sqmul_round_sat.i32x4";
    let rounds = case(&rounds.replace("i64", "i32x4"), "i32x4");
    assert_eq!(t.compile(&rounds), (Status::Refused, why.into()));
    let calls = case("", "i64");
    let why = "calls a function that is not in its module";
    assert_eq!(t.compile(&calls), (Status::Refused, why.into()));
}

#[test]
fn what_is_wrong_is_a_mistake() {
    let t = Tested::open(&[]).unwrap();
    let (status, text) = t.compile(
        "function %f0(i64) -> i32 system_v {
block0(v0: i64):
    return v0
}\n",
    );
    assert_eq!((status, &text[..10]), (Status::Failed, "verifier: "));
    assert!(!text.contains("v0"), "{text}");
}

#[test]
fn words_are_read_from_left_to_right() {
    let features = |words: &[(&str, &str)]| Tested::open(words).unwrap().features().to_string();
    assert_eq!(features(&[]), "has_sse3 has_ssse3 has_sse41 has_sse42");
    assert_eq!(features(&[("sse2", "true")]), "");
    assert_eq!(features(&[("sse2", "true"), ("native", "true")]), features(&[]));
    assert_eq!(features(&[("sse2", "true"), ("has_sse3", "true")]), "has_sse3");
    assert_eq!(features(&[("has_avx", "true"), ("has_avx", "false")]), features(&[]));
    assert!(features(&[("haswell", "true")]).contains("has_bmi2"));
    assert_eq!(features(&[("baseline", "true")]), "");
    let t = Tested::open(&[("none", "true"), ("speed", "true"), ("has_popcnt", "true")]).unwrap();
    assert!(t.features().contains("has_popcnt"), "{}", t.features());
    assert!(t.describe().starts_with("Cranelift 0."), "{}", t.describe());
    assert!(Tested::open(&[("opt_level", "fast")]).is_err());
    assert!(Tested::open(&[("frobnicate", "true")]).is_err());
}

#[test]
fn every_option_takes_its_fallback() {
    let mut n = 0;
    let api = unsafe { &*tally_backend() };
    let list = unsafe { std::slice::from_raw_parts((api.options)(&mut n), n as usize) };
    assert!(n > 50);
    for option in list {
        let text = |s| unsafe { CStr::from_ptr(s) }.to_str().unwrap();
        let (name, fallback) = (text(option.name), text(option.fallback));
        assert!(!text(option.help).is_empty(), "{name}");
        let values = text(option.values);
        let known = values == "NUMBER" || values.split('|').any(|v| v == fallback);
        if fallback.is_empty() {
            assert!(["true", "true|false"].contains(&values), "{name}"); // what the CPU has tells
        } else {
            assert!(known, "{name}: {fallback}");
            Tested::open(&[(name, fallback)]).unwrap();
        }
    }
}

#[test]
fn a_text_says_what_it_needs() {
    let pinned = case(
        "function %f0(i64) -> i64 system_v {
block0(v0: i64):
    set_pinned_reg v0
    v1 = get_pinned_reg.i64
    return v1
}",
        "i64",
    );
    let needs = |words: &str| pinned.replace("test run\n", &format!("test run\nset {words}\n"));
    let t = Tested::open(&[]).unwrap();
    assert_eq!(t.compile(&pinned).0, Status::Failed);
    assert_eq!(t.compile(&needs("opt_level=speed enable_pinned_reg")).0, Status::Compiled);
    assert_eq!(t.compile(&pinned).0, Status::Failed);
    let why = |text: &str| (Status::Refused, text.to_string());
    assert_eq!(t.compile(&needs("frobnicate")), why("there is no setting frobnicate"));
    assert_eq!(t.compile(&needs("opt_level=9")), why("the setting opt_level cannot be 9"));
    let t = Tested::open(&[("enable_pinned_reg", "false")]).unwrap();
    assert_eq!(t.compile(&needs("enable_pinned_reg")).0, Status::Failed);
}

#[test]
fn what_the_cpu_lacks_is_no_mistake() {
    let wrong =
        case("function %f0(i64) -> i32 system_v {\nblock0(v0: i64):\n    return v0\n}", "i64");
    let on = |targets: &str| wrong.replace("target x86_64\n", targets);
    let t = Tested::open(&[("has_sse42", "false")]).unwrap();
    let of = |targets: &str| t.compile(&on(targets));
    let lacks = |flag: &str| (Status::Refused, format!("CPU lacks {flag}"));
    assert_eq!(of("target x86_64\n").0, Status::Failed);
    assert_eq!(of("target x86_64 sse41 has_sse42=false\n").0, Status::Failed);
    assert_eq!(of("target x86_64 nehalem\n"), lacks("has_cmpxchg16b"));
    assert_eq!(of("target x86_64 has_sse42\ntarget x86_64 has_fma\n"), lacks("has_sse42"));
    assert_eq!(of("target x86_64 has_fma\ntarget x86_64 has_sse3\n").0, Status::Failed);
    assert_eq!(of("target x86_64 has_frobnicator\n"), lacks("has_frobnicator"));
    assert_eq!(of("target aarch64 has_lse\n").0, Status::Failed);
}
