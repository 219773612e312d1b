//! Runs inside the test's own process, looked at where no other process can look.

mod damage;
mod disk_failures;
mod mutations;
mod not_numbers;
mod overhead;

use std::path::{Path, PathBuf};

use super::run::{Learning, Run};
use super::*;
use crate::checkpoint::Checkpoints;
use crate::collect::Acting;
use crate::experiment::Experiment;

/// The smallest experiment in which everything takes part: continuous updating, a replay that turns.
const SMALLEST: &str = r#"
name = "smallest"
seeds = [3]

[env.gridworld]
n_actuators = 2
observation = "continuous"
time_limit = 20

[training]
n_epochs = 40
steps_per_epoch = 40
n_envs = 2
eval_freq = 0
n_eval_episodes = 1
checkpoint_freq = 1

[embedding.jsae]
state_dim = 2
action_dim = 2
transition_hidden = [4]

[pretrain]
samples = 60
passes = 1

[embedding_update]
passes = 1

[algorithm.sac]
hidden_sizes = [4]
learning_starts = 40
update_after = 40
batch_size = 8
gradient_steps = 2
buffer_size = 100
"#;

/// An experiment and its run's folder.
struct Prepared {
    folder: RunFolder,
    experiment: Experiment,
    _place: tempfile::TempDir,
}

impl Prepared {
    /// `text` with `overrides`, for environments of `registry`.
    fn new(text: &str, overrides: &[&str], registry: &Registry) -> Self {
        tch::set_num_threads(1);
        let place = tempfile::tempdir().expect("a temporary folder");
        let config = place.path().join("experiment.toml");
        std::fs::write(&config, text).expect("a writable folder");
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        let experiment =
            Experiment::load(&config, &overrides, registry).unwrap_or_else(|problems| panic!("{problems}"));
        let folder = RunFolder::of(place.path(), &experiment, 3);
        folder.prepare(&experiment).expect("a writable folder");
        Self { folder, experiment, _place: place }
    }

    fn smallest() -> Self {
        Self::new(SMALLEST, &[], &Registry::default())
    }

    fn start(&self) -> Run<'_> {
        Run::start(&self.folder, &self.experiment, &Registry::default(), None, &mut |_| ())
            .unwrap_or_else(|error| panic!("{error:#}"))
    }

    fn checkpoints(&self) -> Checkpoints {
        Checkpoints::of(&self.folder, &self.experiment)
    }

    fn learning(&self) -> Learning {
        Learning::new(&self.experiment).unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// The epoch of the generation that `learning` can go on from, and the warnings.
    fn resumed(&self, learning: &mut Learning) -> (Result<Option<usize>>, Vec<String>) {
        let mut warnings = Vec::new();
        let mut take = |checkpoint: crate::checkpoint::Checkpoint| {
            learning.resume(&checkpoint)?;
            Ok(checkpoint.manifest.progress.epoch)
        };
        let taken = self.checkpoints().newest(&mut take, &mut |warning| warnings.push(warning));
        (taken, warnings)
    }

    /// Files of the checkpoints, in order.
    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.file("checkpoints")).expect("checkpoints");
        let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files
    }
}

/// `short`, or `long` where `scripts/soak` runs the tests.
fn trials(short: usize, long: usize) -> usize {
    if std::env::var_os("JSAE_SOAK").is_some() { long } else { short }
}

