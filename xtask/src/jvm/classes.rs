//! The shell's classes, compiled against Android 6 as for the APK, its resources, and the tests beside them.

use super::{FOLDER, emptied, jars::Jars};
use crate::{
    apk::{
        self,
        shell::{MANIFEST, SOURCES, java_files},
        tools::Tools,
    },
    failure::Failure,
    workspace::{Workspace, run},
};
use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Where Robolectric reads what it shall start.
const CONFIGURATION: &str = "com/android/tools/test_config.properties";
const PACKAGE: &str = "com.procreditbank.kosovo.mpos";

/// Compiles everything; gives the folder of the classes.
///
/// # Errors
/// When a tool fails.
pub(super) fn compile(
    workspace: &Workspace,
    folder: &Path,
    tools: &Tools,
    jars: &Jars,
) -> Result<PathBuf, Failure> {
    let (classes, made) = (folder.join("classes"), folder.join("made"));
    emptied(&classes)?;
    emptied(&made)?;
    let resources = folder.join("resources.apk");
    apk::shell::pack(workspace, tools, &resources, &made, Some(&folder.join("assets")))?;
    let mut sources = java_files(&workspace.path(SOURCES))?;
    sources.extend(java_files(&made)?);
    apk::shell::compile(workspace, tools, &sources, &classes)?;

    let mut tests = java_files(&workspace.path(FOLDER).join("standins"))?;
    tests.extend(java_files(&workspace.path(FOLDER).join("tests"))?);
    let mut javac = workspace.command("javac");
    javac.args(["-nowarn", "-Xlint:none", "-encoding", "UTF-8", "-d"]).arg(&classes).arg("-cp");
    let mut against = jars.to_run.clone();
    // Android 6's classes first: those of the framework are made for Robolectric and do not compile.
    against.extend([tools.android_jar.clone(), jars.framework.clone()]);
    run(javac.arg(path(&[&classes], &against, tools)?).args(&tests))?;

    let configuration = format!(
        "android_custom_package={PACKAGE}\nandroid_resource_apk={}\nandroid_merged_manifest={}\n",
        resources.display(),
        workspace.path(MANIFEST).display(),
    );
    apk::write(&classes.join(CONFIGURATION), configuration)?;
    apk::write(&classes.join("robolectric.properties"), "sdk=35\n")?;
    Ok(classes)
}

/// The names of the test classes that have `only` in them.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn tests(workspace: &Workspace, only: &str) -> Result<Vec<String>, Failure> {
    let files = java_files(&workspace.path(FOLDER).join("tests"))?;
    let names = files.iter().filter_map(|file| file.file_stem()?.to_str());
    let names = names.filter(|name| name.ends_with("Test") && name.contains(only));
    Ok(names.map(|name| format!("{PACKAGE}.{name}")).collect())
}

/// A class path: folders, jars, and last the classes that stand for what Android has and no jar.
///
/// # Errors
/// When a folder's name cannot be in one.
pub(super) fn path(folders: &[&Path], jars: &[PathBuf], tools: &Tools) -> Result<OsString, Failure> {
    let all =
        folders.iter().copied().chain(jars.iter().map(PathBuf::as_path)).chain([tools.android_jar.as_path()]);
    env::join_paths(all)
        .map_err(|_| Failure::UnexpectedOutput { command: "the target folder's name".to_owned() })
}
