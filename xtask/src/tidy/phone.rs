//! What goes on the phone compiles no C: a reviewer reads one language, and every Android target builds without an NDK.
//!
//! A crate compiles C in its build script. So a crate of the phone's library is found when it has a build script and
//! a sign of C: a build dependency that runs a C compiler or looks for a C library, a `links` key, or a `-sys` name.

use super::Finding;
use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};
use std::collections::{BTreeMap, VecDeque};

/// The platform that dependencies are resolved for.
pub(super) const TARGET: &str = "aarch64-linux-android";

/// Where the crates are that make up the phone's library.
const FOLDERS: &[&str] = &["protocol", "platform/ports", "actors", "android"];

/// Build dependencies that compile or look for C.
const C_TOOLS: &[&str] = &["cc", "cmake", "bindgen", "pkg-config", "nasm-rs", "autotools", "vcpkg"];

/// Crates that compile C and are allowed, each with the reason.
const ALLOWED: &[(&str, &str)] = &[(
    "ring",
    "the TLS provider that serves 32-bit phones too; its C and assembly need no libc (docs/adr/0002)",
)];

/// A crate, as far as this rule looks at it.
#[derive(Default)]
struct Node {
    name: String,
    /// From the root, for a crate of ours.
    folder: Option<String>,
    sign_of_c: Option<String>,
    uses: Vec<usize>,
}

/// All crates and what they use on the phone.
pub(super) struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    /// From resolved metadata. Compiler plug-ins run on the developer's machine and lead nowhere.
    pub(super) fn of(metadata: &Metadata) -> Self {
        let index: BTreeMap<&PackageId, usize> =
            metadata.packages.iter().enumerate().map(|(index, package)| (&package.id, index)).collect();
        let mut nodes: Vec<Node> = metadata.packages.iter().map(|package| node(metadata, package)).collect();
        for resolved in metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
            let normal = resolved
                .deps
                .iter()
                .filter(|used| used.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            let uses = normal.filter_map(|used| index.get(&used.pkg)).copied();
            let uses =
                uses.filter(|used| metadata.packages.get(*used).is_some_and(|package| !is_plug_in(package)));
            if let Some(node) = index.get(&resolved.id).and_then(|index| nodes.get_mut(*index)) {
                node.uses = uses.collect();
            }
        }
        Self { nodes }
    }

    /// Every crate with a sign of C, once, with a shortest way that leads to it.
    pub(super) fn check(&self) -> Vec<Finding> {
        let mut ways: BTreeMap<usize, String> = BTreeMap::new();
        let mut queue = VecDeque::new();
        let mut findings = Vec::new();
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.is_ours_on_the_phone()) {
            ways.insert(index, node.name.clone());
            queue.push_back((index, node.folder.clone().unwrap_or_default()));
        }
        while let Some((index, folder)) = queue.pop_front() {
            let (Some(node), Some(way)) = (self.nodes.get(index), ways.get(&index).cloned()) else {
                continue;
            };
            let allowed = ALLOWED.iter().any(|(name, _reason)| *name == node.name);
            if let (Some(sign), false) = (&node.sign_of_c, allowed) {
                let message = format!(
                    "the phone's library must compile no C, but {way} {sign}: use a pure Rust crate or turn the \
                     feature off that brings it"
                );
                findings.push(Finding::new(&format!("{folder}/Cargo.toml"), 0, message));
            }
            for used in &node.uses {
                if let (false, Some(next)) = (ways.contains_key(used), self.nodes.get(*used)) {
                    ways.insert(*used, format!("{way} → {}", next.name));
                    queue.push_back((*used, folder.clone()));
                }
            }
        }
        findings
    }
}

