//! A bounded pool of threads for work that takes milliseconds of processor time.
//!
//! Threads of its own, not the runtime's blocking pool: their number bounds how much of the machine hashing may
//! take, their queue bounds how long anyone waits, and each keeps the memory that argon2 needs between hashes.
//! Threads start when there is work for them; one that has had none for a while gives its memory back.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::Block;
use tokio::sync::oneshot;

/// The pool has as much work as it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being hashed: try again in {} s", retry_after.as_secs())]
pub struct Busy {
    /// When there should be room again, in whole seconds; at least one.
    pub retry_after: Duration,
}

/// Memory that a thread keeps between hashes.
#[derive(Default)]
pub(super) struct Scratch(Vec<Block>);

impl Scratch {
    /// At least `count` blocks, with whatever the last hash left in them.
    pub(super) fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            // In two steps, so that old and new memory are never held together.
            self.0 = Vec::new();
            self.0 = vec![Block::new(); count];
        }
        self.0.get_mut(..count).unwrap_or_default()
    }

    /// Gives back what exceeds `count` blocks: one expensive imported hash must not cost memory for ever.
    fn shrink_to(&mut self, count: usize) {
        if self.0.len() > count {
            self.release();
        }
    }

    fn release(&mut self) {
        // What is left in it was derived from a password.
        self.0.fill(Block::new());
        std::hint::black_box(&self.0);
        self.0 = Vec::new();
    }
}

/// Hands an answer over, once the thread counts as free again.
type Deliver = Box<dyn FnOnce()>;
type Job = Box<dyn FnOnce(&mut Scratch) -> Deliver + Send>;

/// How a pool is shaped.
#[derive(Debug, Clone, Copy)]
pub(super) struct PoolConfig {
    pub(super) workers: usize,
    pub(super) queue: usize,
    pub(super) release_after: Duration,
    /// Blocks that a thread may keep.
    pub(super) keep: usize,
}

pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    config: PoolConfig,
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    /// Jobs that threads are at.
    running: usize,
    closed: bool,
    /// A moving average of how long jobs take.
    typical: Duration,
}

impl Pool {
    pub(super) fn new(config: PoolConfig) -> Self {
        Self {
            shared: Arc::new(Shared {
                config,
                state: Mutex::default(),
                work: Condvar::new(),
            }),
        }
    }

    /// Queues `job`; the receiver gives its answer. Dropping the receiver before a thread has taken the job
    /// cancels it.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Scratch) -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, Busy> {
        let (sender, receiver) = oneshot::channel();
        let PoolConfig { workers, queue, .. } = self.shared.config;
        let mut state = self.shared.lock();
        if state.queue.len() + state.running >= workers + queue {
            return Err(self.shared.busy(&state));
        }
        if state.queue.len() + state.running >= state.threads
            && state.threads < workers
            && self.start_thread()
        {
            state.threads += 1;
        }
        if state.threads == 0 {
            return Err(self.shared.busy(&state));
        }
        state.queue.push_back(Box::new(move |scratch| {
            let answer = (!sender.is_closed()).then(|| job(scratch));
            Box::new(move || {
                if let Some(answer) = answer {
                    let _ = sender.send(answer);
                }
            })
        }));
        drop(state);
        self.shared.work.notify_one();
        Ok(receiver)
    }

    fn start_thread(&self) -> bool {
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name("password".to_owned())
            .stack_size(512 * 1024);
        match thread.spawn(move || shared.run()) {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(%error, "cannot start a password hashing thread");
                false
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy(&self, state: &State) -> Busy {
        let workers = u32::try_from(self.config.workers).unwrap_or(u32::MAX).max(1);
        let waiting = u32::try_from(state.queue.len()).unwrap_or(u32::MAX);
        let wait = state.typical.saturating_mul(waiting / workers);
        Busy {
            retry_after: Duration::from_secs(wait.as_secs() + 1),
        }
    }

    fn run(&self) {
        give_way();
        let mut scratch = Scratch::default();
        while let Some(job) = self.next_job(&mut scratch) {
            let started = Instant::now();
            // A job that panics answers nothing, which its receiver notices; the thread lives on.
            let outcome = catch_unwind(AssertUnwindSafe(|| job(&mut scratch)));
            scratch.shrink_to(self.config.keep);
            let mut state = self.lock();
            state.running -= 1;
            state.typical = (state.typical * 7 + started.elapsed()) / 8;
            drop(state);
            if let Ok(deliver) = outcome {
                deliver();
            } else {
                tracing::error!("a password hashing job panicked");
            }
        }
    }

    /// Waits for a job; gives memory back when none comes for a while; `None` when the pool is closed and done.
    fn next_job(&self, scratch: &mut Scratch) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                state.running += 1;
                return Some(job);
            }
            if state.closed {
                return None;
            }
            if scratch.0.is_empty() {
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                let waited = self.work.wait_timeout(state, self.config.release_after);
                let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                state = woken;
                if timeout.timed_out() {
                    drop(state);
                    scratch.release();
                    state = self.lock();
                }
            }
        }
    }
}

