//! A file of addresses in the format of `MaxMind` DB (`GeoLite2`, `DB-IP` and others), which the operator supplies.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use maxminddb::{MaxMindDbError, Reader, geoip2};

use super::Place;

/// Why a file of addresses cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the file of addresses `{path}` cannot be used")]
pub struct PlaceFileError {
    /// Which.
    path: PathBuf,
    /// Why not.
    source: MaxMindDbError,
}

type Loaded = (Arc<Reader<Vec<u8>>>, Option<SystemTime>);

/// The file, held in memory; a request never waits for the disk.
pub struct PlaceFile {
    path: PathBuf,
    loaded: RwLock<Loaded>,
}

impl std::fmt::Debug for PlaceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PlaceFile({})", self.path.display())
    }
}

impl PlaceFile {
    /// Reads the file.
    ///
    /// # Errors
    /// [`PlaceFileError`] if it is missing or of another format.
    pub fn open(path: &Path) -> Result<Self, PlaceFileError> {
        match load(path) {
            Ok(loaded) => Ok(Self {
                path: path.to_owned(),
                loaded: RwLock::new(loaded),
            }),
            Err(source) => Err(PlaceFileError {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Where an address is; nothing where the file does not say.
    pub(super) fn of(&self, address: IpAddr) -> Place {
        let reader = {
            let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(&loaded.0)
        };
        let found = reader
            .lookup(address)
            .and_then(|found| found.decode::<geoip2::City<'_>>());
        let Ok(Some(found)) = found else {
            return Place::default();
        };
        let region = found.subdivisions.first().and_then(|region| region.names.english);
        Place::heard(found.country.iso_code, found.city.names.english, region)
    }

    /// Reads the file again if it has changed; one that cannot be read leaves what was read before.
    pub(super) fn refresh(&self) {
        let known = self.loaded.read().unwrap_or_else(PoisonError::into_inner).1;
        if modified(&self.path) == known {
            return;
        }
        match load(&self.path) {
            Ok(loaded) => {
                *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
                tracing::info!("the file of addresses was read anew");
            }
            Err(error) => {
                tracing::warn!(%error, "the new file of addresses cannot be used; the old one stays");
            }
        }
    }
}

fn load(path: &Path) -> Result<Loaded, MaxMindDbError> {
    // Looked at first: a file that is replaced while it is read is read again later.
    let modified = modified(path);
    Ok((Arc::new(Reader::open_readfile(path)?), modified))
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|data| data.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Vec<u8> {
        let length = u8::try_from(text.len()).unwrap();
        assert!(length < 29);
        [&[0x40 | length], text.as_bytes()].concat()
    }

    fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = vec![0xe0 | u8::try_from(pairs.len()).unwrap()];
        for (name, value) in pairs {
            bytes.extend(text(name));
            bytes.extend(value);
        }
        bytes
    }

    fn list(items: &[Vec<u8>]) -> Vec<u8> {
        [vec![u8::try_from(items.len()).unwrap(), 4], items.concat()].concat()
    }

    /// A file in which the lower half of all IPv4 addresses is one city.
    fn file(city: &str) -> Vec<u8> {
        let short = |value: u8| vec![0xa1, value];
        let named = |name: &str| map(&[("names", map(&[("en", text(name))]))]);
        let tree = [0, 0, 17, 0, 0, 1];
        let data = map(&[
            ("city", named(city)),
            ("country", map(&[("iso_code", text("DE"))])),
            ("subdivisions", list(&[named("Bavaria")])),
        ]);
        let metadata = map(&[
            ("binary_format_major_version", short(2)),
            ("binary_format_minor_version", vec![0xa0]),
            ("build_epoch", vec![0x01, 2, 1]),
            ("database_type", text("Test-City")),
            ("description", map(&[])),
            ("ip_version", short(4)),
            ("languages", list(&[])),
            ("node_count", vec![0xc1, 1]),
            ("record_size", short(24)),
        ]);
        [&tree[..], &[0; 16], &data, b"\xab\xcd\xefMaxMind.com", &metadata].concat()
    }

    #[test]
    fn file_says_where_addresses_are_and_is_read_again_when_it_is_replaced() {
        let folder = std::env::temp_dir().join(format!("authflow-places-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("places.mmdb");
        std::fs::write(&path, file("Munich")).unwrap();
        let touch = |secs| {
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(secs);
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
        };
        let places = PlaceFile::open(&path).unwrap();
        let at = |address: &str| places.of(address.parse().unwrap()).label();
        assert_eq!(at("1.2.3.4").as_deref(), Some("Munich, Bavaria, DE"));
        assert_eq!(at("203.0.113.9"), None);
        assert_eq!(at("2001:db8::1"), None);

        std::fs::write(&path, "no such thing").unwrap();
        touch(1_000_000);
        places.refresh();
        assert_eq!(
            at("1.2.3.4").as_deref(),
            Some("Munich, Bavaria, DE"),
            "the old one stays"
        );
        std::fs::write(&path, file("Nuremberg")).unwrap();
        touch(2_000_000);
        places.refresh();
        assert_eq!(at("1.2.3.4").as_deref(), Some("Nuremberg, Bavaria, DE"));
        assert!(PlaceFile::open(&folder.join("none.mmdb")).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
