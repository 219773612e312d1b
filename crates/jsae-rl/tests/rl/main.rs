//! Tests of the crate from outside; one binary, so that libtorch is linked once.

mod advantages;
mod configs;
mod gradients;
mod learners;
mod learning;
mod networks;
mod parity;
mod replay;
mod rollouts;
