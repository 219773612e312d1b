use rand::{RngExt, SeedableRng};

use super::*;
use crate::{load, save};

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn column(values: impl Iterator<Item = usize>) -> Tensor {
    Tensor::from_slice(&values.map(|value| value as f32).collect::<Vec<_>>()).view([-1, 1])
}

/// A line of 16 states; an action is 0 to 3 steps to the right.
fn line(n: usize) -> Transitions {
    let mut rng = rng(2);
    let pairs: Vec<[usize; 2]> = (0..n).map(|_| [rng.random_range(0..12), rng.random_range(0..4)]).collect();
    Transitions {
        observations: column(pairs.iter().map(|pair| pair[0])),
        actions: column(pairs.iter().map(|pair| pair[1])),
        next_observations: column(pairs.iter().map(|pair| pair[0] + pair[1])),
        rewards: None,
    }
}

fn spaces() -> Spaces {
    Spaces::new(Space::Discrete(16), Space::Discrete(4))
}

fn trained(samples: &Transitions) -> (Ra, Report) {
    tch::set_num_threads(1);
    let config = Config { temperature: 0.1, action_dim: 4, batch_size: 64, ..Config::default() };
    let mut ra = Ra::new(&config, &spaces(), Device::Cpu, &mut rng(1)).unwrap();
    let report = ra.pretrain(samples, &PretrainConfig::default(), &mut rng(3), &mut |_| ()).unwrap();
    (ra, report)
}

#[test]
fn actions_are_guessed_better_than_by_their_frequencies() {
    let (ra, report) = trained(&line(3_000));
    assert!((report.constant_loss.unwrap() - 1.0).abs() < 0.01, "{report:?}");
    assert!(report.held_out_loss < Some(0.7), "{report:?}");
    assert!(ra.action_table().unwrap().abs().max().double_value(&[]) < 1.0);
    assert!(ra.decode(&Tensor::zeros([1, 4], (Kind::Float, Device::Cpu))).is_none());
}

#[test]
fn the_table_that_is_searched_is_brought_to_its_scale() {
    let config = Config { action_embedding_scale: Some(2.0), action_dim: 2, ..Config::default() };
    let mut ra = Ra::new(&config, &spaces(), Device::Cpu, &mut rng(1)).unwrap();
    let is_scaled = |ra: &Ra| {
        let std = ra.action_table().unwrap().std_dim([0].as_slice(), false, false);
        (std - 2.0).abs().max().double_value(&[]) < 1e-5
    };
    assert!(is_scaled(&ra));
    ra.update(&line(300), 1, &mut rng(3)).unwrap();
    assert!(is_scaled(&ra));
    let tensors = ra.tensors().into_iter().map(|(name, tensor)| (name, tensor.copy())).collect();
    ra.load_tensors(&tensors).unwrap();
    assert!(is_scaled(&ra));
}

#[test]
fn the_policy_sees_a_discrete_state_as_it_is() {
    let (ra, _) = trained(&line(300));
    let observations = column(0..12);
    assert_eq!(ra.features(), Features::Indices(vec![16]));
    assert!(ra.encode(&observations).equal(&observations));
}

/// What a policy sees of a box is standardised before it learns, or never.
#[test]
fn an_update_without_pre_training_leaves_a_box_as_it_is() {
    tch::set_num_threads(1);
    let states = Space::Box { low: vec![0.0], high: vec![15.0] };
    let spaces = Spaces::new(states, Space::Discrete(4));
    let fresh = || Ra::new(&Config::default(), &spaces, Device::Cpu, &mut rng(1)).unwrap();
    let samples = line(300);
    let mut updated = fresh();
    updated.update(&samples, 1, &mut rng(3)).unwrap();
    assert!(updated.encode(&samples.observations).equal(&samples.observations));
    let mut pretrained = fresh();
    pretrained.pretrain(&samples, &PretrainConfig::default(), &mut rng(3), &mut |_| ()).unwrap();
    let seen = pretrained.encode(&samples.observations);
    assert!(seen.mean(Kind::Double).double_value(&[]).abs() < 1e-5);
    assert!((seen.std(false).double_value(&[]) - 1.0).abs() < 1e-5);
}

#[test]
fn an_update_renews_the_table_and_a_loaded_copy_goes_on_alike() {
    let samples = line(500);
    let (mut ra, _) = trained(&samples);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ra.safetensors");
    save(&ra, &path).unwrap();
    let config = ra.config.clone();
    let mut loaded = Ra::new(&config, &spaces(), Device::Cpu, &mut rng(9)).unwrap();
    load(&mut loaded, &path).unwrap();
    let before = ra.action_table().unwrap();
    assert!(loaded.action_table().unwrap().equal(&before));
    ra.update(&samples, 2, &mut rng(4)).unwrap();
    loaded.update(&samples, 2, &mut rng(4)).unwrap();
    assert!(!ra.action_table().unwrap().equal(&before));
    assert!(ra.action_table().unwrap().equal(&ra.model.action_table()));
    assert!(ra.action_table().unwrap().equal(&loaded.action_table().unwrap()));
}

#[test]
fn only_a_finite_set_of_actions_will_do() {
    for action in [Space::uniform_box(2, -1.0, 1.0), Space::MultiDiscrete(vec![2, 3]), Space::Discrete(1)] {
        let spaces = Spaces::new(Space::Discrete(16), action);
        let error = Ra::new(&Config::default(), &spaces, Device::Cpu, &mut rng(1)).unwrap_err().to_string();
        assert!(error.starts_with("the ra embedding cannot use the action space"), "{error}");
        assert!(
            error.ends_with("expected one index of at least two: its loss is a softmax over the actions")
        );
    }
}
