//! Lets the binary find libtorch and MuJoCo where the build found them, and notes the versions.

use std::path::Path;
use std::process::Command;

fn main() {
    for (variable, folder) in [("LIBTORCH", "lib"), ("MUJOCO_DYNAMIC_LINK_DIR", "")] {
        println!("cargo::rerun-if-env-changed={variable}");
        if let Some(path) = std::env::var_os(variable) {
            let path = Path::new(&path).join(folder);
            let path = path.canonicalize().unwrap_or(path);
            println!("cargo::rustc-link-arg=-Wl,-rpath,{}", path.display());
        }
    }
    let libtorch = std::env::var("LIBTORCH").ok().map(|root| Path::new(&root).join("build-version"));
    let libtorch = libtorch.and_then(|path| std::fs::read_to_string(path).ok());
    if let Some(root) = std::env::var_os("LIBTORCH").and_then(|root| Path::new(&root).canonicalize().ok()) {
        note("JSAE_LIBTORCH_ROOT", &root.display().to_string());
    }
    note("JSAE_LIBTORCH", libtorch.as_deref().unwrap_or("unknown"));
    note("JSAE_TCH", &locked_version("tch").unwrap_or_default());
    note("JSAE_RUSTC", &output(&std::env::var("RUSTC").unwrap_or("rustc".into()), &["--version"]));
    note("JSAE_TARGET", &std::env::var("TARGET").unwrap_or_default());
    let revision = output("git", &["rev-parse", "--short=12", "HEAD"]);
    let changed =
        !output("git", &["status", "--porcelain", "--untracked-files=no", "--", "..", "../../Cargo.lock"])
            .is_empty();
    note("JSAE_REVISION", &format!("{revision}{}", if changed { "+" } else { "" }));
    // Whatever changes the binary or its revision; git's index changes far more often.
    for path in ["..", "../../.git/logs/HEAD"] {
        if Path::new(path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

fn note(name: &str, value: &str) {
    println!("cargo::rustc-env={name}={}", value.trim());
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success());
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

fn locked_version(package: &str) -> Option<String> {
    println!("cargo::rerun-if-changed=../../Cargo.lock");
    let lock = std::fs::read_to_string("../../Cargo.lock").ok()?;
    let (_, after) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    after.split('"').next().map(str::to_owned)
}
