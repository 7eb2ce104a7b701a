use std::fmt::Write as _;
use std::fs;

use authflow_types::{Rng, SystemRng};

use super::*;

struct TempFile(PathBuf);

impl TempFile {
    fn new(content: impl AsRef<[u8]>) -> Self {
        let rng: &dyn Rng = &SystemRng::default();
        let name = format!("authflow-breached-{:x}", u128::from_be_bytes(rng.bytes()));
        let path = std::env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        Self(path)
    }
    fn open(&self) -> Result<BreachedList, BreachedListError> {
        BreachedList::open(&self.0)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn hex(hash: &Sha1) -> String {
    hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

fn sorted_hashes(count: usize) -> Vec<String> {
    let mut hashes: Vec<_> = (0..count)
        .map(|i| hex(&sha1(format!("pw{i}").as_bytes())))
        .collect();
    hashes.sort();
    hashes
}

#[test]
fn known_hash_is_as_published() {
    assert_eq!(
        hex(&sha1(b"password")),
        "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8"
    );
}

#[test]
fn every_entry_of_a_sorted_file_is_found_and_nothing_else() {
    for count in [1, 2, 3, 4, 5, 17, 1_000] {
        for (line_end, last) in [("\n", "\n"), ("\r\n", "\r\n"), ("\n", "")] {
            let lines: Vec<_> = sorted_hashes(count)
                .into_iter()
                .enumerate()
                // Counts of many lengths make lines of many lengths.
                .map(|(i, hash)| match i % 4 {
                    0 => hash,
                    1 => format!("{hash}:7"),
                    2 => format!("{hash}:{}", u64::MAX),
                    _ => format!("{}:123456", hash.to_lowercase()),
                })
                .collect();
            let file = TempFile::new(lines.join(line_end) + last);
            let list = file.open().unwrap();
            assert!(matches!(list.content, Content::Disk { .. }));
            for i in 0..count {
                assert!(list.contains(&format!("pw{i}")).unwrap(), "{count} {i}");
            }
            for absent in 0..100 {
                assert!(!list.contains(&format!("absent{absent}")).unwrap());
            }
        }
    }
}

#[test]
fn unsorted_hashes_and_clear_text_are_read_into_memory() {
    let mut hashes = sorted_hashes(100);
    hashes.reverse();
    let texts: Vec<_> = (0..100).map(|i| format!("pw{i}")).collect();
    for content in [hashes.join("\n"), texts.join("\r\n"), texts.join("\n\n") + "\n"] {
        let file = TempFile::new(content);
        let list = file.open().unwrap();
        assert!(matches!(&list.content, Content::Memory(entries) if entries.len() == 100));
        for i in 0..100 {
            assert!(list.contains(&format!("pw{i}")).unwrap());
        }
        assert!(!list.contains("absent").unwrap());
    }
}

#[test]
fn blank_lines_do_not_lead_a_search_astray() {
    let hashes = sorted_hashes(50);
    for (separator, last) in [("\n", "\n\n"), ("\n", "\n\n\n"), ("\n\n", "\n"), ("\r\n\r\n", "")] {
        let list = TempFile::new(hashes.join(separator) + last).open().unwrap();
        for i in 0..50 {
            assert!(
                list.contains(&format!("pw{i}")).unwrap(),
                "{separator:?} {last:?}"
            );
        }
        assert!(!list.contains("absent").unwrap());
    }
}

#[test]
fn clear_text_is_compared_in_nfc() {
    let file = TempFile::new("pa\u{308}sswort\n");
    assert!(file.open().unwrap().contains("p\u{e4}sswort").unwrap());
}

#[test]
fn unusable_files_are_refused_with_their_reason() {
    let hash = &sorted_hashes(1)[0];
    assert!(matches!(
        BreachedList::open("/nonexistent/list"),
        Err(BreachedListError::Io { .. })
    ));
    assert!(matches!(
        TempFile::new("").open(),
        Err(BreachedListError::Empty { .. })
    ));
    for bad in [
        format!("{hash}\nnot a hash\n"),
        format!("{hash}:\n").replace(":\n", ":1\nx:1\n"),
        format!("{hash}\n{hash}:x\n"),
        format!("{hash}\n{}\n", &hash[1..]),
    ] {
        let error = TempFile::new(&bad).open().unwrap_err();
        assert!(
            matches!(error, BreachedListError::Malformed { .. }),
            "{bad}: {error:?}"
        );
    }
    assert!(matches!(
        TempFile::new([b"pw\n".as_slice(), &[0xff, 0xfe, b'\n']].concat()).open(),
        Err(BreachedListError::Malformed { offset: 3, .. })
    ));
    assert!(matches!(
        TempFile::new(vec![b'x'; 10_000]).open(),
        Err(BreachedListError::Malformed { offset: 0, .. })
    ));
}

#[test]
fn file_damaged_while_open_is_an_error_not_an_answer() {
    let file = TempFile::new(sorted_hashes(100).join("\n"));
    let list = file.open().unwrap();
    fs::write(&file.0, vec![b'z'; 4_100]).unwrap();
    assert!(matches!(
        list.contains("pw1"),
        Err(BreachedListError::Malformed { .. })
    ));
}

#[test]
fn walking_a_sorted_file_meets_every_line_once() {
    let file = TempFile::new(sorted_hashes(500).join("\n"));
    let mut open = File::open(&file.0).unwrap();
    let len = open.metadata().unwrap().len();
    let reader = Reader { path: &file.0, len };
    let (mut before, mut at, mut count) = (None, 0, 0);
    while let Some(line) = reader.line_from(&mut open, at).unwrap() {
        assert!(before < Some(line.hash));
        (before, at, count) = (Some(line.hash), line.next, count + 1);
    }
    assert_eq!((count, at), (500, len));
}

#[test]
fn sampling_notices_a_large_file_that_is_not_sorted() {
    let sorted = sorted_hashes(500);
    let mut shuffled = sorted.clone();
    shuffled.swap(100, 400);
    for (lines, expected) in [(sorted, true), (shuffled, false)] {
        let file = TempFile::new(lines.join("\n"));
        let mut open = File::open(&file.0).unwrap();
        let len = open.metadata().unwrap().len();
        let reader = Reader { path: &file.0, len };
        assert_eq!(reader.is_sorted_at_places(&mut open).unwrap(), expected);
    }
}
