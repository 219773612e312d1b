use std::io::{self, Read, Write};
use std::ops::Range;

use super::ReplayBuffer;

/// Why stored transitions could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The bytes could not be read.
    #[error("reading stored transitions: {0}")]
    Io(#[from] io::Error),
    /// Transitions that leave out some that a buffer of this capacity would still hold.
    #[error(
        "stored transitions are those from {start} up to {end}, expected all from {oldest} on for a capacity of {capacity}"
    )]
    Missing {
        /// The first stored.
        start: u64,
        /// One behind the last stored.
        end: u64,
        /// The first that the buffer would hold.
        oldest: u64,
        /// Most transitions held.
        capacity: usize,
    },
}

impl ReplayBuffer {
    /// Writes the transitions of these numbers, row by row as little-endian single precision:
    /// observation, next observation, action, latent action, reward, end of the task.
    ///
    /// A transition never changes once pushed: who stores them in pieces writes each one once.
    ///
    /// # Errors
    /// Those of `writer`.
    ///
    /// # Panics
    /// When a transition is no longer held, or not yet.
    pub fn write_rows(&self, numbers: Range<u64>, writer: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let held = self.oldest()..=self.pushed();
        assert!(
            held.contains(&numbers.start) && held.contains(&numbers.end),
            "{numbers:?} not within {held:?}"
        );
        let mut bytes = Vec::with_capacity(self.lengths().transition_bytes());
        for number in numbers {
            let row = self.row(number);
            bytes.clear();
            for (column, len) in self.columns() {
                bytes.extend(column[row * len..(row + 1) * len].iter().flat_map(|value| value.to_le_bytes()));
            }
            writer.write_all(&bytes)?;
        }
        Ok(())
    }

    /// Goes on where a buffer stood that had pushed all transitions up to `numbers.end`, given those of
    /// `numbers` as [`ReplayBuffer::write_rows`] wrote them; ones that it had forgotten are passed over.
    ///
    /// # Errors
    /// Bytes that end early, or transitions that are missing; the buffer is then empty.
    pub fn restore(&mut self, numbers: Range<u64>, reader: &mut impl Read) -> Result<(), ReplayError> {
        self.clear();
        let result = self.read_rows(numbers, reader);
        if result.is_err() {
            self.clear();
        }
        result
    }

    fn read_rows(&mut self, numbers: Range<u64>, reader: &mut impl Read) -> Result<(), ReplayError> {
        let Range { start, end } = numbers;
        let oldest = end.saturating_sub(self.capacity as u64);
        if start > oldest || start > end {
            return Err(ReplayError::Missing { start, end, oldest, capacity: self.capacity });
        }
        let mut bytes = vec![0; self.lengths().transition_bytes()];
        for _ in start..oldest {
            reader.read_exact(&mut bytes)?;
        }
        let mut rows = Rows { reader, bytes };
        let turn = self.row(oldest);
        if turn == 0 {
            return self.append(&mut rows, (end - oldest) as usize, end);
        }
        // The ring is full and has turned: its rows begin in the middle.
        self.columns_mut().into_iter().for_each(|(column, len)| column.resize(turn * len, 0.0));
        self.append(&mut rows, self.capacity - turn, end)?;
        for row in 0..turn {
            self.put_row(row, rows.next()?);
        }
        Ok(())
    }

    fn append(&mut self, rows: &mut Rows<'_, impl Read>, n: usize, end: u64) -> Result<(), ReplayError> {
        for _ in 0..n {
            let mut bytes = rows.next()?;
            for (column, len) in self.columns_mut() {
                let (row, rest) = bytes.split_at(len * size_of::<f32>());
                column.extend(row.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)));
                bytes = rest;
            }
        }
        self.pushed = end;
        Ok(())
    }

    fn put_row(&mut self, row: usize, mut bytes: &[u8]) {
        for (column, len) in self.columns_mut() {
            let (values, rest) = bytes.split_at(len * size_of::<f32>());
            for (slot, &bytes) in column[row * len..(row + 1) * len].iter_mut().zip(values.as_chunks().0) {
                *slot = f32::from_le_bytes(bytes);
            }
            bytes = rest;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.columns_mut().into_iter().for_each(|(column, _)| column.clear());
        self.pushed = 0;
    }

    /// Columns with the lengths of their rows, in the order in which they are stored.
    fn columns(&self) -> [(&Vec<f32>, usize); 6] {
        let lengths = self.lengths();
        [
            (&self.observations, lengths.obs_len),
            (&self.next_observations, lengths.obs_len),
            (&self.actions, lengths.action_len),
            (&self.latent_actions, lengths.latent_len),
            (&self.rewards, 1),
            (&self.terminated, 1),
        ]
    }

    fn columns_mut(&mut self) -> [(&mut Vec<f32>, usize); 6] {
        let lengths = self.lengths();
        [
            (&mut self.observations, lengths.obs_len),
            (&mut self.next_observations, lengths.obs_len),
            (&mut self.actions, lengths.action_len),
            (&mut self.latent_actions, lengths.latent_len),
            (&mut self.rewards, 1),
            (&mut self.terminated, 1),
        ]
    }
}

/// Stored transitions, one at a time.
struct Rows<'a, R> {
    reader: &'a mut R,
    bytes: Vec<u8>,
}

impl<R: Read> Rows<'_, R> {
    fn next(&mut self) -> io::Result<&[u8]> {
        self.reader.read_exact(&mut self.bytes)?;
        Ok(&self.bytes)
    }
}
