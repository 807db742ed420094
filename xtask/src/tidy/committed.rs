//! What no committed file may hold: a secret, or a path of the machine it was written on.

use super::{Finding, tree::Tree};

/// Endings of files that hold private keys.
const KEY_FILES: &[&str] = &[".key", ".p12", ".pfx", ".jks", ".keystore"];

/// How a PEM file of a private key begins and what its first line says. Written in two parts, as this file is
/// looked at too.
const PEM_BEGIN: &str = concat!("-----", "BEGIN ");
const PRIVATE: &str = "PRIVATE KEY";

/// Places that exist on one machine only.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tmp/", "target")];

/// Every secret and every machine's path.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        if KEY_FILES.iter().any(|ending| file.path.ends_with(ending)) {
            let message = "a file of keys: make it when it is needed (certs does), and commit none";
            findings.push(Finding::new(&file.path, 0, message));
        }
        for (number, line) in file.lines() {
            if line.split_once(PEM_BEGIN).is_some_and(|(_, rest)| rest.contains(PRIVATE)) {
                let message = "a private key: make it when it is needed (certs does), and commit none";
                findings.push(Finding::new(&file.path, number, message));
            }
            if let Some(path) = MACHINE_PATHS.iter().find(|path| has_path(line, path)) {
                let message =
                    format!("`{path}` exists on one machine only: give the path from the root of the tree");
                findings.push(Finding::new(&file.path, number, message));
            }
        }
    }
    findings
}

/// Whether `path` starts a path in `line`, rather than being the middle of an address or a relative path.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "_-./~}".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::{MACHINE_PATHS, PEM_BEGIN, check};
    use crate::tidy::tree::made_up::tree;

    #[test]
    fn a_private_key_is_found_by_its_header_and_by_its_name() {
        let pem = format!("a certificate\n{PEM_BEGIN}EC PRIVATE KEY-----\n");
        let findings = check(&tree(&[("certs/ca.pem", &pem), ("certs/ca.key", ""), ("host/id.p12", "")]));
        assert_eq!(findings.len(), 3, "{findings:?}");
        assert_eq!((findings[0].path.as_str(), findings[0].line), ("certs/ca.pem", 2));
    }

    #[test]
    fn a_certificate_is_no_secret() {
        let pem = format!("{PEM_BEGIN}CERTIFICATE-----\n");
        assert!(check(&tree(&[("certs/tests/ca.pem", &pem)])).is_empty());
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_the_middle_of_another_path_is_not() {
        for path in MACHINE_PATHS {
            let text = format!("see {path}x\nhttps://example.org{path}x\n../{path}x\n");
            let findings = check(&tree(&[("README.md", &text)]));
            assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [1], "{path}");
        }
    }
}
