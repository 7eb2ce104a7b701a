//! A browser's request for a hosted page, and how a refusal of it looks: always a page with a way on, never JSON.

use std::convert::Infallible;
use std::time::Duration;

use authflow_proto::form::{FormError, FormLimits, Params};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::cookies::CookieKind;
use super::{Problem, csrf, page};
use crate::pages::{ErrorKind, Locale, PageContext, View};
use crate::{Cx, Fault};

/// One request of a browser: the context, and what pages need of the request.
pub struct Visit {
    /// The context.
    pub cx: Cx,
    /// The request's headers.
    pub headers: HeaderMap,
    path: String,
    query: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let cx = Cx::from_request_parts(parts, state).await?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self {
            cx,
            headers: parts.headers.clone(),
            path: parts.uri.path().to_owned(),
            query,
        })
    }
}

/// The body of a form that one of our pages posts; whatever is wrong with it becomes a page.
#[derive(Clone)]
pub struct PostedForm(Option<Bytes>);

impl<S: Send + Sync> FromRequest<S> for PostedForm {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let kind = kind
            .and_then(|text| text.split(';').next())
            .unwrap_or_default()
            .trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Ok(Self(None));
        }
        Ok(Self(Bytes::from_request(request, state).await.ok()))
    }
}

impl From<String> for PostedForm {
    fn from(encoded: String) -> Self {
        Self(Some(encoded.into()))
    }
}

impl PostedForm {
    /// The body as it came, if it says that it is a form and is not too long.
    pub fn raw(&self) -> Option<&[u8]> {
        self.0.as_deref()
    }

    /// The fields.
    ///
    /// # Errors
    /// [`PageRefusal::Body`] for anything but a small, well-formed form.
    pub fn fields(&self) -> Result<Fields<'_>, PageRefusal> {
        self.params().map(Fields)
    }

    /// The fields, with those that may come more than once.
    ///
    /// # Errors
    /// [`PageRefusal::Body`] for anything but a small, well-formed form.
    pub fn params(&self) -> Result<Params<'_>, PageRefusal> {
        let bytes = self.0.as_ref().ok_or(PageRefusal::Body)?;
        Ok(Params::parse(bytes, FormLimits::BODY)?)
    }
}

/// The fields of a form, each at most once.
pub struct Fields<'a>(Params<'a>);

