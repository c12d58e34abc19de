//! Finding a channel's program: a path of the configuration, else beside ourselves, else PATH.
//! Starts nothing.

use std::path::{Path, PathBuf};

use common::config::Publisher;
use common::error::Failure;
use rustix::fs::Access;

/// Finds the program of a channel; `root` is the folder of the configuration.
///
/// # Errors
/// Refused, naming the channel and the key.
pub(crate) fn find(publisher: &Publisher, root: &Path) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().ok();
    let beside = own.as_deref().and_then(Path::parent);
    Ok(find_in(publisher, root, beside, std::env::var_os("PATH").as_deref())?)
}

fn find_in(
    publisher: &Publisher,
    root: &Path,
    beside: Option<&Path>,
    path: Option<&std::ffi::OsStr>,
) -> Result<PathBuf, Failure> {
    let tool = &publisher.tool;
    let key = format!("publishers.{}.tool", publisher.name);
    let refused = |reason: &str| {
        Failure::refused(format!("the channel `{}` has no program: {reason}", publisher.name))
    };
    if tool.is_empty() {
        return Err(refused(&format!("`{key}` is empty")));
    }
    if tool.contains('/') {
        let program = root.join(tool.strip_prefix("./").unwrap_or(tool));
        // A name alone would be looked for on PATH when it is started.
        let program =
            if program.components().count() == 1 { Path::new(".").join(program) } else { program };
        return if is_program(&program) {
            Ok(program)
        } else if program.is_file() {
            Err(refused(&format!("`{}` cannot be executed", program.display()))
                .hint(format!("chmod +x {}", program.display())))
        } else {
            Err(refused(&format!("there is no `{}`", program.display()))
                .hint(format!("correct `{key}`: it is relative to the configuration's folder")))
        };
    }
    let folders = beside.map(Path::to_owned).into_iter();
    let folders = folders.chain(path.into_iter().flat_map(std::env::split_paths));
    folders.map(|folder| folder.join(tool)).find(|program| is_program(program)).ok_or_else(|| {
        refused(&format!("`{tool}` is neither beside `channels` nor on PATH")).hint(format!(
            "install it, or name another in `{key}`, or set `publishers.{}.enabled` to false",
            publisher.name
        ))
    })
}

fn is_program(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::config::Configuration;
    use common::fs;
    use std::os::unix::fs::PermissionsExt;

    fn publisher(tool: &str) -> Publisher {
        let configuration = r#"{"publishers": {}}"#;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.json");
        fs::replace(&path, configuration.as_bytes()).unwrap();
        Configuration::load(Some(&path)).unwrap().publisher("mine", tool)
    }

    #[test]
    fn a_path_counts_from_the_configuration_and_a_name_from_beside_us_then_path() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for place in ["root", "beside", "path"] {
            std::fs::create_dir(at(place)).unwrap();
            fs::replace(&at(place).join("tool"), b"").unwrap();
        }
        let executable = |place: &str| {
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(at(place).join("tool"), mode).unwrap();
        };
        let find = |tool: &str| {
            let path = at("path");
            find_in(&publisher(tool), &at("root"), Some(&at("beside")), Some(path.as_os_str()))
        };
        let said = |tool: &str| find(tool).unwrap_err().to_string();

        assert_eq!(
            said("tool"),
            "the channel `mine` has no program: `tool` is neither beside `channels` nor on PATH"
        );
        assert!(said("./tool").ends_with("/root/tool` cannot be executed"), "{}", said("./tool"));
        assert!(said("./none").contains("there is no `"), "{}", said("./none"));
        executable("path");
        assert_eq!(find("tool").unwrap(), at("path").join("tool"));
        executable("beside");
        assert_eq!(find("tool").unwrap(), at("beside").join("tool"));
        executable("root");
        assert_eq!(find("./tool").unwrap(), at("root").join("tool"));
    }
}
