//! An environment of your own: implement [`Env`], give it a configuration, train on it.
//!
//! ```text
//! cargo run --release --example own_environment
//! cargo run --release --example own_environment -- crates/jsae-runner/examples/own_environment.toml
//! cargo run --release --example own_environment -- list env.thermostat
//! ```
//!
//! The first trains through the library, loads the agent and asks it for actions. With arguments the
//! program is `jsae-run` with one environment more.
//!
//! The task: a room, six devices that heat or cool it, and the weather outside. An action switches a subset
//! of the devices on for a minute, so there are 2^6 = 64 of them, and what matters about an action is the
//! power it adds up to: something that an embedding can find out and an index does not tell.
//!
//! | observation | | unit |
//! |---|---|---|
//! | 0 | temperature of the room | °C |
//! | 1 | temperature outside | °C |
//!
//! The reward of a step is minus the distance from 21 °C, divided by 10. An episode is truncated after
//! `time_limit` steps and never terminates.

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};
use jsae_runner::jsae_envs::{ConfigError, Env, EnvError, Key, Space, Start, Step, TimeLimit, check_env};
use jsae_runner::{Agent, EnvConfig, Event, Experiment, Outcome, Registry, RunFolder, prepare_torch, train};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// What the devices do to the room in a minute, in °C.
const DEVICES: [f64; 6] = [0.5, 1.0, 2.0, -0.5, -1.0, -2.0];

/// The temperature that is wanted, in °C.
const TARGET: f64 = 21.0;

/// The room without its time limit.
#[derive(Clone, Debug)]
struct Thermostat {
    observations: Space,
    actions: Space,
    /// Share of the difference to the weather that the walls let through in a minute.
    leak: f64,
    room: f64,
    outside: f64,
    rng: ChaCha8Rng,
}

impl Thermostat {
    fn new(leak: f64) -> Self {
        Self {
            observations: Space::uniform_box(2, -50.0, 80.0),
            actions: Space::Discrete(1 << DEVICES.len()),
            leak,
            room: 10.0,
            outside: 5.0,
            rng: ChaCha8Rng::seed_from_u64(0),
        }
    }

    fn observe(&self, observation: &mut [f64]) {
        observation.copy_from_slice(&[self.room, self.outside]);
    }
}

impl Env for Thermostat {
    fn observation_space(&self) -> &Space {
        &self.observations
    }

    fn action_space(&self) -> &Space {
        &self.actions
    }

    fn seed(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
    }

    fn reset(&mut self, start: Start, observation: &mut [f64]) -> Result<(), EnvError> {
        self.room = match start {
            Start::Fixed => 10.0,
            Start::Uniform => self.rng.random_range(0.0..=40.0),
        };
        self.outside = self.rng.random_range(-5.0..=15.0);
        self.observe(observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let action = self.actions.index(action).ok_or_else(|| EnvError::action(action, &self.actions))?;
        let leak = self.leak * (self.outside - self.room);
        self.room = (self.room + power(action) + leak).clamp(-50.0, 80.0);
        self.outside = (self.outside + self.rng.random_range(-0.2..=0.2)).clamp(-10.0, 20.0);
        self.observe(observation);
        Ok(Step::running(-(self.room - TARGET).abs() / 10.0))
    }

    fn save_state(&self) -> Vec<u8> {
        serde_json::to_vec(&(self.room, self.outside, &self.rng)).expect("numbers are plain JSON")
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), EnvError> {
        (self.room, self.outside, self.rng) = serde_json::from_slice(state)
            .map_err(|error| EnvError::State { env: Config::NAME, problem: error.to_string() })?;
        Ok(())
    }
}

/// What an action does to the room in a minute, in °C: bit k of it is device k.
fn power(action: usize) -> f64 {
    DEVICES.iter().enumerate().filter(|(k, _)| action >> k & 1 == 1).map(|(_, device)| device).sum()
}

/// The table `[env.thermostat]` of an experiment file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    leak: f64,
    time_limit: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { leak: 0.02, time_limit: 30 }
    }
}

impl EnvConfig for Config {
    const NAME: &'static str = "thermostat";
    const ABOUT: &'static str = "six heaters and coolers keep a room at 21 degrees";
    const KEYS: &'static [Key] = &[
        Key {
            name: "leak",
            about: "share of the difference to the weather that comes in with a step",
            expected: "a number in [0, 1]",
        },
        Key { name: "time_limit", about: "steps per episode", expected: "a whole number of at least 1" },
    ];

    fn validate(&self) -> Vec<ConfigError> {
        let mut problems = Vec::new();
        let mut require = |holds: bool, key: &Key, found: String| {
            if !holds {
                let (key, expected) = (key.name.to_owned(), key.expected.to_owned());
                problems.push(ConfigError { key, found, expected });
            }
        };
        require((0.0..=1.0).contains(&self.leak), &Self::KEYS[0], self.leak.to_string());
        require(self.time_limit >= 1, &Self::KEYS[1], self.time_limit.to_string());
        problems
    }

    fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        Ok(Box::new(TimeLimit::new(Thermostat::new(self.leak), self.time_limit)))
    }
}

fn main() -> ExitCode {
    let registry = Registry::default().add::<Config>();
    if std::env::args().len() > 1 {
        return jsae_runner::cli::run(&registry);
    }
    match train_and_act(&registry) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The same without a command line: load the file, train, load the agent, ask it.
fn train_and_act(registry: &Registry) -> Result<()> {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/own_environment.toml");
    let experiment = Experiment::load(&config, &[], registry)?;
    prepare_torch(experiment.device, &config)?;
    check_env(&mut *experiment.env.build()?).context("the environment breaks its contract")?;

    let seed = experiment.seeds[0];
    let folder = RunFolder::of(Path::new("runs"), &experiment, seed);
    folder.prepare(&experiment.with_seed(seed))?;
    let mut observe = |event: Event| {
        if let Event::Epoch { epoch, n_epochs, episode_return: Some(value), .. } = event {
            println!("epoch {epoch} of {n_epochs}: return {value:.2}");
        }
    };
    // A flag that a signal handler may set: the run then stops behind the epoch, to go on another time.
    let stop = AtomicBool::new(false);
    if let Outcome::Finished(summary) = train(&folder, registry, &stop, &mut observe)? {
        println!("return of the trained agent: {:.2}", summary.mean_return);
    }

    let agent = Agent::load(folder.path(), registry)?;
    for room in [10.0, 18.0, 21.0, 24.0, 32.0] {
        let action = agent.act(&[room, 5.0])?[0] as usize;
        println!("at {room} °C: action {action}, {:+.1} °C a minute", power(action));
    }
    Ok(())
}
