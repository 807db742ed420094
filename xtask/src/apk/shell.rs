//! The Java shell: its classes in Android's bytecode, its manifest and resources in Android's binary form.

use super::{Place, SDK_MIN, SDK_TARGET, VERSION_CODE, bytes, made, tools::Tools};
use crate::{
    failure::Failure,
    workspace::{Workspace, run},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Sources, resources and manifest, from the root of the tree.
pub(crate) const SOURCES: &str = "android/shell/src";
pub(crate) const RESOURCES: &str = "android/shell/res";
pub(crate) const MANIFEST: &str = "android/shell/AndroidManifest.xml";

/// What goes into the APK of it.
pub(crate) struct Shell {
    /// Manifest and resources, as aapt packed them.
    pub(crate) resources: PathBuf,
    /// The code.
    pub(crate) dex: Vec<u8>,
}

/// Compiles and packs.
///
/// # Errors
/// When a tool fails.
pub(crate) fn build(workspace: &Workspace, place: &Place, tools: &Tools) -> Result<Shell, Failure> {
    let folder = place.folder.join("shell");
    // A class that is gone from the sources must not stay in the APK.
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|source| Failure::File { path: folder.clone(), source })?;
    }
    let (made_sources, classes) = (folder.join("made"), folder.join("classes"));
    made(&made_sources)?;
    made(&classes)?;
    let resources = folder.join("resources.apk");
    pack(workspace, tools, &resources, &made_sources, None)?;
    let mut sources = java_files(&workspace.path(SOURCES))?;
    sources.extend(java_files(&made_sources)?);
    compile(workspace, tools, &sources, &classes)?;

    let dex = folder.join("classes.dex");
    run(&mut tools.dex(workspace, &classes, &dex)?)?;
    Ok(Shell { resources, dex: bytes(&dex)? })
}

/// Packs manifest and resources, with `R.java` among the made sources; with assets, where there are any.
///
/// # Errors
/// When the tool fails.
pub(crate) fn pack(
    workspace: &Workspace,
    tools: &Tools,
    packed: &Path,
    made_sources: &Path,
    assets: Option<&Path>,
) -> Result<(), Failure> {
    let mut aapt = tools.program(workspace, "aapt");
    aapt.args(["package", "-f", "-m", "-M", MANIFEST, "-S", RESOURCES, "-0", "arsc"]);
    aapt.arg("-I").arg(&tools.framework).arg("-J").arg(made_sources).arg("-F").arg(packed);
    if let Some(assets) = assets {
        aapt.arg("-A").arg(assets);
    }
    aapt.args(["--min-sdk-version", &SDK_MIN.to_string(), "--target-sdk-version", &SDK_TARGET.to_string()]);
    aapt.args(["--version-code", &VERSION_CODE.to_string(), "--version-name", env!("CARGO_PKG_VERSION")]);
    run(&mut aapt)
}

/// Compiles what runs on the phone.
///
/// # Errors
/// When the tool fails.
pub(crate) fn compile(
    workspace: &Workspace,
    tools: &Tools,
    sources: &[PathBuf],
    classes: &Path,
) -> Result<(), Failure> {
    let mut javac = workspace.command("javac");
    javac.args([
        "-nowarn",
        "-Xlint:-options",
        "-g:none",
        "-encoding",
        "UTF-8",
        "-source",
        "8",
        "-target",
        "8",
    ]);
    javac.arg("-bootclasspath").arg(&tools.android_jar).arg("-d").arg(classes).args(sources);
    run(&mut javac)
}

/// All sources below a folder, in the order of their names.
pub(crate) fn java_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    files(folder, "java")
}

/// All files below a folder whose names end so, in the order of their names.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let failed = |source| Failure::File { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(self::files(&path, ending)?);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
