use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde::{Deserialize, Serialize};

/// One stream of random numbers per purpose, all of one seed.
///
/// A purpose that draws more or less than before leaves the others as they were; the streams can be
/// saved, and continue where they stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Streams {
    /// Seeds of the environments that train.
    pub environments: ChaCha8Rng,
    /// Initial parameters of the embedding.
    pub embedding: ChaCha8Rng,
    /// Initial parameters of the networks.
    pub networks: ChaCha8Rng,
    /// Environments and actions of the pre-training samples.
    pub pretrain_samples: ChaCha8Rng,
    /// Shuffling and splitting in pre-training and continuous updating.
    pub embedding_batches: ChaCha8Rng,
    /// Noise of the policy.
    pub policy: ChaCha8Rng,
    /// Batches of the policy's update.
    pub batches: ChaCha8Rng,
    /// Rows drawn from the replay.
    pub replay: ChaCha8Rng,
    /// Environments of the evaluations.
    pub evaluation: ChaCha8Rng,
}

impl Streams {
    /// The streams of `seed`, each at its beginning.
    pub fn new(seed: u64) -> Self {
        let stream = |purpose: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(purpose);
            rng
        };
        Self {
            environments: stream(1),
            embedding: stream(2),
            networks: stream(3),
            pretrain_samples: stream(4),
            embedding_batches: stream(5),
            policy: stream(6),
            batches: stream(7),
            evaluation: stream(8),
            replay: stream(9),
        }
    }
}
