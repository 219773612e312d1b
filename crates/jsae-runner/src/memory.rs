//! What a run will need and what it may have, before it starts.

use std::fmt;
use std::path::Path;

use jsae_envs::{Env, Space};
use jsae_rl::RowLengths;

use crate::experiment::{AlgorithmConfig, EmbeddingConfig, Experiment, Place, Problems};

/// Program, libraries and allocator before anything is learnt.
const BASE: u128 = 300 << 20;

/// Bytes of a number.
const NUMBER: u128 = 4;

/// Value, gradient, two moments, and one on the way.
const COPIES_OF_A_PARAMETER: u128 = 5;

/// Bytes that a run will hold at its worst moment, by what holds them.
#[derive(Clone, Debug)]
pub(crate) struct Estimate(Vec<(&'static str, u128)>);

/// The most that may be used, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    bytes: u128,
    whose: String,
}

impl Estimate {
    /// Of one run. Counts what grows with the configuration; it is good to some tens of MiB.
    pub(crate) fn of(experiment: &Experiment, observation: &Space, action: &Space) -> Self {
        let latent_len = match &experiment.embedding {
            EmbeddingConfig::Jsae(config) => config.action_dim,
            EmbeddingConfig::Ra(config) => config.action_dim,
            EmbeddingConfig::Rounding(config) => config.latent_dim(n_actions(action)),
            EmbeddingConfig::Identity(_) => action.len(),
        };
        let lengths = RowLengths { obs_len: observation.len(), action_len: action.len(), latent_len };
        let transition = lengths.transition_bytes() as u128;
        let (training, pretrain) = (&experiment.training, &experiment.pretrain);
        // Rows as they come in, as tensors, and on their way from one to the other.
        let of_samples = |n: usize| 3 * n as u128 * transition;
        let learns = experiment.embedding.is_learnt();
        let samples = if learns { pretrain.samples } else { 0 };
        let networks = Networks::of(experiment, observation, action);
        Self(vec![
            ("program", BASE),
            ("replay", replay(experiment) * transition),
            ("pre-training samples", of_samples(samples)),
            ("samples of an epoch", of_samples(training.steps_per_epoch)),
            (
                "parameters",
                networks.parameters.saturating_add(embedding_parameters(experiment, observation, action))
                    * NUMBER
                    * COPIES_OF_A_PARAMETER,
            ),
            ("activations", networks.widths * batch(experiment) * NUMBER * 3),
        ])
    }

    fn total(&self) -> u128 {
        self.0.iter().fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }

    /// Refuses `n` runs of `experiment` at a time where they would not fit.
    ///
    /// # Errors
    /// What they need and what there is.
    pub(crate) fn check(
        experiment: &Experiment,
        env: &dyn Env,
        n: usize,
        place: &Path,
    ) -> Result<(), Problems> {
        let estimate = Self::of(experiment, env.observation_space(), env.action_space());
        match Limit::here().and_then(|limit| estimate.problem(n, &limit)) {
            Some(problem) => Err(Problems::one(Place::Path(place.to_owned()), problem)),
            None => Ok(()),
        }
    }

    /// What is wrong where `n` such runs at a time do not fit into `limit`.
    pub(crate) fn problem(&self, n: usize, limit: &Limit) -> Option<String> {
        let needed = self.total().saturating_mul(n as u128);
        let at_a_time = if n > 1 { format!(", {n} runs at a time") } else { String::new() };
        (needed > limit.bytes)
            .then(|| format!("needs about {} of memory ({self}{at_a_time}), and {limit}", Size(needed)))
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<_> = self.0.iter().filter(|(_, bytes)| *bytes >= 1 << 20).collect();
        parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        let parts: Vec<String> =
            parts.iter().map(|(name, bytes)| format!("{name} {}", Size(*bytes))).collect();
        f.write_str(&parts.join(", "))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has {}", self.whose, Size(self.bytes))
    }
}

struct Size(u128);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = self.0 as f64 / f64::from(1 << 20);
        if mib < 1024.0 { write!(f, "{mib:.0} MiB") } else { write!(f, "{:.1} GiB", mib / 1024.0) }
    }
}

/// Sizes of actor and critics.
struct Networks {
    parameters: u128,
    /// Sum of the layers' widths.
    widths: u128,
}

impl Networks {
    fn of(experiment: &Experiment, observation: &Space, action: &Space) -> Self {
        let (inputs, outputs) = match &experiment.embedding {
            EmbeddingConfig::Jsae(config) => (config.state_dim, config.action_dim),
            EmbeddingConfig::Ra(config) => (one_hot(observation), config.action_dim),
            EmbeddingConfig::Rounding(config) => (one_hot(observation), config.latent_dim(n_actions(action))),
            EmbeddingConfig::Identity(_) => (one_hot(observation), one_hot(action)),
        };
        let (hidden, n) = match &experiment.algorithm {
            AlgorithmConfig::Vpg(config) => (&config.hidden_sizes, 2),
            AlgorithmConfig::Ppo(config) => (&config.hidden_sizes, 2),
            AlgorithmConfig::Sac(config) => (&config.hidden_sizes, 5),
            AlgorithmConfig::DiscreteSac(config) => (&config.hidden_sizes, 5),
        };
        let layers: Vec<u128> =
            std::iter::once(&inputs).chain(hidden).chain([&outputs]).map(|&n| n as u128).collect();
        let parameters = layers.windows(2).map(|pair| pair[0].saturating_mul(pair[1])).sum::<u128>() * n;
        Self { parameters, widths: layers[1..].iter().sum() }
    }
}

