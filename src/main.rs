//! The `karat` program: parse, run, exit code.

fn main() -> std::process::ExitCode {
    karat::cli::run()
}
