//! GitHub's own OpenAPI description as the judge of what `gh-release` and the stand-in say to each other.
//! A proxy that validates stands between the two; what it refuses, one of them has wrong. Not judged: downloads
//! of assets, whose redirects the proxy follows by itself.

mod description;
mod prism;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use prism::{Prism, violations};
use rehearsal::{Fault, Logged, Role, Rule};
use serde_json::{Value, json};
use testkit::{Program, Scene};

/// The variable that carries the token of a rehearsal.
const TOKEN: &str = "REHEARSAL_GITHUB_TOKEN";

/// Returns the folder with the description cut down, or says that the proxy is missing.
fn description() -> Option<(tempfile::TempDir, PathBuf)> {
    let modules = prism::clients().join("node_modules");
    let source = modules.join("@octokit/openapi/generated/api.github.com.json");
    if !source.is_file() || !modules.join(".bin/prism").exists() {
        crate::not_run("prism is not installed: scripts/install-clients");
        return None;
    }
    let text = common::fs::read_text(&source).expect("the description is readable");
    let whole: Value = serde_json::from_str(&text).expect("the description is JSON");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("github.json");
    let reduced = description::reduced(&whole).to_string();
    common::fs::replace(&path, reduced.as_bytes()).expect("a writable temporary folder");
    Some((folder, path))
}

fn agent() -> ureq::Agent {
    let limit = Some(Duration::from_secs(60));
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
    config.timeout_global(limit).build().into()
}

/// A scene whose tool reaches the API through the proxy only.
struct Judged {
    scene: Scene,
    prism: Prism,
}

impl Judged {
    fn new(tag: &str, description: &Path) -> Self {
        let scene = Scene::new(tag);
        let configuration = json!({"publishers": {"github": {
            "deadline": "2m",
            "config": {"owner": "acme", "repo": "greet", "notes_file": "notes.md"},
        }}});
        scene.project.write("distribution.json", configuration.to_string());
        let prism = Prism::start(description, scene.stand_ins.origin(Role::GithubApi));
        // Addresses in answers lead through the proxy too.
        scene.stand_ins.knobs(|knobs| knobs.github.public_api = Some(prism.origin.clone()));
        let mut overlay = scene.stand_ins.overlay();
        overlay["tools"]["gh-release"]["config"]["base_url"] = format!("{}/", prism.origin).into();
        scene.project.write("dist/overlay.json", overlay.to_string());
        Self { scene, prism }
    }

    fn gh_release(&self, arguments: &str) -> Program {
        let overlay = self.scene.project.join("dist/overlay.json").display().to_string();
        let program = self.scene.program(&program("gh-release"));
        program.env("LANDFALL_OVERLAY", overlay).args(arguments)
    }

    /// Fails unless a verb ends and says like this.
    #[track_caller]
    fn says(&self, arguments: &str, code: i32, expected: &str) {
        let ran = self.gh_release(arguments).run().code(code);
        assert_eq!(ran.stdout, expected, "{}", ran.stderr);
    }

    /// Commits something more, brings it to GitHub and builds `tag` from it.
    fn next(&self, tag: &str) {
        let project = &self.scene.project;
        project.write("README.md", "# greet, again\n");
        project.git("commit -q -a -m fix:\u{a0}again");
        project.git(&format!("tag -a {tag} -m {tag}"));
        let bare = self.scene.stand_ins.git_dir().join("github.com/acme/greet.git");
        project.git(&format!("push -q {} main", bare.display()));
        project.freeze(tag);
    }

    /// Takes a release from nothing to the newest, verb by verb.
    #[track_caller]
    fn release(&self, tag: &str) {
        for verb in ["check", "stage", "publish", "promote", "verify"] {
            self.gh_release(verb).arg(tag).run().code(0);
        }
        self.says(&format!("status {tag}"), 0, "promoted\n");
    }
}

fn program(name: &str) -> String {
    let own = std::env::current_exe().expect("a test knows its own path");
    let path = own.ancestors().nth(2).expect("target/<profile>/deps/<test>").join(name);
    assert!(path.is_file(), "`{name}` is not built: cargo build --workspace");
    path.display().to_string()
}

/// Replaces what differs from run to run in a request: numbers of releases and assets, a tag's hash.
fn shape(request: &Logged) -> String {
    let path = request.path.split('?').next().unwrap_or_default();
    let segment = |text: &str| match text {
        _ if text.len() == 40 => "HASH".to_owned(),
        _ if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => "N".to_owned(),
        _ => text.to_owned(),
    };
    let path: Vec<String> = path.split('/').map(segment).collect();
    format!("{} {}", request.method, path.join("/"))
}

/// Calls that were made must be among the judged ones, or the judge has nothing to say about them.
const CALLS: [&str; 17] = [
    "DELETE /repos/acme/greet/releases/N",
    "DELETE /repos/acme/greet/releases/assets/N",
    "GET /repos/acme/greet",
    "GET /repos/acme/greet/git/ref/tags/v1.0.0",
    "GET /repos/acme/greet/git/ref/tags/v1.1.0",
    "GET /repos/acme/greet/git/tags/HASH",
    "GET /repos/acme/greet/immutable-releases",
    "GET /repos/acme/greet/releases",
    "GET /repos/acme/greet/releases/N",
    "GET /repos/acme/greet/releases/N/assets",
    "GET /repos/acme/greet/releases/latest",
    "GET /repos/acme/greet/releases/tags/v1.0.0",
    "GET /repos/acme/greet/releases/tags/v1.1.0",
    "GET /repositories/N/releases",
    "GET /repositories/N/releases/N/assets",
    "PATCH /repos/acme/greet/releases/N",
    "POST /repos/acme/greet/releases",
];

