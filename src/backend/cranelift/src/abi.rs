//! include/tally/backend.h, field for field.

use std::ffi::{c_char, c_void};

pub const ABI: u32 = 1;

/// A case of the host's.
pub enum Case {}

#[repr(C)]
pub struct Host {
    pub abi: u32,
    pub size: u32,
    pub ops: *const c_void,
    pub nops: u32,
    pub trap_exit: *const c_void,
    pub faults: *const c_void,
    pub cpu_features: *const c_char,
    pub folder: *const c_char,
    pub module: extern "C" fn(*const Case) -> *const c_void,
    pub text: extern "C" fn(*const Case, *mut usize) -> *const c_char,
    pub is_entered: extern "C" fn(*const Case, u32) -> bool,
    pub trap_code: extern "C" fn(*const c_char) -> u8,
}

#[repr(C)]
pub struct Choice {
    pub name: *const c_char,
    pub values: *const c_char,
    pub fallback: *const c_char,
    pub help: *const c_char,
}

#[repr(C)]
pub struct Setting {
    pub name: *const c_char,
    pub value: *const c_char,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Status {
    Compiled,
    Refused,
    Failed,
}

#[repr(C)]
pub struct Compiled {
    pub status: Status,
    pub message: *const c_char,
}

#[repr(C)]
pub struct Backend {
    pub abi: u32,
    pub size: u32,
    pub name: *const c_char,
    pub version: *const c_char,
    pub meaning: *const c_char,
    pub dialect: *const c_char,
    pub max_slot_align: u32,
    pub max_cases: u32,
    pub traits: u32,
    pub options: extern "C" fn(*mut u32) -> *const Choice,
    pub open: extern "C" fn(*const Host, *const Setting, u32, *mut *const c_char) -> *mut c_void,
    pub close: extern "C" fn(*mut c_void),
    pub describe: extern "C" fn(*mut c_void) -> *const c_char,
    pub features: extern "C" fn(*mut c_void) -> *const c_char,
    pub refuses: Option<extern "C" fn(*mut c_void, *const c_void) -> *const c_char>,
    pub compile: extern "C" fn(*mut c_void, *const *const Case, u32, *mut Compiled),
    pub entry: extern "C" fn(*mut c_void, u32, u32) -> *const c_void,
    pub code: extern "C" fn(*mut c_void, u32, *mut *const c_void, *mut usize),
    pub trap_at: extern "C" fn(*mut c_void, u32, u64) -> u8,
}

/// Pointers to strings that never go away.
unsafe impl Sync for Backend {}
unsafe impl Send for Backend {}
unsafe impl Sync for Choice {}
unsafe impl Send for Choice {}
