//! The authorization response: where it goes and what it says (RFC 6749 4.1.2, RFC 9207, OAuth Form Post Response Mode).

use std::borrow::Cow;

use crate::authorize::ResponseMode;
use crate::error::OAuthError;
use crate::form::append_pair;

/// What the response says.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// The code (RFC 6749 4.1.2).
    Code(&'a str),
    /// The refusal (RFC 6749 4.1.2.1).
    Error(&'a OAuthError),
}

/// A response to a proven redirect URI.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizationResponse<'a> {
    /// Where it goes: registered, so without a fragment.
    pub redirect_uri: &'a str,
    /// How it travels.
    pub response_mode: ResponseMode,
    /// The issuer: in every response, success or error (RFC 9207 2).
    pub issuer: &'a str,
    /// `state` exactly as it came, if it came.
    pub state: Option<&'a str>,
    /// Code or error.
    pub outcome: Outcome<'a>,
}

/// A response ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// A `Location` for a 303: ASCII, safe as a header value.
    Redirect(String),
    /// A page with a form that posts `fields` to `action`. Escape both as HTML attributes.
    FormPost {
        /// The redirect URI.
        action: String,
        /// Name and value of each hidden input.
        fields: Vec<(&'static str, String)>,
    },
}

impl AuthorizationResponse<'_> {
    /// The parameters in the order they are sent.
    pub fn fields(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut fields = Vec::with_capacity(4);
        match self.outcome {
            Outcome::Code(code) => fields.push(("code", Cow::Borrowed(code))),
            Outcome::Error(error) => {
                fields.push(("error", Cow::Borrowed(error.code().as_str())));
                fields.push(("error_description", Cow::Borrowed(error.description())));
            }
        }
        if let Some(state) = self.state {
            fields.push(("state", Cow::Borrowed(state)));
        }
        fields.push(("iss", Cow::Borrowed(self.issuer)));
        fields
    }

    /// Renders the response for its response mode.
    pub fn deliver(&self) -> Delivery {
        let separator = match self.response_mode {
            ResponseMode::Query => '?',
            ResponseMode::Fragment => '#',
            ResponseMode::FormPost => {
                let fields = self
                    .fields()
                    .into_iter()
                    .map(|(n, v)| (n, v.into_owned()))
                    .collect();
                return Delivery::FormPost {
                    action: self.redirect_uri.to_owned(),
                    fields,
                };
            }
        };
        let fields = self.fields();
        Delivery::Redirect(append_fields(
            self.redirect_uri,
            separator,
            fields.iter().map(|(n, v)| (*n, v.as_ref())),
        ))
    }
}

/// Appends fields to a URI behind `separator`; an existing query is kept (RFC 6749 3.1.2).
pub(crate) fn append_fields<'f>(
    uri: &str,
    separator: char,
    fields: impl Iterator<Item = (&'f str, &'f str)>,
) -> String {
    let mut location = String::with_capacity(uri.len() + 256);
    location.push_str(uri);
    let mut first = true;
    if separator == '?' && uri.contains('?') {
        first = uri.ends_with(['?', '&']);
    } else {
        location.push(separator);
    }
    for (name, value) in fields {
        append_pair(&mut location, first, name, value);
        first = false;
    }
    location
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;
    use crate::error::OAuthErrorCode;

    fn response<'a>(uri: &'a str, mode: ResponseMode, state: Option<&'a str>) -> AuthorizationResponse<'a> {
        AuthorizationResponse {
            redirect_uri: uri,
            response_mode: mode,
            issuer: "https://id.example/t/acme",
            state,
            outcome: Outcome::Code("abc"),
        }
    }

    #[test]
    fn existing_query_is_kept() {
        let tail = "code=abc&state=s&iss=https%3A%2F%2Fid.example%2Ft%2Facme";
        for (uri, expected) in [
            ("https://a.example/cb", format!("https://a.example/cb?{tail}")),
            (
                "https://a.example/cb?x=y",
                format!("https://a.example/cb?x=y&{tail}"),
            ),
            ("https://a.example/cb?", format!("https://a.example/cb?{tail}")),
            (
                "https://a.example/cb?x=y&",
                format!("https://a.example/cb?x=y&{tail}"),
            ),
            ("com.example.app:/cb", format!("com.example.app:/cb?{tail}")),
        ] {
            assert_eq!(
                response(uri, ResponseMode::Query, Some("s")).deliver(),
                Delivery::Redirect(expected)
            );
        }
        let expected = format!("https://a.example/cb?x=y#{tail}");
        let fragment = response("https://a.example/cb?x=y", ResponseMode::Fragment, Some("s")).deliver();
        assert_eq!(fragment, Delivery::Redirect(expected));
    }

    #[test]
    fn errors_carry_iss_and_state_only_when_given() {
        let error = OAuthError::new(OAuthErrorCode::AccessDenied, "no");
        let mut refused = response("https://a.example/cb", ResponseMode::FormPost, None);
        refused.outcome = Outcome::Error(&error);
        let Delivery::FormPost { action, fields } = refused.deliver() else {
            panic!("not a form")
        };
        assert_eq!(action, "https://a.example/cb");
        let expected = [
            ("error", "access_denied"),
            ("error_description", "no"),
            ("iss", "https://id.example/t/acme"),
        ];
        assert_eq!(fields, expected.map(|(n, v)| (n, v.to_owned())));
    }

    proptest! {
        #[test]
        fn state_comes_back_exactly_and_breaks_nothing(state in ".*") {
            let sent = response("https://a.example/cb?x=y", ResponseMode::Query, Some(&state)).deliver();
            let Delivery::Redirect(location) = sent else { panic!("not a redirect") };
            prop_assert!(location.bytes().all(|b| b.is_ascii_graphic()));
            let url = Url::parse(&location).unwrap();
            prop_assert_eq!(url.host_str(), Some("a.example"));
            prop_assert_eq!(url.fragment(), None);
            let states: Vec<_> = url.query_pairs().filter(|(n, _)| n == "state").map(|(_, v)| v.into_owned()).collect();
            prop_assert_eq!(states, vec![state]);
        }
    }
}