/// Lowers this thread's priority: where hashing and requests want the same core, requests wait microseconds for it and
/// hashes, which take milliseconds, a little longer.
#[cfg(target_os = "linux")]
fn give_way() {
    const NICE: i32 = 5;
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::debug!(%error, "password hashing keeps its priority");
    }
}

/// Elsewhere priorities belong to processes.
#[cfg(not(target_os = "linux"))]
const fn give_way() {}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn pool(workers: usize, queue: usize) -> Pool {
        Pool::new(PoolConfig {
            workers,
            queue,
            release_after: Duration::from_millis(1),
            keep: 8,
        })
    }

    /// A job that says when it has begun and ends when it is told to.
    fn held(pool: &Pool) -> (oneshot::Receiver<()>, mpsc::Sender<()>) {
        let (begun, has_begun) = mpsc::channel();
        let (end, may_end) = mpsc::channel::<()>();
        let receiver = pool
            .submit(move |_| {
                let _ = begun.send(());
                let _ = may_end.recv();
            })
            .unwrap();
        has_begun.recv().unwrap();
        (receiver, end)
    }

    #[tokio::test]
    async fn answers_come_back() {
        let pool = pool(2, 100);
        let receivers: Vec<_> = (0..100).map(|i| pool.submit(move |_| i).unwrap()).collect();
        for (i, receiver) in receivers.into_iter().enumerate() {
            assert_eq!(receiver.await.unwrap(), i);
        }
    }

    #[tokio::test]
    async fn full_queue_says_so_at_once() {
        let pool = pool(1, 2);
        let (first, end) = held(&pool);
        let waiting = [pool.submit(|_| ()).unwrap(), pool.submit(|_| ()).unwrap()];
        let busy = pool.submit(|_| ()).unwrap_err();
        assert!(busy.retry_after >= Duration::from_secs(1));
        end.send(()).unwrap();
        first.await.unwrap();
        for receiver in waiting {
            receiver.await.unwrap();
        }
        pool.submit(|_| ()).unwrap().await.unwrap();
    }

    #[tokio::test]
    async fn no_queue_still_lets_every_thread_work() {
        let pool = pool(2, 0);
        let (one, end_one) = held(&pool);
        let (two, end_two) = held(&pool);
        assert!(pool.submit(|_| ()).is_err());
        end_one.send(()).unwrap();
        end_two.send(()).unwrap();
        one.await.unwrap();
        two.await.unwrap();
    }

    #[tokio::test]
    async fn job_that_nobody_waits_for_is_not_done() {
        let pool = pool(1, 10);
        let (first, end) = held(&pool);
        let (done, was_done) = mpsc::channel();
        drop(pool.submit(move |_| done.send(())).unwrap());
        let last = pool.submit(|_| ()).unwrap();
        end.send(()).unwrap();
        first.await.unwrap();
        last.await.unwrap();
        assert!(was_done.recv().is_err());
    }

    #[tokio::test]
    async fn panicking_job_does_not_take_its_thread_along() {
        let pool = pool(1, 10);
        assert!(pool.submit(|_| panic!("on purpose")).unwrap().await.is_err());
        assert_eq!(pool.submit(|_| 7).unwrap().await.unwrap(), 7);
    }

    #[tokio::test]
    async fn queued_jobs_are_finished_after_the_pool_is_dropped() {
        let pool = pool(1, 10);
        let (first, end) = held(&pool);
        let second = pool.submit(|_| 2).unwrap();
        drop(pool);
        end.send(()).unwrap();
        first.await.unwrap();
        assert_eq!(second.await.unwrap(), 2);
    }

    #[tokio::test]
    async fn threads_start_only_as_needed() {
        let pool = pool(4, 10);
        for _ in 0..20 {
            pool.submit(|_| ()).unwrap().await.unwrap();
        }
        assert!(pool.shared.lock().threads <= 4);
        let (first, end) = held(&pool);
        end.send(()).unwrap();
        first.await.unwrap();
    }

    #[tokio::test]
    async fn memory_is_kept_up_to_the_bound_and_given_back_when_idle() {
        let pool = Pool::new(PoolConfig {
            workers: 1,
            queue: 10,
            release_after: Duration::from_hours(1),
            keep: 8,
        });
        let size = |pool: &Pool, blocks: usize| {
            pool.submit(move |scratch| {
                let kept = scratch.0.len();
                scratch.blocks(blocks);
                kept
            })
            .unwrap()
        };
        assert_eq!(size(&pool, 8).await.unwrap(), 0);
        assert_eq!(size(&pool, 4).await.unwrap(), 8);
        assert_eq!(size(&pool, 9).await.unwrap(), 8);
        assert_eq!(size(&pool, 0).await.unwrap(), 0);

        let mut scratch = Scratch(vec![Block::new(); 4]);
        scratch.release();
        assert_eq!(scratch.0.capacity(), 0);
    }
}
