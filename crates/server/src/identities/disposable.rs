//! Domains of disposable mail: a few that are built in, and the operator's own list, read again when the file changes.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use authflow_types::Timestamp;
use url::Host;

use super::IdentifierValue;
use crate::Cx;

const BUILT_IN: &str = include_str!("disposable.txt");

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Largest file that is read; the public lists have about a hundredth.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DisposableListError {
    /// The operating system refused.
    #[error("cannot read the list of disposable mail `{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A line is no domain.
    #[error("line {line} of the list of disposable mail `{path}` is not a domain")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which line.
        line: usize,
    },
    /// It is not a list that anybody keeps.
    #[error("the list of disposable mail `{path}` is too large: at most 64 MiB")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

/// Domains whose mailboxes nobody keeps. One for the whole process.
#[derive(Debug)]
pub struct DisposableDomains {
    built_in: HashSet<String>,
    own: RwLock<HashSet<String>>,
    file: Option<PathBuf>,
    seen: Mutex<Seen>,
}

/// What was last known of the file.
#[derive(Debug, Default)]
struct Seen {
    looked_at: Option<Timestamp>,
    modified: Option<SystemTime>,
}

impl DisposableDomains {
    /// The built-in list, and the one in `file` if there is one.
    ///
    /// # Errors
    /// [`DisposableListError`]: refuse to start.
    pub fn open(file: Option<PathBuf>) -> Result<Self, DisposableListError> {
        let (own, modified) = match &file {
            Some(path) => {
                // Looked at first: a file that is replaced while it is read is read again later.
                let modified = modified(path)?;
                (read(path)?, modified)
            }
            None => (HashSet::new(), None),
        };
        Ok(Self {
            built_in: parse(BUILT_IN, Path::new("built-in"))?,
            own: RwLock::new(own),
            file,
            seen: Mutex::new(Seen {
                looked_at: None,
                modified,
            }),
        })
    }

