//! A connection that ends when nothing moves on it: whoever holds one must use it.
//!
//! hyper waits with a deadline for HTTP/1 headers only: not for the first bytes, which say which protocol is spoken, not for
//! anything over HTTP/2, and not for a peer that reads no answers. This does, below all of them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Length of the HTTP/2 preface (RFC 9113 3.4); a request of HTTP/1 is not much shorter.
const PREFACE: usize = 24;

/// How long nothing may move.
#[derive(Debug, Clone, Copy)]
pub(super) struct IdleLimits {
    /// From the beginning until a first request can be told.
    pub(super) greeting: Duration,
    /// Later.
    pub(super) idle: Duration,
}

/// `inner` with a deadline that every byte moves on.
pub(super) struct Watched<T> {
    inner: T,
    limits: IdleLimits,
    read: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<T> Watched<T> {
    pub(super) fn new(inner: T, limits: IdleLimits) -> Self {
        Self {
            inner,
            limits,
            read: 0,
            deadline: Box::pin(sleep(limits.greeting)),
        }
    }

    fn moved(&mut self) {
        let deadline = Instant::now() + self.limits.idle;
        self.deadline.as_mut().reset(deadline);
    }

    /// `Pending` until the deadline: then an error.
    fn watch<R>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<R>> {
        self.deadline
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match Pin::new(&mut self.inner).poll_read(cx, buf) {
            Poll::Ready(result) => {
                self.read = self.read.saturating_add(buf.filled().len() - before);
                // SECURITY: one byte now and then is not a greeting.
                if self.read >= PREFACE {
                    self.moved();
                }
                Poll::Ready(result)
            }
            Poll::Pending => self.watch(cx),
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.inner).poll_write(cx, buf) {
            Poll::Ready(result) => {
                self.moved();
                Poll::Ready(result)
            }
            Poll::Pending => self.watch(cx),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.inner).poll_write_vectored(cx, bufs) {
            Poll::Ready(result) => {
                self.moved();
                Poll::Ready(result)
            }
            Poll::Pending => self.watch(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const LIMITS: IdleLimits = IdleLimits {
        greeting: Duration::from_millis(50),
        idle: Duration::from_millis(150),
    };

    async fn read(watched: &mut Watched<tokio::io::DuplexStream>) -> io::Result<usize> {
        watched.read(&mut [0; 64]).await
    }

    #[tokio::test]
    async fn a_peer_that_says_nothing_or_too_little_is_cut_off() {
        let (mut peer, ours) = duplex(64);
        let mut watched = Watched::new(ours, LIMITS);
        peer.write_all(b"PRI * HT").await.unwrap();
        assert_eq!(read(&mut watched).await.unwrap(), 8);
        let begun = Instant::now();
        assert_eq!(
            read(&mut watched).await.unwrap_err().kind(),
            io::ErrorKind::TimedOut
        );
        assert!(
            begun.elapsed() < LIMITS.idle,
            "bytes of an unfinished greeting do not move the deadline on"
        );
    }

    #[tokio::test]
    async fn a_peer_that_falls_silent_or_reads_no_answers_is_cut_off() {
        let (mut peer, ours) = duplex(64);
        let mut watched = Watched::new(ours, LIMITS);
        peer.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        assert_eq!(read(&mut watched).await.unwrap(), PREFACE);
        assert_eq!(
            read(&mut watched).await.unwrap_err().kind(),
            io::ErrorKind::TimedOut
        );
        let (_peer, ours) = duplex(64);
        let mut watched = Watched::new(ours, LIMITS);
        let full = watched.write_all(&[0; 65]).await.unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::TimedOut);
    }
}
