//! Resource indicators (RFC 8707 2).

use crate::error::{OAuthErrorCode, into_oauth_error};
use crate::form::Params;
use crate::redirect_uri::is_uri_text;

/// Most `resource` parameters in one request.
pub const MAX_RESOURCES: usize = 8;
/// Longest resource indicator, in bytes.
pub const MAX_RESOURCE_BYTES: usize = 1024;

/// Why a `resource` was refused. Always `invalid_target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    /// Not an absolute URI (RFC 3986 4.3), or too long.
    #[error("`resource` must be an absolute URI")]
    NotAbsolute,
    /// A fragment.
    #[error("`resource` must not have a fragment")]
    Fragment,
    /// More than [`MAX_RESOURCES`].
    #[error("there are too many `resource` parameters")]
    TooMany,
}

impl ResourceError {
    /// The OAuth code: `invalid_target`.
    pub fn code(&self) -> OAuthErrorCode {
        OAuthErrorCode::InvalidTarget
    }
}

into_oauth_error!(ResourceError);

/// Reads every `resource` parameter, in order and without repeats.
pub fn parse_resources(params: &Params<'_>) -> Result<Vec<String>, ResourceError> {
    let mut resources: Vec<String> = Vec::new();
    for text in params.all("resource") {
        check_resource(text)?;
        if !resources.iter().any(|r| r == text) {
            if resources.len() == MAX_RESOURCES {
                return Err(ResourceError::TooMany);
            }
            resources.push(text.to_owned());
        }
    }
    Ok(resources)
}

/// Checks one resource indicator: an absolute URI (any scheme, so `urn:` too) without a fragment.
pub fn check_resource(text: &str) -> Result<(), ResourceError> {
    if text.contains('#') {
        return Err(ResourceError::Fragment);
    }
    let (scheme, rest) = text.split_once(':').ok_or(ResourceError::NotAbsolute)?;
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if !scheme_ok || rest.is_empty() || text.len() > MAX_RESOURCE_BYTES || !is_uri_text(text) {
        return Err(ResourceError::NotAbsolute);
    }
    if rest.starts_with("//") && url::Url::parse(text).is_err() {
        return Err(ResourceError::NotAbsolute);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_uris_without_fragment_are_taken() {
        for good in [
            "https://api.example/",
            "https://api.example/v1?x=y",
            "urn:example:api",
            "api://orders",
        ] {
            assert_eq!(check_resource(good), Ok(()), "{good}");
        }
        for (bad, error) in [
            ("api", ResourceError::NotAbsolute),
            ("/v1", ResourceError::NotAbsolute),
            ("https://", ResourceError::NotAbsolute),
            ("https:", ResourceError::NotAbsolute),
            ("1a:b", ResourceError::NotAbsolute),
            ("https://api.example/ x", ResourceError::NotAbsolute),
            ("https://api.example/#f", ResourceError::Fragment),
            ("https://api.example/#", ResourceError::Fragment),
        ] {
            assert_eq!(check_resource(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn repeats_collapse_and_the_count_is_capped() {
        let params: Params<'_> = [
            ("resource", "urn:a"),
            ("resource", "urn:b"),
            ("resource", "urn:a"),
        ]
        .into_iter()
        .collect();
        assert_eq!(parse_resources(&params).unwrap(), ["urn:a", "urn:b"]);
        let uris: Vec<String> = (0..9).map(|i| format!("urn:{i}")).collect();
        let many: Params<'_> = uris.iter().map(|u| ("resource", u.as_str())).collect();
        assert_eq!(parse_resources(&many), Err(ResourceError::TooMany));
    }
}
