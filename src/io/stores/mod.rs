//! Where bytes lie: one file a store.

pub mod archive;
pub mod beside;
pub mod folder;
pub mod local;
pub mod pack;
pub mod s3;
pub mod staging;

/// Folders for tests.
#[cfg(test)]
pub mod testing {
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A new empty folder, removed when dropped.
    #[derive(Debug)]
    pub struct TestFolder(PathBuf);

    impl TestFolder {
        #[expect(clippy::new_without_default, reason = "a folder is made, not defaulted")]
        pub fn new() -> Self {
            static NEXT: AtomicU64 = AtomicU64::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("karat-stores-{}-{number}", std::process::id()));
            let _ = std::fs::remove_dir_all(&path);
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        pub fn path(&self) -> &Path {
            &self.0
        }

        /// Writes a file, its folders too.
        pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
            let path = self.0.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, bytes).unwrap();
            path
        }
    }

    impl Drop for TestFolder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
