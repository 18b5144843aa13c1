//! Settings: each that this version has is an option, and so are a few words for the most usual.
//!
//!     let mut flags = Flags::new("has_sse3 has_ssse3");
//!     flags.need("enable_pinned_reg", "true")?;       of a text
//!     flags.apply("speed", "true")?;
//!     flags.apply("has_ssse3", "false")?;
//!     let isa = flags.finish()?;

use crate::header::Word;
use cranelift_codegen::isa::{self, TargetIsa};
use cranelift_codegen::settings::{self, Configurable, SetError, Setting, SettingKind, Value};
use std::sync::Arc;

/// Where our defaults are not Cranelift's: all of the language is on, and what would need a
/// run-time system is off; the functions that a library provides are C's.
const DEFAULTS: [(&str, &str); 5] = [
    ("enable_llvm_abi_extensions", "true"),
    ("enable_multi_ret_implicit_sret", "true"),
    ("enable_probestack", "false"),
    ("enable_simd", "true"),
    ("libcall_call_conv", "system_v"),
];

/// Settings whose values are words by themselves.
const BARE: [&str; 2] = ["opt_level", "regalloc_algorithm"];

/// An option as it is listed.
pub struct Choice {
    pub name: String,
    pub values: String,
    pub fallback: String,
    pub help: String,
}

pub struct Flags {
    shared: settings::Builder,
    isa: isa::Builder,
    cpu: String,
}

impl Flags {
    /// What holds when nothing is said, on a CPU with these features.
    pub fn new(cpu: &str) -> Flags {
        let isa = isa::lookup_by_name("x86_64-unknown-linux-gnu").expect("this machine");
        let mut flags = Flags { shared: settings::builder(), isa, cpu: cpu.into() };
        for (name, value) in DEFAULTS {
            flags.set_if_known(name, value);
        }
        flags.native();
        flags
    }

    fn set_if_known(&mut self, name: &str, value: &str) {
        let _ = self.shared.set(name, value);
    }

    /// No extension of the CPU. Where vectors are a setting they need some, and are off.
    fn sse2(&mut self) {
        for flag in bools(self.isa.iter()) {
            self.isa.set(flag, "false").expect("a flag that is listed");
        }
        self.set_if_known("enable_simd", "false");
    }

    /// What the CPU has, as far as this version knows it.
    fn native(&mut self) {
        self.sse2();
        for flag in self.cpu.split_whitespace() {
            let _ = self.isa.enable(flag);
        }
        self.set_if_known("enable_simd", "true");
    }

    /// What a preset of Cranelift's names, and nothing else.
    fn preset(&mut self, name: &str) {
        self.sse2();
        self.isa.enable(name).expect("a preset that is listed");
        self.set_if_known("enable_simd", if name == "baseline" { "false" } else { "true" });
    }

    /// What a text asks for, before what the configuration does; why it cannot be had.
    pub fn need(&mut self, name: &str, value: &str) -> Result<(), String> {
        self.shared.set(name, value).map_err(|error| match error {
            SetError::BadName(_) => format!("there is no setting {name}"),
            _ => format!("the setting {name} cannot be {value}"),
        })
    }

    /// One word, after those before it.
    pub fn apply(&mut self, name: &str, value: &str) -> Result<(), String> {
        if value == "true" && self.apply_word(name) {
            return Ok(());
        }
        let set = match self.shared.set(name, value) {
            Err(SetError::BadName(_)) => self.isa.set(name, value),
            done => done,
        };
        set.map_err(|error| format!("{name}={value}: {error}"))
    }

    /// False when it is not one of the words that stand by themselves.
    fn apply_word(&mut self, name: &str) -> bool {
        let is_preset = |s: Setting| s.kind == SettingKind::Preset && s.name == name;
        match name {
            "native" => self.native(),
            "sse2" => self.sse2(),
            _ if self.isa.iter().any(is_preset) => self.preset(name),
            _ => return self.bare(name).is_some_and(|of| self.shared.set(of, name).is_ok()),
        }
        true
    }

