//! The operator's list of breached passwords, looked up without a network.
//!
//! Three forms are read, one password a line:
//! - SHA-1 in hexadecimal, optionally `:count`, sorted by hash: the public downloads of breached passwords. Looked
//!   up on disk by binary search, so that the list may be larger than memory.
//! - the same unsorted, and clear text: read into memory, at most 64 MiB of file.
//!
//! The form is told from the first line. SHA-1 here is an index, not protection.

use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use unicode_normalization::UnicodeNormalization as _;

/// Largest file that is read into memory.
const MAX_IN_MEMORY: u64 = 64 * 1024 * 1024;
/// A sorted file of at most this size is validated line by line, a larger one at many places.
const VALIDATED_WHOLE: u64 = MAX_IN_MEMORY;
const SAMPLES: u64 = 2_048;
/// 40 digits, a colon, a 64-bit count and a line end, with room to spare.
const MAX_LINE: usize = 80;
const MAX_TEXT_LINE: usize = 4_096;

type Sha1 = [u8; 20];

/// Why a list of breached passwords cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BreachedListError {
    /// The operating system refused.
    #[error("cannot read the list of breached passwords `{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("the list of breached passwords `{path}` is empty")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A line is not of the form that the first one has.
    #[error("the list of breached passwords `{path}` is malformed at byte {offset}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where the line begins.
        offset: u64,
    },
    /// Too large to be read into memory, and not sorted hashes.
    #[error(
        "the list of breached passwords `{path}` is too large: only SHA-1 hashes sorted by hash may exceed {} MiB",
        MAX_IN_MEMORY / 1024 / 1024
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

/// A validated list of breached passwords.
pub struct BreachedList {
    path: PathBuf,
    content: Content,
}

enum Content {
    /// Sorted lines on disk.
    Disk { file: Mutex<File>, len: u64 },
    /// The first eight bytes of each hash, sorted: a false alarm in 2^64 per entry is no loss.
    Memory(Box<[u64]>),
}

impl BreachedList {
    /// Opens and validates a list.
    ///
    /// # Errors
    /// Every [`BreachedListError`]; refuse to start rather than run with a list that would miss entries.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, BreachedListError> {
        let path = path.into();
        let io_error = |source| BreachedListError::Io {
            path: path.clone(),
            source,
        };
        let mut file = File::open(&path).map_err(io_error)?;
        let len = file.metadata().map_err(io_error)?.len();
        let reader = Reader { path: &path, len };
        let first = reader.first_line(&mut file)?;
        let content = if parse_line(&first).is_none() {
            reader.load(&file, |line| Some(sha1(&text_of(line)?)))?
        } else if reader.is_sorted(&mut file)? {
            let file = Mutex::new(file);
            Content::Disk { file, len }
        } else {
            reader.load(&file, parse_line)?
        };
        Ok(Self { path, content })
    }

    /// Whether the list has `password`. Reads about 30 short pieces of the file for a list of a billion.
    ///
    /// # Errors
    /// [`BreachedListError::Io`] and [`BreachedListError::Malformed`] if the file changed since it was opened.
    pub fn contains(&self, password: &str) -> Result<bool, BreachedListError> {
        let target = sha1(password.as_bytes());
        match &self.content {
            Content::Memory(prefixes) => Ok(prefixes.binary_search(&prefix(&target)).is_ok()),
            Content::Disk { file, len } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let reader = Reader {
                    path: &self.path,
                    len: *len,
                };
                reader.search(&mut file, &target)
            }
        }
    }
}

impl fmt::Debug for BreachedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.content {
            Content::Disk { len, .. } => format!("{len} bytes on disk"),
            Content::Memory(prefixes) => format!("{} entries in memory", prefixes.len()),
        };
        write!(f, "BreachedList({}, {kind})", self.path.display())
    }
}

/// A line of a sorted file, with the places where it and its successor begin.
struct Line {
    start: u64,
    next: u64,
    hash: Sha1,
}

struct Reader<'a> {
    path: &'a Path,
    len: u64,
}

