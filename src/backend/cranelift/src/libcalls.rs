//! What compiled code may call that is not in its module: routines of Cranelift's own naming.

use std::arch::x86_64::__m128i;
use std::ffi::c_void;

#[link(name = "m")]
extern "C" {
    fn ceilf();
    fn ceil();
    fn floorf();
    fn floor();
    fn truncf();
    fn trunc();
    fn rintf();
    fn rint();
    fn fmaf();
    fn fma();
    fn memcpy();
    fn memset();
    fn memmove();
    fn memcmp();
    fn tally_probe_stack();
}

/// Name and address, in an order that never changes.
pub fn all() -> [(&'static str, *const c_void); 16] {
    [
        ("CeilF32", ceilf as *const c_void),
        ("CeilF64", ceil as *const c_void),
        ("FloorF32", floorf as *const c_void),
        ("FloorF64", floor as *const c_void),
        ("TruncF32", truncf as *const c_void),
        ("TruncF64", trunc as *const c_void),
        ("NearestF32", rintf as *const c_void),
        ("NearestF64", rint as *const c_void),
        ("FmaF32", fmaf as *const c_void),
        ("FmaF64", fma as *const c_void),
        ("Memcpy", memcpy as *const c_void),
        ("Memset", memset as *const c_void),
        ("Memmove", memmove as *const c_void),
        ("Memcmp", memcmp as *const c_void),
        ("X86Pshufb", x86_pshufb as *const c_void),
        ("Probestack", tally_probe_stack as *const c_void),
    ]
}

/// pshufb for those that lack it: byte k of the result is the byte of `a` that the low half of byte
/// k of `b` names; 0 when that byte of `b` is negative.
#[allow(improper_ctypes_definitions)]
extern "C" fn x86_pshufb(a: __m128i, b: __m128i) -> __m128i {
    let (a, b): ([u8; 16], [u8; 16]) = unsafe { (std::mem::transmute(a), std::mem::transmute(b)) };
    let pick = b.map(|index| if index >= 0x80 { 0 } else { a[usize::from(index & 15)] });
    unsafe { std::mem::transmute(pick) }
}

// Touches each page of a frame of rax bytes that is about to be made, and changes no register.
std::arch::global_asm!(
    ".hidden tally_probe_stack",
    ".globl tally_probe_stack",
    ".type tally_probe_stack, @function",
    "tally_probe_stack:",
    "    push rax",
    "    push rcx",
    "    lea rcx, [rsp + 24]", // the frame's end
    "1:  sub rcx, 4096",
    "    sub rax, 4096",
    "    jbe 2f",
    "    test [rcx], rcx",
    "    jmp 1b",
    "2:  pop rcx",
    "    pop rax",
    "    ret",
    ".size tally_probe_stack, . - tally_probe_stack",
);
