//! Every route of the public listener.

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::Cx;
use crate::http::{Access, Cors, Problem, Routes, page};
use crate::{account, dev, factors, oauth, operators, pages, passkeys, sign_in};

/// All routes, with who may call each.
pub fn all(is_dev: bool) -> Routes {
    let open = Access::Public("the same for everybody");
    let routes = Routes::default()
        .get("/", open, Cors::None, home)
        .get("/assets/brand.css", open, Cors::None, brand_stylesheet)
        .merge(oauth::authorize::routes())
        .merge(oauth::challenge::routes())
        .merge(oauth::token::routes())
        .merge(oauth::metadata::routes())
        .merge(oauth::userinfo::routes())
        .merge(oauth::introspection::routes())
        .merge(oauth::revoke::routes())
        .merge(oauth::registration::routes())
        .merge(oauth::logout::routes())
        .merge(factors::routes())
        .merge(sign_in::routes())
        .merge(account::routes())
        .merge(operators::routes())
        .merge(passkeys::routes());
    if is_dev {
        routes.merge(dev::routes())
    } else {
        routes
    }
}

/// The public router; [`crate::http::tenancy::handle`] stands in front of it.
pub fn public(is_dev: bool) -> Router {
    all(is_dev)
        .into_router()
        .merge(pages::assets_router())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// Where somebody who only typed the address wants to go.
async fn home(cx: Cx) -> Response {
    let path = if cx.app.config.is_dev() {
        "/dev/demo"
    } else {
        "/account"
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, cx.tenant.path(path))]).into_response()
}

#[derive(serde::Deserialize)]
struct BrandQuery {
    v: Option<String>,
}

/// The tenant's colours; pages name its version, so that it may be kept for ever.
async fn brand_stylesheet(cx: Cx, headers: HeaderMap, Query(query): Query<BrandQuery>) -> Response {
    pages::brand_stylesheet(&cx.tenant.brand, query.v.as_deref(), &headers)
}

/// A page for people, a problem for programs.
async fn not_found(cx: Cx, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|kinds| kinds.contains("text/html")) {
        return page::error(
            &cx,
            &headers,
            StatusCode::NOT_FOUND,
            pages::ErrorKind::NotFound,
            "not_found",
        );
    }
    Problem::not_found().into_response()
}

async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
