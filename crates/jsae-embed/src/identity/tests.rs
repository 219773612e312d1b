use rand::SeedableRng;
use tch::Kind;

use super::*;

fn samples() -> Transitions {
    let rows = |values: &[f32]| Tensor::from_slice(values).view([-1, 2]);
    Transitions {
        observations: rows(&[1.0, 5.0, 3.0, 5.0]),
        actions: rows(&[0.1, 0.2, 0.3, 0.4]),
        next_observations: rows(&[3.0, 5.0, 1.0, 5.0]),
        rewards: None,
    }
}

fn identity(standardize_observations: bool) -> Identity {
    let spaces = Spaces::new(Space::uniform_box(2, -9.0, 9.0), Space::uniform_box(2, -1.0, 1.0));
    Identity::new(&Config { standardize_observations }, &spaces, Device::Cpu).unwrap()
}

fn pretrain(identity: &mut Identity) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    identity.pretrain(&samples(), &PretrainConfig::default(), &mut rng, &mut |_| ()).unwrap();
}

#[test]
fn everything_passes_through_bit_for_bit() {
    let mut identity = identity(false);
    assert!(!identity.uses_samples());
    pretrain(&mut identity);
    let samples = samples();
    assert!(identity.encode(&samples.observations).equal(&samples.observations));
    assert!(identity.embed_actions(&samples.actions).equal(&samples.actions));
    assert!(identity.decode(&(&samples.actions * 7.0)).unwrap().equal(&(&samples.actions * 7.0)));
    assert!(identity.action_table().is_none());
}

#[test]
fn observations_are_standardised_by_the_samples_if_asked() {
    let mut identity = identity(true);
    assert!(identity.uses_samples());
    pretrain(&mut identity);
    let expected = Tensor::from_slice(&[-1.0_f32, 0.0, 1.0, 0.0]).view([2, 2]);
    assert!(identity.encode(&samples().observations).equal(&expected));
    let mut loaded = super::tests::identity(true);
    loaded.load_tensors(&identity.tensors().into_iter().collect()).unwrap();
    assert!(loaded.encode(&samples().observations).equal(&expected));
}

#[test]
fn indices_stay_indices_on_both_sides() {
    let spaces = Spaces::new(Space::MultiDiscrete(vec![6, 5]), Space::Discrete(4));
    let config = Config { standardize_observations: true };
    let identity = Identity::new(&config, &spaces, Device::Cpu).unwrap();
    assert_eq!(identity.features(), Features::Indices(vec![6, 5]));
    assert_eq!(identity.latent(), Latent::Discrete(4));
    let rows = Tensor::ones([3, 2], (Kind::Float, Device::Cpu));
    assert!(identity.encode(&rows).equal(&rows));
}
