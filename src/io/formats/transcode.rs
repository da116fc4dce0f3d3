//! transcode: to come.
