//! Tests across tools: the rules of this workspace, and whole releases against real judges.

mod openapi;
mod restore;
mod road;
mod workspace;

/// Tells whether a program is on PATH, and says what was not run where it is not.
fn present(program: &str, install: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if !found {
        not_run(&format!("`{program}` is not installed: {install}"));
    }
    found
}

/// Says what was not run and why; under CI that is a failure.
#[expect(clippy::print_stdout, reason = "scripts/test collects these lines")]
fn not_run(reason: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}");
    println!("not run: {reason}");
}
