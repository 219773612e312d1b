//! What may stand beside eq. 5 and eq. 6.

use super::*;

/// The ring, where an action earns its own number.
fn paid(n: usize, seed: u64) -> Transitions {
    let samples = ring(n, seed);
    Transitions { rewards: Some(samples.actions.view([-1])), ..samples }
}

fn every_state() -> Tensor {
    rows(12, 1, |i, _| i as f32)
}

#[test]
fn a_softmax_decoder_finds_every_action_of_its_own_embedding() {
    let config = Config { decoder: Decoding::Softmax, ..small() };
    let (jsae, report) = trained(&config, &ring_spaces(), &ring(2_000, 2), 60);
    let actions = rows(4, 1, |i, _| i as f32);
    let decoded = jsae.decode(&jsae.embed_actions(&actions)).unwrap();
    assert!(decoded.equal(&actions), "{decoded:?}");
    assert!(jsae.action_table().is_none(), "there is nothing to search");
    assert!(report.decoder_held_out_loss < Some(0.5), "{report:?}");
}

#[test]
fn a_softmax_over_numbers_is_refused() {
    let config = Config { decoder: Decoding::Softmax, ..small() };
    let error = Jsae::new(&config, &pushed_spaces(), Device::Cpu, &mut rng(1)).unwrap_err().to_string();
    assert!(
        error.ends_with("a softmax decoder for the action space Box of 2 dimensions, expected one index"),
        "{error}"
    );
}

#[test]
fn the_table_that_is_searched_is_brought_to_its_scale() {
    let config = Config { action_embedding_scale: Some(2.0), ..small() };
    let (scaled, _) = trained(&config, &ring_spaces(), &ring(2_000, 2), 5);
    let (plain, _) = trained(&small(), &ring_spaces(), &ring(2_000, 2), 5);
    let (table, raw) = (scaled.action_table().unwrap(), plain.action_table().unwrap());
    let mean = |table: &Tensor| table.mean_dim([0].as_slice(), true, Kind::Float);
    let std = |table: &Tensor| table.std_dim([0].as_slice(), false, false);
    assert!(mean(&table).abs().max().double_value(&[]) < 1e-6);
    assert!((std(&table) - 2.0).abs().max().double_value(&[]) < 1e-5);
    // The same embedding underneath, and what a replay is told of an action is the row that f searches.
    let expected = (&raw - mean(&raw)) / std(&raw) * 2.0;
    assert!((&table - expected).abs().max().double_value(&[]) < 1e-5);
    assert!(scaled.embed_actions(&rows(4, 1, |i, _| i as f32)).equal(&table));
}

#[test]
fn a_box_of_actions_is_brought_to_its_scale_and_decoded_as_before() {
    let config = Config { action_embedding_scale: Some(2.0), ..small() };
    let samples = pushed(2_000, 2);
    let (mut scaled, _) = trained(&config, &pushed_spaces(), &samples, 5);
    let (plain, _) = trained(&small(), &pushed_spaces(), &samples, 5);
    let (large, raw) = (scaled.embed_actions(&samples.actions), plain.embed_actions(&samples.actions));
    assert!(large.mean_dim([0].as_slice(), false, Kind::Float).abs().max().double_value(&[]) < 0.15);
    assert!((large.std_dim([0].as_slice(), false, false) - 2.0).abs().max().double_value(&[]) < 0.1);
    let distance = scaled.decode(&large).unwrap() - plain.decode(&raw).unwrap();
    assert!(distance.abs().max().double_value(&[]) < 1e-4);
    // Beyond what g's tanh reaches, f gives what it gives at the edge, as it does without a scale.
    let far = Tensor::full([1, 2], 1e3, (Kind::Float, Device::Cpu));
    let edge = plain.decode(&Tensor::ones([1, 2], (Kind::Float, Device::Cpu))).unwrap();
    assert!((scaled.decode(&far).unwrap() - edge).abs().max().double_value(&[]) < 1e-4);
    // An update that changes g renews the figures in the same call.
    scaled.update(&pushed(300, 3), 3, &mut rng(4)).unwrap();
    let renewed = scaled.embed_actions(&samples.actions);
    assert!(!renewed.equal(&large));
    assert!((renewed.std_dim([0].as_slice(), false, false) - 2.0).abs().max().double_value(&[]) < 0.1);
}

#[test]
fn a_softmax_decodes_scaled_actions_as_before() {
    let plain = Config { decoder: Decoding::Softmax, ..small() };
    let config = Config { action_embedding_scale: Some(2.0), ..plain.clone() };
    let every = rows(4, 1, |i, _| i as f32);
    let decoded = |config: &Config| {
        let (jsae, _) = trained(config, &ring_spaces(), &ring(2_000, 2), 20);
        jsae.decode(&jsae.embed_actions(&every)).unwrap()
    };
    assert!(decoded(&config).equal(&every));
    assert!(decoded(&plain).equal(&every));
}

