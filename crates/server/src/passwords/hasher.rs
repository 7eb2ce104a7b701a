//! argon2id for new passwords, verification of all.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use authflow_types::Rng;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::password::Password;
use super::pool::{Busy, Pool, PoolConfig, Scratch};
use super::stored::{Argon2Bounds, HashFormat, StoredHash, StoredHashError};

const SALT_LEN: usize = 16;
const OUTPUT_LEN: usize = 32;

/// Cost of argon2id for new passwords (RFC 9106; the defaults are OWASP's first recommendation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Argon2Config {
    /// Memory of one hash, in KiB. Default 19 456.
    pub memory_kib: u32,
    /// Passes over the memory. Default 2.
    pub iterations: u32,
    /// Lanes. Default 1.
    pub parallelism: u32,
}

impl Default for Argon2Config {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
        }
    }
}

/// Cost and pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HasherConfig {
    /// Cost of new hashes.
    pub argon2: Argon2Config,
    /// Threads; 0, the default, takes one for each processor.
    pub workers: usize,
    /// Hashes that may wait for a thread. Default 64: about a second and a half of work for one processor.
    pub queue: usize,
    /// After how long without work a thread gives its memory back, in seconds. Default 30.
    pub release_after_s: u64,
}

impl Default for HasherConfig {
    fn default() -> Self {
        Self {
            argon2: Argon2Config::default(),
            workers: 0,
            queue: 64,
            release_after_s: 30,
        }
    }
}

/// Why a password was not hashed or verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HasherError {
    /// Answer 503 with `Retry-After`.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The stored hash cannot be verified.
    #[error(transparent)]
    Stored(#[from] StoredHashError),
    /// The costs are outside what argon2 allows.
    #[error(
        "argon2 does not allow memory_kib = {memory_kib}, iterations = {iterations}, parallelism = {parallelism}"
    )]
    Cost {
        /// As configured.
        memory_kib: u32,
        /// As configured.
        iterations: u32,
        /// As configured.
        parallelism: u32,
    },
    /// The thread that did it is gone: a bug, or the process is ending.
    #[error("hashing was interrupted")]
    Interrupted,
}

/// The outcome of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// The password is right.
    Match {
        /// Whether the hash is of another kind than new ones, or weaker: hash the password anew and store that.
        needs_upgrade: bool,
    },
    /// It is wrong.
    Mismatch,
}

/// Hashes and verifies on a bounded pool. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool,
    params: Params,
    bounds: Argon2Bounds,
    rng: Arc<dyn Rng>,
    /// A hash that no password has.
    nobody: Arc<StoredHash>,
}

impl Hasher {
    /// Prepares the pool; no thread is started before the first hash.
    ///
    /// # Errors
    /// [`HasherError::Cost`].
    pub fn new(config: HasherConfig, rng: Arc<dyn Rng>) -> Result<Self, HasherError> {
        let Argon2Config {
            memory_kib,
            iterations,
            parallelism,
        } = config.argon2;
        let params = Params::new(memory_kib, iterations, parallelism, Some(OUTPUT_LEN)).map_err(|_| {
            HasherError::Cost {
                memory_kib,
                iterations,
                parallelism,
            }
        })?;
        let workers = match config.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        };
        let pool = Pool::new(PoolConfig {
            workers,
            queue: config.queue,
            release_after: Duration::from_secs(config.release_after_s),
            keep: params.block_count(),
        });
        let (salt, output) = (rng.bytes::<SALT_LEN>(), rng.bytes::<OUTPUT_LEN>());
        let nobody = Arc::new(StoredHash::argon2id(params.clone(), &salt, &output));
        Ok(Self {
            inner: Arc::new(Inner {
                pool,
                bounds: Argon2Bounds::allowing(memory_kib, iterations),
                params,
                rng,
                nobody,
            }),
        })
    }

    /// Hashes a password to a PHC string with a new salt.
    ///
    /// # Errors
    /// [`HasherError::Busy`], [`HasherError::Interrupted`].
    pub async fn hash(&self, password: &Password) -> Result<String, HasherError> {
        let (params, password) = (self.inner.params.clone(), password.clone());
        let salt: [u8; SALT_LEN] = self.inner.rng.bytes();
        let made = self.on_pool(move |scratch| argon2id(params, &salt, &password, scratch));
        made.await?.ok_or(HasherError::Interrupted)
    }

    /// Verifies a password against a stored hash.
    ///
    /// # Errors
    /// [`HasherError`]; a wrong password is [`Verification::Mismatch`].
    pub async fn verify(&self, password: &Password, stored: &str) -> Result<Verification, HasherError> {
        let stored = Arc::new(StoredHash::parse(stored, self.inner.bounds)?);
        self.compare(password, stored).await
    }

    /// Costs what a verification of a current hash costs, and answers nothing.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), so that a full pool looks the same too.
    pub async fn dummy_verify(&self, password: &Password) -> Result<(), HasherError> {
        self.compare(password, Arc::clone(&self.inner.nobody)).await?;
        Ok(())
    }

    /// Whether a hash could be verified.
    ///
    /// # Errors
    /// [`StoredHashError`].
    pub fn check_import(&self, stored: &str) -> Result<HashFormat, StoredHashError> {
        StoredHash::parse(stored, self.inner.bounds).map(|stored| stored.format())
    }

    /// Does other work that takes processor time or blocks, such as judging a new password, on the pool.
    ///
    /// # Errors
    /// [`HasherError::Busy`], [`HasherError::Interrupted`].
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HasherError> {
        self.on_pool(move |_| job()).await
    }

    async fn compare(
        &self,
        password: &Password,
        stored: Arc<StoredHash>,
    ) -> Result<Verification, HasherError> {
        let (password, current) = (password.clone(), self.inner.params.clone());
        let compared = self.on_pool(move |scratch| {
            if stored.matches(password.nfc().as_bytes(), scratch)? {
                let needs_upgrade = stored.is_outdated(&current);
                return Some(Verification::Match { needs_upgrade });
            }
            // Where the hash was imported from, the password may have been hashed as it was typed.
            match password.typed() {
                Some(typed) if stored.matches(typed.as_bytes(), scratch)? => {
                    Some(Verification::Match { needs_upgrade: true })
                }
                _ => Some(Verification::Mismatch),
            }
        });
        compared.await?.ok_or(HasherError::Interrupted)
    }

    async fn on_pool<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Scratch) -> T + Send + 'static,
    ) -> Result<T, HasherError> {
        tracing::trace!(target: "authflow_server::passwords", "work for the hashing pool");
        let answer = self.inner.pool.submit(job)?;
        answer.await.map_err(|_| HasherError::Interrupted)
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("params", &self.inner.params)
            .finish_non_exhaustive()
    }
}

