use serde::{Deserialize, Serialize};

/// What a run was made with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Versions {
    /// This program.
    pub jsae: String,
    /// Git revision of its source, `+` where the tree was changed; empty outside a checkout.
    pub revision: String,
    /// The crate `tch`.
    pub tch: String,
    /// libtorch.
    pub libtorch: String,
    /// The compiler.
    pub rustc: String,
    /// Processor and system.
    pub target: String,
}

impl Versions {
    /// Of this binary.
    pub fn here() -> Self {
        Self {
            jsae: env!("CARGO_PKG_VERSION").to_owned(),
            revision: env!("JSAE_REVISION").to_owned(),
            tch: env!("JSAE_TCH").to_owned(),
            libtorch: env!("JSAE_LIBTORCH").to_owned(),
            rustc: env!("JSAE_RUSTC").to_owned(),
            target: env!("JSAE_TARGET").to_owned(),
        }
    }

    /// In one line.
    pub fn line(&self) -> String {
        let revision = if self.revision.is_empty() { String::new() } else { format!(" ({})", self.revision) };
        format!("{}{revision}, tch {}, libtorch {}, {}", self.jsae, self.tch, self.libtorch, self.target)
    }
}
