//! One source, many workers, one end: work in parallel, results in order.
//!
//! The calling thread is a worker too: it works wherever no result waits for the end. So there are no more threads than
//! asked for, and in the long run none has to be woken for another.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::model::{Error, ErrorKind, Result};

/// Runs every item of `source` through `work` on `threads` threads and hands the results to `end` in source order.
///
/// `source` is called by one thread at a time; `end` runs on the calling thread. At most `2 × threads` items are on
/// their way, so memory stays bounded however uneven the work is. The first error of any of the three stops all.
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
        let _stopping = Stopping(&queue);
        for _ in 1..threads {
            scope.spawn(|| {
                let _leaving = Leaving(&queue);
                while queue.enter(true)
                    && let Some((number, item)) = next(&source)
                {
                    queue.put(number, item.and_then(&work));
                }
            });
        }
        lead(&source, &queue, threads - 1, &work, &mut end)
    })
}

type Numbered<T> = (u64, Result<T>);

/// Takes the next item and its number; an error of the source becomes the item and ends the source.
fn next<T, S: FnMut() -> Result<Option<T>>>(source: &Mutex<(u64, Option<S>)>) -> Option<Numbered<T>> {
    let mut guard = source.lock().unwrap_or_else(PoisonError::into_inner);
    let number = guard.0;
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

/// Hands results to the end in order, and works where none is there.
fn lead<T, R, S: FnMut() -> Result<Option<T>>>(
    source: &Mutex<(u64, Option<S>)>,
    queue: &Queue<R>,
    others: usize,
    work: &impl Fn(T) -> Result<R>,
    end: &mut impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let mut has_more = true;
    loop {
        if has_more && !queue.has_result() && queue.enter(false) {
            match next(source) {
                Some((number, item)) => queue.put(number, item.and_then(work)),
                None => has_more = false,
            }
        } else if let Some(result) = queue.take(others) {
            end(result?)?;
            queue.has_ended();
        } else if queue.has_lost() {
            return Err(Error::new(ErrorKind::Conservation, "a worker stopped before its batch was judged"));
        } else {
            return Ok(());
        }
    }
}

/// Results that wait for their turn.
struct Queue<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
    room: u64,
}

struct State<R> {
    waiting: BTreeMap<u64, Result<R>>,
    /// How many may have been taken from the source.
    entered: u64,
    /// How many went through the end, and so the number of the next that does.
    ended: u64,
    /// Workers that have left.
    left: usize,
    /// Workers that sleep until there is room.
    asleep: usize,
    /// The end sleeps until its next result is there.
    awaits: bool,
    stopped: bool,
}

impl<R> Default for State<R> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), entered: 0, ended: 0, left: 0, asleep: 0, awaits: false, stopped: false }
    }
}

impl<R> Queue<R> {
    fn lock(&self) -> std::sync::MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether one item more may be taken from the source; `patient` ones wait until it may, or until all stops.
    fn enter(&self, patient: bool) -> bool {
        let mut state = self.lock();
        while patient && !state.stopped && state.entered >= state.ended + self.room {
            state.asleep += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.asleep -= 1;
        }
        let may = !state.stopped && state.entered < state.ended + self.room;
        state.entered += u64::from(may);
        may
    }

    fn put(&self, number: u64, result: Result<R>) {
        let mut state = self.lock();
        state.waiting.insert(number, result);
        if state.awaits && number == state.ended {
            self.changed.notify_all();
        }
    }

    /// Tells whether the end's next result is there.
    fn has_result(&self) -> bool {
        let state = self.lock();
        state.waiting.contains_key(&state.ended)
    }

    /// Gives the end's next result once it is there; `None` when all others have left without it.
    fn take(&self, others: usize) -> Option<Result<R>> {
        let mut state = self.lock();
        loop {
            let number = state.ended;
            if let Some(result) = state.waiting.remove(&number) {
                return Some(result);
            }
            if state.left == others {
                return None;
            }
            state.awaits = true;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.awaits = false;
        }
    }

    /// Makes room: one more went through the end.
    fn has_ended(&self) {
        let mut state = self.lock();
        state.ended += 1;
        if state.asleep > 0 {
            self.changed.notify_all();
        }
    }

    /// Tells whether results wait although the end's next one never came: its worker died.
    fn has_lost(&self) -> bool {
        !self.lock().waiting.is_empty()
    }
}

/// Stops all when the calling thread is done, also when it unwinds: nobody then waits for room.
struct Stopping<'a, R>(&'a Queue<R>);

impl<R> Drop for Stopping<'_, R> {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.changed.notify_all();
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
            ordered(
                threads,
                || Ok(numbers.next()),
                work,
                |result| {
                    seen.push(result);
                    Ok(())
                },
            )
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
            let result = ordered(
                threads,
                || Ok(numbers.next()),
                work,
                |()| {
                    seen += 1;
                    Ok(())
                },
            );
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
