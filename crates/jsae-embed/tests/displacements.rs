//! What the method must come to on the paper's first task: actions embedded like their effects.

use jsae_embed::{Embedding, PretrainConfig, Spaces, Transitions, jsae};
use jsae_envs::{Env, Start, gridworld};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

const N_ACTIONS: usize = 512;

#[test]
fn action_embeddings_lie_like_the_displacements_of_the_actions() {
    tch::set_num_threads(1);
    let mut env = gridworld::Config::default().build().unwrap();
    let samples = random_walk(env.as_mut(), 30_000);
    let config = jsae::Config { transition_hidden: vec![64], table_std: 0.1, ..jsae::Config::default() };
    let spaces = Spaces::new(env.observation_space().clone(), env.action_space().clone());
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut embedding = jsae::Jsae::new(&config, &spaces, Device::Cpu, &mut rng).unwrap();
    let passes = PretrainConfig { passes: 15, held_out: 0.0, ..PretrainConfig::default() };
    let report = embedding.pretrain(&samples, &passes, &mut rng, &mut |_| ()).unwrap();
    assert!(report.train_loss < report.constant_loss.map(|loss| 0.5 * loss), "{report:?}");

    let rows: Vec<f32> = embedding.action_table().unwrap().reshape([-1]).try_into().unwrap();
    let embedded: Vec<[f64; 2]> =
        rows.as_chunks::<2>().0.iter().map(|&[x, y]| [f64::from(x), f64::from(y)]).collect();
    let motions = gridworld::motions(9);
    let rank_correlation = correlation(&ranks(&distances(&embedded)), &ranks(&distances(&motions)));
    let explained = share_explained(&embedded, &motions);
    println!("rank correlation {rank_correlation:.4}, R² {explained:.4}, {report:?}");
    assert!(rank_correlation >= 0.95, "rank correlation {rank_correlation}");
    assert!(explained >= 0.97, "R² {explained}");
}

/// Uniform random actions; episodes begin where the task says.
fn random_walk(env: &mut dyn Env, n: usize) -> Transitions {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let (mut observation, mut next) = ([0.0], [0.0]);
    let mut columns = [const { Vec::new() }; 3];
    env.reset(Start::Fixed, &mut observation).unwrap();
    for _ in 0..n {
        let action = rng.random_range(0..N_ACTIONS) as f64;
        let step = env.step(&[action], &mut next).unwrap();
        for (column, value) in columns.iter_mut().zip([observation[0], action, next[0]]) {
            column.push(value as f32);
        }
        observation = next;
        if step.ended() {
            env.reset(Start::Fixed, &mut observation).unwrap();
        }
    }
    let [observations, actions, next_observations] = columns.map(|c| Tensor::from_slice(&c).view([-1, 1]));
    Transitions { observations, actions, next_observations, rewards: None }
}

/// Distances of all pairs.
fn distances(points: &[[f64; 2]]) -> Vec<f64> {
    let pairs = (0..points.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    pairs.map(|(i, j)| (points[i][0] - points[j][0]).hypot(points[i][1] - points[j][1])).collect()
}

/// Ranks from 0; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for group in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let mean = first as f64 + (group.len() - 1) as f64 / 2.0;
        group.iter().for_each(|&i| ranks[i] = mean);
        first += group.len();
    }
    ranks
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |x: &[f64], mx: f64, y: &[f64], my: f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum()
    };
    sum(a, mean_a, b, mean_b) / (sum(a, mean_a, a, mean_a) * sum(b, mean_b, b, mean_b)).sqrt()
}

/// R² of the best affine map from `from` to `to`.
fn share_explained(from: &[[f64; 2]], to: &[[f64; 2]]) -> f64 {
    let tensor = |points: &[[f64; 2]]| {
        let points = Tensor::from_slice(points.as_flattened()).view([-1, 2]);
        &points - points.mean_dim([0].as_slice(), true, Kind::Double)
    };
    let (from, to) = (tensor(from), tensor(to));
    let map = from.pinverse(1e-12).matmul(&to);
    let rest = (&to - from.matmul(&map)).square().sum(Kind::Double).double_value(&[]);
    1.0 - rest / to.square().sum(Kind::Double).double_value(&[])
}
