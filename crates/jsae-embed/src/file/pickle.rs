use std::path::Path;

/// Endings under which other programs keep pickles.
const EXTENSIONS: [&str; 9] = ["bin", "ckpt", "dill", "joblib", "pickle", "pkl", "pt", "pth", "pt2"];

/// First bytes, and whose they are.
const MAGIC: [(&[u8], &str); 9] = [
    (b"PK\x03\x04", "a zip archive, as torch.save writes"),
    (b"PK\x05\x06", "a zip archive, as torch.save writes"),
    (b"\x80\x01", "a pickle"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x03", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
    (b"\x1f\x8b", "a gzip archive, as joblib writes"),
    (b"(dp", "a pickle in text"),
];

/// Whose first bytes these are, where they are those of a pickle or of an archive that holds one.
///
/// Such a file can run code when it is read, so that nothing here ever does.
pub fn pickle_magic(bytes: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind)
}

/// The ending of `path`, where it is one under which other programs keep pickles.
pub fn pickle_extension(path: &Path) -> Option<&str> {
    let extension = path.extension()?.to_str()?;
    EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)).then_some(extension)
}
