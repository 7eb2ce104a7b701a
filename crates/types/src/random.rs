//! Randomness as an input.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// A source of cryptographically secure random bytes.
///
/// Production uses [`SystemRng`]; tests may seed one.
pub trait Rng: Send + Sync {
    /// Fills `buffer` with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Rng + '_ {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// The operating system's generator, through aws-lc.
#[derive(Debug, Default)]
pub struct SystemRng(SystemRandom);

impl Rng for SystemRng {
    fn fill(&self, buffer: &mut [u8]) {
        // INVARIANT: aws-lc's generator aborts the process rather than return weak output, so the
        // error arm cannot be reached once seeding has succeeded.
        while self.0.fill(buffer).is_err() {
            std::thread::yield_now();
        }
    }
}
