//! Which crate of ours may depend on which. Arrows go one way: protocol, ports, runtime, actors, programs.
//!
//! This table is the one place where an arrow is allowed. A new crate has no row, and so fails until someone
//! decides where it stands. actix is an arrow too: one crate names it, so that replacing it is one crate's work.

use super::{Finding, tree::Tree};
use cargo_metadata::{DependencyKind, Metadata};

/// Arrows of one crate.
struct Arrows {
    name: &'static str,
    may_use: &'static [&'static str],
    /// In tests and benchmarks only, each with the reason.
    tests_may_use: &'static [(&'static str, &'static str)],
}

impl Arrows {
    const fn new(name: &'static str, may_use: &'static [&'static str]) -> Self {
        Self { name, may_use, tests_may_use: &[] }
    }
}

/// What an actor stands on: the messages, what they share with cards and host, the ports, the runtime.
const ACTOR: &[&str] = &["mpos-protocol", "mpos-tlv", "mpos-crypto", "mpos-ports", "mpos-runtime"];

const ARROWS: &[Arrows] = &[
    // Leaves: kernel, cards and host share them, so they may know none of these.
    Arrows::new("mpos-tlv", &[]),
    Arrows::new("mpos-crypto", &[]),
    Arrows::new("mpos-protocol", &["mpos-tlv"]),
    Arrows::new("mpos-ports", &["mpos-protocol", "mpos-crypto"]),
    Arrows::new("mpos-std", &["mpos-ports", "mpos-protocol", "mpos-tlv", "mpos-crypto"]),
    // Beside the actors, at the edge of a shell: it knows what is said to a shell, and nothing of who says it.
    Arrows::new("mpos-screens", &["mpos-protocol"]),
    // Bytes of what the bank said: no screen and no shell is known there.
    Arrows::new("mpos-export", &["mpos-protocol"]),
    Arrows::new("mpos-runtime", &["mpos-protocol", "mpos-ports"]),
    Arrows::new("mpos-till", ACTOR),
    Arrows::new("mpos-nfc-reader", ACTOR),
    Arrows::new("mpos-emv-kernel", ACTOR),
    Arrows::new("mpos-pin-pad", ACTOR),
    Arrows {
        name: "mpos-host-link",
        may_use: ACTOR,
        tests_may_use: &[(
            "mpos-ledger",
            "durable before it leaves is a promise of both: tested with the real book",
        )],
    },
    Arrows::new("mpos-ledger", ACTOR),
    Arrows::new("mpos-receipt-sender", ACTOR),
    // The bank's side and the cards share no code with the terminal beyond protocol and leaves: a mistake in one
    // must not be hidden by the same mistake in the other.
    Arrows::new("mpos-certs", &["mpos-tlv", "mpos-crypto"]),
    Arrows::new("mpos-cards", &["mpos-tlv", "mpos-crypto", "mpos-certs"]),
    Arrows::new("mpos-host", &["mpos-protocol", "mpos-tlv", "mpos-crypto", "mpos-certs"]),
];

/// The programs, and the terminal that two of them are: they wire things, and may name everything.
const FREE: &[&str] = &["mpos", "mpos-android", "mpos-terminal", "mpos-simulation", "xtask"];

/// The crate that names actix.
const ACTIX_USER: &str = "mpos-runtime";

/// A crate of ours, as far as the rules look at it.
pub(super) struct Member {
    pub(super) name: String,
    /// Its manifest, from the root.
    pub(super) manifest: String,
    dependencies: Vec<(String, DependencyKind)>,
}

impl Member {
    /// Its folder, from the root.
    pub(super) fn folder(&self) -> &str {
        self.manifest.trim_end_matches("Cargo.toml").trim_end_matches('/')
    }
}

/// All members, from `cargo metadata`.
pub(super) fn members(metadata: &Metadata) -> Vec<Member> {
    let packages = metadata.packages.iter();
    packages
        .map(|package| Member {
            name: package.name.to_string(),
            manifest: from_root(metadata, package.manifest_path.as_path()),
            dependencies: package.dependencies.iter().map(|used| (used.name.clone(), used.kind)).collect(),
        })
        .collect()
}

fn from_root(metadata: &Metadata, path: &cargo_metadata::camino::Utf8Path) -> String {
    path.strip_prefix(&metadata.workspace_root).unwrap_or(path).as_str().replace('\\', "/")
}

/// Every arrow that the table does not have.
pub(super) fn check(members: &[Member], tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members {
        let arrows = ARROWS.iter().find(|arrows| arrows.name == member.name);
        if arrows.is_none() && !FREE.contains(&member.name.as_str()) {
            let message = format!(
                "crate `{}` has no row in xtask/src/tidy/arrows.rs: decide what it may use",
                member.name
            );
            findings.push(Finding::new(&member.manifest, 0, message));
        }
        for (used, kind) in &member.dependencies {
            let is_ours = members.iter().any(|other| other.name == *used);
            if let (true, Some(arrows)) = (is_ours, arrows) {
                findings.extend(arrow(arrows, member, used, *kind, tree));
            }
            let is_actix = used == "actix" || used.starts_with("actix-");
            if is_actix && member.name != ACTIX_USER {
                let message = format!("only {ACTIX_USER} names {used}: use what it offers, or add it there");
                findings.push(Finding::new(&member.manifest, line_of(tree, &member.manifest, used), message));
            }
        }
    }
    findings
}

fn arrow(arrows: &Arrows, member: &Member, used: &str, kind: DependencyKind, tree: &Tree) -> Option<Finding> {
    let in_tests = kind == DependencyKind::Development;
    let allowed = arrows.may_use.contains(&used)
        || (in_tests && arrows.tests_may_use.iter().any(|(name, _reason)| *name == used));
    if allowed {
        return None;
    }
    let where_used = if in_tests { "in tests " } else { "" };
    let message = format!(
        "{} must not depend on {used} {where_used}(arrows go one way: see xtask/src/tidy/arrows.rs); move what is \
         shared down, or send a message",
        member.name
    );
    Some(Finding::new(&member.manifest, line_of(tree, &member.manifest, used), message))
}

/// Where a manifest names a dependency; 0 when it cannot be told.
fn line_of(tree: &Tree, manifest: &str, used: &str) -> usize {
    let lines = tree.text(manifest).unwrap_or_default().lines();
    lines.enumerate().find(|(_, line)| line.starts_with(used)).map_or(0, |(index, _)| index + 1)
}

#[cfg(test)]
pub(super) mod made_up {
    //! Small members for the rules' tests.

