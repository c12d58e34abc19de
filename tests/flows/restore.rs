//! A machine that lost `dist/` gets manifest and artifacts back, from a draft and from a release.

use testkit::{Program, Scene};

/// A program of the workspace inside the scene.
fn run(scene: &Scene, name: &str, arguments: &str) -> Program {
    let own = std::env::current_exe().expect("a test knows its own path");
    let path = own.ancestors().nth(2).expect("target/<profile>/deps/<test>").join(name);
    assert!(path.is_file(), "`{name}` is not built: cargo build --workspace");
    scene.program(&path.display().to_string()).args(arguments)
}

#[test]
fn what_was_staged_or_published_comes_back_byte_for_byte() {
    let scene = Scene::new("v1.0.0");
    let manifest = common::fs::read_text(&scene.project.join("dist/manifest.json")).unwrap();
    for arguments in ["stage v1.0.0", "v1.0.0"] {
        run(&scene, "gh-release", arguments).run().code(0);
        std::fs::remove_dir_all(scene.project.join("dist")).unwrap();
        std::fs::create_dir(scene.project.join("dist")).unwrap();
        run(&scene, "checksum", "restore v1.0.0").run().code(0);
        run(&scene, "checksum", "verify").run().code(0);
        let back = common::fs::read_text(&scene.project.join("dist/manifest.json")).unwrap();
        assert_eq!(back, manifest);
    }
}
