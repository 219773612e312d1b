use serde::{Deserialize, Serialize};

/// What a run was made with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Versions {
    /// This program.
    pub(crate) jsae: String,
    /// Git revision of its source, `+` where the tree was changed; empty outside a checkout.
    pub(crate) revision: String,
    /// The crate `tch`.
    pub(crate) tch: String,
    /// libtorch.
    pub(crate) libtorch: String,
    /// The compiler.
    pub(crate) rustc: String,
    /// Processor and system.
    pub(crate) target: String,
}

impl Versions {
    /// Of this binary.
    pub(crate) fn here() -> Self {
        Self {
            jsae: env!("CARGO_PKG_VERSION").to_owned(),
            revision: env!("JSAE_REVISION").to_owned(),
            tch: env!("JSAE_TCH").to_owned(),
            libtorch: env!("JSAE_LIBTORCH").to_owned(),
            rustc: env!("JSAE_RUSTC").to_owned(),
            target: env!("JSAE_TARGET").to_owned(),
        }
    }
}

/// This machine's name.
pub(crate) fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}
