//! What stands in a text before its first function:
//!
//!     test run
//!     set enable_pinned_reg opt_level=speed
//!     target x86_64 has_avx
//!
//! The settings are those up to the line of this machine, for which the rest is not meant; all, when
//! no line names it. Which extensions of the CPU may be used the configuration says; those of a
//! target are what its file was written for.

/// A name and its value.
pub type Word = (String, String);

/// The header, and the functions behind it.
pub fn split(text: &str) -> (&str, &str) {
    let first = if text.starts_with("function ") { Some(0) } else { text.find("\nfunction ") };
    text.split_at(first.unwrap_or(0))
}

pub fn settings(header: &str) -> Vec<Word> {
    let lines = header.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
    let meant = lines.take_while(|(word, rest)| *word != "target" || !rest.starts_with("x86_64"));
    let set = meant.filter(|(word, _)| *word == "set");
    set.flat_map(|(_, rest)| rest.split_whitespace()).map(word).collect()
}

/// The words of each line of this machine.
pub fn targets(header: &str) -> Vec<Vec<Word>> {
    let words = header.lines().filter_map(|line| line.strip_prefix("target x86_64"));
    words.map(|rest| rest.split_whitespace().map(word).collect()).collect()
}

fn word(text: &str) -> Word {
    let (name, value) = text.split_once('=').unwrap_or((text, "true"));
    (name.into(), value.into())
}

#[cfg(test)]
mod tests {
    use super::{settings, split, targets};

    #[test]
    fn settings_are_those_up_to_the_target() {
        let set = |header: &str| {
            let words = settings(header);
            words.iter().map(|(name, value)| format!("{name}={value} ")).collect::<String>()
        };
        assert_eq!(set(""), "");
        assert_eq!(set("test run\nset a b=c\nset d=1\ntarget x86_64\nset e\n"), "a=true b=c d=1 ");
        assert_eq!(set("set a\ntarget aarch64\nset b\ntarget x86_64 has_avx\n"), "a=true b=true ");
        assert_eq!(set("settle a\ntarget s390x\nset b\n"), "b=true ");
    }

    #[test]
    fn targets_of_other_machines_are_not_ours() {
        let header = "target aarch64 has_lse\ntarget x86_64\ntarget x86_64 sse41 has_avx=false\n";
        let word = |name: &str, value: &str| (name.to_string(), value.to_string());
        let second = vec![word("sse41", "true"), word("has_avx", "false")];
        assert_eq!(targets(header), [vec![], second]);
    }

    #[test]
    fn functions_stand_behind_the_header() {
        assert_eq!(split("test run\n\nfunction %f() {\n"), ("test run\n", "\nfunction %f() {\n"));
        assert_eq!(split("function %f() {\n"), ("", "function %f() {\n"));
        assert_eq!(split("nothing"), ("", "nothing"));
    }
}
