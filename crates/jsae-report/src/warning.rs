use std::fmt;
use std::path::{Path, PathBuf};

/// Something that a reader of the figures should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The folder or file it is about; empty where it is about several.
    pub path: PathBuf,
    /// What is so, and what was made of it.
    pub message: String,
}

impl Warning {
    pub(crate) fn new(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into() }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_os_str().is_empty() {
            true => f.write_str(&self.message),
            false => write!(f, "{}: {}", self.path.display(), self.message),
        }
    }
}