    /// Whether `email` is an address at one of the domains, or below one.
    pub fn has(&self, email: &IdentifierValue) -> bool {
        let domain = email
            .normalized()
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain);
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        let mut rest = Some(domain);
        while let Some(name) = rest {
            if self.built_in.contains(name) || own.contains(name) {
                return true;
            }
            rest = name.split_once('.').map(|(_, above)| above);
        }
        false
    }

    /// Reads the file again if it changed. A list that cannot be read leaves the one of before. Blocks on the disk.
    fn refresh(&self) {
        let Some(path) = self.file.as_deref() else {
            return;
        };
        let reread = modified(path).and_then(|modified| {
            if self.seen().modified == modified {
                return Ok(None);
            }
            let domains = read(path)?;
            self.seen().modified = modified;
            Ok(Some(domains))
        });
        match reread {
            Ok(Some(domains)) => {
                tracing::info!(
                    count = domains.len(),
                    "the list of disposable mail was read again"
                );
                *self.own.write().unwrap_or_else(PoisonError::into_inner) = domains;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the list of disposable mail stays as it was"),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the file is to be looked at now; says so once a minute.
    fn is_due(&self, now: Timestamp) -> bool {
        if self.file.is_none() {
            return false;
        }
        let mut seen = self.seen();
        let is_due = seen.looked_at.is_none_or(|at| at + LOOK_EVERY <= now);
        if is_due {
            seen.looked_at = Some(now);
        }
        is_due
    }
}

/// Whether the tenant refuses `email` because nobody keeps mailboxes there.
pub async fn is_refused_as_disposable(cx: &Cx, email: &IdentifierValue) -> bool {
    if !cx.tenant.settings.abuse.refuse_disposable_email {
        return false;
    }
    if cx.app.disposable.is_due(cx.now) {
        let app = Arc::clone(&cx.app);
        let read = tokio::task::spawn_blocking(move || app.disposable.refresh());
        if let Err(error) = read.await {
            tracing::warn!(%error, "the list of disposable mail stays as it was");
        }
    }
    cx.app.disposable.has(email)
}

fn io_error(path: &Path, source: io::Error) -> DisposableListError {
    DisposableListError::Io {
        path: path.to_owned(),
        source,
    }
}

fn modified(path: &Path) -> Result<Option<SystemTime>, DisposableListError> {
    let facts = std::fs::metadata(path).map_err(|source| io_error(path, source))?;
    if facts.len() > MAX_BYTES {
        return Err(DisposableListError::TooLarge {
            path: path.to_owned(),
        });
    }
    Ok(facts.modified().ok())
}

fn read(path: &Path) -> Result<HashSet<String>, DisposableListError> {
    modified(path)?;
    let text = std::fs::read_to_string(path).map_err(|source| io_error(path, source))?;
    parse(&text, path)
}

/// One domain a line, in the form in which addresses are compared; `#` begins a comment.
fn parse(text: &str, path: &Path) -> Result<HashSet<String>, DisposableListError> {
    let mut domains = HashSet::new();
    for (line, content) in text.lines().enumerate() {
        let name = content.split('#').next().unwrap_or_default().trim();
        if name.is_empty() {
            continue;
        }
        match Host::parse(name.trim_start_matches("*.").trim_end_matches('.')) {
            Ok(Host::Domain(domain)) => domains.insert(domain),
            _ => {
                return Err(DisposableListError::Malformed {
                    path: path.to_owned(),
                    line: line + 1,
                });
            }
        };
    }
    Ok(domains)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> IdentifierValue {
        IdentifierValue::email(text).unwrap()
    }

    fn file(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("authflow-disposable-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn built_in_domains_match_with_their_subdomains_and_nothing_else() {
        let list = DisposableDomains::open(None).unwrap();
        for bad in ["a@mailinator.com", "A@MailInator.COM", "a@x.y.mailinator.com"] {
            assert!(list.has(&email(bad)), "{bad}");
        }
        for good in [
            "a@example.com",
            "a@notmailinator.com",
            "a@mailinator.com.example.org",
            "mailinator.com@example.org",
        ] {
            assert!(!list.has(&email(good)), "{good}");
        }
    }

    #[test]
    fn the_operators_list_is_normalised_like_addresses() {
        let path = file(
            "idn",
            "# ours\r\n*.Wegwerf.Example\n\nmüll.example # and this\nonce.example.\n",
        );
        let list = DisposableDomains::open(Some(path.clone())).unwrap();
        for bad in [
            "a@wegwerf.example",
            "a@mx.WEGWERF.example",
            "a@müll.example",
            "a@xn--mll-hoa.example",
            "a@once.example",
        ] {
            assert!(list.has(&email(bad)), "{bad}");
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_changed_file_is_read_again_and_a_broken_one_leaves_the_list() {
        let path = file("reload", "one.example\n");
        let list = DisposableDomains::open(Some(path.clone())).unwrap();
        let touch = |text: &str, secs: u64| {
            std::fs::write(&path, text).unwrap();
            let when = SystemTime::UNIX_EPOCH + Duration::from_secs(secs);
            std::fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_modified(when)
                .unwrap();
        };
        let look = |secs: i64| {
            if list.is_due(Timestamp::from_secs(secs)) {
                list.refresh();
            }
        };
        touch("two.example\n", 1_000);
        look(0);
        assert!(list.has(&email("a@two.example")) && !list.has(&email("a@one.example")));
        touch("three.example\n", 2_000);
        look(59);
        assert!(!list.has(&email("a@three.example")), "not looked at so often");
        look(60);
        assert!(list.has(&email("a@three.example")));
        touch("not a domain\n", 3_000);
        look(200);
        assert!(list.has(&email("a@three.example")));
        std::fs::remove_file(&path).unwrap();
        look(300);
        assert!(list.has(&email("a@three.example")));
    }

    #[test]
    fn a_list_that_cannot_be_used_is_found_at_start() {
        assert!(matches!(
            DisposableDomains::open(Some("/nonexistent/list".into())),
            Err(DisposableListError::Io { .. })
        ));
        let path = file("bad", "good.example\n<html>\n");
        let refused = DisposableDomains::open(Some(path.clone()));
        assert!(matches!(
            refused,
            Err(DisposableListError::Malformed { line: 2, .. })
        ));
        std::fs::remove_file(path).unwrap();
    }
}