impl Fields<'_> {
    /// A field's text; empty where it is missing.
    ///
    /// # Errors
    /// [`PageRefusal::Body`] if it is repeated.
    pub fn text(&self, name: &'static str) -> Result<&str, PageRefusal> {
        Ok(self.0.unique(name)?.unwrap_or_default())
    }

    /// A field that must be an id.
    ///
    /// # Errors
    /// [`PageRefusal::Body`] if it is missing, repeated or malformed.
    pub fn id<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, PageRefusal> {
        self.text(name)?.parse().map_err(|_| PageRefusal::Body)
    }
}

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub enum PageRefusal {
    /// A condition with a page of its own.
    #[error("{code}")]
    Condition {
        /// The status to answer with.
        status: StatusCode,
        /// The page.
        kind: ErrorKind,
        /// For the developer.
        code: &'static str,
    },
    /// The body is not a well-formed form.
    #[error("the body is not a form")]
    Body,
    /// The sign-in is over, expired, or another browser's.
    #[error("the sign-in is unknown")]
    UnknownSignIn,
    /// The form is another site's, another browser's, or too old.
    #[error("the form was not shown to this browser")]
    ForgedForm,
    /// Too many requests.
    #[error("too many requests")]
    Limited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl PageRefusal {
    /// 404.
    pub const NOT_FOUND: Self = Self::Condition {
        status: StatusCode::NOT_FOUND,
        kind: ErrorKind::NotFound,
        code: "not_found",
    };

    /// A link of a mail was used, is too old, or is none.
    pub const LINK_EXPIRED: Self = Self::Condition {
        status: StatusCode::BAD_REQUEST,
        kind: ErrorKind::LinkExpired,
        code: "link_expired",
    };
}

impl From<FormError> for PageRefusal {
    fn from(_: FormError) -> Self {
        Self::Body
    }
}

impl From<authflow_db::DbError> for PageRefusal {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl Visit {
    /// A parameter of the query; `None` where it is missing, repeated or malformed.
    pub fn query(&self, name: &'static str) -> Option<String> {
        let params = Params::parse(self.query.as_bytes(), FormLimits::QUERY).ok()?;
        params.unique(name).ok().flatten().map(str::to_owned)
    }

    /// The secret of the link of a mail that was opened.
    ///
    /// # Errors
    /// [`PageRefusal::LINK_EXPIRED`].
    pub fn link_token(&self) -> Result<String, PageRefusal> {
        self.query("token").ok_or(PageRefusal::LINK_EXPIRED)
    }

    /// Checks that a form without a token was posted by a page of ours, as far as the browser tells: the form of a link,
    /// which may be opened in a browser that never saw us.
    ///
    /// # Errors
    /// [`PageRefusal::ForgedForm`].
    pub fn check_origin(&self) -> Result<(), PageRefusal> {
        if csrf::is_same_origin(&self.cx, &self.headers) {
            Ok(())
        } else {
            Err(PageRefusal::ForgedForm)
        }
    }

    /// Checks that a form for `purpose` was shown to this browser.
    ///
    /// # Errors
    /// [`PageRefusal::ForgedForm`].
    pub fn check_form(
        &self,
        kind: CookieKind,
        purpose: &str,
        fields: &Fields<'_>,
    ) -> Result<(), PageRefusal> {
        let presented = fields.0.unique("csrf")?;
        if csrf::is_valid(&self.cx, &self.headers, kind, purpose, presented)? {
            Ok(())
        } else {
            Err(PageRefusal::ForgedForm)
        }
    }

    /// The surroundings of a page: in the language that this address asks for, else the one that `began_with` lists.
    pub fn context(&self, began_with: Option<&str>) -> PageContext {
        let asked = self.query("ui_locales");
        let is_known = |list: &&str| {
            list.split_ascii_whitespace()
                .any(|tag| Locale::from_tag(tag).is_some())
        };
        let ui_locales = [asked.as_deref(), began_with]
            .into_iter()
            .flatten()
            .find(is_known);
        page::context_in(&self.cx, &self.headers, ui_locales)
    }

    /// The surroundings of a page with forms for `purpose`.
    ///
    /// # Errors
    /// [`Fault::Vault`] if the key of form tokens cannot be derived.
    pub fn form_context(
        &self,
        kind: CookieKind,
        purpose: &str,
        began_with: Option<&str>,
    ) -> Result<PageContext, Fault> {
        let mut context = self.context(began_with);
        context.csrf = csrf::token(&self.cx, &self.headers, kind, purpose)?;
        Ok(context)
    }

    /// The address of this GET, below the tenant's base: for a page that may be shown in another language.
    pub fn here(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }

    /// A page.
    pub fn respond<V: View>(&self, status: StatusCode, view: &V, context: &PageContext) -> Response {
        self.cx.app.pages.respond(status, view, context)
    }

    /// What a handler came to: its page, or the page of its refusal.
    pub fn answer(&self, result: Result<Response, PageRefusal>) -> Response {
        match result {
            Ok(response) => response,
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn refuse(&self, refusal: &PageRefusal) -> Response {
        let (cx, headers) = (&self.cx, &self.headers);
        match refusal {
            PageRefusal::Condition { status, kind, code } => page::error(cx, headers, *status, *kind, code),
            PageRefusal::Body => page::error(
                cx,
                headers,
                StatusCode::BAD_REQUEST,
                ErrorKind::BodyInvalid,
                "invalid_form",
            ),
            PageRefusal::UnknownSignIn if !headers.contains_key(header::COOKIE) => {
                let kind = ErrorKind::CookiesBlocked;
                page::error(cx, headers, StatusCode::BAD_REQUEST, kind, "no_cookies")
            }
            PageRefusal::UnknownSignIn => page::unknown_sign_in(cx, headers),
            PageRefusal::ForgedForm => page::forged_form(cx, headers),
            PageRefusal::Limited { retry_after } => page::rate_limited(cx, headers, *retry_after, None),
            PageRefusal::Fault(fault) => page::fault(cx, headers, fault),
        }
    }

    /// 303 to a path of this tenant (RFC 9110 15.4.4): the form's fields are not sent along (RFC 9700 4.12).
    pub fn redirect(&self, path: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
        see_other(&self.cx.tenant.path(path), cookies)
    }
}

/// 303 to an address of our own making, with cookies.
///
/// # Security
/// `location` is never a text that came with the request.
pub fn see_other(location: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return Problem::internal().into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// Whole seconds, at least one.
pub fn whole_seconds(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}

/// Adds `Retry-After`.
#[must_use]
pub fn with_retry_after(mut response: Response, after: Duration) -> Response {
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(after)));
    response
}
