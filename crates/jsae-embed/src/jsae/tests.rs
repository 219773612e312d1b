mod options;

use rand::{RngExt, SeedableRng};

use super::*;
use crate::training::Split;
use crate::{load, save};

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn rows(n: usize, len: usize, mut value: impl FnMut(usize, usize) -> f32) -> Tensor {
    let values: Vec<f32> = (0..n * len).map(|i| value(i / len, i % len)).collect();
    Tensor::from_slice(&values).view([n as i64, len as i64])
}

/// A walk on a ring of 12 states; 4 actions.
fn ring(n: usize, seed: u64) -> Transitions {
    let mut rng = rng(seed);
    let pairs: Vec<[u32; 2]> = (0..n).map(|_| [rng.random_range(0..12), rng.random_range(0..4)]).collect();
    Transitions {
        observations: rows(n, 1, |i, _| pairs[i][0] as f32),
        actions: rows(n, 1, |i, _| pairs[i][1] as f32),
        next_observations: rows(n, 1, |i, _| ((pairs[i][0] + pairs[i][1]) % 12) as f32),
        rewards: None,
    }
}

/// A point that the action pushes; a third dimension stands at 7.
fn pushed(n: usize, seed: u64) -> Transitions {
    let mut rng = rng(seed);
    let pairs: Vec<[f32; 4]> = (0..n).map(|_| std::array::from_fn(|_| rng.random_range(-1.0..1.0))).collect();
    let observation = |pair: [f32; 4], by: f32, j: usize| {
        if j == 2 { 7.0 } else { 5.0 + 3.0 * pair[j] + by * pair[2 + j] }
    };
    Transitions {
        observations: rows(n, 3, |i, j| observation(pairs[i], 0.0, j)),
        actions: rows(n, 2, |i, j| pairs[i][2 + j]),
        next_observations: rows(n, 3, |i, j| observation(pairs[i], 1.0, j)),
        rewards: None,
    }
}

fn ring_spaces() -> Spaces {
    Spaces::new(Space::Discrete(12), Space::Discrete(4))
}

fn pushed_spaces() -> Spaces {
    Spaces::new(Space::uniform_box(3, -20.0, 20.0), Space::uniform_box(2, -1.0, 1.0))
}

fn small() -> Config {
    Config { state_dim: 3, transition_hidden: vec![16], batch_size: 64, ..Config::default() }
}

fn scaled() -> Config {
    Config { state_embedding_scale: Some(3.0), ..small() }
}

fn passes(passes: usize) -> PretrainConfig {
    PretrainConfig { passes, ..PretrainConfig::default() }
}

fn trained(config: &Config, spaces: &Spaces, samples: &Transitions, n: usize) -> (Jsae, Report) {
    tch::set_num_threads(1);
    let mut rng = rng(1);
    let mut jsae = Jsae::new(config, spaces, Device::Cpu, &mut rng).unwrap();
    let report = jsae.pretrain(samples, &passes(n), &mut rng, &mut |_| ()).unwrap();
    (jsae, report)
}

fn parameters(jsae: &Jsae, name: &str) -> Tensor {
    jsae.tensors().into_iter().find(|(found, _)| found == name).unwrap().1.copy()
}

fn same(a: &Jsae, b: &Jsae) -> bool {
    let mut tensors = a.tensors().into_iter().zip(b.tensors());
    tensors.all(|((name, a), (other, b))| name == other && a.equal(&b))
}

#[test]
fn a_deterministic_ring_is_learnt() {
    let (jsae, report) = trained(&small(), &ring_spaces(), &ring(2_000, 2), 60);
    assert!(report.held_out_loss < Some(0.05), "{report:?}");
    assert!((report.constant_loss.unwrap() - 12.0_f64.ln()).abs() < 0.1, "{report:?}");
    assert_eq!(jsae.encode(&rows(5, 1, |i, _| i as f32)).size(), [5, 3]);
    assert!(jsae.decode(&Tensor::zeros([1, 2], (Kind::Float, Device::Cpu))).is_none());
}

