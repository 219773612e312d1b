//! Pictures of an episode: numbered PNG files and an animated GIF.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jsae_envs::{Film, Frame, Start};

use crate::agent::Agent;

/// How long the last picture of an animation stands, in steps.
const LAST_STANDS: f64 = 8.0;

/// Speed of the search for a GIF's 256 colours, 1 (slow and fine) to 30.
const COLOR_SEARCH: i32 = 30;

/// What a filmed episode came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Episode {
    /// Undiscounted return.
    pub(crate) episode_return: f64,
    /// Steps; there is one picture more.
    pub(crate) length: usize,
}

/// Runs one episode with f of the policy's mean, the environment seeded with `seed`; `take` is given each
/// picture, and whether it is the last.
///
/// # Errors
/// An environment, a policy or a drawing library that gives up, and what `take` says.
pub(crate) fn episode(
    agent: &Agent,
    film: &mut dyn Film,
    seed: u64,
    take: &mut dyn FnMut(&Frame, bool) -> Result<()>,
) -> Result<Episode> {
    let mut observation = vec![0.0; film.env().observation_space().len()];
    film.env().seed(seed);
    film.env().reset(Start::Fixed, &mut observation)?;
    let mut episode = Episode { episode_return: 0.0, length: 0 };
    loop {
        take(&film.frame()?, false)?;
        let action = agent.act(&observation)?;
        let step = film.env().step(&action, &mut observation)?;
        episode.episode_return += step.reward;
        episode.length += 1;
        if step.ended() {
            take(&film.frame()?, true)?;
            return Ok(episode);
        }
    }
}

/// Numbered PNG files in a folder that is whole or not there at all.
pub(crate) struct Frames {
    folder: PathBuf,
    part: Part,
    count: usize,
}

impl Frames {
    /// For `folder`, which is made once all pictures are there.
    ///
    /// # Errors
    /// A folder beside it that cannot be made.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let made = folder.parent().map_or(Ok(()), std::fs::create_dir_all);
        let part = made.and_then(|()| Part::make(folder, |part| std::fs::create_dir(part)));
        let (part, ()) = part.with_context(|| unwritable(folder))?;
        Ok(Self { folder: folder.to_owned(), part, count: 0 })
    }

    /// Adds a picture.
    ///
    /// # Errors
    /// A disk that refuses.
    pub(crate) fn add(&mut self, frame: &Frame) -> Result<()> {
        let path = self.part.0.join(format!("frame-{:05}.png", self.count));
        std::fs::write(&path, frame.to_png()?).with_context(|| unwritable(&path))?;
        self.count += 1;
        Ok(())
    }

    /// Puts the folder in its place; an empty one that stands there gives way.
    ///
    /// # Errors
    /// A folder that cannot be renamed.
    pub(crate) fn finish(self) -> Result<()> {
        std::fs::rename(&self.part.0, &self.folder).with_context(|| unwritable(&self.folder))
    }
}

/// An animated GIF that is whole or not there at all.
pub(crate) struct Video {
    file: PathBuf,
    begun: Option<(Part, gif::Encoder<BufWriter<File>>)>,
    seconds_per_step: f64,
}

impl Video {
    /// For `file`, which is made once all pictures are there.
    pub(crate) fn new(file: &Path, seconds_per_step: f64) -> Self {
        Self { file: file.to_owned(), begun: None, seconds_per_step }
    }

    /// Adds a picture; the last one stands longer.
    ///
    /// # Errors
    /// A disk that refuses, or a picture larger than a GIF can be.
    pub(crate) fn add(&mut self, frame: &Frame, is_last: bool) -> Result<()> {
        let (width, height) = (u16::try_from(frame.width)?, u16::try_from(frame.height)?);
        let place = || unwritable(&self.file);
        let (_, encoder) = match &mut self.begun {
            Some(begun) => begun,
            none => none.insert(begin(&self.file, width, height).with_context(place)?),
        };
        let steps = if is_last { LAST_STANDS } else { 1.0 };
        let mut picture = gif::Frame::from_rgb_speed(width, height, &frame.pixels, COLOR_SEARCH);
        picture.delay = (100.0 * self.seconds_per_step * steps).round() as u16;
        encoder.write_frame(&picture).with_context(place)
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// A file that cannot be written or renamed.
    pub(crate) fn finish(self) -> Result<()> {
        let Some((part, encoder)) = self.begun else { return Ok(()) };
        let place = || unwritable(&self.file);
        let mut file = encoder.into_inner().with_context(place)?;
        file.flush().with_context(place)?;
        std::fs::rename(&part.0, &self.file).with_context(place)
    }
}

/// What is being written, beside its place; it goes with its owner unless it was put there.
struct Part(PathBuf);

impl Part {
    /// What `make` makes beside `path`, under a name that nothing has yet.
    fn make<T>(path: &Path, make: impl Fn(&Path) -> io::Result<T>) -> io::Result<(Self, T)> {
        for k in 0.. {
            let part = path.with_added_extension(format!("{}-{k}.part", std::process::id()));
            match make(&part) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return Ok((Self(part), made?)),
            }
        }
        unreachable!("numbers do not end")
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ =
            if self.0.is_dir() { std::fs::remove_dir_all(&self.0) } else { std::fs::remove_file(&self.0) };
    }
}

fn begin(file: &Path, width: u16, height: u16) -> Result<(Part, gif::Encoder<BufWriter<File>>)> {
    let (part, file) = Part::make(file, |part| File::create_new(part))?;
    let mut encoder = gif::Encoder::new(BufWriter::new(file), width, height, &[])?;
    encoder.set_repeat(gif::Repeat::Infinite)?;
    Ok((part, encoder))
}

fn unwritable(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}
