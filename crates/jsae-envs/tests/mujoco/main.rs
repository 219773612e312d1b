//! Robots on MuJoCo: models and rollouts against references, and the environments' contract.

mod contract;
mod episodes;
mod golden;
mod model;
#[cfg(feature = "renderer")]
mod renderer;
mod rollouts;