#[test]
fn encoding_an_index_is_looking_up_what_phi_gives() {
    let (jsae, _) = trained(&scaled(), &ring_spaces(), &ring(500, 2), 2);
    let states = rows(12, 1, |i, _| (11 - i) as f32);
    assert!(jsae.encode(&states).equal(&jsae.embed_states(&states)));
    let actions = rows(4, 1, |i, _| i as f32);
    let computed = jsae.model.embed_actions(&jsae.model.action.rows(&actions));
    assert!(jsae.embed_actions(&actions).equal(&computed));
    assert!(jsae.action_table().unwrap().equal(&computed));
}

#[test]
fn state_embeddings_have_the_asked_scale_over_the_pre_training_states() {
    let samples = ring(700, 2);
    let (jsae, _) = trained(&scaled(), &ring_spaces(), &samples, 2);
    let features = jsae.encode(&samples.observations);
    let mean = features.mean_dim([0].as_slice(), false, Kind::Float).abs().max().double_value(&[]);
    let std = features.std_dim([0].as_slice(), false, false);
    assert!(mean < 1e-4, "{mean}");
    assert!((std - 3.0).abs().max().double_value(&[]) < 1e-4);
    let (plain, _) = trained(&small(), &ring_spaces(), &samples, 2);
    assert!(plain.encode(&samples.observations).abs().max().double_value(&[]) < 1.0);
}

#[test]
fn an_update_renews_tables_and_scale_in_the_same_call() {
    let samples = ring(700, 2);
    let (mut jsae, _) = trained(&scaled(), &ring_spaces(), &samples, 2);
    let states = rows(12, 1, |i, _| i as f32);
    let (features, table) = (jsae.encode(&states), jsae.action_table().unwrap());
    jsae.update(&ring(300, 3), 2, &mut rng(4)).unwrap();
    assert!(!jsae.encode(&states).equal(&features));
    assert!(!jsae.action_table().unwrap().equal(&table));
    assert!(jsae.encode(&states).equal(&jsae.embed_states(&states)));
    let std = jsae.encode(&samples.observations).std_dim([0].as_slice(), false, false);
    assert!((std - 3.0).abs().max().double_value(&[]) < 1e-4);
}

#[test]
fn an_update_goes_on_from_the_optimisers_state() {
    let (mut jsae, report) = trained(&small(), &ring_spaces(), &ring(640, 2), 2);
    let before = parameters(&jsae, "embedding.adam.step").int64_value(&[0]);
    assert_eq!(before, 9 * report.best_pass as i64);
    jsae.update(&ring(128, 3), 5, &mut rng(4)).unwrap();
    assert_eq!(parameters(&jsae, "embedding.adam.step").int64_value(&[0]), before + 10);
}

#[test]
fn saving_and_loading_changes_nothing_not_even_what_training_goes_on_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embedding.safetensors");
    let config = Config { action_embedding_scale: Some(2.0), ..scaled() };
    for (spaces, samples) in [(ring_spaces(), ring(600, 2)), (pushed_spaces(), pushed(600, 2))] {
        let (mut jsae, _) = trained(&config, &spaces, &samples, 2);
        save(&jsae, &path).unwrap();
        let mut loaded = Jsae::new(&config, &spaces, Device::Cpu, &mut rng(99)).unwrap();
        load(&mut loaded, &path).unwrap();
        assert!(same(&jsae, &loaded));
        assert!(jsae.encode(&samples.observations).equal(&loaded.encode(&samples.observations)));
        let latent = jsae.embed_actions(&samples.actions);
        assert!(latent.equal(&loaded.embed_actions(&samples.actions)));
        let decoded = [&jsae, &loaded].map(|jsae| jsae.decode(&latent));
        assert!(decoded[0].as_ref().zip(decoded[1].as_ref()).is_none_or(|(a, b)| a.equal(b)));
        jsae.update(&samples, 2, &mut rng(5)).unwrap();
        loaded.update(&samples, 2, &mut rng(5)).unwrap();
        assert!(same(&jsae, &loaded));
    }
}

