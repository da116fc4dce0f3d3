//! A progress bar on standard error: share, rates, and the time left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ops::settings::Progress;

/// Draws until it is dropped.
#[derive(Debug)]
pub struct Bar {
    done: Arc<AtomicBool>,
    drawer: Option<JoinHandle<()>>,
}

/// What the total of a bar counts.
#[derive(Debug, Clone, Copy)]
enum Counted {
    /// Bytes that are read.
    Bytes,
    /// Rows that are made.
    Rows,
}

impl Bar {
    /// Starts to draw what `progress` says of files that are read; draws nothing unless `visible`.
    #[must_use]
    pub fn start(progress: &Progress, visible: bool) -> Self {
        Self::of(Counted::Bytes, progress, visible)
    }

    /// Starts to draw what `progress` says of rows that are made; draws nothing unless `visible`.
    #[must_use]
    pub fn of_rows(progress: &Progress, visible: bool) -> Self {
        Self::of(Counted::Rows, progress, visible)
    }

    fn of(counted: Counted, progress: &Progress, visible: bool) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let drawer = visible.then(|| {
            let (progress, done) = (progress.clone(), done.clone());
            std::thread::spawn(move || draw(counted, &progress, &done))
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

fn draw(counted: Counted, progress: &Progress, done: &AtomicBool) {
    let started = Instant::now();
    // A short run needs no bar.
    std::thread::park_timeout(Duration::from_millis(300));
    if done.load(Ordering::Relaxed) {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{wide_bar} {percent}% {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    while !done.load(Ordering::Relaxed) {
        let (bytes, total) = (progress.bytes.load(Ordering::Relaxed), progress.total.load(Ordering::Relaxed));
        let records = progress.records.load(Ordering::Relaxed);
        let at = match counted {
            Counted::Bytes => bytes,
            Counted::Rows => records,
        };
        bar.set_length(total);
        bar.set_position(at.min(total));
        bar.set_message(match counted {
            Counted::Bytes => message(bytes, total, records, started.elapsed()),
            Counted::Rows => making(bytes, total, records, started.elapsed()),
        });
        std::thread::park_timeout(Duration::from_millis(100));
    }
    bar.finish_and_clear();
}

/// Says how fast it goes and how long it will take. The rate is the mean since the start: the bar's own estimate
/// would take what was read before it was drawn for one great leap.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "for people")]
fn message(read: u64, total: u64, records: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = read as f64 / seconds;
    let left = total.saturating_sub(read) as f64 / rate.max(1.0);
    let records = crate::render::text::thousands((records as f64 / seconds) as u64);
    format!("{}/s {records} records/s ETA {:.0} s", BinaryBytes(rate as u64), left.ceil())
}

/// Says how fast rows are made, in numbers and in bytes, and how long it will take.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "for people")]
fn making(bytes: u64, total: u64, rows: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = rows as f64 / seconds;
    let left = total.saturating_sub(rows) as f64 / rate.max(1.0);
    let (rows, megabytes) = (crate::render::text::thousands(rate as u64), bytes as f64 / seconds / 1e6);
    format!("{rows} rows/s {megabytes:.0} MB/s ETA {:.0} s", left.ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_from_the_start() {
        let text = message(50 << 20, 150 << 20, 1_000_000, Duration::from_secs(2));
        assert_eq!(text, "25.00 MiB/s 500,000 records/s ETA 4 s");
        let text = making(200_000_000, 3_000_000, 1_000_000, Duration::from_secs(1));
        assert_eq!(text, "1,000,000 rows/s 200 MB/s ETA 2 s");
    }
}