    use super::{DependencyKind, Member};

    /// A member at `folder` that uses these crates.
    pub(in crate::tidy) fn member(name: &str, folder: &str, uses: &[(&str, DependencyKind)]) -> Member {
        Member {
            name: name.into(),
            manifest: format!("{folder}/Cargo.toml"),
            dependencies: uses.iter().map(|(used, kind)| ((*used).into(), *kind)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ARROWS, DependencyKind::*, check, made_up::member};
    use crate::tidy::tree::made_up::tree;

    #[test]
    fn an_actor_that_uses_another_is_found_at_its_line() {
        let members = [
            member("mpos-till", "actors/till", &[("mpos-ledger", Normal), ("mpos-protocol", Normal)]),
            member("mpos-ledger", "actors/ledger", &[]),
            member("mpos-protocol", "protocol", &[]),
        ];
        let tree = tree(&[("actors/till/Cargo.toml", "[dependencies]\nmpos-ledger.workspace = true\n")]);
        let findings = check(&members, &tree);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0]
                .to_string()
                .starts_with("actors/till/Cargo.toml:2: mpos-till must not depend on mpos-ledger")
        );
    }

    #[test]
    fn what_tests_may_use_the_crate_itself_may_not() {
        let ledger = || member("mpos-ledger", "actors/ledger", &[]);
        let in_tests = member("mpos-host-link", "actors/host-link", &[("mpos-ledger", Development)]);
        let in_code = member("mpos-host-link", "actors/host-link", &[("mpos-ledger", Normal)]);
        assert!(check(&[in_tests, ledger()], &tree(&[])).is_empty());
        assert_eq!(check(&[in_code, ledger()], &tree(&[])).len(), 1);
    }

    #[test]
    fn a_leaf_that_uses_anything_of_ours_is_found_even_in_tests() {
        let members = [
            member("mpos-tlv", "protocol/tlv", &[("mpos-crypto", Development), ("proptest", Development)]),
            member("mpos-crypto", "protocol/crypto", &[]),
        ];
        assert_eq!(check(&members, &tree(&[])).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_is_found_and_a_program_needs_none() {
        let members =
            [member("mpos-new", "actors/new", &[]), member("mpos", "desktop", &[("mpos-new", Normal)])];
        let findings = check(&members, &tree(&[]));
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("no row"));
    }

    #[test]
    fn actix_outside_the_runtime_is_found_in_programs_too() {
        let members = [
            member("mpos", "desktop", &[("actix", Normal)]),
            member("mpos-host", "host", &[("actix-rt", Development)]),
            member("mpos-runtime", "actors/runtime", &[("actix", Normal)]),
        ];
        assert_eq!(check(&members, &tree(&[])).len(), 2);
    }

    #[test]
    fn the_table_itself_has_no_circle() {
        // A crate may only use those that stand above it, once the rows are put in order of what they use.
        let mut placed: Vec<&str> = Vec::new();
        while placed.len() < ARROWS.len() {
            let next = ARROWS.iter().find(|row| {
                !placed.contains(&row.name) && row.may_use.iter().all(|used| placed.contains(used))
            });
            placed.push(next.expect("some row uses placed ones only").name);
        }
    }
}