impl Node {
    fn is_ours_on_the_phone(&self) -> bool {
        self.folder.as_ref().is_some_and(|folder| {
            FOLDERS.iter().any(|start| {
                folder.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        })
    }
}

fn node(metadata: &Metadata, package: &Package) -> Node {
    let is_ours = metadata.workspace_members.contains(&package.id);
    let folder =
        package.manifest_path.parent().and_then(|path| path.strip_prefix(&metadata.workspace_root).ok());
    Node {
        name: package.name.to_string(),
        folder: folder.filter(|_| is_ours).map(|path| path.as_str().replace('\\', "/")),
        sign_of_c: sign_of_c(package),
        uses: Vec::new(),
    }
}

fn sign_of_c(package: &Package) -> Option<String> {
    if !package.targets.iter().any(|target| target.is_custom_build()) {
        return None;
    }
    let build = package.dependencies.iter().filter(|used| used.kind == DependencyKind::Build);
    if let Some(tool) = build.map(|used| used.name.as_str()).find(|name| C_TOOLS.contains(name)) {
        return Some(format!("builds with `{tool}`"));
    }
    if let Some(library) = &package.links {
        return Some(format!("links `{library}`"));
    }
    package.name.ends_with("-sys").then(|| "has a build script and a -sys name".to_owned())
}

fn is_plug_in(package: &Package) -> bool {
    package.targets.iter().any(|target| target.is_proc_macro())
}

#[cfg(test)]
mod tests {
    use super::{Graph, Metadata, Node};

    fn crate_of(name: &str, folder: Option<&str>, sign_of_c: Option<&str>, uses: &[usize]) -> Node {
        Node {
            name: name.into(),
            folder: folder.map(Into::into),
            sign_of_c: sign_of_c.map(Into::into),
            uses: uses.into(),
        }
    }

    #[test]
    fn a_crate_that_compiles_c_below_an_actor_is_found_with_the_way_to_it() {
        let graph = Graph {
            nodes: vec![
                crate_of("mpos-ledger", Some("actors/ledger"), None, &[1]),
                crate_of("sqlx", None, None, &[2]),
                crate_of("libsqlite3-sys", None, Some("builds with `cc`"), &[]),
            ],
        };
        let findings = graph.check();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "actors/ledger/Cargo.toml");
        assert!(findings[0].message.contains("mpos-ledger → sqlx → libsqlite3-sys builds with `cc`"));
    }

    #[test]
    fn the_host_may_compile_c_and_ring_may_everywhere() {
        let graph = Graph {
            nodes: vec![
                crate_of("mpos-host", Some("host"), None, &[1]),
                crate_of("libsqlite3-sys", None, Some("builds with `cc`"), &[]),
                crate_of("mpos-host-link", Some("actors/host-link"), None, &[3]),
                crate_of("ring", None, Some("builds with `cc`"), &[]),
            ],
        };
        assert!(graph.check().is_empty());
    }

    /// Metadata as cargo prints it, cut to what is read.
    #[test]
    fn build_scripts_with_a_c_compiler_are_read_from_metadata() {
        let package = |name: &str, folder: &str, kind: &str, build_dependency: &str| {
            format!(
                r#"{{"name":"{name}","version":"1.0.0","id":"{name}","manifest_path":"{folder}/Cargo.toml","features":{{}},
                "dependencies":[{{"name":"{build_dependency}","req":"*","kind":"build","optional":false,
                  "uses_default_features":true,"features":[]}}],
                "targets":[{{"name":"{name}","kind":["{kind}"],"src_path":"{folder}/x.rs","crate_types":["bin"]}}]}}"#
            )
        };
        let json = format!(
            r#"{{"packages":[{},{},{}],"workspace_members":["mpos-till"],"workspace_default_members":[],
            "resolve":{{"nodes":[
              {{"id":"mpos-till","dependencies":[],"features":[],"deps":[
                {{"name":"zlib","pkg":"zlib","dep_kinds":[{{"kind":null,"target":null}}]}},
                {{"name":"tester","pkg":"tester","dep_kinds":[{{"kind":"dev","target":null}}]}}]}}]}},
            "workspace_root":"/r","target_directory":"/r/target","version":1}}"#,
            package("mpos-till", "/r/actors/till", "lib", "rustc_version"),
            package("zlib", "/zlib", "custom-build", "cc"),
            package("tester", "/tester", "custom-build", "cc"),
        );
        let metadata: Metadata = cargo_metadata::MetadataCommand::parse(json).unwrap();
        let findings = Graph::of(&metadata).check();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].message.contains("mpos-till → zlib builds with `cc`"));
    }
}
