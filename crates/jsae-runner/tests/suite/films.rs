//! Pictures of an episode.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::program::{Ran, run};
use crate::tiny::{prepared, trained, write};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Width, height and pixels of a PNG file.
fn decoded(file: &PathBuf) -> (u32, u32, Vec<u8>) {
    let file = BufReader::new(File::open(file).expect("a picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    (info.width, info.height, pixels)
}

/// Sizes and delays of a GIF file's pictures.
fn animated(file: &Path) -> Vec<(u16, u16, u16)> {
    let mut reader = gif::DecodeOptions::new();
    reader.set_color_output(gif::ColorOutput::RGBA);
    let mut reader = reader.read_info(File::open(file).expect("a video")).expect("a GIF file");
    let mut frames = Vec::new();
    while let Some(frame) = reader.read_next_frame().expect("a picture") {
        frames.push((frame.width, frame.height, frame.delay));
    }
    frames
}

/// Films the first of two episodes of the run in `tiny/seed-3`; its number of steps.
fn filmed(out: &Path) -> usize {
    let arguments =
        ["eval", "tiny/seed-3", "--episodes=2", "--json", "--frames=frames", "--video=episode.gif"];
    let Ran { code, stdout, stderr } = run(out, &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    let evaluation: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let length = evaluation["lengths"][0].as_u64().expect("a length") as usize;
    let value = evaluation["returns"][0].as_f64().expect("a return");
    let said = format!("{} pictures of an episode with return {value:.4}: frames, episode.gif\n", length + 1);
    assert_eq!(stderr, said);
    length
}

#[test]
fn gridworld_is_filmed_from_start_to_end() {
    let out = folder();
    trained(&["training.n_epochs=1"], out.path());
    let length = filmed(out.path());
    assert_eq!(names(out.path()), ["episode.gif", "frames", "tiny", "tiny.toml"], "nothing is left beside");
    let frames = out.path().join("frames");
    let expected: Vec<String> = (0..=length).map(|i| format!("frame-{i:05}.png")).collect();
    assert_eq!(names(&frames), expected);
    let pictures: Vec<_> = expected.iter().map(|name| decoded(&frames.join(name))).collect();
    assert!(pictures.iter().all(|(width, height, _)| (*width, *height) == (400, 400)));
    let at = |(column, row): (usize, usize)| &pictures[0].2[3 * (400 * row + column)..][..3];
    assert_eq!(at((120, 360)), [214, 39, 40], "the agent begins at (0.3, 0.1)");
    assert_eq!(at((60, 140)), [31, 90, 200], "the goal is around (0.15, 0.65)");
    let video = animated(&out.path().join("episode.gif"));
    assert_eq!(video.len(), length + 1);
    assert!(video.iter().all(|&(width, height, _)| (width, height) == (400, 400)));
    assert!(video[..length].iter().all(|frame| frame.2 == 15) && video[length].2 > 100);
}

#[test]
fn nothing_is_overwritten_or_left_half_done() {
    let out = folder();
    trained(&["training.n_epochs=1"], out.path());
    let refused = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["eval", "tiny/seed-3"].iter().chain(arguments).copied().collect();
        let before = names(out.path());
        let Ran { code, stdout, stderr } = run(out.path(), &arguments);
        assert_eq!((code, stdout.as_str(), stderr.lines().count()), (Some(2), "", 1), "{stderr}");
        assert_eq!(names(out.path()), before);
        stderr
    };
    assert_eq!(refused(&["--frames", "tiny"]), "tiny: is there already, expected a new folder\n");
    assert_eq!(refused(&["--frames=tiny.toml"]), "tiny.toml: is there already, expected a new folder\n");
    let said = refused(&["--video", "episode.mp4"]);
    assert_eq!(said, "episode.mp4: is no name of a video, expected one that ends in .gif\n");
    let Ran { code, stderr, .. } = run(out.path(), &["eval", "tiny/seed-3", "--video", "nowhere/a.gif"]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("nowhere/a.gif cannot be written"), "{stderr}");
    assert_eq!(names(out.path()), ["tiny", "tiny.toml"]);
}

#[test]
fn what_has_no_picture_is_told_in_a_line() {
    let out = folder();
    prepared(&write(out.path()), &["env.slot_machine={}"], out.path());
    let Ran { code, stderr, .. } = run(out.path(), &["eval", "tiny/seed-3", "--frames", "frames"]);
    let said = "tiny/seed-3: slot_machine has no picture; the gridworld and the robots have one\n";
    assert_eq!((code, stderr.as_str()), (Some(2), said));
}

#[cfg(all(feature = "mujoco", not(feature = "renderer")))]
#[test]
fn robots_need_the_feature_that_draws_them() {
    let out = folder();
    prepared(&write(out.path()), &["env.ant={}"], out.path());
    let Ran { code, stderr, .. } = run(out.path(), &["eval", "tiny/seed-3", "--video", "ant.gif"]);
    let said = "tiny/seed-3: pictures of ant need the feature `renderer`, which this build leaves out: \
                cargo build --release -p jsae-runner --features renderer\n";
    assert_eq!((code, stderr.as_str()), (Some(2), said));
}

#[cfg(feature = "renderer")]
#[test]
fn robots_are_filmed_from_start_to_end() {
    for robot in ["ant", "half_cheetah"] {
        let out = folder();
        let env = format!("env.{robot}={{ time_limit = 6 }}");
        trained(&["training.n_epochs=1", &env], out.path());
        let probe = run(out.path(), &["eval", "tiny/seed-3", "--episodes=1", "--video=probe.gif"]);
        if probe.stderr.contains("libegl1") {
            eprintln!("skipped: {}", probe.stderr);
            return;
        }
        fs::remove_file(out.path().join("probe.gif")).expect("a video");
        let length = filmed(out.path());
        let first = decoded(&out.path().join("frames/frame-00000.png"));
        let last = decoded(&out.path().join(format!("frames/frame-{length:05}.png")));
        assert_eq!((first.0, first.1), (480, 360));
        assert!(first.2 != last.2, "{robot}: it moves");
        let video = animated(&out.path().join("episode.gif"));
        assert_eq!(video.len(), length + 1);
        assert_eq!(video[0], (480, 360, 5), "{robot}: a step of 0.05 s");
    }
}
