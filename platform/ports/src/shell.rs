//! The screen and the hands behind it: a command line, a browser page, or Java.

/// Takes the frames that actors send to the shell. Must not block: it runs on the main thread of the actors.
pub trait Shell: Send {
    /// One frame (see `mpos_protocol::frame`), addressed to `Shell`.
    fn receive(&mut self, frame: &[u8]);
}
