use std::io::{self, Read, Write};

use super::ReplayBuffer;

/// Numbers converted at a time.
const CHUNK: usize = 4_096;

/// Why stored transitions could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The bytes could not be read.
    #[error("reading stored transitions: {0}")]
    Io(#[from] io::Error),
    /// Written by a buffer of other sizes.
    #[error(
        "stored transitions have capacity, observation, action and latent lengths {found:?}, expected {expected:?}"
    )]
    Sizes {
        /// Sizes in the bytes.
        found: [u64; 4],
        /// Sizes of this buffer.
        expected: [u64; 4],
    },
    /// Counts that no buffer writes.
    #[error("stored transitions say {len} rows and position {position}: not written by a replay buffer")]
    Counts {
        /// Rows in the bytes.
        len: u64,
        /// Next row to overwrite.
        position: u64,
    },
}

impl ReplayBuffer {
    /// Writes all transitions as little-endian numbers, a chunk at a time, so that saving a
    /// large buffer takes no second one.
    ///
    /// # Errors
    /// Those of `writer`.
    pub fn write_to(&self, writer: &mut impl Write) -> io::Result<()> {
        let [capacity, obs, action, latent] = self.sizes();
        for number in [capacity, obs, action, latent, self.len() as u64, self.position as u64] {
            writer.write_all(&number.to_le_bytes())?;
        }
        for column in self.columns() {
            for chunk in column.chunks(CHUNK) {
                let bytes: Vec<u8> = chunk.iter().flat_map(|value| value.to_le_bytes()).collect();
                writer.write_all(&bytes)?;
            }
        }
        Ok(())
    }

    /// Takes over what [`ReplayBuffer::write_to`] wrote.
    ///
    /// # Errors
    /// Bytes that end early or come from a buffer of other sizes; the buffer is then empty.
    pub fn read_from(&mut self, reader: &mut impl Read) -> Result<(), ReplayError> {
        self.clear();
        let result = self.read_all(reader);
        if result.is_err() {
            self.clear();
        }
        result
    }

    fn read_all(&mut self, reader: &mut impl Read) -> Result<(), ReplayError> {
        let mut numbers = [0; 6];
        for number in &mut numbers {
            let mut bytes = [0; 8];
            reader.read_exact(&mut bytes)?;
            *number = u64::from_le_bytes(bytes);
        }
        let [capacity, obs, action, latent, len, position] = numbers;
        let (found, expected) = ([capacity, obs, action, latent], self.sizes());
        if found != expected {
            return Err(ReplayError::Sizes { found, expected });
        }
        let full = len == capacity;
        if len > capacity || (full && position >= capacity) || (!full && position != len) {
            return Err(ReplayError::Counts { len, position });
        }
        let row_lens = [obs, obs, action, latent, 1, 1];
        for (column, row_len) in self.columns_mut().into_iter().zip(row_lens) {
            read_column(reader, (len * row_len) as usize, column)?;
        }
        self.position = position as usize;
        Ok(())
    }

    fn sizes(&self) -> [u64; 4] {
        let lengths = self.lengths;
        [self.capacity, lengths.obs_len, lengths.action_len, lengths.latent_len].map(|size| size as u64)
    }

    fn clear(&mut self) {
        self.columns_mut().into_iter().for_each(Vec::clear);
        self.position = 0;
    }

    fn columns(&self) -> [&Vec<f32>; 6] {
        [
            &self.observations,
            &self.next_observations,
            &self.actions,
            &self.latent_actions,
            &self.rewards,
            &self.terminated,
        ]
    }

    fn columns_mut(&mut self) -> [&mut Vec<f32>; 6] {
        [
            &mut self.observations,
            &mut self.next_observations,
            &mut self.actions,
            &mut self.latent_actions,
            &mut self.rewards,
            &mut self.terminated,
        ]
    }
}

fn read_column(reader: &mut impl Read, len: usize, column: &mut Vec<f32>) -> io::Result<()> {
    let mut bytes = vec![0; 4 * CHUNK];
    while column.len() < len {
        let bytes = &mut bytes[..4 * CHUNK.min(len - column.len())];
        reader.read_exact(bytes)?;
        column.extend(bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)));
    }
    Ok(())
}
