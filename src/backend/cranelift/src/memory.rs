//! Executable memory: filled anew for each case, never writable and executable at once.
//!
//!     memory.begin();
//!     let at = memory.append(16, &bytes).unwrap();      an offset
//!     memory.patch(at + 1, &4u32.to_le_bytes());
//!     memory.finish();
//!
//! Its pages are private: a process and its forked child do not see each other's code.

use std::ffi::{c_int, c_void};

const NONE: c_int = 0;
const WRITABLE: c_int = 1 | 2;
const EXECUTABLE: c_int = 1 | 4;
const PRIVATE_ANONYMOUS: c_int = 0x02 | 0x20;
const INT3: u8 = 0xcc;

extern "C" {
    fn mmap(at: *mut c_void, n: usize, prot: c_int, flags: c_int, fd: c_int, o: i64)
        -> *mut c_void;
    fn mprotect(at: *mut c_void, n: usize, prot: c_int) -> c_int;
    fn munmap(at: *mut c_void, n: usize) -> c_int;
}

pub struct Memory {
    base: *mut u8,
    size: usize,
    used: usize,
    fixed: usize, // bytes at the start that every case keeps
    high: usize,  // what was ever used
}

impl Memory {
    /// None when there is no memory.
    pub fn new(size: usize) -> Option<Memory> {
        let none = std::ptr::null_mut();
        let base = unsafe { mmap(none, size, NONE, PRIVATE_ANONYMOUS, -1, 0) };
        let base = (base as isize != -1).then_some(base as *mut u8)?;
        Some(Memory { base, size, used: 0, fixed: 0, high: 0 })
    }

    fn protect(&mut self, prot: c_int) {
        let done = unsafe { mprotect(self.base as *mut c_void, self.size, prot) };
        assert!(done == 0, "mprotect: {}", std::io::Error::last_os_error());
    }

    /// Forgets all but what was kept.
    pub fn begin(&mut self) {
        self.protect(WRITABLE);
        self.used = self.fixed;
    }

    /// What was appended up to now stays for ever.
    pub fn keep(&mut self) {
        self.fixed = self.used;
    }

    /// Where the bytes lie now, from the start; None when there is no room.
    pub fn append(&mut self, align: usize, bytes: &[u8]) -> Option<usize> {
        let at = self.used.next_multiple_of(align);
        let end = at.checked_add(bytes.len()).filter(|&end| end <= self.size)?;
        unsafe { std::ptr::write_bytes(self.base.add(self.used), INT3, at - self.used) };
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.add(at), bytes.len()) };
        self.used = end;
        Some(at)
    }

    pub fn patch(&mut self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= self.used);
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.add(at), bytes.len()) };
    }

    /// Makes it executable; no instruction of earlier cases is left.
    pub fn finish(&mut self) {
        let stale = self.high.saturating_sub(self.used);
        unsafe { std::ptr::write_bytes(self.base.add(self.used), INT3, stale) };
        self.high = self.high.max(self.used);
        self.protect(EXECUTABLE);
    }

    pub fn address(&self, at: usize) -> u64 {
        self.base as u64 + at as u64
    }

    /// What this case put there: start and bytes.
    pub fn code(&self) -> (u64, usize) {
        (self.address(self.fixed), self.used - self.fixed)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        unsafe { munmap(self.base as *mut c_void, self.size) };
    }
}
