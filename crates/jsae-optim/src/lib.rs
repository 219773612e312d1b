//! Adam (Kingma and Ba 2015) over all parameters of a model as one flat tensor.
//!
//! Networks are views of [`Parameters`], a [`Linear`] layer two of them; whoever differentiates writes into the
//! views of their gradient; [`Adam`] then moves all of them, or some ranges, in one pass over memory. Its state is
//! three tensors that can be saved, which libtorch's own optimisers lack here.
//!
//! It knows neither networks nor losses.
//!
//! ```
//! use jsae_optim::{Adam, Parameters};
//! use tch::Device;
//!
//! let mut parameters = Parameters::new(&[1.0, -2.0], Device::Cpu);
//! let mut adam = Adam::new(&parameters, 0.1);
//! for _ in 0..200 {
//!     // Half the sum of squares has the values themselves as its gradient.
//!     parameters.gradient().shallow_clone().copy_(parameters.values());
//!     adam.step(&mut parameters);
//! }
//! assert!(parameters.values().abs().max().double_value(&[]) < 0.01);
//! ```

mod adam;
mod flat;
mod linear;
mod parameters;

pub use adam::{Adam, AdamState};
pub use linear::Linear;
pub use parameters::Parameters;
