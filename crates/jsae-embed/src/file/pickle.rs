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
    // The length that begins a safetensors file may look like any of these; what follows it does not.
    if bytes.get(5..9) == Some(b"\0\0\0{") {
        return None;
    }
    MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind)
}

/// The ending of `path`, where it is one under which other programs keep pickles.
pub fn pickle_extension(path: &Path) -> Option<&str> {
    let extension = path.extension()?.to_str()?;
    EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)).then_some(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pickles_are_known_by_name_and_by_content() {
        for name in ["model.pt", "a/model.PTH", "weights.pkl", "x.bin"] {
            assert!(pickle_extension(Path::new(name)).is_some(), "{name}");
        }
        assert_eq!(pickle_extension(Path::new("seed-0")), None);
        assert_eq!(pickle_extension(Path::new("model.safetensors")), None);
        let protocols =
            [b"\x80\x02}q\0.".as_slice(), b"\x80\x04\x95\x0e\0\0\0\0\0\0\0{", b"PK\x03\x04data.pkl"];
        for bytes in protocols {
            assert!(pickle_magic(bytes).is_some(), "{bytes:?}");
        }
    }

    #[test]
    fn no_length_makes_a_safetensors_file_a_pickle() {
        for length in (0..0x20_0000_u64).step_by(7).chain([0x0280, 0x0480, 0x8b1f]) {
            let file = [&length.to_le_bytes()[..], b"{\"tensor\":"].concat();
            assert_eq!(pickle_magic(&file), None, "{length:#x}");
        }
    }
}
