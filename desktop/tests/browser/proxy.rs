//! A line between browser and demo that can be cut and mended.

use std::{
    io,
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// The line.
pub(crate) struct Proxy {
    /// Where the browser finds it.
    pub(crate) address: String,
    is_cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    /// A line to this address. Its threads end with the test's process; each ends earlier with its connection.
    pub(crate) fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (is_cut, open) = (Arc::new(AtomicBool::new(false)), Arc::<Mutex<Vec<TcpStream>>>::default());
        let (target, cut, connections) = (target.to_owned(), Arc::clone(&is_cut), Arc::clone(&open));
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&target) else { continue };
                let ends = [near.try_clone(), far.try_clone()].into_iter().map(|end| end.expect("a handle"));
                connections.lock().expect("no panic").extend(ends);
                carry(near.try_clone().expect("a handle"), far.try_clone().expect("a handle"));
                carry(far, near);
            }
        });
        Self { address, is_cut, open }
    }

    /// Cuts all connections; new ones are hung up.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for end in self.open.lock().expect("no panic").drain(..) {
            let _gone = end.shutdown(Shutdown::Both);
        }
    }

    /// New connections get through again.
    pub(crate) fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _carried = io::copy(&mut from, &mut to);
        let _gone = to.shutdown(Shutdown::Both);
    });
}
