//! The event files, read by a reader that shares no line with the writer.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::tiny::{prepared, trained, write};

/// Curves by tag: step and value, in the order of the file.
type Curves = BTreeMap<String, Vec<(u64, f32)>>;

#[test]
fn curves_are_those_of_the_records() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let run = trained(&[], out.path());
    let mut curves = read(run.path());
    for table in ["progress.csv", "timing.csv"] {
        let mut reader = csv::Reader::from_path(run.file(table)).expect(table);
        let names: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
        assert_eq!(rows.len(), 8, "{table}");
        for (column, name) in names.iter().enumerate() {
            let values = rows.iter().filter(|row| !row[column].is_empty());
            let values: Vec<f32> = values.map(|row| row[column].parse().expect("a number")).collect();
            if name == "time/iterations" && table == "timing.csv" {
                continue; // stands in both tables
            }
            let curve = curves.remove(name).unwrap_or_default();
            if name == "time/iterations" {
                assert_eq!(curve.len(), 16);
                continue;
            }
            assert_eq!(curve.iter().map(|(_, value)| *value).collect::<Vec<_>>(), values, "{name}");
            assert!(curve.is_sorted_by_key(|(step, _)| *step), "{name}");
        }
    }
    assert!(curves.is_empty(), "curves without a column: {curves:?}");
}

#[test]
fn steps_count_the_environments_steps() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let run = prepared(&write(out.path()), &["training.n_epochs=3"], out.path());
    crate::tiny::finish(&run);
    let curves = read(run.path());
    let steps: Vec<u64> = curves["rollout/ep_rew_mean"].iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [380, 460, 540], "300 of pre-training, 80 an epoch");
}

/// All curves of the one event file in `folder`.
fn read(folder: &Path) -> Curves {
    let entries = fs::read_dir(folder).expect("a run's folder").map(|entry| entry.expect("an entry").path());
    let is_events = |path: &std::path::PathBuf| path.to_string_lossy().contains("events.out.tfevents.");
    let files: Vec<_> = entries.filter(is_events).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let bytes = fs::read(&files[0]).expect("a readable file");
    let mut events = frames(&bytes).into_iter();
    let first = fields(events.next().expect("a first event"));
    assert_eq!(first[&3], Field::Bytes(b"brain.Event:2"));
    let mut curves = Curves::new();
    for event in events {
        let event = fields(event);
        let summary = fields(event[&5].bytes());
        let value = fields(summary[&1].bytes());
        let tag = String::from_utf8(value[&1].bytes().to_vec()).expect("UTF-8");
        let Field::Fixed(bits) = value[&2] else { panic!("{tag} is no float") };
        let Field::Varint(step) = event[&2] else { panic!("{tag} has no step") };
        curves.entry(tag).or_default().push((step, f32::from_bits(bits as u32)));
    }
    curves
}

/// The payloads of a file of `TFRecord` frames, whose checksums must hold.
fn frames(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_at(8);
        let (length_crc, rest) = rest.split_at(4);
        assert_eq!(length_crc, masked_crc(length).to_le_bytes(), "frame {}", frames.len());
        let length = u64::from_le_bytes(length.try_into().expect("8 bytes"));
        let (payload, rest) = rest.split_at(usize::try_from(length).expect("a small frame"));
        let (payload_crc, rest) = rest.split_at(4);
        assert_eq!(payload_crc, masked_crc(payload).to_le_bytes(), "frame {}", frames.len());
        frames.push(payload);
        bytes = rest;
    }
    frames
}

/// CRC-32C bit by bit (RFC 3720), masked as `TFRecord` masks it.
fn masked_crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 & 0_u32.wrapping_sub(crc & 1));
        }
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// A field of a protocol-buffer message.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Field<'a> {
    Varint(u64),
    Fixed(u64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            other => panic!("{other:?} is no message"),
        }
    }
}

/// The fields of a message by number; no message here repeats one.
fn fields(mut bytes: &[u8]) -> BTreeMap<u64, Field<'_>> {
    let mut fields = BTreeMap::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Varint(varint(&mut bytes)),
            1 => Field::Fixed(u64::from_le_bytes(take(&mut bytes, 8).try_into().expect("8 bytes"))),
            2 => {
                let length = varint(&mut bytes) as usize;
                Field::Bytes(take(&mut bytes, length))
            }
            5 => {
                Field::Fixed(u64::from(u32::from_le_bytes(take(&mut bytes, 4).try_into().expect("4 bytes"))))
            }
            wire => panic!("wire type {wire}"),
        };
        assert_eq!(fields.insert(tag >> 3, field), None, "field {} twice", tag >> 3);
    }
    fields
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

fn take<'a>(bytes: &mut &'a [u8], n: usize) -> &'a [u8] {
    let (head, rest) = bytes.split_at(n);
    *bytes = rest;
    head
}