/// Weights of φ, g, T and f.
fn embedding_parameters(experiment: &Experiment, observation: &Space, action: &Space) -> u128 {
    let (states, actions) = (one_hot(observation), one_hot(action));
    let of = |widths: &[&[usize]]| -> u128 {
        let widths = widths.concat();
        let products = widths.windows(2).map(|pair| (pair[0] as u128).saturating_mul(pair[1] as u128));
        products.fold(0, u128::saturating_add)
    };
    match &experiment.embedding {
        EmbeddingConfig::Jsae(config) => {
            let (state_dim, action_dim) = (config.state_dim, config.action_dim);
            let joint = state_dim.saturating_add(action_dim);
            of(&[&[states], &config.hidden, &[state_dim]])
                .saturating_add(of(&[&[actions], &config.hidden, &[action_dim]]))
                .saturating_add(of(&[&[joint], &config.transition_hidden, &[states]]))
                .saturating_add(of(&[&[action_dim, config.decoder_hidden, actions]]))
        }
        EmbeddingConfig::Ra(config) => {
            of(&[&[2 * states, config.action_dim]]).saturating_add(of(&[&[actions, config.action_dim]]))
        }
        EmbeddingConfig::Rounding(_) | EmbeddingConfig::Identity(_) => 0,
    }
}

/// Inputs that a space takes: one for each value of each index, or the numbers themselves.
fn one_hot(space: &Space) -> usize {
    space.sizes().map_or(space.len(), |sizes| sizes.iter().sum())
}

/// Actions of a finite set.
fn n_actions(action: &Space) -> usize {
    action.sizes().map_or(1, |sizes| sizes.iter().product())
}

/// Rows that pass the networks at once.
fn batch(experiment: &Experiment) -> u128 {
    let whole = experiment.training.steps_per_epoch;
    (match &experiment.algorithm {
        AlgorithmConfig::Vpg(_) => whole,
        AlgorithmConfig::Ppo(config) => config.batch_size.unwrap_or(whole),
        AlgorithmConfig::Sac(config) => config.batch_size,
        AlgorithmConfig::DiscreteSac(config) => config.batch_size,
    }) as u128
}

/// Most transitions remembered: memory is touched only as they come in.
fn replay(experiment: &Experiment) -> u128 {
    let capacity = match &experiment.algorithm {
        AlgorithmConfig::Vpg(_) | AlgorithmConfig::Ppo(_) => 0,
        AlgorithmConfig::Sac(config) => config.buffer_size,
        AlgorithmConfig::DiscreteSac(config) => config.buffer_size,
    };
    let training = &experiment.training;
    training.n_steps().min(capacity) as u128
}

impl Limit {
    /// The smallest of what the machine has and what the control groups of this process allow.
    pub(crate) fn here() -> Option<Self> {
        Self::under(Path::new("/"))
    }

    /// The same with another root of the file system.
    fn under(root: &Path) -> Option<Self> {
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let machine = read("proc/meminfo").lines().find_map(|line| {
            let kib =
                line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u128>().ok()?;
            Some(Self { bytes: kib << 10, whose: "this machine".to_owned() })
        });
        let groups = read("proc/self/cgroup");
        let groups = groups.lines().filter_map(|line| {
            let (_, rest) = line.split_once(':')?;
            match rest.split_once(':')? {
                ("", path) => Some(("sys/fs/cgroup", "memory.max", path)),
                (names, path) if names.split(',').any(|name| name == "memory") => {
                    Some(("sys/fs/cgroup/memory", "memory.limit_in_bytes", path))
                }
                _ => None,
            }
        });
        let limits = groups.flat_map(|(mount, file, path)| {
            // A container sees its own group as the root, whatever the path says.
            Path::new(path.trim_start_matches('/')).ancestors().map(move |path| {
                let path = Path::new(mount).join(path).join(file);
                path.to_string_lossy().into_owned()
            })
        });
        let limits = limits.collect::<Vec<_>>().into_iter().filter_map(|path| {
            let bytes = read(&path).trim().parse::<u128>().ok()?;
            Some(Self { bytes, whose: format!("its control group (/{path})") })
        });
        machine.into_iter().chain(limits).min_by_key(|limit| limit.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
        fs::write(path, text).expect("a writable folder");
    }

    #[test]
    fn the_smallest_limit_counts_in_both_kinds_of_control_groups() {
        for (groups, path) in [
            ("0::/job/step\n", "sys/fs/cgroup/job/memory.max"),
            ("4:cpu,memory:/job/step\n0::/\n", "sys/fs/cgroup/memory/job/step/memory.limit_in_bytes"),
            ("4:memory:/docker/12ab\n", "sys/fs/cgroup/memory/memory.limit_in_bytes"),
        ] {
            let root = tempfile::tempdir().expect("a temporary folder");
            write(root.path(), "proc/meminfo", "MemTotal:       32000000 kB\nMemFree: 1 kB\n");
            write(root.path(), "proc/self/cgroup", groups);
            let machine = Limit::under(root.path()).expect("a machine");
            assert_eq!(machine.to_string(), "this machine has 30.5 GiB");
            write(root.path(), "sys/fs/cgroup/job/step/memory.max", "max\n");
            write(root.path(), path, "2147483648\n");
            let limit = Limit::under(root.path()).expect("a limit");
            assert_eq!(limit.to_string(), format!("its control group (/{path}) has 2.0 GiB"));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_both_numbers() {
        let estimate = Estimate(vec![("program", BASE), ("replay", 3 << 30), ("parameters", 5)]);
        let limit = Limit { bytes: 4 << 30, whose: "this machine".to_owned() };
        assert_eq!(estimate.problem(1, &limit), None);
        let words = "needs about 6.6 GiB of memory (replay 3.0 GiB, program 300 MiB, 2 runs at a time), \
                     and this machine has 4.0 GiB";
        assert_eq!(estimate.problem(2, &limit).as_deref(), Some(words));
    }
}
