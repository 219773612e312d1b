//! The replay: what it keeps, how it draws, and that it survives being stored.

use jsae_rl::{ReplayBuffer, ReplayError, RowLengths, VectorStep};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const LENGTHS: RowLengths = RowLengths { obs_len: 2, action_len: 1, latent_len: 1 };

/// Pushes steps `range`, one environment; everything in step t says t.
fn push(buffer: &mut ReplayBuffer, range: std::ops::Range<usize>) {
    for t in range {
        let number = t as f64;
        buffer.push(&VectorStep {
            observations: &[number, -number],
            actions: &[number],
            latent_actions: &[number as f32],
            rewards: &[number],
            terminated: &[t % 2 == 1],
            truncated: &[false],
            next_observations: &[number + 1.0, -number],
        });
    }
}

fn rewards(buffer: &ReplayBuffer, n: usize) -> Vec<f32> {
    let sample = buffer.sample(n, &mut ChaCha8Rng::seed_from_u64(8));
    Vec::try_from(&sample.rewards).expect("single precision")
}

#[test]
fn full_replay_forgets_the_oldest() {
    let mut buffer = ReplayBuffer::new(5, 5, LENGTHS);
    push(&mut buffer, 0..3);
    assert_eq!(buffer.len(), 3);
    push(&mut buffer, 3..12);
    assert_eq!(buffer.len(), 5);
    let mut seen = rewards(&buffer, 200);
    seen.sort_by(f32::total_cmp);
    seen.dedup();
    assert_eq!(seen, [7.0, 8.0, 9.0, 10.0, 11.0]);
}

#[test]
fn columns_of_a_sample_belong_together() {
    let mut buffer = ReplayBuffer::new(50, 50, LENGTHS);
    push(&mut buffer, 0..80);
    let sample = buffer.sample(64, &mut ChaCha8Rng::seed_from_u64(1));
    assert_eq!(sample.observations.size(), [64, 2]);
    for row in 0..64 {
        let t = sample.rewards.double_value(&[row]);
        assert_eq!(sample.observations.double_value(&[row, 1]), -t);
        assert_eq!(sample.next_observations.double_value(&[row, 0]), t + 1.0);
        assert_eq!(sample.actions.double_value(&[row, 0]), t);
        assert_eq!(sample.latent_actions.double_value(&[row, 0]), t);
        assert_eq!(sample.terminated.double_value(&[row]), t % 2.0);
    }
}

#[test]
fn rows_are_drawn_uniformly() {
    let mut buffer = ReplayBuffer::new(10, 10, LENGTHS);
    push(&mut buffer, 0..10);
    let drawn = rewards(&buffer, 100_000);
    for t in 0..10 {
        let share = drawn.iter().filter(|&&reward| reward == t as f32).count() as f64 / 1e5;
        assert!((share - 0.1).abs() < 4.0 * (0.1 * 0.9 / 1e5_f64).sqrt(), "{share}");
    }
}

/// Rows `numbers` of `buffer`, stored.
fn stored(buffer: &ReplayBuffer, numbers: std::ops::Range<u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    buffer.write_rows(numbers, &mut bytes).expect("memory");
    bytes
}

#[test]
fn stored_replay_goes_on_identically() {
    for pushed in [3, 7, 10, 14, 23] {
        let mut buffer = ReplayBuffer::new(7, 7, LENGTHS);
        push(&mut buffer, 0..pushed);
        let numbers = buffer.oldest()..buffer.pushed();
        let mut loaded = ReplayBuffer::new(7, 7, LENGTHS);
        loaded.restore(numbers.clone(), &mut stored(&buffer, numbers).as_slice()).expect("what was written");
        push(&mut buffer, pushed..pushed + 3);
        push(&mut loaded, pushed..pushed + 3);
        assert_eq!((loaded.len(), loaded.pushed()), (buffer.len(), buffer.pushed()));
        assert_eq!(rewards(&buffer, 50), rewards(&loaded, 50), "{pushed} pushed");
    }
}

#[test]
fn pieces_written_at_different_times_make_the_same_replay() {
    let mut buffer = ReplayBuffer::new(7, 7, LENGTHS);
    let mut pieces = Vec::new();
    for (from, to) in [(0, 4), (4, 5), (5, 11), (11, 16)] {
        push(&mut buffer, from..to);
        pieces.push(stored(&buffer, from as u64..to as u64));
    }
    let mut loaded = ReplayBuffer::new(7, 7, LENGTHS);
    loaded.restore(5..16, &mut pieces[2..].concat().as_slice()).expect("all that the ring holds");
    assert_eq!(stored(&buffer, 9..16), stored(&loaded, 9..16));
    assert_eq!(rewards(&buffer, 50), rewards(&loaded, 50));
}

#[test]
fn missing_or_cut_rows_are_refused() {
    let mut buffer = ReplayBuffer::new(7, 7, LENGTHS);
    push(&mut buffer, 0..10);
    let bytes = stored(&buffer, 3..10);
    let missing = buffer.restore(4..10, &mut &bytes[..]);
    assert!(matches!(missing, Err(ReplayError::Missing { oldest: 3, .. })), "{missing:?}");
    assert!(buffer.is_empty());
    let cut = buffer.restore(3..10, &mut &bytes[..bytes.len() - 1]);
    assert!(matches!(cut, Err(ReplayError::Io(_))), "{cut:?}");
    assert_eq!((buffer.len(), buffer.pushed()), (0, 0));
    let backwards = std::ops::Range { start: 5, end: 3 };
    assert!(buffer.restore(backwards, &mut &bytes[..]).is_err());
}
