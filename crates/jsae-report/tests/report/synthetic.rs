//! Run folders as the runner writes them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// One run to be written.
#[derive(Clone)]
pub(crate) struct Synthetic {
    pub(crate) name: &'static str,
    pub(crate) seed: u64,
    /// Text of the tables below `[training]`.
    pub(crate) tables: String,
    pub(crate) n_epochs: usize,
    pub(crate) revision: &'static str,
    /// Mean return of each epoch.
    pub(crate) returns: Vec<f64>,
    /// Returns of the random and the best policy, where they are known.
    pub(crate) reference: Option<[f64; 2]>,
}

pub(crate) const STEPS: usize = 1500;

impl Synthetic {
    pub(crate) fn new(name: &'static str, seed: u64, returns: Vec<f64>) -> Self {
        let tables = format!("{GRIDWORLD}{VPG}");
        Self { name, seed, tables, n_epochs: returns.len(), revision: "abc123", returns, reference: None }
    }

    /// A curve that rises from −1.5 to `end` with `noise`, over `n_epochs`.
    pub(crate) fn rising(name: &'static str, seed: u64, n_epochs: usize, end: f64, noise: f64) -> Self {
        let delay = 0.25 + 0.06 * (seed % 5) as f64;
        let returns = (0..n_epochs).map(|epoch| {
            let time = epoch as f64 / n_epochs as f64;
            let wave = ((epoch * 7919 + 31 * seed as usize) as f64).sin();
            -1.5 + (end + 1.5) / (1.0 + (-14.0 * (time - delay)).exp()) + noise * wave
        });
        Self::new(name, seed, returns.collect())
    }

    pub(crate) fn with(mut self, tables: &[&str]) -> Self {
        self.tables = tables.concat();
        self
    }

    /// Writes a finished run and returns its folder.
    pub(crate) fn write(&self, out: &Path) -> PathBuf {
        let folder = out.join(self.name).join(format!("seed-{}", self.seed));
        fs::create_dir_all(&folder).unwrap();
        let config = format!(
            "name = \"{}\"\nseeds = [{}]\ndevice = \"cpu\"\n\n[training]\nn_epochs = {}\n{}",
            self.name, self.seed, self.n_epochs, self.tables
        );
        fs::write(folder.join("config.toml"), config).unwrap();
        let versions =
            format!(r#"{{"jsae": "0.1.0", "revision": "{}", "libtorch": "2.11.0"}}"#, self.revision);
        fs::write(folder.join("versions.json"), versions).unwrap();
        fs::write(folder.join("progress.csv"), self.progress()).unwrap();
        fs::write(folder.join("timing.csv"), self.timing()).unwrap();
        let last = self.returns.last().copied().unwrap_or_default();
        let evaluation = format!(r#"{{"seed": {}, "steps": 1, "mean_return": {last}}}"#, self.seed);
        fs::write(folder.join("evaluation.json"), evaluation).unwrap();
        if let Some([random, optimal]) = self.reference {
            let text = format!(r#"{{"random": {random}, "greedy": 1, "optimal": {optimal}}}"#);
            fs::write(folder.join("reference.json"), text).unwrap();
        }
        folder
    }

    fn progress(&self) -> String {
        let mut text = String::from(
            "time/iterations,time/total_timesteps,rollout/ep_rew_mean,rollout/ep_rew_mean_last10,rollout/ep_len_mean,\
             rollout/episodes,train/policy_loss,train/value_loss,eval/mean_reward,eval/mean_ep_length\n",
        );
        for (i, value) in self.returns.iter().enumerate() {
            let (epoch, steps) = (i + 1, (i + 1) * STEPS);
            let evaluation = if epoch % 50 == 0 { format!("{value},88") } else { ",".to_owned() };
            writeln!(text, "{epoch},{steps},{value},{value},120.5,12,0.01234567,0.9876543,{evaluation}")
                .unwrap();
        }
        text
    }

    fn timing(&self) -> String {
        let mut text =
            String::from("time/iterations,time/fps,time/collect,time/update,time/embed,time/evaluate\n");
        for epoch in 1..=self.returns.len() {
            writeln!(text, "{epoch},60000,0.0125,0.01,0.0025,0").unwrap();
        }
        text
    }
}

pub(crate) const GRIDWORLD: &str = "\n[env.gridworld]\nn_actuators = 9\nobservation = \"discrete\"\n";
pub(crate) const GRIDWORLD_11: &str = "\n[env.gridworld]\nn_actuators = 11\nobservation = \"discrete\"\n";
pub(crate) const SLOT_MACHINE: &str = "\n[env.slot_machine]\nn_reels = 4\n";
pub(crate) const VPG: &str = "\n[algorithm.vpg]\nactor_learning_rate = 0.001\n\n[embedding.identity]\n";
pub(crate) const JSAE: &str =
    "\n[algorithm.vpg]\nactor_learning_rate = 0.0003\n\n[embedding.jsae]\nstate_dim = 8\n";
pub(crate) const RA: &str =
    "\n[algorithm.vpg]\nactor_learning_rate = 0.0003\n\n[embedding.ra]\naction_dim = 2\n";

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Three methods on the gridworld, five seeds each.
pub(crate) fn three_methods(out: &Path, n_epochs: usize) {
    for seed in 0..5 {
        let far = seed as f64 * 0.02;
        Synthetic::rising("grid_vpg", seed, n_epochs, -1.45, 0.03).with(&[GRIDWORLD, VPG]).write(out);
        Synthetic::rising("grid_vpg_jsae", seed, n_epochs, 0.9 - far, 0.1)
            .with(&[GRIDWORLD, JSAE])
            .write(out);
        Synthetic::rising("grid_vpg_ra", seed, n_epochs, 0.2 - 4.0 * far, 0.2)
            .with(&[GRIDWORLD, RA])
            .write(out);
    }
}