impl Reader<'_> {
    fn io(&self, source: io::Error) -> BreachedListError {
        BreachedListError::Io {
            path: self.path.to_owned(),
            source,
        }
    }

    fn malformed(&self, offset: u64) -> BreachedListError {
        BreachedListError::Malformed {
            path: self.path.to_owned(),
            offset,
        }
    }

    fn first_line(&self, file: &mut File) -> Result<Vec<u8>, BreachedListError> {
        let mut head = vec![0; MAX_TEXT_LINE];
        let read = read_at(file, 0, &mut head).map_err(|source| self.io(source))?;
        head.truncate(read);
        if head.is_empty() {
            return Err(BreachedListError::Empty {
                path: self.path.to_owned(),
            });
        }
        let end = head.iter().position(|&byte| byte == b'\n').unwrap_or(head.len());
        head.truncate(end);
        Ok(trim(&head).to_vec())
    }

    /// The first line that begins at or after `offset`.
    fn line_from(&self, file: &mut File, offset: u64) -> Result<Option<Line>, BreachedListError> {
        let mut buffer = [0; 2 * MAX_LINE];
        // One byte back: if it ends a line, a line begins right at the offset.
        let from = offset.saturating_sub(1);
        let read = read_at(file, from, &mut buffer).map_err(|source| self.io(source))?;
        let mut piece = buffer.get(..read).unwrap_or_default();
        let mut start = from;
        if offset > 0 {
            let Some(end) = piece.iter().position(|&byte| byte == b'\n') else {
                // No line end within reach: the last line, or a line too long to be one.
                return if read < buffer.len() {
                    Ok(None)
                } else {
                    Err(self.malformed(from))
                };
            };
            piece = piece.get(end + 1..).unwrap_or_default();
            start += end as u64 + 1;
        }
        let end = piece
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(piece.len());
        let text = trim(piece.get(..end).unwrap_or_default());
        let next = (start + end as u64 + 1).min(self.len);
        if text.is_empty() && next >= self.len {
            return Ok(None);
        }
        let hash = parse_line(text).ok_or_else(|| self.malformed(start))?;
        Ok(Some(Line { start, next, hash }))
    }

    fn search(&self, file: &mut File, target: &Sha1) -> Result<bool, BreachedListError> {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.line_from(file, middle)? {
                Some(line) if line.start < high => match line.hash.cmp(target) {
                    std::cmp::Ordering::Equal => return Ok(true),
                    std::cmp::Ordering::Less => low = line.next,
                    std::cmp::Ordering::Greater => high = middle,
                },
                _ => high = middle,
            }
        }
        Ok(false)
    }

    fn is_sorted(&self, file: &mut File) -> Result<bool, BreachedListError> {
        if self.len <= VALIDATED_WHOLE {
            self.is_sorted_throughout(file)
        } else {
            self.is_sorted_at_places(file)
        }
    }

    /// Whether the lines at evenly spaced places ascend, each with its successor.
    fn is_sorted_at_places(&self, file: &mut File) -> Result<bool, BreachedListError> {
        // The last place is near the end, where a download that broke off would show.
        let last = self.len.saturating_sub(4 * MAX_LINE as u64);
        let mut before: Option<Sha1> = None;
        for sample in 0..=SAMPLES {
            let offset = u128::from(last) * u128::from(sample) / u128::from(SAMPLES);
            let Some(line) = self.line_from(file, u64::try_from(offset).unwrap_or(last))? else {
                break;
            };
            let successor = self.line_from(file, line.next)?;
            let ascends = before.is_none_or(|before| before <= line.hash)
                && successor.is_none_or(|successor| line.hash <= successor.hash);
            if !ascends {
                return Ok(false);
            }
            before = Some(line.hash);
        }
        Ok(true)
    }

    fn is_sorted_throughout(&self, file: &mut File) -> Result<bool, BreachedListError> {
        file.seek(SeekFrom::Start(0)).map_err(|source| self.io(source))?;
        let mut before: Option<Sha1> = None;
        let (mut sorted, mut blank) = (true, false);
        self.each_line(file, |line| {
            // A blank line may end the file; elsewhere it would stop a search.
            sorted &= !blank;
            if line.is_empty() {
                blank = true;
                return Some(());
            }
            let hash = parse_line(line)?;
            sorted &= before.is_none_or(|before| before <= hash);
            before = Some(hash);
            Some(())
        })?;
        Ok(sorted)
    }

    fn load(
        &self,
        mut file: &File,
        hash: impl Fn(&[u8]) -> Option<Sha1>,
    ) -> Result<Content, BreachedListError> {
        if self.len > MAX_IN_MEMORY {
            return Err(BreachedListError::TooLarge {
                path: self.path.to_owned(),
            });
        }
        file.seek(SeekFrom::Start(0)).map_err(|source| self.io(source))?;
        let mut prefixes = Vec::new();
        self.each_line(file, |line| {
            if !line.is_empty() {
                prefixes.push(prefix(&hash(line)?));
            }
            Some(())
        })?;
        prefixes.sort_unstable();
        prefixes.dedup();
        Ok(Content::Memory(prefixes.into_boxed_slice()))
    }

    /// Gives every line to `use_line`, which answers `None` for a malformed one.
    fn each_line(
        &self,
        file: &File,
        mut use_line: impl FnMut(&[u8]) -> Option<()>,
    ) -> Result<(), BreachedListError> {
        let mut reader = BufReader::with_capacity(64 * 1024, file);
        let (mut line, mut offset) = (Vec::new(), 0);
        loop {
            line.clear();
            let read = (&mut reader)
                .take(MAX_TEXT_LINE as u64 + 1)
                .read_until(b'\n', &mut line)
                .map_err(|source| self.io(source))?;
            if read == 0 {
                return Ok(());
            }
            let text = trim(&line);
            if read > MAX_TEXT_LINE || use_line(text).is_none() {
                return Err(self.malformed(offset));
            }
            offset += read as u64;
        }
    }
}

/// Reads until the buffer is full or the file ends.
fn read_at(file: &mut File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    file.seek(SeekFrom::Start(offset))?;
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..)
        && !room.is_empty()
    {
        match file.read(room) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn trim(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn sha1(bytes: &[u8]) -> Sha1 {
    let mut hash = [0; 20];
    hash.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref());
    hash
}

/// In capital hexadecimal digits.
pub(super) fn sha1_hex(password: &str) -> String {
    sha1(password.as_bytes())
        .iter()
        .fold(String::with_capacity(40), |mut text, byte| {
            let _ = write!(text, "{byte:02X}");
            text
        })
}

fn prefix(hash: &Sha1) -> u64 {
    hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// A clear-text line in the form in which passwords are hashed.
fn text_of(line: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?;
    Some(text.nfc().collect::<String>().into_bytes())
}

/// The hash of a line `HEX` or `HEX:count`.
fn parse_line(line: &[u8]) -> Option<Sha1> {
    let (hex, rest) = line.split_at_checked(40)?;
    let counted = rest
        .strip_prefix(b":")
        .is_some_and(|count| !count.is_empty() && count.iter().all(u8::is_ascii_digit));
    if !(rest.is_empty() || counted) {
        return None;
    }
    let mut hash = [0; 20];
    for (byte, pair) in hash.iter_mut().zip(hex.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests;