#[test]
fn a_file_of_another_embedding_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embedding.safetensors");
    let (jsae, _) = trained(&small(), &ring_spaces(), &ring(100, 2), 1);
    save(&jsae, &path).unwrap();

    let wide = Config { state_dim: 5, ..small() };
    let mut other = Jsae::new(&wide, &ring_spaces(), Device::Cpu, &mut rng(1)).unwrap();
    let message = load(&mut other, &path).unwrap_err().to_string();
    assert!(message.ends_with("was written for state_dim 3, expected 5"), "{message}");

    let spaces = Spaces::new(Space::Discrete(12), Space::Discrete(8));
    let mut other = Jsae::new(&small(), &spaces, Device::Cpu, &mut rng(1)).unwrap();
    let message = load(&mut other, &path).unwrap_err().to_string();
    assert!(message.ends_with("was written for action_space Discrete(4), expected Discrete(8)"), "{message}");

    let deep = Config { transition_hidden: vec![16, 16], ..small() };
    let mut other = Jsae::new(&deep, &ring_spaces(), Device::Cpu, &mut rng(1)).unwrap();
    let before = parameters(&other, "embedding.parameters");
    assert!(matches!(load(&mut other, &path), Err(Error::Tensor { .. })));
    assert!(parameters(&other, "embedding.parameters").equal(&before));

    std::fs::write(&path, b"no such thing").unwrap();
    assert!(matches!(load(&mut other, &path), Err(Error::File { .. })));
}

#[test]
fn the_same_seed_gives_the_same_embedding_and_another_does_not() {
    let samples = pushed(300, 2);
    let (first, _) = trained(&scaled(), &pushed_spaces(), &samples, 2);
    let (second, _) = trained(&scaled(), &pushed_spaces(), &samples, 2);
    assert!(same(&first, &second));
    let mut other = Jsae::new(&scaled(), &pushed_spaces(), Device::Cpu, &mut rng(7)).unwrap();
    other.pretrain(&samples, &passes(2), &mut rng(8), &mut |_| ()).unwrap();
    assert!(!same(&first, &other));
}

#[test]
fn the_decoder_learns_actions_from_a_g_that_it_leaves_alone() {
    let samples = pushed(2_000, 2);
    let (mut jsae, report) = trained(&small(), &pushed_spaces(), &samples, 30);
    let variance = 1.0 / 3.0;
    assert!(report.decoder_held_out_loss < Some(0.05 * variance), "{report:?}");
    let decoded = jsae.decode(&jsae.embed_actions(&samples.actions)).unwrap();
    let error = (decoded - &samples.actions).square().mean(Kind::Float).double_value(&[]);
    assert!(error < 0.05 * variance, "{error}");

    let before = (parameters(&jsae, "embedding.parameters"), parameters(&jsae, "decoder.parameters"));
    let action_rows = jsae.model.action.rows(&samples.actions);
    let split = Split::random(2_000, 0.0, &mut rng(3), Device::Cpu);
    let schedule = Schedule { passes: 1, patience: 1, batch_size: 64 };
    jsae.train_decoder(samples.actions, &action_rows, &split, schedule, &mut rng(3), &mut |_| ()).unwrap();
    assert!(parameters(&jsae, "embedding.parameters").equal(&before.0));
    assert!(!parameters(&jsae, "decoder.parameters").equal(&before.1));
}

