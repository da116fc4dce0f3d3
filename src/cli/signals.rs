//! Signals: the first asks the run to stop at the next batch, the second ends it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};

static CAUGHT: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// Gives a flag that SIGINT and SIGTERM set.
#[must_use]
pub fn flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let caught = CAUGHT.get_or_init(Arc::default);
    for (signal, number) in [(SIGINT, 2), (SIGTERM, 15)] {
        // Registered first: acts only when the flag was set by an earlier signal.
        let _ = signal_hook::flag::register_conditional_default(signal, flag.clone());
        let _ = signal_hook::flag::register(signal, flag.clone());
        let _ = signal_hook::flag::register_usize(signal, caught.clone(), number);
    }
    flag
}

/// Gives 128 + the signal's number where one was caught.
#[must_use]
pub fn exit_code() -> Option<u8> {
    let number = CAUGHT.get()?.load(Ordering::Relaxed);
    u8::try_from(number).ok().filter(|number| *number > 0).map(|number| 128 + number)
}
