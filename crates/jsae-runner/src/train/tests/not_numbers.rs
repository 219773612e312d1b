use jsae_envs::{ConfigError, Env, EnvError, Key, Space, Start, Step};
use serde::{Deserialize, Serialize};

use super::*;
use crate::experiment::EnvConfig;

/// An environment whose numbers leave the numbers at a step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Breaking {
    /// Step of each environment at which it happens; 0 is the reset.
    at: u64,
    /// `observation`, `final_observation` or `reward`.
    what: String,
    /// Infinity, where not NaN.
    infinite: bool,
}

struct Broken {
    config: Breaking,
    observation: Space,
    action: Space,
    step: u64,
}

impl EnvConfig for Breaking {
    const NAME: &'static str = "breaking";
    const ABOUT: &'static str = "for tests";
    const KEYS: &'static [Key] = &[
        Key { name: "at", about: "", expected: "a step" },
        Key { name: "what", about: "", expected: "a number" },
        Key { name: "infinite", about: "", expected: "true or false" },
    ];

    fn validate(&self) -> Vec<ConfigError> {
        Vec::new()
    }

    fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        Ok(Box::new(Broken {
            config: self.clone(),
            observation: Space::Box { low: vec![-1.0; 2], high: vec![1.0; 2] },
            action: Space::Discrete(4),
            step: 0,
        }))
    }
}

impl Broken {
    fn number(&self, what: &str, step: u64, number: f64) -> f64 {
        let bad = if self.config.infinite { f64::INFINITY } else { f64::NAN };
        if self.config.what == what && self.config.at == step { bad } else { number }
    }
}

impl Env for Broken {
    fn observation_space(&self) -> &Space {
        &self.observation
    }

    fn action_space(&self) -> &Space {
        &self.action
    }

    fn seed(&mut self, _: u64) {}

    fn reset(&mut self, _: Start, observation: &mut [f64]) -> Result<(), EnvError> {
        let reset = self.step == 0;
        observation.fill(if reset { self.number("observation", 0, 0.5) } else { 0.5 });
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.step += 1;
        let ended = self.step.is_multiple_of(10);
        let observed = (self.step % 7) as f64 / 7.0;
        let what = if ended { "final_observation" } else { "observation" };
        observation.copy_from_slice(&[action[0] / 4.0, self.number(what, self.step, observed)]);
        let reward = self.number("reward", self.step, action[0]);
        Ok(if ended { Step::terminated(reward) } else { Step::running(reward) })
    }

    fn save_state(&self) -> Vec<u8> {
        self.step.to_le_bytes().to_vec()
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), EnvError> {
        self.step = u64::from_le_bytes(state.try_into().unwrap_or_default());
        Ok(())
    }
}

/// [`SMALLEST`] with the breaking environment and plain VPG: no pre-training that would come first.
fn breaking(overrides: &[&str]) -> Prepared {
    let plain = [
        "env.breaking={}",
        "embedding.identity={}",
        "embedding_update.passes=0",
        "algorithm.vpg={ hidden_sizes = [4] }",
    ];
    let registry = Registry::default().add::<Breaking>();
    Prepared::new(SMALLEST, &[&plain, overrides].concat(), &registry)
}

/// The next epoch fails in the words of `wanted`, and nothing on the disk has changed.
fn stops(prepared: &Prepared, run: &mut Run<'_>, wanted: &str) {
    let (epoch, files) = (run.epoch(), prepared.files());
    let before = contents(&files);
    let error = format!("{:#}", run.next_epoch().expect_err("a number that is none"));
    assert!(error.contains(wanted), "{wanted}: {error}");
    assert!(error.contains(&format!("epoch {}, step ", epoch + 1)), "{error}");
    assert!(error.contains("learning rates: actor 0.00"), "{error}");
    assert!(contents(&files) == before && prepared.files() == files, "{wanted}: the checkpoint was touched");
}

