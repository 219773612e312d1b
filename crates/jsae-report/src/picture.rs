//! Pictures as SVG: small, without fonts of their own, on a light ground that also reads in dark mode.
//!
//! | picture | the paper's figure |
//! |---|---|
//! | [`learning_curves`] | 3: return over steps or wall time, a panel for each task |
//! | [`series_curves`] | 3, of the series that are kept of runs |
//! | [`scatter`], [`gridworld`] | 2: embeddings and displacements by colour; side by side with [`side_by_side`] |
//! | [`gridworld`] | 5: walls, goal and start |
//! | [`sensitivity`] | none: each key of a sweep against the final return |
//! | [`performance_profiles`] | none: Agarwal et al. 2021, figure 4 |

mod axis;
mod curves;
mod drawing;
mod gridworld;
mod lines;
mod palette;
#[cfg(feature = "png")]
mod png;
mod profiles;
mod projection;
mod scatter;
mod sensitivity;

pub(crate) use curves::{Aggregate, aggregate};
pub use curves::{Band, CurveOptions, learning_curves, series_curves};
pub(crate) use drawing::escaped;
pub use drawing::{Drawing, side_by_side};
pub use gridworld::{Gridworld, gridworld};
pub(crate) use lines::lines;
pub use palette::{PALETTE, displacement_color, position_color};
#[cfg(feature = "png")]
pub use png::{PngError, to_png};
pub use profiles::performance_profiles;
pub use scatter::{Point, Scatter, scatter};
pub use sensitivity::sensitivity;
