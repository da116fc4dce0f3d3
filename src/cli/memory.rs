//! Memory that was given back is kept for the next batch.

/// Tells the allocator to keep what is freed, up to 64 MiB, instead of giving it to the system and asking anew for
/// every batch: a third of a check's time went to pages that came and went (measured with glibc; others have no such
/// switch).
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const KEPT: i32 = 64 << 20;
        /// Larger pieces come from the system and go back to it.
        const SHARED: i32 = 4 << 20;
        #[expect(unsafe_code, reason = "a call into the C library that only sets two numbers of its allocator")]
        // SAFETY: `mallopt` takes plain numbers and may be called at any time; this is before the first thread.
        unsafe {
            libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
            libc::mallopt(libc::M_MMAP_THRESHOLD, SHARED);
        }
    }
}
