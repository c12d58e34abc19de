//! Tests across tools: the rules of this workspace, and whole releases against real judges.

mod openapi;
mod road;
mod workspace;

/// Tells whether a program is on PATH. Where it is not, says what was not run; under CI that fails.
#[expect(clippy::print_stdout, reason = "scripts/test collects these lines")]
fn present(program: &str, install: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
        return true;
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "`{program}` is not installed: {install}"
    );
    println!("not run: `{program}` is not installed: {install}");
    false
}
