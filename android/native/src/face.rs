//! The shell as a session sees it: screens go to the Java object that `start` named last. Rotation, or a return from
//! the background, brings a new object; the session does not notice.

use crate::java;
use jni::{objects::JObject, refs::Global};
use mpos_screens::SaveFault;
use mpos_terminal::{Face, saving::ExportFile};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Who is called back. Clones share it.
#[derive(Clone)]
pub(crate) struct Shell(Arc<Mutex<Arc<Global<JObject<'static>>>>>);

impl Shell {
    pub(crate) fn new(shell: Global<JObject<'static>>) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(shell))))
    }

    /// From now on this one is called.
    pub(crate) fn replace(&self, shell: Global<JObject<'static>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(shell);
    }

    /// Switches reader mode.
    pub(crate) fn polling(&self, on: bool) {
        if let Err(fault) = java::polling(&self.object(), on) {
            tracing::error!(%fault, on, "reader mode was not switched");
        }
    }

    fn object(&self) -> Arc<Global<JObject<'static>>> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Face for Shell {
    fn show(&mut self, frame: Vec<u8>) {
        // A PIN pad's strokes may be in it. Java's copy is its own to forget: it holds no digit.
        let frame = Zeroizing::new(frame);
        if let Err(fault) = java::show(&self.object(), &frame) {
            tracing::error!(%fault, "a screen was not shown");
        }
    }

    fn save(&mut self, file: ExportFile) -> Option<Result<(), SaveFault>> {
        match java::save(&self.object(), &file) {
            Ok(()) => None,
            Err(fault) => {
                tracing::error!(%fault, "an export was not saved");
                Some(Err(SaveFault::Failed))
            }
        }
    }
}
