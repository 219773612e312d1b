//! Pictures of the robots, drawn without a screen (feature `renderer`; Linux with EGL).
//!
//! On Debian, `apt-get install libegl1 libgl1-mesa-dri` brings what software drawing needs.

use std::path::Path;
use std::sync::Arc;

use mujoco_rs::prelude::{MjData, MjModel, MjvCamera, RendererError};
use mujoco_rs::renderer::{MjRenderer, png::Compression};

use super::simulation::DT;
use crate::film::Filmed;
use crate::{Env, Film, FilmError, Frame, TimeLimit};

/// The models' camera: it follows the robot from the side.
const CAMERA: usize = 0;
/// Pixels of a film, across and down.
const FILM_SIZE: [u32; 2] = [480, 360];

/// Draws one kind of robot; [`half_cheetah::renderer`] and [`ant::renderer`] make one.
///
/// [`half_cheetah::renderer`]: super::half_cheetah::renderer
/// [`ant::renderer`]: super::ant::renderer
///
/// ```no_run
/// use jsae_envs::{Env, Start, mujoco::{Ant, ant}};
///
/// let mut env = Ant::new(&ant::Config::default())?;
/// let mut observation = vec![0.0; env.observation_space().len()];
/// env.reset(Start::Fixed, &mut observation)?;
/// let mut renderer = ant::renderer(320, 240)?;
/// renderer.draw(env.qpos())?;
/// renderer.save_png("ant.png".as_ref())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Renderer {
    inner: MjRenderer,
    data: MjData<Arc<MjModel>>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// No way to draw without a screen, or a file that cannot be written.
    #[error("cannot render: {0}")]
    Engine(#[from] RendererError),
    /// Positions of another robot.
    #[error("{found} positions for a robot with {expected}")]
    Positions {
        /// How many were given.
        found: usize,
        /// How many the robot has.
        expected: usize,
    },
}

/// A robot and its `renderer`.
pub(super) fn film<E: Env + 'static>(
    env: TimeLimit<E>,
    renderer: fn(u32, u32) -> Result<Renderer, RenderError>,
    qpos: fn(&E) -> &[f64],
) -> Result<Box<dyn Film>, FilmError> {
    let failed = |error: RenderError| FilmError::Draw(error.to_string());
    let [width, height] = FILM_SIZE;
    let mut renderer = renderer(width, height).map_err(failed)?;
    let draw = move |robot: &E| {
        let pixels = renderer.draw(qpos(robot)).map_err(failed)?.to_vec();
        Ok(Frame { width: width as usize, height: height as usize, pixels })
    };
    Ok(Box::new(Filmed { env, draw, seconds_per_step: DT }))
}

impl Renderer {
    /// Pictures of `width` times `height` pixels, at least one each.
    pub(super) fn new(mut model: MjModel, width: u32, height: u32) -> Result<Self, RenderError> {
        let buffer = &mut model.vis_mut().global;
        (buffer.offwidth, buffer.offheight) = (width as i32, height as i32);
        let inner = MjRenderer::builder()
            .width(width)
            .height(height)
            .camera(MjvCamera::new_fixed(CAMERA))
            .png_compression(Compression::Balanced)
            .build(&model)?;
        Ok(Self { inner, data: MjData::new(Arc::new(model)) })
    }

    /// Draws the robot at positions `qpos`; gives red, green and blue of every pixel from the top
    /// left, `[height, width, 3]`.
    ///
    /// # Errors
    /// [`RenderError::Positions`] for another number of positions, [`RenderError::Engine`] where
    /// the drawing library fails.
    pub fn draw(&mut self, qpos: &[f64]) -> Result<&[u8], RenderError> {
        let expected = self.data.qpos().len();
        if qpos.len() != expected {
            return Err(RenderError::Positions { found: qpos.len(), expected });
        }
        self.data.qpos_mut().copy_from_slice(qpos);
        self.data.forward();
        self.inner.sync_data(&mut self.data)?;
        self.inner.render()?;
        Ok(self.inner.rgb_flat().unwrap_or_default())
    }

    /// Writes the last drawing to `file`.
    ///
    /// # Errors
    /// [`RenderError::Engine`] where the file cannot be written.
    pub fn save_png(&self, file: &Path) -> Result<(), RenderError> {
        Ok(self.inner.save_rgb(file)?)
    }
}
