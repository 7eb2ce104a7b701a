//! Bodies that were answered before they were read.
//!
//! Over HTTP/1.1 the rest of such a body stands between the answer and the next request. The server does not read what it
//! refused: the connection ends, and the answer says so (RFC 9112 9.6), so that no client sends another request into it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Version, header};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// A body that tells when its last byte was read.
struct Noticed<B> {
    inner: B,
    is_read: Arc<AtomicBool>,
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Noticed<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) || self.inner.is_end_stream() {
            self.is_read.store(true, Ordering::Release);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Answers `request`; closes the connection of HTTP/1 where its body was not read to the end.
pub(super) async fn answer<B, F>(request: Request<B>, answer: impl FnOnce(Request) -> F) -> Response
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<axum::BoxError>,
    F: Future<Output = Response>,
{
    if request.version() >= Version::HTTP_2 || request.body().is_end_stream() {
        return answer(request.map(Body::new)).await;
    }
    let is_read = Arc::new(AtomicBool::new(false));
    let noticed = |inner| Noticed {
        inner,
        is_read: is_read.clone(),
    };
    let mut response = answer(request.map(|body| Body::new(noticed(body)))).await;
    if !is_read.load(Ordering::Acquire) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use http_body_util::{BodyExt as _, Full};

    use super::*;

    async fn connection(version: Version, text: &'static str, reads: bool) -> Option<HeaderValue> {
        let mut request = Request::new(Full::new(Bytes::from_static(text.as_bytes())));
        *request.version_mut() = version;
        let response = answer(request, |request| async move {
            if reads {
                assert_eq!(request.into_body().collect().await.unwrap().to_bytes(), text);
            }
            "answer".into_response()
        })
        .await;
        response.headers().get(header::CONNECTION).cloned()
    }

    #[tokio::test]
    async fn an_unread_body_closes_a_connection_of_http_1_and_no_other() {
        assert_eq!(
            connection(Version::HTTP_11, "body", false).await.unwrap(),
            "close"
        );
        assert_eq!(connection(Version::HTTP_11, "body", true).await, None);
        assert_eq!(connection(Version::HTTP_11, "", false).await, None);
        assert_eq!(connection(Version::HTTP_2, "body", false).await, None);
    }
}
