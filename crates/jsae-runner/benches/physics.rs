//! PPO training on Ant beside the same steps without a learner.
//!
//! The physics of a step costs what the robot's contacts make it cost, so that only a loop over the very states and
//! actions of the training says what training adds. After every epoch its steps are walked again, robot alone, on
//! the same thread. `robots` of `jsae-envs` says what the robot costs beyond the engine's bare loop.
//!
//! `taskset -c 1 cargo bench -p jsae-runner --bench physics`

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jsae_runner::jsae_envs::mujoco::{Ant, ant};
use jsae_runner::jsae_envs::{ConfigError, Env, EnvError, Key, Space, Start, Step, TimeLimit};
use jsae_runner::{EnvConfig, Event, Experiment, Registry, RunFolder, prepare_torch, train};
use serde::{Deserialize, Serialize};

const EPOCHS: usize = 12;
const STEPS: usize = 3000;
/// `configs/ant_ppo.toml` on the recorded robot.
const EXPERIMENT: &str = "
[env.recorded_ant]

[algorithm.ppo]
critic_learning_rate = 3e-4
actor_learning_rate = 3e-4
initial_std = 0.8
hidden_sizes = [128, 128]
";

/// Where a stretch began and the actions that followed.
struct Script {
    qpos: Vec<f64>,
    qvel: Vec<f64>,
    actions: Vec<Vec<f64>>,
}

/// What the robots of this process did since the recording was last taken.
#[derive(Default)]
struct Recording {
    taken: u64,
    scripts: Vec<Script>,
}

static RECORDING: Mutex<Recording> = Mutex::new(Recording { taken: 0, scripts: Vec::new() });

struct RecordedAnt {
    ant: Ant,
    /// The recording and the script in it that the robot's steps are added to.
    script: Option<(u64, usize)>,
}

impl Env for RecordedAnt {
    fn observation_space(&self) -> &Space {
        self.ant.observation_space()
    }

    fn action_space(&self) -> &Space {
        self.ant.action_space()
    }

    fn seed(&mut self, seed: u64) {
        self.ant.seed(seed);
    }

    fn reset(&mut self, start: Start, observation: &mut [f64]) -> Result<(), EnvError> {
        self.script = None;
        self.ant.reset(start, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let mut recording = RECORDING.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match self.script {
            Some((taken, index)) if taken == recording.taken => index,
            _ => {
                let (qpos, qvel) = (self.ant.qpos().to_vec(), self.ant.qvel().to_vec());
                recording.scripts.push(Script { qpos, qvel, actions: Vec::new() });
                let index = recording.scripts.len() - 1;
                self.script = Some((recording.taken, index));
                index
            }
        };
        recording.scripts[index].actions.push(action.to_vec());
        drop(recording);
        self.ant.step(action, observation)
    }

    fn save_state(&self) -> Vec<u8> {
        self.ant.save_state()
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), EnvError> {
        self.script = None;
        self.ant.load_state(state)
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

impl EnvConfig for Config {
    const NAME: &'static str = "recorded_ant";
    const ABOUT: &'static str = "Ant, its steps recorded";
    const KEYS: &'static [Key] = &[];

    fn validate(&self) -> Vec<ConfigError> {
        Vec::new()
    }

    fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        let ant = Ant::new(&ant::Config::default())?;
        Ok(Box::new(TimeLimit::new(RecordedAnt { ant, script: None }, ant::Config::default().time_limit)))
    }
}

fn main() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let file = scratch.path().join("ant.toml");
    let training =
        format!("[training]\nn_epochs = {EPOCHS}\nsteps_per_epoch = {STEPS}\nn_envs = 4\neval_freq = 0\n");
    std::fs::write(&file, format!("{EXPERIMENT}\n{training}")).expect("the temporary folder takes a file");
    let registry = Registry::default().add::<Config>();
    let experiment = Experiment::load(&file, &[], &registry).expect("a sound experiment");
    prepare_torch(experiment.device, &file).expect("libtorch");
    let folder = RunFolder::of(scratch.path(), &experiment, 0);
    folder.prepare(&experiment.with_seed(0)).expect("the run has room");

    let mut ant = Ant::new(&ant::Config::default()).expect("a sound configuration");
    let mut alone = Duration::ZERO;
    let mut observe = |event: Event| {
        if matches!(event, Event::Epoch { .. }) {
            alone += walk(&mut ant);
        }
    };
    train(&folder, &registry, &AtomicBool::new(false), &mut observe).expect("training");
    let training = seconds_of_training(&folder);
    let rate = |seconds: f64| (EPOCHS * STEPS) as f64 / seconds;
    let (training, alone) = (rate(training), rate(alone.as_secs_f64()));
    println!(
        "ant_ppo {training:.0} steps/s, the same steps alone {alone:.0} steps/s, {:.1}%",
        100.0 * training / alone
    );
}

/// Time of the recorded steps without a learner.
fn walk(ant: &mut Ant) -> Duration {
    let mut recording = RECORDING.lock().unwrap_or_else(PoisonError::into_inner);
    recording.taken += 1;
    let scripts = std::mem::take(&mut recording.scripts);
    drop(recording);
    let mut observation = vec![0.0; ant.observation_space().len()];
    let begun = Instant::now();
    for script in &scripts {
        ant.set_state(&script.qpos, &script.qvel, &mut observation).expect("a state that was there");
        for action in &script.actions {
            std::hint::black_box(ant.step(action, &mut observation).expect("a sound step"));
        }
    }
    begun.elapsed()
}

/// Seconds of collecting and updating; checkpoints are left out.
fn seconds_of_training(folder: &RunFolder) -> f64 {
    let mut table = csv::Reader::from_path(folder.file("timing.csv")).expect("a table of times");
    let rows = table.deserialize::<(f64, f64, f64, f64)>();
    rows.map(|row| row.expect("numbers")).map(|(_, _, collect, update)| collect + update).sum()
}
