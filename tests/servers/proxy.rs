//! A TCP proxy between a client and a server, that fails when it is told to.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the proxy does once it sees certain bytes from a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Passes them on, and breaks the connection when the server answers.
    LoseAnswer,
    /// Breaks the connection and passes nothing on.
    LoseRequest,
    /// Passes them on, and then nothing more in either direction, without breaking anything.
    Stall,
}

#[derive(Default)]
struct Control {
    rule: Mutex<Option<(Vec<u8>, Then)>>,
    /// New connections are broken at once.
    closed: AtomicBool,
    /// Close also after the rule was met.
    then_closed: AtomicBool,
    met: AtomicBool,
    /// Bytes passed on at once, then a pause of a millisecond; 0 for no limit.
    piece: AtomicUsize,
}

/// A proxy; it ends with the process.
pub struct Proxy {
    pub port: u16,
    control: Arc<Control>,
}

impl Proxy {
    /// Starts a proxy before a port of this machine.
    pub fn start(before: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let control = Arc::new(Control::default());
        let shared = Arc::clone(&control);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.closed.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, before)) else { continue };
                forward(&client, &server, &shared);
            }
        });
        Self { port, control }
    }

    /// Says what happens when a client sends these bytes, once; `close` to let nobody in afterwards.
    pub fn when(&self, bytes: &[u8], then: Then, close: bool) {
        self.control.then_closed.store(close, Ordering::SeqCst);
        *self.control.rule.lock().unwrap() = Some((bytes.to_vec(), then));
    }

    /// Tells whether the bytes were seen.
    pub fn met(&self) -> bool {
        self.control.met.load(Ordering::SeqCst)
    }

    /// Lets connections in, or no more.
    pub fn let_in(&self, open: bool) {
        self.control.closed.store(!open, Ordering::SeqCst);
    }

    /// Passes on so many bytes a millisecond.
    pub fn slow(&self, piece: usize) {
        self.control.piece.store(piece, Ordering::SeqCst);
    }
}

/// Passes bytes on in both directions, by two threads.
fn forward(client: &TcpStream, server: &TcpStream, control: &Arc<Control>) {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let state: Arc<Mutex<Option<Then>>> = Arc::default();
    let copy = |from: &TcpStream, to: &TcpStream, asks: bool| {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        let (control, state) = (Arc::clone(control), Arc::clone(&state));
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            let end = |from: &TcpStream, to: &TcpStream| {
                let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
            };
            loop {
                let Ok(count @ 1..) = from.read(&mut buffer) else { return end(&from, &to) };
                let bytes = &buffer[..count];
                if asks {
                    let mut rule = control.rule.lock().unwrap();
                    let seen =
                        rule.as_ref().is_some_and(|(wanted, _)| bytes.windows(wanted.len()).any(|at| at == wanted));
                    if let Some((_, then)) = seen.then(|| rule.take()).flatten() {
                        control.met.store(true, Ordering::SeqCst);
                        control.closed.store(control.then_closed.load(Ordering::SeqCst), Ordering::SeqCst);
                        *state.lock().unwrap() = Some(then);
                        if then == Then::LoseRequest {
                            return end(&from, &to);
                        }
                        let _ = to.write_all(bytes);
                        continue;
                    }
                }
                match *state.lock().unwrap() {
                    Some(Then::LoseAnswer | Then::LoseRequest) => return end(&from, &to),
                    // Read and lost: nobody's buffers fill up, nothing breaks.
                    Some(Then::Stall) => continue,
                    None => {}
                }
                let piece = control.piece.load(Ordering::SeqCst);
                for piece in bytes.chunks(if piece == 0 { count } else { piece }) {
                    if to.write_all(piece).is_err() {
                        return end(&from, &to);
                    }
                    if piece.len() < count {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                }
            }
        });
    };
    copy(client, server, true);
    copy(server, client, false);
}
