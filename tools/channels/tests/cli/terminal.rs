//! The live display: drawn where stderr is a terminal, and nowhere else.

use std::fs::File;
use std::io::Read;
use std::sync::{Arc, Mutex};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::harness::{Project, until};

/// Moves bytes and then waits until it may end.
const MOVES: &str = r#"echo '{"event":"step","text":"upload greet.tar.gz"}' >&2
    echo '{"event":"progress","done":1500000,"total":3000000}' >&2
    echo 'a sentence for people' >&2
    while [ ! -e go ]; do :; done"#;

/// Runs with a terminal as stderr and returns all that was drawn.
fn drawn(project: &Project, seen: impl Fn(&str) -> bool) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    rustix::termios::tcsetwinsize(
        &master,
        rustix::termios::Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 },
    )
    .unwrap();
    let slave = File::options().read(true).write(true).open(name).unwrap();
    let mut child = project.command(&["stage", "v1.0.0"]).stderr(slave).spawn().unwrap();
    let text = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&text);
    // The end of the last writer is an error (EIO) here, and as good as an end.
    let reader = std::thread::spawn(move || {
        let (mut master, mut buffer) = (File::from(master), [0; 4096]);
        while let Ok(count @ 1..) = master.read(&mut buffer) {
            sink.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    });
    until("it is drawn", || seen(&text.lock().unwrap()));
    project.write("go", "");
    assert!(child.wait().unwrap().success());
    reader.join().unwrap();
    let text = text.lock().unwrap();
    text.clone()
}

#[test]
fn a_terminal_shows_a_line_for_each_channel_with_bytes_and_time_left() {
    let mut project = Project::with(&[("one", "", MOVES), ("two", "", MOVES)]);
    project.set("TERM", "xterm");
    let text = drawn(&project, |text| {
        ["one ", "two "].iter().all(|name| {
            text.split('\n').any(|line| {
                line.contains(name) && line.contains("upload greet.tar.gz  1.50 MB of 3.00 MB, ")
            })
        })
    });
    assert!(text.contains("left"), "{text:?}");
    assert!(text.contains("one: a sentence for people"), "{text:?}");
    assert!(text.contains("\nstage v1.0.0: "), "{text:?}");
}

#[test]
fn continuous_integration_gets_plain_lines_also_on_a_terminal() {
    let mut project = Project::with(&[("one", "", MOVES)]);
    project.set("TERM", "xterm");
    project.set("CI", "true");
    let text = drawn(&project, |text| text.contains("one: a sentence for people"));
    assert!(
        text.starts_with("one: upload greet.tar.gz\r\none: a sentence for people\r\n"),
        "{text:?}"
    );
    assert!(!text.contains('\u{1b}'), "{text:?}");
}