#[test]
fn what_an_environment_returns_is_looked_at_in_the_same_step() {
    for (what, infinite, at, wanted) in [
        (
            "observation",
            false,
            27,
            "epoch 2, step 54, learning rates: actor 0.0003, critic 0.001: observation 1 of environment 0 is NaN",
        ),
        ("observation", true, 33, "observation 1 of environment 0 is inf"),
        ("final_observation", false, 30, "observation 1 of environment 0 is NaN"),
        (
            "reward",
            false,
            21,
            "epoch 2, step 42, learning rates: actor 0.0003, critic 0.001: reward 0 of environment 0 is NaN",
        ),
        ("reward", true, 40, "reward 0 of environment 0 is inf"),
    ] {
        let of_env = [format!("env.breaking.what={what}"), format!("env.breaking.at={at}")];
        let infinite = format!("env.breaking.infinite={infinite}");
        let prepared = breaking(&[&of_env[0], &of_env[1], &infinite]);
        let mut run = prepared.start();
        run.next_epoch().expect("20 steps of each environment");
        run.save().expect("a writable folder");
        stops(&prepared, &mut run, wanted);
    }
}

#[test]
fn what_a_reset_returns_is_looked_at() {
    let prepared = breaking(&["env.breaking.what=observation", "env.breaking.at=0"]);
    let error = Run::start(&prepared.folder, &prepared.experiment, &Registry::default(), None, &mut |_| ())
        .err()
        .expect("NaN");
    assert_eq!(format!("{error:#}"), "observation 0 of environment 0 is NaN");
}

#[test]
fn pretraining_samples_are_looked_at() {
    let embedded = ["embedding.jsae={ state_dim = 2, action_dim = 2 }", "env.breaking.what=observation"];
    let prepared = breaking(&[&embedded[..], &["env.breaking.at=25"]].concat());
    let error = Run::start(&prepared.folder, &prepared.experiment, &Registry::default(), None, &mut |_| ())
        .err()
        .expect("NaN");
    let words = "pre-training, learning rate 0.01: pre-training observation 1 of environment 0 is NaN";
    assert_eq!(format!("{error:#}"), words);
}

#[test]
fn what_is_learnt_is_looked_at_in_the_same_update() {
    let vpg = "algorithm.vpg={ hidden_sizes = [4] }";
    for (algorithm, tensor, wanted) in [
        (None, "algorithm.actor.parameters", "latent action 0 of environment 0 is NaN"),
        (None, "algorithm.critics.parameters", "the critics's loss is NaN"),
        (None, "algorithm.critics.target", "the critics's loss is NaN"),
        (None, "algorithm.critics.adam.m", "NaN"),
        (None, "algorithm.actor.adam.v", "NaN"),
        (None, "embedding.embedding.parameters", "embedding"),
        (None, "embedding.embedding.adam.m", "embedding"),
        (Some(vpg), "algorithm.actor.parameters", "latent action 0 of environment 0 is NaN"),
        (Some(vpg), "algorithm.actor.adam.m", "the actor's "),
        (Some(vpg), "algorithm.critic.parameters", "NaN"),
        (Some(vpg), "algorithm.critic.adam.v", "the critic's "),
    ] {
        let prepared = Prepared::new(SMALLEST, algorithm.as_slice(), &Registry::default());
        let mut run = prepared.start();
        for _ in 0..2 {
            run.next_epoch().expect("an epoch");
        }
        run.save().expect("a writable folder");
        let tensors = run.state.agent.tensors();
        let names: Vec<&str> = tensors.iter().map(|(name, _)| name.as_str()).collect();
        let (_, values) =
            tensors.iter().find(|(name, _)| name == tensor).unwrap_or_else(|| panic!("{names:?}"));
        let _ = tch::no_grad(|| values.view(-1).get(0).fill_(f64::NAN));
        stops(&prepared, &mut run, wanted);
    }
}
