//! One source, many workers, one end: work in parallel, results in order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::model::{Error, ErrorKind, Result};

/// Runs every item of `source` through `work` on `threads` threads and hands the results to `end` in source order.
///
/// `source` is called by one thread at a time; `end` runs on the calling thread. At most `2 × threads` results wait,
/// so memory stays bounded however uneven the work is. The first error of any of the three stops all.
///
/// # Errors
/// The first error in item order.
pub fn ordered<T: Send, R: Send>(
    threads: usize,
    mut source: impl FnMut() -> Result<Option<T>> + Send,
    work: impl Fn(T) -> Result<R> + Sync,
    mut end: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    if threads <= 1 {
        while let Some(item) = source()? {
            end(work(item)?)?;
        }
        return Ok(());
    }
    let source = Mutex::new((0_u64, Some(source)));
    let queue = Queue { state: Mutex::new(State::default()), changed: Condvar::new(), room: 2 * threads as u64 };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _leaving = Leaving(&queue);
                while let Some((number, item)) = next(&source, &queue) {
                    let result = item.and_then(&work);
                    if !queue.put(number, result) {
                        break;
                    }
                }
            });
        }
        let outcome = drain(&queue, threads, &mut end);
        queue.stop();
        outcome
    })
}

type Numbered<T> = (u64, Result<T>);

/// Takes the next item and its number; an error of the source becomes the item and ends the source.
fn next<T, S: FnMut() -> Result<Option<T>>, R>(
    source: &Mutex<(u64, Option<S>)>,
    queue: &Queue<R>,
) -> Option<Numbered<T>> {
    let mut guard = source.lock().unwrap_or_else(PoisonError::into_inner);
    let number = guard.0;
    if !queue.wait_for_room(number) {
        return None;
    }
    let item = match guard.1.as_mut()?() {
        Ok(Some(item)) => Ok(item),
        Ok(None) => {
            guard.1 = None;
            return None;
        }
        Err(error) => {
            guard.1 = None;
            Err(error)
        }
    };
    guard.0 += 1;
    Some((number, item))
}

fn drain<R>(queue: &Queue<R>, threads: usize, end: &mut impl FnMut(R) -> Result<()>) -> Result<()> {
    let mut wanted = 0;
    while let Some(result) = queue.take(wanted, threads) {
        end(result?)?;
        wanted += 1;
    }
    if queue.lost(wanted) {
        return Err(Error::new(ErrorKind::Conservation, "a worker stopped before its batch was judged"));
    }
    Ok(())
}

/// Results that wait for their turn.
struct Queue<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
    room: u64,
}

struct State<R> {
    waiting: BTreeMap<u64, Result<R>>,
    /// The number the end waits for.
    wanted: u64,
    /// Workers that have left.
    left: usize,
    stopped: bool,
}

impl<R> Default for State<R> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), wanted: 0, left: 0, stopped: false }
    }
}

impl<R> Queue<R> {
    fn lock(&self) -> std::sync::MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for_room(&self, number: u64) -> bool {
        let mut state = self.lock();
        while !state.stopped && number >= state.wanted + self.room {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.stopped
    }

    fn put(&self, number: u64, result: Result<R>) -> bool {
        let mut state = self.lock();
        state.waiting.insert(number, result);
        self.changed.notify_all();
        !state.stopped
    }

    /// Gives result `number` once it is there; `None` when all workers have left without it.
    fn take(&self, number: u64, threads: usize) -> Option<Result<R>> {
        let mut state = self.lock();
        state.wanted = number;
        self.changed.notify_all();
        loop {
            if let Some(result) = state.waiting.remove(&number) {
                return Some(result);
            }
            if state.left == threads {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Tells whether results after `number` wait although `number` never came: its worker died.
    fn lost(&self, number: u64) -> bool {
        self.lock().waiting.range(number..).next().is_some()
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }
}

/// Counts a worker out, also when it unwinds, so that the end never waits for it.
struct Leaving<'a, R>(&'a Queue<R>);

impl<R> Drop for Leaving<'_, R> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.left += 1;
        // A batch that never comes must not keep the others waiting for room.
        state.stopped |= std::thread::panicking();
        drop(state);
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_for_any_number_of_threads() {
        for threads in 1..=8 {
            let mut numbers = 0..1000_u32;
            let mut seen = Vec::new();
            let work = |number: u32| Ok(number * 2);
            ordered(threads, || Ok(numbers.next()), work, |result| {
                seen.push(result);
                Ok(())
            })
            .expect("no step fails");
            assert_eq!(seen, (0..1000).map(|number| number * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_error_in_order_wins_and_stops() {
        for threads in 1..=8 {
            let mut numbers = 0..1000_u32;
            let mut seen = 0;
            let work = |number: u32| if number >= 500 { Err(Error::input(number.to_string())) } else { Ok(()) };
            let result = ordered(threads, || Ok(numbers.next()), work, |()| {
                seen += 1;
                Ok(())
            });
            assert_eq!(result.expect_err("fails").message, "500");
            assert_eq!(seen, 500);
        }
    }

    #[test]
    fn an_error_of_source_or_end_stops() {
        for threads in [1, 4] {
            let mut calls = 0;
            let source = || {
                calls += 1;
                if calls > 3 { Err(Error::input("torn")) } else { Ok(Some(calls)) }
            };
            assert_eq!(ordered(threads, source, Ok, |_| Ok(())).expect_err("torn").message, "torn");
            let mut numbers = 0..100;
            let full = |number| if number == 7 { Err(Error::output("full")) } else { Ok(()) };
            assert_eq!(ordered(threads, || Ok(numbers.next()), Ok, full).expect_err("full").message, "full");
        }
    }
}