    /// The setting of which `word` is a value.
    fn bare(&self, word: &str) -> Option<&'static str> {
        let has = |s: &Setting| s.values.is_some_and(|values| values.contains(&word));
        self.shared.iter().find(|s| BARE.contains(&s.name) && has(s)).map(|s| s.name)
    }

    pub fn finish(self) -> Result<Arc<dyn TargetIsa>, String> {
        let isa = self.isa.finish(settings::Flags::new(self.shared));
        isa.map(Arc::from).map_err(|error| error.to_string())
    }
}

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

fn bools(list: impl Iterator<Item = Setting>) -> Vec<&'static str> {
    list.filter(|s| s.kind == SettingKind::Bool).map(|s| s.name).collect()
}

/// All options, those that are words by themselves first.
pub fn choices() -> Vec<Choice> {
    let flags = Flags::new("");
    let shared: Vec<Value> = settings::Flags::new(flags.shared.clone()).iter().collect();
    let mut list = vec![
        word("native", true, "the extensions that this CPU has"),
        word("sse2", false, "no extension of the CPU"),
    ];
    for setting in flags.shared.iter().filter(|s| BARE.contains(&s.name)) {
        list.extend(words(&setting, &fallback(&shared, setting.name)));
    }
    let presets = flags.isa.iter().filter(|s| s.kind == SettingKind::Preset);
    list.extend(presets.map(|s| word(s.name, false, s.description)));
    list.extend(flags.shared.iter().map(|s| choice(&s, fallback(&shared, s.name))));
    let singles = flags.isa.iter().filter(|s| s.kind != SettingKind::Preset);
    list.extend(singles.map(|s| choice(&s, String::new()))); // the CPU tells
    list
}

fn fallback(values: &[Value], name: &str) -> String {
    values.iter().find(|v| v.name == name).map_or_else(String::new, Value::value_string)
}

fn word(name: &str, default: bool, help: &str) -> Choice {
    let fallback = if default { "true".into() } else { String::new() };
    let values = "true".into();
    Choice { name: name.into(), values, fallback, help: help.into() }
}

fn words(setting: &Setting, default: &str) -> Vec<Choice> {
    let values = setting.values.unwrap_or_default().iter();
    values.map(|v| word(v, *v == default, &format!("{}={v}", setting.name))).collect()
}

fn choice(setting: &Setting, fallback: String) -> Choice {
    let values = match setting.kind {
        SettingKind::Enum => setting.values.unwrap_or_default().join("|"),
        SettingKind::Num => "NUMBER".into(),
        _ => "true|false".into(),
    };
    let help = setting.description.lines().next().unwrap_or_default();
    Choice { name: setting.name.into(), values, fallback, help: help.into() }
}

/// The extensions that compiled code may use.
pub fn features(isa: &dyn TargetIsa) -> String {
    let on = isa.isa_flags().into_iter().filter(|v| v.as_bool() == Some(true));
    on.map(|v| v.name).collect::<Vec<_>>().join(" ")
}

/// An extension that a target has and `isa` has not; None when there is none.
pub fn lacks(isa: &dyn TargetIsa, target: &[Word]) -> Option<String> {
    let mut wanted = Flags::new("");
    for (name, value) in target {
        let set = match value.as_str() {
            "true" => wanted.isa.enable(name), // a preset, too
            _ => wanted.isa.set(name, value),
        };
        if set.is_err() {
            return Some(name.clone()); // this version does not know it
        }
    }
    let (wanted, has) = (features(&*wanted.finish().ok()?), features(isa));
    let is_there = |flag: &str| has.split(' ').any(|one| one == flag);
    wanted.split_whitespace().find(|flag| !is_there(flag)).map(String::from)
}

/// Whether vectors may be used.
pub fn has_vectors(isa: &dyn TargetIsa) -> bool {
    isa.flags().iter().find(|v| v.name == "enable_simd").and_then(|v| v.as_bool()) != Some(false)
}

/// The versions of what compiles; the configuration says the rest.
pub fn describe() -> String {
    format!("Cranelift {VERSION}, regalloc2 {}", env!("REGALLOC2_VERSION"))
}
