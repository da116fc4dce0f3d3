//! A progress bar on standard error: share, rates, and the time left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ops::settings::Progress;

/// Draws until it is dropped.
#[derive(Debug)]
pub struct Bar {
    done: Arc<AtomicBool>,
    drawer: Option<JoinHandle<()>>,
}

impl Bar {
    /// Starts to draw what `progress` says; draws nothing unless `visible`.
    #[must_use]
    pub fn start(progress: &Progress, visible: bool) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let drawer = visible.then(|| {
            let (progress, done) = (progress.clone(), done.clone());
            std::thread::spawn(move || draw(&progress, &done))
        });
        Self { done, drawer }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(drawer) = self.drawer.take() {
            drawer.thread().unpark();
            let _ = drawer.join();
        }
    }
}

fn draw(progress: &Progress, done: &AtomicBool) {
    // A short run needs no bar.
    std::thread::park_timeout(Duration::from_millis(300));
    if done.load(Ordering::Relaxed) {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let template = "{wide_bar} {percent}% {binary_bytes_per_sec} {msg} ETA {eta}";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    while !done.load(Ordering::Relaxed) {
        bar.set_length(progress.total.load(Ordering::Relaxed));
        bar.set_position(progress.bytes.load(Ordering::Relaxed));
        let records = progress.records.load(Ordering::Relaxed);
        bar.set_message(format!("{} records", crate::render::text::thousands(records)));
        std::thread::park_timeout(Duration::from_millis(100));
    }
    bar.finish_and_clear();
}
