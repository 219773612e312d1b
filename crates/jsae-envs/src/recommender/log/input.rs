use std::cell::Cell;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use super::LogError;

/// The longest row that is read.
pub(super) const MAX_ROW: usize = 8 << 20;
const BLOCK: usize = 256 << 10;

/// The text of a file, decompressed, block by block.
pub(super) struct Blocks {
    path: PathBuf,
    text: Box<dyn Read>,
    compressed: bool,
    bytes: Rc<Cell<u64>>,
    buffer: Vec<u8>,
    filled: usize,
    at_end: bool,
}

impl Blocks {
    pub(super) fn open(path: &Path) -> Result<Self, LogError> {
        let failed = |source| LogError::File { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(failed)?;
        let mut magic = Vec::new();
        (&mut file).take(4).read_to_end(&mut magic).map_err(failed)?;
        let bytes = Rc::new(Cell::new(0));
        let file =
            Counted { file: std::io::Cursor::new(magic.clone()).chain(file), bytes: Rc::clone(&bytes) };
        let refuse = |problem| Err(LogError::Format { path: path.to_owned(), problem });
        let (text, compressed): (Box<dyn Read>, bool) = match *magic {
            [] => return refuse("an empty file"),
            [0x1f, 0x8b, ..] => (Box::new(MultiGzDecoder::new(BufReader::with_capacity(BLOCK, file))), true),
            [0x28, 0xb5, 0x2f, 0xfd] => (Box::new(zstd::Decoder::new(file).map_err(failed)?), true),
            [b'P', b'K', 3, 4] => return refuse("a zip archive: unpack it first"),
            [b'P', b'A', b'R', b'1'] => return refuse("a parquet file"),
            _ => (Box::new(file), false),
        };
        let buffer = vec![0; BLOCK];
        Ok(Self { path: path.to_owned(), text, compressed, bytes, buffer, filled: 0, at_end: false })
    }

    /// Bytes of the file read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// Is there nothing after [`Blocks::data`]?
    pub(super) fn at_end(&self) -> bool {
        self.at_end
    }

    /// Do the data fill the longest buffer there is?
    pub(super) fn is_full(&self) -> bool {
        self.filled == MAX_ROW
    }

    /// What was read and not consumed.
    pub(super) fn data(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    /// Drops the first `n` bytes.
    pub(super) fn consume(&mut self, n: usize) {
        self.buffer.copy_within(n..self.filled, 0);
        self.filled -= n;
    }

    /// Reads more; `line` is the last whole line, for the error.
    pub(super) fn fill(&mut self, line: u64) -> Result<(), LogError> {
        if self.filled == self.buffer.len() {
            self.buffer.resize((2 * self.filled).min(MAX_ROW), 0);
        }
        while self.filled < self.buffer.len() && !self.at_end {
            match self.text.read(&mut self.buffer[self.filled..]) {
                Ok(n) => {
                    self.filled += n;
                    self.at_end = n == 0;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) if self.compressed => {
                    return Err(LogError::Compressed { path: self.path.clone(), line, source });
                }
                Err(source) => return Err(LogError::File { path: self.path.clone(), source }),
            }
        }
        Ok(())
    }
}

struct Counted<R> {
    file: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.bytes.set(self.bytes.get() + n as u64);
        Ok(n)
    }
}
