#![allow(unsafe_code, reason = "loading a shared library runs its initialisers")]

use std::path::{Path, PathBuf};

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

const LIBRARY: &str = "libtorch_cuda.so";

/// Loads libtorch's CUDA half, which registers itself with the half that this program is linked to.
///
/// Call it before the first tensor.
///
/// # Errors
/// In one line: the library is missing, or finds no device.
pub(crate) fn load() -> Result<(), String> {
    let mut failures = Vec::new();
    for path in candidates() {
        // SAFETY: libtorch_cuda.so is made to be loaded beside libtorch_cpu.so; it stays loaded for good.
        match unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) } {
            Ok(library) => {
                std::mem::forget(library);
                return if tch::Cuda::is_available() {
                    Ok(())
                } else {
                    Err(format!("{} finds no CUDA device on this machine", path.display()))
                };
            }
            // What the loader says stands in the error's source.
            Err(error) => failures.push(format!("{:#}", anyhow::Error::new(error))),
        }
    }
    let found = failures.iter().find(|failure| !is_absent(failure)).cloned();
    Err(match found {
        Some(failure) => format!("libtorch's CUDA library cannot be loaded ({failure})"),
        None => format!(
            "{LIBRARY} is not here: get it with scripts/setup --cuda, or name the torch/lib of an installed PyTorch {} in LD_LIBRARY_PATH",
            env!("JSAE_LIBTORCH")
        ),
    })
}

/// Does the loader miss the library itself? One that needs another file which is not there names that.
fn is_absent(failure: &str) -> bool {
    failure.contains(&format!("{LIBRARY}: cannot open shared object file"))
}

/// Where it may be: beside the libtorch of the build, and wherever the loader looks.
fn candidates() -> Vec<PathBuf> {
    let root = std::env::var_os("LIBTORCH").map(PathBuf::from);
    let built = option_env!("JSAE_LIBTORCH_ROOT").map(PathBuf::from);
    let roots = root.into_iter().chain(built);
    let beside = roots.flat_map(|root| [root.join("cuda").join(LIBRARY), root.join("lib").join(LIBRARY)]);
    beside.chain([Path::new(LIBRARY).to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_lacks_another_one_is_not_absent() {
        let loader = "cannot open shared object file: No such file or directory";
        assert!(is_absent(&format!("dlopen failed: libtorch_cuda.so: {loader}")));
        assert!(is_absent(&format!("dlopen failed: /opt/torch/lib/libtorch_cuda.so: {loader}")));
        assert!(!is_absent(&format!("dlopen failed: libcudnn.so.9: {loader}")));
    }
}