#[test]
fn a_reward_head_tells_actions_apart_that_lead_to_the_same_state() {
    let config = Config { reward_weight: Some(1.0), ..small() };
    let samples = paid(2_000, 2);
    // Every action leaves the state as it is: s′ says nothing about a.
    let still = Transitions { next_observations: samples.observations.copy(), ..samples };
    let spread = |jsae: &Jsae| {
        let table = jsae.action_table().unwrap();
        (table.get(3) - table.get(0)).norm().double_value(&[])
    };
    let (plain, _) = trained(&small(), &ring_spaces(), &still, 30);
    let (paid, report) = trained(&config, &ring_spaces(), &still, 30);
    assert!(report.held_out_loss < Some(0.2), "{report:?}");
    assert!(spread(&paid) > 3.0 * spread(&plain), "{} and {}", spread(&paid), spread(&plain));
}

#[test]
fn a_reward_head_without_rewards_is_refused() {
    let config = Config { reward_weight: Some(1.0), ..small() };
    let mut jsae = Jsae::new(&config, &ring_spaces(), Device::Cpu, &mut rng(1)).unwrap();
    let error = jsae.pretrain(&ring(50, 2), &passes(1), &mut rng(1), &mut |_| ()).unwrap_err().to_string();
    assert_eq!(error, "samples: rewards are missing, and a reward head learns from them");
    let short = Transitions { rewards: Some(Tensor::from_slice(&[1.0_f32])), ..ring(50, 2) };
    let error = jsae.pretrain(&short, &passes(1), &mut rng(1), &mut |_| ()).unwrap_err().to_string();
    assert_eq!(error, "samples: rewards are [1] of Float, expected [50] of Float");
}

#[test]
fn reconstruction_tells_actions_apart_that_do_the_same() {
    let config = Config { reconstruction_weight: Some(1.0), ..small() };
    let samples = ring(2_000, 2);
    let still = Transitions { next_observations: samples.observations.copy(), ..samples };
    let (jsae, report) = trained(&config, &ring_spaces(), &still, 60);
    let table = jsae.action_table().unwrap();
    let distances = table.unsqueeze(0) - table.unsqueeze(1);
    let distances = distances.norm_scalaropt_dim(2, [2].as_slice(), false)
        + Tensor::eye(4, (Kind::Float, Device::Cpu)) * 9.0;
    let nearest = distances.min().double_value(&[]);
    assert!(nearest > 0.2, "{nearest}, {report:?}");
    let (numbers, _) = trained(&config, &pushed_spaces(), &pushed(600, 2), 5);
    assert_eq!(numbers.encode(&pushed(3, 2).observations).size(), [3, 3]);
}

#[test]
fn a_latent_target_is_learnt_without_collapse_and_says_so() {
    let config = Config { target: Target::Latent, ..small() };
    for (spaces, samples) in [(ring_spaces(), ring(2_000, 2)), (pushed_spaces(), pushed(2_000, 2))] {
        let (_, report) = trained(&config, &spaces, &samples, 20);
        let (learnt, constant) = (report.held_out_loss.unwrap(), report.constant_loss.unwrap());
        assert!(constant > 0.05 && learnt < constant, "{report:?}");
    }
}

#[test]
fn the_policy_sees_an_update_only_when_the_copy_is_renewed() {
    let config = Config { renewal_interval: Some(3), action_embedding_scale: Some(2.0), ..scaled() };
    let (mut jsae, _) = trained(&config, &ring_spaces(), &ring(700, 2), 2);
    let (states, samples) = (every_state(), ring(300, 3));
    let seen = |jsae: &Jsae| (jsae.encode(&states), jsae.action_table().unwrap().copy());
    let mut before = seen(&jsae);
    for update in 1..=6 {
        let learnt = parameters(&jsae, "embedding.parameters");
        jsae.update(&samples, 1, &mut rng(update)).unwrap();
        assert!(!parameters(&jsae, "embedding.parameters").equal(&learnt));
        let after = seen(&jsae);
        let renewed = update % 3 == 0;
        assert_eq!(!after.0.equal(&before.0), renewed, "phi after update {update}");
        assert_eq!(!after.1.equal(&before.1), renewed, "g after update {update}");
        before = after;
    }
}

#[test]
fn a_copy_between_two_renewals_is_saved_and_goes_on_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embedding.safetensors");
    let everything = Config {
        renewal_interval: Some(2),
        reward_weight: Some(0.5),
        reconstruction_weight: Some(0.1),
        target: Target::Latent,
        decoder: Decoding::Softmax,
        ..scaled()
    };
    let (mut jsae, _) = trained(&everything, &ring_spaces(), &paid(600, 2), 2);
    jsae.update(&paid(200, 3), 1, &mut rng(4)).unwrap();
    save(&jsae, &path).unwrap();
    let mut copy = Jsae::new(&everything, &ring_spaces(), Device::Cpu, &mut rng(9)).unwrap();
    load(&mut copy, &path).unwrap();
    assert!(same(&jsae, &copy) && jsae.encode(&every_state()).equal(&copy.encode(&every_state())));
    for jsae in [&mut jsae, &mut copy] {
        jsae.update(&paid(200, 5), 1, &mut rng(6)).unwrap();
    }
    assert!(same(&jsae, &copy) && jsae.encode(&every_state()).equal(&copy.encode(&every_state())));
}
