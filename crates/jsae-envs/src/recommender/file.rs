//! The model as a file: little-endian, all lengths in the header, a checksum at the end.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `jsae-rec` |
//! | 4 × 6 | version, items, order-1 entries, order-2 entries, bytes of identifiers, bytes of filters |
//! | 8 × items | prices |
//! | 4 × items | purchases |
//! | 4 × (items + 1) | where each identifier begins, and the end |
//! | 4 × (items + 1), 4 × entries, 4 × entries | order 1: starts, items, counts |
//! | 4 × (order-1 entries + 1), 4 × entries, 4 × entries | order 2: starts, items, counts |
//! | as said | identifiers, UTF-8 |
//! | as said | filters, postcard |
//! | 4 | CRC-32C of all before |

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::model::{Item, Model, ModelError};
use super::rows::Rows;

const MAGIC: &[u8; 8] = b"jsae-rec";
const VERSION: u32 = 1;
const HEADER: usize = 8 + 4 * 6;

impl Model {
    /// Reads a model file.
    ///
    /// # Errors
    /// [`ModelError::File`] where it cannot be read, [`ModelError::NotAModel`],
    /// [`ModelError::Version`] and [`ModelError::Damaged`] where it cannot be used.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let bytes = fs::read(path).map_err(|source| ModelError::File { path: path.to_owned(), source })?;
        Self::from_bytes(&bytes).map_err(|problem| problem.at(path))
    }

    /// Writes a model file: whole, or not at all.
    ///
    /// # Errors
    /// [`ModelError::File`].
    pub fn write(&self, path: &Path) -> Result<(), ModelError> {
        let partial = partial_path(path);
        let written = write_and_rename(&self.to_bytes(), &partial, path);
        written.map_err(|source| {
            // The first error is the one to tell.
            let _ = fs::remove_file(&partial);
            ModelError::File { path: path.to_owned(), source }
        })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let filters = postcard::to_stdvec(&self.filters).expect("numbers can always be written");
        let ids: Vec<&[u8]> = self.items.iter().map(|item| item.id.as_bytes()).collect();
        let mut ends = vec![0];
        ends.extend(ids.iter().scan(0, |end, id| {
            *end += id.len() as u32;
            Some(*end)
        }));
        let lengths = [
            VERSION,
            self.items.len() as u32,
            self.order1.items.len() as u32,
            self.order2.items.len() as u32,
            ends[ids.len()],
            filters.len() as u32,
        ];
        let mut bytes = MAGIC.to_vec();
        put(&mut bytes, &lengths);
        bytes.extend(self.items.iter().flat_map(|item| item.price.to_le_bytes()));
        put(&mut bytes, &self.purchases);
        put(&mut bytes, &ends);
        for rows in [&self.order1, &self.order2] {
            put(&mut bytes, &rows.starts);
            put(&mut bytes, &rows.items);
            put(&mut bytes, &rows.counts);
        }
        bytes.extend(ids.concat());
        bytes.extend(filters);
        let checksum = crc32c::crc32c(&bytes);
        put(&mut bytes, &[checksum]);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, Problem> {
        let mut rest = Rest(bytes.strip_prefix(MAGIC).ok_or(Problem::NotAModel)?);
        let damaged = || Problem::Damaged("it ends within its header".to_owned());
        let header: Vec<u32> = rest.numbers(6).ok_or_else(damaged)?;
        if header[0] != VERSION {
            return Err(Problem::Version(header[0]));
        }
        let lengths: [usize; 5] = std::array::from_fn(|i| header[i + 1] as usize);
        let expected = file_len(lengths);
        if bytes.len() as u128 != expected {
            return Err(Problem::Damaged(format!("{} bytes, expected {expected}", bytes.len())));
        }
        let (content, checksum) = bytes.split_at(bytes.len() - 4);
        if crc32c::crc32c(content).to_le_bytes() != checksum {
            return Err(Problem::Damaged("its checksum does not match its content".to_owned()));
        }
        let model =
            rest.model(lengths).ok_or_else(|| Problem::Damaged("unreadable identifiers".to_owned()))?;
        model.problem().map_or(Ok(model), |problem| Err(Problem::Damaged(problem.to_owned())))
    }
}

enum Problem {
    NotAModel,
    Version(u32),
    Damaged(String),
}

impl Problem {
    fn at(self, path: &Path) -> ModelError {
        let path = path.to_owned();
        match self {
            Self::NotAModel => ModelError::NotAModel { path },
            Self::Version(found) => ModelError::Version { path, found, expected: VERSION },
            Self::Damaged(problem) => ModelError::Damaged { path, problem },
        }
    }
}

/// The length that the header's lengths give; no product of 32-bit numbers overflows here.
fn file_len([n_items, n_order1, n_order2, ids, filters]: [usize; 5]) -> u128 {
    let [n_items, n_order1, n_order2] = [n_items, n_order1, n_order2].map(|n| n as u128);
    let per_item = 8 * n_items + 4 * n_items + 4 * (n_items + 1);
    let order1 = 4 * (n_items + 1) + 8 * n_order1;
    let order2 = 4 * (n_order1 + 1) + 8 * n_order2;
    HEADER as u128 + per_item + order1 + order2 + ids as u128 + filters as u128 + 4
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn numbers(&mut self, n: usize) -> Option<Vec<u32>> {
        Some(self.bytes(4 * n)?.as_chunks().0.iter().map(|&bytes| u32::from_le_bytes(bytes)).collect())
    }

    fn prices(&mut self, n: usize) -> Option<Vec<f64>> {
        Some(self.bytes(8 * n)?.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect())
    }

    fn rows(&mut self, n_rows: usize, n_entries: usize) -> Option<Rows> {
        Some(Rows {
            starts: self.numbers(n_rows + 1)?,
            items: self.numbers(n_entries)?,
            counts: self.numbers(n_entries)?,
        })
    }

    fn model(&mut self, [n_items, n_order1, n_order2, ids, filters]: [usize; 5]) -> Option<Model> {
        let prices = self.prices(n_items)?;
        let purchases = self.numbers(n_items)?;
        let ends = self.numbers(n_items + 1)?;
        let order1 = self.rows(n_items, n_order1)?;
        let order2 = self.rows(n_order1, n_order2)?;
        let ids = std::str::from_utf8(self.bytes(ids)?).ok()?;
        let filters = postcard::from_bytes(self.bytes(filters)?).ok()?;
        let ids = ends.windows(2).map(|pair| ids.get(pair[0] as usize..pair[1] as usize).map(str::to_owned));
        let items = prices.into_iter().zip(ids).map(|(price, id)| Some(Item { id: id?, price }));
        Some(Model { items: items.collect::<Option<_>>()?, purchases, order1, order2, filters })
    }
}

fn put(bytes: &mut Vec<u8>, numbers: &[u32]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// Beside `path`, so that renaming stays within one file system.
fn partial_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}

fn write_and_rename(bytes: &[u8], partial: &Path, path: &Path) -> std::io::Result<()> {
    let mut file = File::create(partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(partial, path)
}
