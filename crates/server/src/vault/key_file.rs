//! The master key in a file: read with care, created once, never overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::KeyFileError;
use super::master::MasterKeys;

/// Far more than any number of keys that somebody would keep.
const MAX_BYTES: u64 = 16 * 1024;

/// A file that holds master keys as text, the active one first.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// Names the file; touches nothing.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the keys.
    ///
    /// # Errors
    /// [`KeyFileError::Missing`] if there is none, [`KeyFileError::Exposed`] if its permission bits let
    /// anyone but the owner in, and every other way in which it is not a readable key file.
    pub fn read(&self) -> Result<MasterKeys, KeyFileError> {
        let file = File::open(&self.path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing {
                path: self.path.clone(),
            },
            _ => self.io(source),
        })?;
        // SECURITY: the open file is inspected, not the path, so that nothing can be swapped in between.
        let metadata = file.metadata().map_err(|source| self.io(source))?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            return Err(self.not_a_key_file());
        }
        self.refuse_exposed(&metadata)?;
        let mut text = Zeroizing::new(String::with_capacity(4096));
        let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
        read.map_err(|source| match source.kind() {
            io::ErrorKind::InvalidData => self.not_a_key_file(),
            _ => self.io(source),
        })?;
        MasterKeys::from_text(&text).map_err(|source| KeyFileError::Content {
            path: self.path.clone(),
            source,
        })
    }

    /// Creates the file with mode 0600, whole or not at all, and makes it durable before returning.
    ///
    /// # Errors
    /// [`KeyFileError::Exists`] if anything is at the path already, a dangling symbolic link included.
    pub fn create(&self, keys: &MasterKeys) -> Result<(), KeyFileError> {
        let temporary = self.temporary();
        let result = write_new(&temporary, &keys.to_text()).and_then(|()| {
            // A hard link, unlike a rename, fails when the target exists: two racing creators cannot
            // both succeed and neither can replace the other's key.
            fs::hard_link(&temporary, &self.path)?;
            sync_folder(&self.path)
        });
        // Best effort: a leftover copy has mode 0600 and the next start names it.
        let _ = fs::remove_file(&temporary);
        result.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists {
                path: self.path.clone(),
            },
            _ => self.io(source),
        })
    }

    fn temporary(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.new", std::process::id()));
        self.path.with_file_name(name)
    }

    #[cfg(unix)]
    fn refuse_exposed(&self, metadata: &fs::Metadata) -> Result<(), KeyFileError> {
        use std::os::unix::fs::MetadataExt as _;
        let mode = metadata.mode() & 0o7777;
        let others = mode & 0o077;
        if others != 0 {
            return Err(KeyFileError::Exposed {
                path: self.path.clone(),
                mode,
            });
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn refuse_exposed(&self, _: &fs::Metadata) -> Result<(), KeyFileError> {
        Ok(())
    }

    fn io(&self, source: io::Error) -> KeyFileError {
        KeyFileError::Io {
            path: self.path.clone(),
            source,
        }
    }

    fn not_a_key_file(&self) -> KeyFileError {
        KeyFileError::NotAKeyFile {
            path: self.path.clone(),
        }
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    // A crash may have left one behind; it was never linked, so nobody can depend on it.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the new name itself survive power loss.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use authflow_types::{Rng, SystemRng};

    use super::super::error::KeyTextError;
    use super::super::master::MasterKey;
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let rng: &dyn Rng = &SystemRng::default();
            let name = format!("authflow-key-{:x}", u128::from_be_bytes(rng.bytes()));
            let path = std::env::temp_dir().join(name);
            fs::create_dir(&path).unwrap();
            Self(path)
        }
        fn key_file(&self) -> KeyFile {
            KeyFile::new(self.0.join("master.key"))
        }
        fn write(&self, content: &[u8], mode: u32) -> KeyFile {
            let file = self.key_file();
            fs::write(file.path(), content).unwrap();
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            file
        }
        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn keys() -> MasterKeys {
        MasterKeys::new(MasterKey::generate(&SystemRng::default()).unwrap())
    }

    #[test]
    fn created_file_is_private_and_reads_back() {
        let folder = Folder::new();
        let (file, keys) = (folder.key_file(), keys());
        file.create(&keys).unwrap();
        let mode = fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(file.read().unwrap().active_id(), keys.active_id());
        assert_eq!(folder.names(), ["master.key"]);
    }

    #[test]
    fn existing_file_is_never_overwritten() {
        let folder = Folder::new();
        let (file, first) = (folder.key_file(), keys());
        file.create(&first).unwrap();
        assert!(matches!(file.create(&keys()), Err(KeyFileError::Exists { .. })));
        assert_eq!(file.read().unwrap().active_id(), first.active_id());
        assert_eq!(folder.names(), ["master.key"]);
    }

    #[test]
    fn dangling_link_is_not_written_through() {
        let folder = Folder::new();
        std::os::unix::fs::symlink(folder.0.join("elsewhere"), folder.key_file().path()).unwrap();
        assert!(matches!(
            folder.key_file().create(&keys()),
            Err(KeyFileError::Exists { .. })
        ));
        assert!(!folder.0.join("elsewhere").exists());
    }

    #[test]
    fn leftover_of_a_crash_does_not_stop_creation() {
        let folder = Folder::new();
        let file = folder.key_file();
        fs::write(file.temporary(), "half a k").unwrap();
        file.create(&keys()).unwrap();
        file.read().unwrap();
    }

    #[test]
    fn file_that_others_may_read_is_refused() {
        let folder = Folder::new();
        let text = keys().to_text();
        for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o777] {
            let file = folder.write(text.as_bytes(), mode);
            let error = file.read().unwrap_err();
            assert!(
                matches!(error, KeyFileError::Exposed { mode: found, .. } if found == mode),
                "{mode:o}"
            );
            assert!(error.to_string().contains("chmod 600"));
        }
        for mode in [0o600, 0o400] {
            folder.write(text.as_bytes(), mode).read().unwrap();
        }
    }

    #[test]
    fn everything_else_gets_its_own_answer() {
        let folder = Folder::new();
        assert!(matches!(
            folder.key_file().read(),
            Err(KeyFileError::Missing { .. })
        ));
        assert!(matches!(
            KeyFile::new(&folder.0).read(),
            Err(KeyFileError::NotAKeyFile { .. })
        ));
        assert!(matches!(
            folder.write(&[0xff, 0xfe], 0o600).read(),
            Err(KeyFileError::NotAKeyFile { .. })
        ));
        assert!(matches!(
            folder.write(" ".repeat(20_000).as_bytes(), 0o600).read(),
            Err(KeyFileError::NotAKeyFile { .. })
        ));
        assert!(matches!(
            folder.write(b"", 0o600).read(),
            Err(KeyFileError::Content {
                source: KeyTextError::Empty,
                ..
            })
        ));
        let error = folder.write(b"hunter2", 0o600).read().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert!(matches!(
            KeyFile::new(folder.0.join("no/such/folder")).create(&keys()),
            Err(KeyFileError::Io { .. })
        ));
    }
}