#[test]
fn a_dimension_that_never_varies_is_neither_divided_by_nor_counted() {
    let (jsae, report) = trained(&small(), &pushed_spaces(), &pushed(500, 2), 30);
    let held_out = report.held_out_loss.unwrap();
    assert!(held_out < 0.1, "{report:?}");
    // Both counted dimensions are standardised, so the best constant's loss is near 1; with the third it were 2/3.
    assert!((report.constant_loss.unwrap() - 1.0).abs() < 0.25, "{report:?}");
    let far = rows(1, 3, |_, j| [5.0, 5.0, 8.0][j]);
    assert!(bool::try_from(jsae.encode(&far).isfinite().all()).unwrap());
}

#[test]
fn samples_that_never_vary_are_refused() {
    let mut jsae = Jsae::new(&small(), &pushed_spaces(), Device::Cpu, &mut rng(1)).unwrap();
    let still = || Tensor::ones([20, 3], (Kind::Float, Device::Cpu));
    let actions = rows(20, 2, |i, _| i as f32 / 20.0);
    let samples = Transitions { observations: still(), actions, next_observations: still(), rewards: None };
    let error = jsae.pretrain(&samples, &passes(1), &mut rng(1), &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("never vary"), "{error}");
}

#[test]
fn rows_outside_the_spaces_are_refused() {
    let mut jsae = Jsae::new(&small(), &ring_spaces(), Device::Cpu, &mut rng(1)).unwrap();
    let mut refuse = |change: &dyn Fn(&mut Transitions)| {
        let mut samples = ring(20, 2);
        change(&mut samples);
        jsae.pretrain(&samples, &passes(1), &mut rng(1), &mut |_| ()).unwrap_err().to_string()
    };
    assert_eq!(
        refuse(&|samples| samples.next_observations += 12.0),
        "samples: next observations hold indices outside their space"
    );
    assert_eq!(
        refuse(&|samples| samples.actions += 0.5),
        "samples: actions hold indices outside their space"
    );
    assert_eq!(
        refuse(&|samples| samples.observations *= f64::NAN),
        "samples: observations hold numbers that are not finite"
    );
    assert!(refuse(&|samples| samples.actions = samples.actions.view([-1])).contains("expected [20, 1]"));
}

#[test]
fn a_loss_that_leaves_the_numbers_is_named() {
    let config = Config { learning_rate: 1e30, ..small() };
    let mut jsae = Jsae::new(&config, &pushed_spaces(), Device::Cpu, &mut rng(1)).unwrap();
    let error = jsae.pretrain(&pushed(300, 2), &passes(3), &mut rng(1), &mut |_| ()).unwrap_err();
    assert!(matches!(error, Error::NonFinite { loss: "the embedding's loss", pass: 1, .. }), "{error}");
}

const STATES_AND_TRANSITION: Parts =
    Parts { state_embedding: true, action_embedding: false, transition: true };

#[test]
fn moved_states_and_transitions_wait_for_the_new_actions() {
    let (source, _) = trained(&scaled(), &ring_spaces(), &ring(2_000, 2), 60);
    let spaces = Spaces::new(Space::Discrete(12), Space::Discrete(6));
    let mut moved = Jsae::new(&scaled(), &spaces, Device::Cpu, &mut rng(3)).unwrap();
    moved.take(&source, STATES_AND_TRANSITION, true).unwrap();
    let states = rows(12, 1, |i, _| i as f32);
    let table = moved.action_table().unwrap();
    let samples = ring(2_000, 4);
    moved.pretrain(&samples, &passes(40), &mut rng(5), &mut |_| ()).unwrap();
    assert!(moved.encode(&states).equal(&source.encode(&states)));
    let transition = |of: &Jsae| of.model.transition_leaves().iter().map(Tensor::copy).collect::<Vec<_>>();
    assert_eq!(transition(&moved), transition(&source));
    assert!(!moved.action_table().unwrap().equal(&table));
    let report = moved.update(&samples, 1, &mut rng(6)).unwrap();
    assert!(report.train_loss < Some(0.5), "{report:?}");
    assert!(!moved.encode(&states).equal(&source.encode(&states)));
}