fn argon2id(params: Params, salt: &[u8], password: &Password, scratch: &mut Scratch) -> Option<String> {
    let mut output = Zeroizing::new([0; OUTPUT_LEN]);
    let blocks = scratch.blocks(params.block_count());
    let costs = (params.m_cost(), params.t_cost(), params.p_cost());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.nfc().as_bytes(), salt, &mut *output, blocks)
        .ok()?;
    let (memory, passes, lanes) = costs;
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(*output));
    Some(format!(
        "$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${output}"
    ))
}

#[cfg(test)]
mod tests {
    use authflow_types::SystemRng;

    use super::*;

    /// Cheap, so that tests test something else than patience.
    fn config() -> HasherConfig {
        HasherConfig {
            argon2: Argon2Config {
                memory_kib: 64,
                iterations: 1,
                parallelism: 1,
            },
            workers: 2,
            ..HasherConfig::default()
        }
    }

    fn hasher(config: HasherConfig) -> Hasher {
        Hasher::new(config, Arc::new(SystemRng::default())).unwrap()
    }

    const RIGHT: Verification = Verification::Match { needs_upgrade: false };
    const RIGHT_BUT_OLD: Verification = Verification::Match { needs_upgrade: true };

    #[tokio::test]
    async fn new_hash_verifies_and_needs_no_upgrade() {
        let hasher = hasher(HasherConfig::default());
        let password = Password::from("correct horse");
        let hash = hasher.hash(&password).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hasher.check_import(&hash), Ok(HashFormat::Argon2id));
        assert_eq!(hasher.verify(&password, &hash).await, Ok(RIGHT));
        for wrong in ["correct horsf", "correct horse ", "", "Correct horse"] {
            let verification = hasher.verify(&Password::from(wrong), &hash).await;
            assert_eq!(verification, Ok(Verification::Mismatch), "{wrong}");
        }
        assert_ne!(hasher.hash(&password).await.unwrap(), hash);
    }

    #[tokio::test]
    async fn long_passwords_are_not_cut() {
        let hasher = hasher(config());
        let long = "x".repeat(100_000);
        let hash = hasher.hash(&Password::from(long.as_str())).await.unwrap();
        let longer = Password::new(long.clone() + "y");
        assert_eq!(hasher.verify(&longer, &hash).await, Ok(Verification::Mismatch));
        assert_eq!(hasher.verify(&Password::new(long), &hash).await, Ok(RIGHT));
    }

    #[tokio::test]
    async fn other_spelling_of_the_same_text_is_right() {
        let hasher = hasher(config());
        let hash = hasher.hash(&Password::from("p\u{e4}ssword")).await.unwrap();
        let decomposed = Password::from("pa\u{308}ssword");
        assert_eq!(hasher.verify(&decomposed, &hash).await, Ok(RIGHT));
    }

    #[tokio::test]
    async fn imported_hash_of_text_that_was_not_normalised_is_right() {
        // Python: hashlib.pbkdf2_hmac("sha256", "pa\u0308ssword".encode(), b"saltSALT", 1000).
        let hash = "$pbkdf2-sha256$i=1000$c2FsdFNBTFQ$A5MrDEm9CORR1zYrIVhi4R67Y+5t77MByQFiNy/yjtk";
        let hasher = hasher(config());
        let typed = Password::from("pa\u{308}ssword");
        assert_eq!(hasher.verify(&typed, hash).await, Ok(RIGHT_BUT_OLD));
        let composed = Password::from("p\u{e4}ssword");
        assert_eq!(hasher.verify(&composed, hash).await, Ok(Verification::Mismatch));
    }

    #[tokio::test]
    async fn imported_and_weaker_hashes_ask_for_an_upgrade() {
        let hasher = hasher(HasherConfig::default());
        let imported = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        assert_eq!(
            hasher.verify(&Password::from("U*U"), imported).await,
            Ok(RIGHT_BUT_OLD)
        );
        let weaker = self::hasher(config()).hash(&Password::from("pw")).await.unwrap();
        assert_eq!(
            hasher.verify(&Password::from("pw"), &weaker).await,
            Ok(RIGHT_BUT_OLD)
        );
        assert_eq!(
            hasher.verify(&Password::from("wrong"), &weaker).await,
            Ok(Verification::Mismatch)
        );
    }

    #[tokio::test]
    async fn unusable_hash_is_an_error() {
        let hasher = hasher(config());
        let password = Password::from("pw");
        assert_eq!(
            hasher.verify(&password, "plain").await,
            Err(HasherError::Stored(StoredHashError::UnknownFormat))
        );
        let absurd =
            "$argon2id$v=19$m=4194304,t=9,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(matches!(
            hasher.verify(&password, absurd).await,
            Err(HasherError::Stored(StoredHashError::TooCostly { .. }))
        ));
    }

    #[tokio::test]
    async fn dummy_does_the_same_work_as_a_real_verification() {
        let hasher = hasher(HasherConfig::default());
        let real = hasher.hash(&Password::from("pw")).await.unwrap();
        let real = StoredHash::parse(&real, hasher.inner.bounds).unwrap();
        let nobody = &hasher.inner.nobody;
        assert_eq!(nobody.format(), real.format());
        assert!(!nobody.is_outdated(&hasher.inner.params));
        let mut scratch = Scratch::default();
        assert_eq!(nobody.matches(b"", &mut scratch), Some(false));
        hasher.dummy_verify(&Password::from("pw")).await.unwrap();
    }

    #[tokio::test]
    async fn full_pool_is_busy_for_known_and_unknown_users_alike() {
        let hasher = hasher(HasherConfig {
            workers: 1,
            queue: 0,
            ..config()
        });
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (end, may_end) = std::sync::mpsc::channel::<()>();
        let blocked = hasher.clone();
        let running = tokio::spawn(async move {
            let job = move || {
                let _ = begun.send(());
                let _ = may_end.recv();
            };
            blocked.run(job).await
        });
        has_begun.await.unwrap();
        let password = Password::from("pw");
        let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        let known = hasher.verify(&password, hash).await.unwrap_err();
        let unknown = hasher.dummy_verify(&password).await.unwrap_err();
        assert!(matches!(known, HasherError::Busy(_)));
        assert_eq!(known, unknown);
        assert!(matches!(hasher.hash(&password).await, Err(HasherError::Busy(_))));
        end.send(()).unwrap();
        running.await.unwrap().unwrap();
        hasher.dummy_verify(&password).await.unwrap();
    }

    #[test]
    fn impossible_costs_are_refused_at_start() {
        for argon2 in [
            Argon2Config {
                memory_kib: 7,
                ..Argon2Config::default()
            },
            Argon2Config {
                iterations: 0,
                ..Argon2Config::default()
            },
            Argon2Config {
                parallelism: 0,
                ..Argon2Config::default()
            },
            Argon2Config {
                memory_kib: 64,
                parallelism: 64,
                ..Argon2Config::default()
            },
        ] {
            let config = HasherConfig { argon2, ..config() };
            let made = Hasher::new(config, Arc::new(SystemRng::default()));
            assert!(matches!(made, Err(HasherError::Cost { .. })), "{argon2:?}");
        }
    }

    #[tokio::test]
    async fn threads_share_the_work_and_all_answers_are_right() {
        let hasher = hasher(config());
        let password = Password::from("pw");
        let hash = hasher.hash(&password).await.unwrap();
        let tasks: Vec<_> = (0..40)
            .map(|i| {
                let (hasher, hash) = (hasher.clone(), hash.clone());
                tokio::spawn(async move {
                    let password = if i % 2 == 0 { "pw" } else { "no" };
                    hasher.verify(&Password::from(password), &hash).await
                })
            })
            .collect();
        for (i, task) in tasks.into_iter().enumerate() {
            let expected = if i % 2 == 0 { RIGHT } else { Verification::Mismatch };
            assert_eq!(task.await.unwrap(), Ok(expected));
        }
    }
}
