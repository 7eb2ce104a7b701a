//! Style sheet, scripts, mark and icon: compiled in, addressed by content, cached for good.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::Brand;
use crate::http::Problem;

/// One file that the pages need.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// File name, the last segment of its address.
    pub name: &'static str,
    /// Media type.
    pub content_type: &'static str,
    /// Content.
    pub body: &'static str,
}

static ASSETS: [Asset; 5] = [
    Asset {
        name: "authflow.css",
        content_type: "text/css; charset=utf-8",
        body: include_str!("../../assets/authflow.css"),
    },
    Asset {
        name: "passkeys.js",
        content_type: "text/javascript; charset=utf-8",
        body: include_str!("../../assets/passkeys.js"),
    },
    Asset {
        name: "proof-of-work.js",
        content_type: "text/javascript; charset=utf-8",
        body: include_str!("../../assets/proof-of-work.js"),
    },
    Asset {
        name: "mark.svg",
        content_type: "image/svg+xml",
        body: include_str!("../../assets/mark.svg"),
    },
    Asset {
        name: "favicon.svg",
        content_type: "image/svg+xml",
        body: include_str!("../../assets/favicon.svg"),
    },
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let bodies: Vec<&[u8]> = ASSETS.iter().map(|asset| asset.body.as_bytes()).collect();
    fingerprint(&bodies)
});

const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// Sixteen hexadecimal digits that change with the content.
pub(super) fn fingerprint(parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    context
        .finish()
        .as_ref()
        .iter()
        .take(8)
        .fold(String::with_capacity(16), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// The fingerprint of all assets: the segment before the file name in their addresses.
pub fn version() -> &'static str {
    &VERSION
}

/// The asset with this file name.
pub fn asset(name: &str) -> Option<Asset> {
    ASSETS.iter().copied().find(|asset| asset.name == name)
}

/// Routes for `/assets/{version}/{name}`. The tenant's `/assets/brand.css` is served with [`brand_stylesheet`].
pub fn assets_router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{version}/{name}", get(serve))
}

async fn serve(Path((asked, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(found) = asset(&name) else {
        return Problem::not_found().into_response();
    };
    file(
        found.content_type,
        Body::from(found.body),
        version(),
        asked == version(),
        &headers,
    )
}

/// A tenant's style sheet, for `GET {base}/assets/brand.css?v={version}`.
///
/// `asked` is the `v` parameter. An address with an older version gets today's colours and may not be kept.
pub fn brand_stylesheet(brand: &Brand, asked: Option<&str>, headers: &HeaderMap) -> Response {
    let body = Body::from(brand.css().to_owned());
    file(
        "text/css; charset=utf-8",
        body,
        brand.version(),
        asked == Some(brand.version()),
        headers,
    )
}

/// A file with its validator (RFC 9110 13.1.2), for good if the address named exactly this content.
fn file(content_type: &'static str, body: Body, version: &str, exact: bool, headers: &HeaderMap) -> Response {
    let tag = format!("\"{version}\"");
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|t| t.trim().trim_start_matches("W/") == tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (StatusCode::OK, body).into_response()
    };
    let cache = if exact { FOR_GOOD } else { "no-cache" };
    let set = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        // An SVG opened by itself must not be able to run anything.
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
        ),
    ];
    response.headers_mut().extend(set);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn current_address_is_cached_for_good_and_older_ones_are_not() {
        let ask = |v: &str, n: &str| serve(Path((v.to_owned(), n.to_owned())), HeaderMap::new());
        let current = ask(version(), "authflow.css").await;
        assert_eq!(current.status(), StatusCode::OK);
        assert_eq!(current.headers()[header::CACHE_CONTROL], FOR_GOOD);
        assert_eq!(current.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let older = ask("0000", "authflow.css").await;
        assert_eq!(older.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(ask(version(), "../lib.rs").await.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn known_content_is_not_sent_again() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::IF_NONE_MATCH,
            format!("\"x\", W/\"{}\"", version()).parse().unwrap(),
        );
        let answer = serve(Path((version().to_owned(), "mark.svg".to_owned())), headers).await;
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
        assert!(answer.headers().contains_key(header::ETAG));
    }
}
