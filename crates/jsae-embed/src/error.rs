use std::path::PathBuf;

/// Why an embedding could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The method cannot work on this space.
    #[error("the {method} embedding cannot use {what} {found}, expected {expected}")]
    Space {
        /// Name of the method.
        method: &'static str,
        /// Which part of the task.
        what: &'static str,
        /// What the task has.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// Samples that do not belong to the spaces.
    #[error("samples: {what} {problem}")]
    Samples {
        /// Which rows.
        what: &'static str,
        /// What is wrong with them.
        problem: String,
    },
    /// A loss became infinite or not a number.
    #[error(
        "{loss} is {value} in pass {pass}: lower `learning_rate`, or look for such numbers in the samples"
    )]
    NonFinite {
        /// Which loss.
        loss: &'static str,
        /// The value.
        value: f64,
        /// Pass over the samples, from 1.
        pass: usize,
    },
    /// Saved tensors that do not fit this embedding.
    #[error("tensor `{name}` {problem}")]
    Tensor {
        /// Name of the tensor.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A part of an embedding that does not fit another one.
    #[error("{what} is {found}, expected {expected}: that of the embedding it is moved from")]
    Moved {
        /// Key or space that differs.
        what: &'static str,
        /// What this embedding has.
        found: String,
        /// What the source has.
        expected: String,
    },
    /// A file that cannot be read, written or used.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}
