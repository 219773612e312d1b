use crate::{Env, EnvError, TimeLimit};

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Red, green and blue of every pixel, from the top left, `[height, width, 3]`.
    pub pixels: Vec<u8>,
}

/// An environment that shows itself.
pub trait Film {
    /// The environment.
    fn env(&mut self) -> &mut dyn Env;

    /// Draws the state that it is in.
    ///
    /// # Errors
    /// [`FilmError::Draw`] where the drawing library fails.
    fn frame(&mut self) -> Result<Frame, FilmError>;

    /// How long a step should be shown, s.
    fn seconds_per_step(&self) -> f64;
}

/// Why there are no pictures.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FilmError {
    /// Nobody knows what the environment looks like.
    #[error("{env} has no picture")]
    Unseen {
        /// Name of the environment.
        env: &'static str,
    },
    /// What draws it was left out of this build.
    #[error("pictures of {env} need the feature `{feature}`, which this build leaves out")]
    Feature {
        /// Name of the environment.
        env: &'static str,
        /// Feature to build with.
        feature: &'static str,
    },
    /// The drawing library failed.
    #[error("{0}")]
    Draw(String),
    /// The environment could not be made.
    #[error(transparent)]
    Env(#[from] EnvError),
}

impl Frame {
    /// The picture as a PNG file.
    ///
    /// # Errors
    /// Those of the encoder, such as for a picture of no size.
    #[cfg(feature = "picture")]
    pub fn to_png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&self.pixels)?;
        Ok(file)
    }
}

/// An environment within its time limit and what draws it.
pub(crate) struct Filmed<E, D> {
    pub(crate) env: TimeLimit<E>,
    pub(crate) draw: D,
    pub(crate) seconds_per_step: f64,
}

impl<E: Env, D: FnMut(&E) -> Result<Frame, FilmError>> Film for Filmed<E, D> {
    fn env(&mut self) -> &mut dyn Env {
        &mut self.env
    }

    fn frame(&mut self) -> Result<Frame, FilmError> {
        (self.draw)(self.env.inner())
    }

    fn seconds_per_step(&self) -> f64 {
        self.seconds_per_step
    }
}