#[test]
fn all_that_gh_release_and_the_stand_in_say_is_as_github_describes_it() {
    let Some((_folder, description)) = description() else { return };
    let mut judged = Judged::new("v1.0.0", &description);
    let stand_ins = &judged.scene.stand_ins;
    // Lists have pages and an upload breaks, so that links and repairs are judged too.
    stand_ins.knobs(|knobs| knobs.github.list_page_size = 1);
    let broken = Rule::on("POST", "/repos/acme/greet/releases/*/assets", Fault::HalfStoredUpload);
    stand_ins.faults(vec![broken]).expect("a known fault");

    let read_only = stand_ins.token("github-read").expect("such a token").to_owned();
    for (token, status) in [("mistyped", "401"), (&read_only, "403")] {
        let refused = judged.gh_release("publish v1.0.0").env(TOKEN, token).run().code(1);
        assert!(refused.stderr.contains(status), "{}", refused.stderr);
    }
    judged.release("v1.0.0");
    judged.next("v1.1.0");
    judged.release("v1.1.0");
    judged.gh_release("rollback --yes v1.1.0").run().code(0);
    judged.says("status v1.1.0", 3, "staged\n");
    judged.gh_release("rollback --yes --delete v1.1.0").run().code(0);
    judged.says("status v1.1.0", 3, "absent\n");

    let log = judged.prism.log();
    assert_eq!(violations(log), Vec::<&str>::new(), "{}", log.join("\n"));
    let through = log.iter().filter(|line| line.contains("> Forwarding ")).count();
    let requests = judged.scene.stand_ins.requests();
    let api: Vec<_> = requests.iter().filter(|one| one.role == Role::GithubApi).collect();
    assert_eq!(through, api.len(), "some requests went around the proxy");
    let calls: BTreeSet<String> = api.into_iter().map(shape).collect();
    assert_eq!(calls, CALLS.map(str::to_owned).into());
}

/// The proxy reads bodies as text and would spoil real uploads; so each is made directly, and its
/// head is then sent once more through the proxy, with a text for a body: one that is JSON too, for
/// the proxy never answers where it cannot read what is called JSON.
#[test]
fn uploads_are_as_github_describes_them() {
    let Some((_folder, description)) = description() else { return };
    let scene = Scene::new("v1.0.0");
    scene.program(&program("gh-release")).args("stage v1.0.0").run().code(0);
    let mut prism = Prism::start(&description, scene.stand_ins.origin(Role::GithubUploads));
    let token = scene.stand_ins.token("github-write").expect("such a token");
    let requests = scene.stand_ins.requests();
    let uploads: Vec<_> = requests.iter().filter(|one| one.role == Role::GithubUploads).collect();
    assert_eq!(uploads.len(), 5, "the manifest, the checksums, three archives");
    for upload in uploads {
        let path = upload.path.replace("name=", "name=again-");
        // The second time there is such an asset already.
        for expected in [201, 422] {
            let mut request = agent().post(format!("{}{path}", prism.origin));
            for name in ["accept", "content-type", "user-agent", "x-github-api-version"] {
                request = request.header(name, &upload.headers[name]);
            }
            let request = request.header("authorization", format!("Bearer {token}"));
            let answer = request.send("\"text\"").expect("the proxy answers");
            assert_eq!(answer.status(), expected, "{path}:\n{}", prism.log().join("\n"));
        }
    }
    let log = prism.log();
    assert_eq!(violations(log), Vec::<&str>::new(), "{}", log.join("\n"));
}

#[test]
fn what_is_not_as_github_describes_it_is_seen() {
    let Some((_folder, description)) = description() else { return };
    let mut prism = Prism::start(&description, &liar());
    let url = |path: &str| format!("{}/{path}", prism.origin);
    // A request without its one required field, an answer of the wrong type, an address nobody described.
    let nameless = agent().post(url("repos/acme/greet/releases")).content_type("application/json");
    assert_eq!(nameless.send(r#"{"name": "v1"}"#).expect("it answers").status(), 422);
    let list = agent().get(url("repos/acme/greet/releases")).call().expect("it answers");
    assert_eq!(list.status(), 500);
    assert!(list.headers()["sl-violations"].to_str().is_ok_and(|text| text.contains("array")));
    let nowhere = agent().get(url("repos/acme/greet/nowhere")).call().expect("it answers");
    assert_eq!(nowhere.status(), 404);

    let seen = violations(prism.log());
    let reasons = ["#UNPROCESSABLE_ENTITY", "#VIOLATIONS", "#NO_PATH_MATCHED_ERROR"];
    assert_eq!(seen.len(), reasons.len(), "{seen:#?}");
    for (line, reason) in seen.iter().zip(reasons) {
        assert!(line.contains(reason), "{line}");
    }
}

/// A server that answers one request, with an object where the description wants a list.
fn liar() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the proxy connects");
        let mut head = BufReader::new(&stream).lines().map_while(Result::ok);
        assert!(head.any(|line| line.is_empty()), "a request has a head");
        let answer =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(answer.as_bytes()).expect("the proxy reads");
    });
    format!("http://{address}")
}
