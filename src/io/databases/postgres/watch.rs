//! Watch: makes an end of waiting for an answer that never comes.
//!
//! A dead network is noticed by TCP (keepalives and its own timeout). But a connection may live and still bring nothing:
//! something between may hold bytes back. So where one wait lasts long, another session asks the server what the first
//! one does there. Where it works, waiting goes on, however long; where it is gone, waits for us as well, or nobody can
//! ask, twice in a row, the connection is given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::AbortHandle;

use crate::io::databases::postgres::connect::bare;
use crate::io::databases::postgres::settings::Login;

/// What a session's users are doing.
#[derive(Debug, Default)]
pub struct Activity {
    /// Waits that began, and that ended.
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A wait; it ends when this is dropped.
pub struct Waiting<'a>(&'a Activity);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl Activity {
    /// Begins a wait.
    pub fn begin(&self) -> Waiting<'_> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Waiting(self)
    }

    /// Waits for something, under watch.
    pub async fn waiting<T>(&self, future: impl Future<Output = T>) -> T {
        let _waiting = self.begin();
        future.await
    }

    /// Gives a number that changes with each wait that begins or ends, where somebody waits.
    fn wait(&self) -> Option<u64> {
        let (begun, ended) = (self.begun.load(Ordering::SeqCst), self.ended.load(Ordering::SeqCst));
        (begun > ended).then(|| begun.wrapping_add(ended))
    }
}

/// Looks after a session until it ends; `process` is the server's number of it.
pub async fn over(activity: Arc<Activity>, login: Arc<Login>, process: i32, connection: AbortHandle) {
    let mut strikes = 0;
    let mut last = None;
    while !connection.is_finished() {
        tokio::time::sleep(login.silence).await;
        let wait = activity.wait();
        if wait.is_none() || wait != last {
            (last, strikes) = (wait, 0);
            continue;
        }
        strikes = if works(&login, process).await { 0 } else { strikes + 1 };
        // Nobody begins or ends a wait between, so this is still the same one.
        if strikes >= 2 && activity.wait() == last {
            // Whoever waits is told that the connection is closed.
            connection.abort();
        }
    }
}

/// Tells whether the server says that a session is at work.
async fn works(login: &Login, process: i32) -> bool {
    let asked = tokio::time::timeout(login.patience, async {
        let (client, driver) = bare(login).await.ok()?;
        let driver = tokio::spawn(driver);
        let query = "SELECT count(*) FROM pg_catalog.pg_stat_activity \
                     WHERE pid = $1 AND state = 'active' AND wait_event IS DISTINCT FROM 'ClientRead'";
        let count = client.query_one(query, &[&process]).await.and_then(|row| row.try_get::<_, i64>(0));
        driver.abort();
        count.ok()
    });
    matches!(asked.await, Ok(Some(1)))
}