#[test]
fn moved_actions_and_transitions_wait_for_the_new_states() {
    let (source, _) = trained(&scaled(), &ring_spaces(), &ring(2_000, 2), 60);
    let parts = Parts { state_embedding: false, action_embedding: true, transition: true };
    let mut moved = Jsae::new(&scaled(), &ring_spaces(), Device::Cpu, &mut rng(3)).unwrap();
    moved.take(&source, parts, true).unwrap();
    let report = moved.pretrain(&ring(2_000, 4), &passes(40), &mut rng(5), &mut |_| ()).unwrap();
    assert!(moved.action_table().unwrap().equal(&source.action_table().unwrap()));
    assert!(report.held_out_loss < Some(0.5), "{report:?}");
    let states = rows(12, 1, |i, _| i as f32);
    assert!(!moved.encode(&states).equal(&source.encode(&states)));
}

#[test]
fn a_moved_decoder_waits_too() {
    let config = Config { decoder_hidden: 8, action_embedding_scale: Some(0.5), ..small() };
    let (source, _) = trained(&config, &pushed_spaces(), &pushed(300, 2), 3);
    let parts = Parts { state_embedding: false, action_embedding: true, transition: true };
    let mut moved = Jsae::new(&config, &pushed_spaces(), Device::Cpu, &mut rng(3)).unwrap();
    moved.take(&source, parts, true).unwrap();
    let report = moved.pretrain(&pushed(300, 4), &passes(3), &mut rng(5), &mut |_| ()).unwrap();
    let latent_actions = rows(5, config.action_dim, |i, j| 0.3 * i as f32 - 0.2 * j as f32 - 0.5);
    let decoded = |jsae: &Jsae| jsae.decode(&latent_actions).unwrap();
    assert!(decoded(&moved).equal(&decoded(&source)));
    assert_eq!((report.decoder_passes, report.decoder_loss), (0, None));
    moved.update(&pushed(300, 4), 1, &mut rng(6)).unwrap();
    assert!(!decoded(&moved).equal(&decoded(&source)));
}

#[test]
fn what_is_moved_is_what_the_source_shows() {
    let config = Config { renewal_interval: Some(50), ..small() };
    let (mut source, _) = trained(&config, &ring_spaces(), &ring(300, 2), 3);
    source.update(&ring(300, 3), 1, &mut rng(4)).unwrap();
    let parts = Parts { state_embedding: true, action_embedding: true, transition: true };
    let mut moved = Jsae::new(&small(), &ring_spaces(), Device::Cpu, &mut rng(3)).unwrap();
    moved.take(&source, parts, false).unwrap();
    let states = rows(12, 1, |i, _| i as f32);
    assert!(moved.encode(&states).equal(&source.encode(&states)));
    assert!(moved.action_table().unwrap().equal(&source.action_table().unwrap()));
}

#[test]
fn what_is_moved_and_not_frozen_learns_from_the_first_pass() {
    let (source, _) = trained(&small(), &ring_spaces(), &ring(2_000, 2), 60);
    let mut moved = Jsae::new(&small(), &ring_spaces(), Device::Cpu, &mut rng(3)).unwrap();
    moved.take(&source, STATES_AND_TRANSITION, false).unwrap();
    let states = rows(12, 1, |i, _| i as f32);
    assert!(moved.encode(&states).equal(&source.encode(&states)));
    moved.pretrain(&ring(2_000, 4), &passes(2), &mut rng(5), &mut |_| ()).unwrap();
    assert!(!moved.encode(&states).equal(&source.encode(&states)));
}

