//! An S3 server inside the test process: signatures are checked, objects are files.

use std::path::PathBuf;
use std::sync::OnceLock;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;

use super::{Guarded, folder, guarded};

/// The bucket that is there.
pub const BUCKET: &str = "karat";
pub const KEY_ID: &str = "KARATTESTKEY";
pub const SECRET: &str = "canary/secret+of=tests";

/// A running server.
pub struct S3 {
    pub port: u16,
    /// Removes the folder when the process ends.
    guard: Guarded,
}

impl S3 {
    /// Gives the settings to reach it.
    pub fn variables(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let pairs = [
            ("AWS_ACCESS_KEY_ID", KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", &endpoint),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    /// Gives the file that is the object of a key of the bucket.
    pub fn object(&self, key: &str) -> PathBuf {
        self.guard.folder.join("store").join(BUCKET).join(key)
    }

    /// Puts an object, its folders too.
    pub fn put(&self, key: &str, bytes: &[u8]) {
        let path = self.object(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// Gives the server of this process; starts it where it is the first call.
pub fn server() -> &'static S3 {
    static SERVER: OnceLock<S3> = OnceLock::new();
    SERVER.get_or_init(start)
}

fn start() -> S3 {
    let folder = folder("s3");
    std::fs::create_dir_all(folder.join("store").join(BUCKET)).unwrap();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut service = S3ServiceBuilder::new(FileSystem::new(folder.join("store")).unwrap());
    service.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
    let service = service.build();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let Ok((socket, _)) = listener.accept().await else { continue };
                let service = service.clone();
                tokio::spawn(async move {
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
    });
    S3 { port, guard: guarded(folder, port, "sleep 2000000000") }
}
