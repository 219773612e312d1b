//! Reference data: `tests/golden/README.md` says what each column is.

use std::fs::File;
use std::path::Path;

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Seeds of the rollouts.
pub(crate) const SEEDS: std::ops::Range<u32> = 0..5;
/// The rollout with small actions, whose motion stays close for all of its steps.
pub(crate) const CALM: u32 = 3;

/// 200 steps from one start.
#[derive(Deserialize)]
pub(crate) struct Rollout {
    pub(crate) reset_qpos: Vec<f64>,
    pub(crate) reset_qvel: Vec<f64>,
    pub(crate) reset_obs_v2: Vec<f64>,
    pub(crate) steps: Vec<Row>,
}

/// One step.
#[derive(Deserialize)]
pub(crate) struct Row {
    pub(crate) a: Vec<f64>,
    #[serde(default)]
    pub(crate) xy: Vec<f64>,
    #[serde(default)]
    pub(crate) x: f64,
    pub(crate) obs: Vec<f64>,
    pub(crate) fwd: f64,
    pub(crate) ctrl: f64,
    #[serde(default)]
    pub(crate) contact: f64,
    pub(crate) r_v2: f64,
    #[serde(default)]
    pub(crate) r_v2_nocfrc: f64,
    pub(crate) r_v5: f64,
    pub(crate) done: bool,
}

pub(crate) fn rollout(robot: &str, seed: u32) -> Rollout {
    read(&format!("{robot}_seed{seed}"))
}

pub(crate) fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.json.gz"));
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_reader(std::io::BufReader::new(GzDecoder::new(file))).expect("golden data parse")
}

/// Largest distance between two rows; infinite where one is not a number.
pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, |far, d| if d <= far { far } else { d })
}