fn contents(files: &[PathBuf]) -> Vec<Vec<u8>> {
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn final_return_averages_the_last_tenth() {
    let returns: Vec<Option<f64>> = (0..20).map(|epoch| Some(f64::from(epoch))).collect();
    assert_eq!(final_return(&returns), Some(18.5));
}

#[test]
fn final_return_leaves_out_epochs_without_an_episode() {
    let mut returns = vec![Some(1.0); 20];
    returns[19] = None;
    assert_eq!(final_return(&returns), Some(1.0));
    assert_eq!(final_return(&[None]), None);
    assert_eq!(final_return(&[]), None);
}

/// φ is constant within an epoch: what a policy learns from is encoded as it was when it acted.
#[test]
fn the_policy_of_an_epoch_does_not_notice_the_embedding_update_behind_it() {
    for algorithm in
        ["algorithm.vpg={ hidden_sizes = [4] }", "algorithm.ppo={ hidden_sizes = [4] }", "seeds=[3]"]
    {
        let learnt = |passes: &str| {
            let prepared = Prepared::new(SMALLEST, &[passes, algorithm], &Registry::default());
            let mut run = prepared.start();
            run.next_epoch().expect("an epoch");
            run.state
                .agent
                .tensors()
                .into_iter()
                .map(|(name, tensor)| (name, tensor.copy()))
                .collect::<Vec<_>>()
        };
        let (fixed, updated) = (learnt("embedding_update.passes=0"), learnt("embedding_update.passes=1"));
        for ((name, fixed), (_, updated)) in fixed.iter().zip(&updated) {
            let same = fixed.equal(updated);
            assert!(same || !name.starts_with("algorithm."), "{algorithm}: {name}");
            assert!(!same || name != "embedding.embedding.parameters", "{algorithm}: the embedding learns");
        }
    }
}

/// The log-probability by which a policy learns is that by which it acted: from the same features the same noise gives
/// the same latent actions, row for row (PPO's ratio is then 1 on the first pass).
#[test]
fn what_a_policy_learns_from_is_what_it_acted_by() {
    let prepared =
        Prepared::new(SMALLEST, &["algorithm.ppo={ hidden_sizes = [4] }", "seeds=[3]"], &Registry::default());
    let mut run = prepared.start();
    for epoch in 0..4 {
        let Learning { agent, collector, learner, streams, .. } = &mut run.state;
        let mut noise = streams.policy.clone();
        learner.collect(agent, collector, streams).expect("samples");
        let rollout = learner.rollout().expect("an on-policy learner");
        let (observations, latent_actions) = (rollout.observations(), rollout.latent_actions());
        let steps = 20;
        let rows = |table: &tch::Tensor, step: i64| -> Vec<f64> {
            let row = table.view([steps, 2, -1]).select(0, step);
            Vec::try_from(row.to_kind(tch::Kind::Double).contiguous().view(-1)).expect("numbers")
        };
        let mut differ = 0;
        for step in 0..steps {
            let (mut latent, mut actions) = (vec![0.0; 4], vec![0.0; 2]);
            let acting = Acting::Sampled(&mut noise);
            agent.act_all(&rows(&observations, step), acting, &mut latent, &mut actions).expect("actions");
            let latent: Vec<f64> = latent.iter().map(|&x| f64::from(x)).collect();
            assert_eq!(latent, rows(&latent_actions, step), "epoch {epoch}, step {step}");
            differ += usize::from(latent != rows(&latent_actions, (step + 1) % steps));
        }
        assert_eq!(differ, steps as usize, "rows of another step are other ones");
        learner.update(agent, streams).expect("finite losses");
        run.state.update_embedding(&prepared.experiment).expect("finite losses");
    }
}

/// Where nothing was learnt since, a remembered latent action is still what its action was decoded from, however many
/// are decoded at once.
#[test]
fn an_embedding_that_did_not_change_leaves_the_replay_as_it_is() {
    let overrides = ["env.gridworld.action=\"box2\"", "training.n_envs=1", "embedding.jsae.action_dim=8"];
    let prepared = Prepared::new(SMALLEST, &overrides, &Registry::default());
    let mut run = prepared.start();
    let Learning { agent, collector, learner, streams, .. } = &mut run.state;
    learner.collect(agent, collector, streams).expect("samples");
    let sample = learner.replay().expect("a replay").sample(256, &mut streams.replay);
    let encoded = agent.encode_replayed(&sample, true).expect("finite numbers");
    assert!(encoded.latent_actions.equal(&sample.latent_actions));
}

#[test]
fn two_generations_are_kept_with_what_they_need() {
    let prepared = Prepared::smallest();
    let mut run = prepared.start();
    for _ in 0..6 {
        run.next_epoch().expect("an epoch");
        run.save().expect("a writable folder");
    }
    let names: Vec<String> = prepared
        .files()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let (replays, states): (Vec<&String>, Vec<&String>) =
        names.iter().partition(|name| name.starts_with("replay-"));
    assert_eq!(states, ["epoch-5.json", "epoch-5.safetensors", "epoch-6.json", "epoch-6.safetensors"]);
    assert!((1..=4).contains(&replays.len()), "{replays:?}");
    assert_eq!(prepared.resumed(&mut prepared.learning()).0.expect("a checkpoint"), Some(6));
}
