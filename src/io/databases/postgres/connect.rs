//! Connections: a session on the server, and a small runtime that moves its bytes while the caller works.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::io::databases::postgres::failure::{failed, too_late, unreachable};
use crate::io::databases::postgres::settings::{Login, Tls};
use crate::io::databases::postgres::watch::Activity;
use crate::io::databases::postgres::{tls, watch};
use crate::model::{Error, Result};

/// The oldest version whose catalog is understood.
const OLDEST: i32 = 120_000;
/// How long a network that carries nothing at all is believed to be there.
const DEAD: Duration = Duration::from_mins(1);
/// How long a session that is given up may take to end.
const FAREWELL: Duration = Duration::from_secs(3);

/// What every session begins with. Locks are waited for a minute; a load waits for nothing else, but may be long.
const BEGINNING: &str = "
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SET lock_timeout = '60s';
SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
  WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout');";

/// Starts the runtime that connections share.
///
/// # Errors
/// Where the system has no thread left.
pub fn runtime() -> Result<Arc<Runtime>> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("karat-postgres")
        .enable_all()
        .build();
    built.map(Arc::new).map_err(|error| Error::output("cannot start a thread for the connection").because(error))
}

/// One session.
pub struct Link {
    runtime: Arc<Runtime>,
    pub client: Arc<Client>,
    pub activity: Arc<Activity>,
    driver: JoinHandle<()>,
    login: Arc<Login>,
}

impl Link {
    /// Opens a session.
    ///
    /// # Errors
    /// Where the server cannot be reached, does not show who it is, or refuses.
    pub fn open(runtime: &Arc<Runtime>, login: &Arc<Login>) -> Result<Self> {
        let connected = runtime.block_on(async {
            // The time is for all of it: the driver's own ends with the first packet.
            tokio::time::timeout(login.patience, bare(login)).await
        });
        let late = |_| too_late(&login.shown, login.patience.as_secs());
        let (client, driver) = connected.map_err(late)??;
        let driver = runtime.spawn(driver);
        let (client, activity, login) = (Arc::new(client), Arc::default(), Arc::clone(login));
        let link = Self { runtime: Arc::clone(runtime), client, activity, driver, login };
        let wrong = |error| failed(format!("{} cannot be used", link.login.shown), &error);
        link.batch(BEGINNING).map_err(wrong)?;
        let query = "SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('server_version_num')::integer";
        let rows = link.query(query, &[]).map_err(wrong)?;
        if let Some(row) = rows.first() {
            let (process, version): (i32, i32) = (row.try_get(0).map_err(wrong)?, row.try_get(1).map_err(wrong)?);
            if version < OLDEST {
                return Err(Error::usage(format!("{} is PostgreSQL {}", link.login.shown, version / 10_000))
                    .hint(format!("karat needs version {} or a newer one.", OLDEST / 10_000)));
            }
            let (activity, login) = (Arc::clone(&link.activity), Arc::clone(&link.login));
            runtime.spawn(watch::over(activity, login, process, link.driver.abort_handle()));
        }
        Ok(link)
    }

    /// Waits for something of the server.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(self.activity.waiting(future))
    }

    /// Waits for something that is under watch already.
    pub fn block<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Starts something that goes on beside the caller.
    pub fn spawn<T: Send + 'static>(&self, future: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.runtime.spawn(future)
    }

    /// Runs statements without parameters.
    ///
    /// # Errors
    /// The server's.
    pub fn batch(&self, statements: &str) -> Result<(), tokio_postgres::Error> {
        self.wait(self.client.batch_execute(statements))
    }

    /// Asks for rows.
    ///
    /// # Errors
    /// The server's.
    pub fn query(&self, query: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.wait(self.client.query(query, values))
    }

    /// Asks for one number.
    ///
    /// # Errors
    /// The server's, and where it gives no row.
    pub fn number(&self, query: &str, values: &[&(dyn ToSql + Sync)]) -> Result<i64, tokio_postgres::Error> {
        self.wait(self.client.query_one(query, values))?.try_get(0)
    }

    /// Gives up the transaction and waits a little until the server has ended it, so that its locks are free.
    pub fn abandon(&self) {
        let rollback = || async { tokio::time::timeout(FAREWELL, self.client.batch_execute("ROLLBACK")).await.is_ok() };
        if self.wait(rollback()) {
            return;
        }
        self.cancel();
        let _ = self.wait(rollback());
    }

    /// Asks the server to stop what it does for this session.
    pub fn cancel(&self) {
        let token = self.client.cancel_token();
        let login = Arc::clone(&self.login);
        self.wait(async move {
            let asked = tokio::time::timeout(FAREWELL, async {
                if protected(&login)
                    && let Ok(config) = tls::config(&login)
                {
                    return token.cancel_query(MakeRustlsConnect::new(config)).await;
                }
                token.cancel_query(NoTls).await
            });
            let _ = asked.await;
        });
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Tells whether the connection may be encrypted.
fn protected(login: &Login) -> bool {
    !login.is_socket() && login.tls != Tls::Disable
}

type Driver = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// Opens a session without anything said on it; the second part of the answer moves its bytes.
///
/// # Errors
/// Where the server cannot be reached, does not show who it is, or refuses.
pub async fn bare(login: &Login) -> Result<(Client, Driver)> {
    let mut config = Config::new();
    config
        .host(&login.host)
        .port(login.port)
        .application_name("karat")
        .connect_timeout(login.patience)
        .tcp_user_timeout(DEAD)
        .keepalives_idle(DEAD / 2)
        .keepalives_interval(DEAD / 6)
        .keepalives_retries(3);
    if let Some(user) = &login.user {
        config.user(user);
    }
    if let Some(password) = &login.password {
        config.password(password);
    }
    if let Some(database) = &login.database {
        config.dbname(database);
    }
    let failed = |error| unreachable(&login.shown, login.note.as_deref(), &error);
    if !protected(login) {
        return plain(&mut config).await.map_err(failed);
    }
    match login.tls {
        Tls::Allow => match plain(&mut config).await {
            // The server may want TLS: then it refuses the user, not the password.
            Err(error) if error.as_db_error().is_some_and(|said| said.code().code() == "28000") => {
                encrypted(&mut config, login, SslMode::Require).await?.map_err(|_| failed(error))
            }
            answer => answer.map_err(failed),
        },
        Tls::Prefer => encrypted(&mut config, login, SslMode::Prefer).await?.map_err(failed),
        _ => encrypted(&mut config, login, SslMode::Require).await?.map_err(failed),
    }
}

async fn plain(config: &mut Config) -> Result<(Client, Driver), tokio_postgres::Error> {
    let (client, connection) = config.ssl_mode(SslMode::Disable).connect(NoTls).await?;
    // What goes wrong is told to those who wait for an answer.
    Ok((client, Box::pin(async { drop(connection.await) })))
}

async fn encrypted(
    config: &mut Config,
    login: &Login,
    mode: SslMode,
) -> Result<Result<(Client, Driver), tokio_postgres::Error>> {
    let tls = MakeRustlsConnect::new(tls::config(login)?);
    let connected = config.ssl_mode(mode).connect(tls).await;
    Ok(connected
        .map(|(client, connection)| -> (Client, Driver) { (client, Box::pin(async { drop(connection.await) })) }))
}
