//! No core dump of this program: it would hold keys, and a PIN that is being typed. On Linux no other process of the
//! same user may then read its memory either.

/// Asks the system for it. What the system refuses is told in the log, and the program goes on.
pub(crate) fn forbid() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        if let Err(error) = setrlimit(Resource::Core, none) {
            tracing::warn!(%error, "core dumps cannot be forbidden: one would hold keys");
        }
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%error, "this program's memory can be read by others of the same user");
        }
    }
}
