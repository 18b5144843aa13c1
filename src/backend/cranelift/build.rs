//! Which Cranelift this is for: a cfg `since_N` for each version 0.N that changed what src/compat.rs
//! looks at, and the version of its register allocator.

const CHANGES: [u32; 5] = [96, 97, 101, 109, 137];

fn main() {
    let minor: u32 = std::env::var("CARGO_PKG_VERSION_MINOR").unwrap().parse().unwrap();
    for n in CHANGES {
        println!("cargo:rustc-check-cfg=cfg(since_{n})");
        if minor >= n {
            println!("cargo:rustc-cfg=since_{n}");
        }
    }
    println!("cargo:rustc-env=REGALLOC2_VERSION={}", locked("regalloc2"));
    println!("cargo:rerun-if-changed=Cargo.lock");
}

/// The version of a package that the lock file beside the manifest names.
fn locked(package: &str) -> String {
    let lock = std::fs::read_to_string("Cargo.lock").unwrap();
    let mut lines = lock.lines().skip_while(|line| *line != format!("name = \"{package}\""));
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = "));
    version.expect("a locked package").trim_matches('"').to_string()
}