#[test]
fn what_does_not_fit_is_not_moved() {
    let (source, _) = trained(&scaled(), &ring_spaces(), &ring(300, 2), 1);
    let refused = |config: Config, spaces: Spaces, parts| {
        let mut moved = Jsae::new(&config, &spaces, Device::Cpu, &mut rng(3)).unwrap();
        let before: Vec<Tensor> = moved.tensors().iter().map(|(_, tensor)| tensor.copy()).collect();
        let error = moved.take(&source, parts, true).unwrap_err().to_string();
        assert!(moved.tensors().iter().zip(before).all(|((_, after), before)| after.equal(&before)));
        error
    };
    let wider = Config { state_dim: 5, ..scaled() };
    assert_eq!(
        refused(wider, ring_spaces(), STATES_AND_TRANSITION),
        "state_dim is 5, expected 3: that of the embedding it is moved from"
    );
    assert!(
        refused(small(), ring_spaces(), STATES_AND_TRANSITION).starts_with("state_embedding_scale is absent")
    );
    let stretched = Config { action_embedding_scale: Some(2.0), ..scaled() };
    let error = refused(stretched, ring_spaces(), STATES_AND_TRANSITION);
    assert!(
        error.starts_with("action_embedding_scale is 2, expected absent where g is learnt anew"),
        "{error}"
    );
    let stretched = Config { action_embedding_scale: Some(2.0), ..scaled() };
    let (source, _) = trained(&stretched, &ring_spaces(), &ring(300, 2), 1);
    let mut moved = Jsae::new(&scaled(), &ring_spaces(), Device::Cpu, &mut rng(3)).unwrap();
    let error = moved.take(&source, STATES_AND_TRANSITION, true).unwrap_err().to_string();
    assert!(error.starts_with("action_embedding_scale there is 2, expected absent"), "{error}");
    let spaces = Spaces::new(Space::Discrete(12), Space::Discrete(6));
    let error = refused(scaled(), spaces, STATES_AND_TRANSITION.others());
    assert!(error.starts_with("the action space is Discrete(6), expected Discrete(4)"), "{error}");
    let spaces = Spaces::new(Space::Discrete(13), Space::Discrete(4));
    let error = refused(scaled(), spaces, STATES_AND_TRANSITION);
    assert!(error.starts_with("the observation space is Discrete(13), expected Discrete(12)"), "{error}");
}

#[test]
fn several_indices_at_once_are_no_action_of_it() {
    let spaces = Spaces::new(Space::Discrete(3), Space::MultiDiscrete(vec![2, 2]));
    let error = Jsae::new(&small(), &spaces, Device::Cpu, &mut rng(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the jsae embedding cannot use the action space MultiDiscrete([2, 2]), expected one index or a box"
    );
}

#[test]
fn predicted_variables_must_exist() {
    for predicted in [vec![], vec![1], vec![0, 0]] {
        let spaces = Spaces { predicted: Some(predicted), ..ring_spaces() };
        assert!(Jsae::new(&small(), &spaces, Device::Cpu, &mut rng(1)).is_err());
    }
}

/// What φ and a policy see of a box is standardised before a policy learns, or never.
#[test]
fn an_update_without_pre_training_leaves_a_box_as_it_is() {
    let figures = |pretrains: bool| {
        let mut jsae = Jsae::new(&small(), &pushed_spaces(), Device::Cpu, &mut rng(1)).unwrap();
        let samples = pushed(300, 2);
        if pretrains {
            jsae.pretrain(&samples, &PretrainConfig::default(), &mut rng(3), &mut |_| ()).unwrap();
        }
        jsae.update(&samples, 1, &mut rng(4)).unwrap();
        let tensors = jsae.tensors();
        let figure = |wanted: &str| {
            let (_, tensor) = tensors.iter().find(|(name, _)| name == wanted).unwrap();
            Vec::<f64>::try_from(tensor.to_kind(Kind::Double)).unwrap()
        };
        (figure("standardization.mean"), figure("standardization.std"))
    };
    assert_eq!(figures(false), (vec![0.0; 3], vec![1.0; 3]));
    let (mean, std) = figures(true);
    assert!((mean[0] - 5.0).abs() < 0.5 && (std[0] - 3.0 / 3.0_f64.sqrt()).abs() < 0.2, "{mean:?} {std:?}");
}
