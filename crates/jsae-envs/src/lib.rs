//! Environments: tasks that an agent meets through rows of numbers.
//!
//! It holds the [`Env`] trait, the environments of the paper and the means to step many of them together.
//!
//! ```
//! ```

mod config;
mod env;
mod space;

pub use config::{ConfigError, Key};
pub use env::{Env, EnvError, Start, Step};
pub use space::Space;
