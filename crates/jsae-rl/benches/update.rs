//! Time of one update at the sizes of the paper's experiments, on one thread.

use divan::Bencher;
use jsae_rl::{ActionSpace, Batch, FeatureSpace, OnPolicy, Sac, Transitions, ppo, sac, vpg};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

const N: usize = 1_500;

fn main() {
    tch::set_num_threads(1);
    divan::main();
}

fn numbers(n: usize, rng: &mut ChaCha8Rng) -> Tensor {
    let values: Vec<f32> = (0..n).map(|_| rng.random_range(-1.0..1.0)).collect();
    Tensor::from_slice(&values)
}

fn bench_update(
    bencher: Bencher<'_, '_>,
    learner: &mut OnPolicy,
    features: &FeatureSpace,
    latent_len: usize,
) {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let features = match features {
        FeatureSpace::Dense(dim) => numbers(N * dim, &mut rng).view([N as i64, *dim as i64]),
        FeatureSpace::OneHot(sizes) => {
            let indices: Vec<f32> =
                (0..N).flat_map(|_| sizes.clone()).map(|size| rng.random_range(0..size) as f32).collect();
            Tensor::from_slice(&indices).view([N as i64, sizes.len() as i64])
        }
    };
    let mut latent_actions = vec![0.0; N * latent_len];
    learner.sample(&features, &mut rng, &mut latent_actions);
    let batch = Batch {
        features,
        latent_actions: Tensor::from_slice(&latent_actions).view([N as i64, latent_len as i64]),
        advantages: numbers(N, &mut rng),
        returns: numbers(N, &mut rng),
    };
    bencher.bench_local(|| learner.update(&batch, &mut rng).expect("finite losses"));
}

#[divan::bench]
fn vpg_gaussian_8_64_64_2(bencher: Bencher<'_, '_>) {
    let features = FeatureSpace::Dense(8);
    let mut learner = OnPolicy::vpg(
        &vpg::Config::default(),
        &features,
        ActionSpace::Continuous(2),
        Device::Cpu,
        &mut ChaCha8Rng::seed_from_u64(1),
    );
    bench_update(bencher, &mut learner, &features, 2);
}

#[divan::bench]
fn vpg_categorical_2_64_64_512(bencher: Bencher<'_, '_>) {
    let features = FeatureSpace::Dense(2);
    let mut learner = OnPolicy::vpg(
        &vpg::Config::default(),
        &features,
        ActionSpace::Discrete(512),
        Device::Cpu,
        &mut ChaCha8Rng::seed_from_u64(1),
    );
    bench_update(bencher, &mut learner, &features, 1);
}

#[divan::bench]
fn vpg_gaussian_one_hot_1600_64_64_2(bencher: Bencher<'_, '_>) {
    let features = FeatureSpace::OneHot(vec![1_600]);
    let mut learner = OnPolicy::vpg(
        &vpg::Config::default(),
        &features,
        ActionSpace::Continuous(2),
        Device::Cpu,
        &mut ChaCha8Rng::seed_from_u64(1),
    );
    bench_update(bencher, &mut learner, &features, 2);
}

#[divan::bench]
fn ppo_gaussian_17_128_128_6(bencher: Bencher<'_, '_>) {
    let config = ppo::Config { hidden_sizes: vec![128, 128], ..ppo::Config::default() };
    let features = FeatureSpace::Dense(17);
    let mut learner = OnPolicy::ppo(
        &config,
        &features,
        ActionSpace::Continuous(6),
        Device::Cpu,
        &mut ChaCha8Rng::seed_from_u64(1),
    );
    bench_update(bencher, &mut learner, &features, 6);
}

#[divan::bench]
fn sac_111_8_128_128_batch_256(bencher: Bencher<'_, '_>) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let config = sac::Config { hidden_sizes: vec![128, 128], ..sac::Config::default() };
    let mut learner = Sac::new(&config, &FeatureSpace::Dense(111), 8, Device::Cpu, &mut rng);
    let batch = Transitions {
        features: numbers(256 * 111, &mut rng).view([256, 111]),
        latent_actions: numbers(256 * 8, &mut rng).view([256, 8]),
        rewards: numbers(256, &mut rng),
        next_features: numbers(256 * 111, &mut rng).view([256, 111]),
        terminated: Tensor::zeros([256], (tch::Kind::Float, Device::Cpu)),
    };
    bencher.bench_local(|| learner.update(&batch, &mut rng).expect("finite losses"));
}

/// The matrix floor beside it: 220 MFLOP are 0.82 of this product.
#[divan::bench]
fn sgemm_512(bencher: Bencher<'_, '_>) {
    let matrix = numbers(512 * 512, &mut ChaCha8Rng::seed_from_u64(1)).view([512, 512]);
    bencher.bench_local(|| matrix.mm(&matrix));
}

#[divan::bench]
fn sample_gaussian_8_64_64_2_for_10(bencher: Bencher<'_, '_>) {
    let features = FeatureSpace::Dense(8);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let learner =
        OnPolicy::vpg(&vpg::Config::default(), &features, ActionSpace::Continuous(2), Device::Cpu, &mut rng);
    let features = numbers(80, &mut rng).view([10, 8]);
    let mut latent_actions = [0.0; 20];
    bencher.bench_local(|| learner.sample(&features, &mut rng, &mut latent_actions));
}

#[divan::bench]
fn sample_categorical_4096_for_10(bencher: Bencher<'_, '_>) {
    let features = FeatureSpace::OneHot(vec![6, 6, 6, 6]);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let learner = OnPolicy::vpg(
        &vpg::Config::default(),
        &features,
        ActionSpace::Discrete(4_096),
        Device::Cpu,
        &mut rng,
    );
    let features = Tensor::ones([10, 4], (tch::Kind::Float, Device::Cpu));
    let mut latent_actions = [0.0; 10];
    bencher.bench_local(|| learner.sample(&features, &mut rng, &mut latent_actions));
}
