use std::time::Duration;

use authflow_proto::bearer::{BearerError, Challenge};
use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::registration::RegistrationError;
use authflow_proto::subject::SectorError;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::Fault;
use crate::clients::ClientError;
use crate::http::reply::OAuthRefusal;
use crate::net::{FetchError, Refusal};

/// Why a registration was refused (RFC 7591 3.2.2, RFC 7592 2).
#[derive(Debug, thiserror::Error)]
pub(super) enum RegistrationRefusal {
    /// The tenant lets nobody register.
    #[error("dynamic client registration is switched off")]
    Off,
    /// The address registered too often.
    #[error("too many registrations; try again later")]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// No token, or more than one.
    #[error(transparent)]
    Bearer(#[from] BearerError),
    /// No initial or registration access token, or none that is good; the same for an unknown client.
    #[error("the token is missing or not valid here")]
    Token,
    /// The body is not JSON, or too long.
    #[error("the body must be application/json of a reasonable size")]
    Body,
    /// A field is not acceptable.
    #[error(transparent)]
    Metadata(#[from] RegistrationError),
    /// The client cannot be as the metadata says.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An address that only this server could reach.
    #[error("`{field}`: {refusal}")]
    Address {
        /// Which field.
        field: &'static str,
        /// Which rule it breaks.
        refusal: Refusal,
    },
    /// The sector document could not be had.
    #[error("`sector_identifier_uri`: {0}")]
    SectorFetch(#[from] FetchError),
    /// The sector document does not vouch for the redirect URIs.
    #[error(transparent)]
    Sector(#[from] SectorError),
    /// A stranger asks for scopes of the tenant's APIs without a user.
    #[error("the grant type client_credentials cannot have the scope `{scope}` by self-registration")]
    UngrantedScope {
        /// The first such scope.
        scope: String,
    },
    /// A member that a client may not set, or that contradicts its registration (RFC 7592 2.2).
    #[error("`{field}` is missing, not allowed, or not the registered one")]
    Managed {
        /// Which member.
        field: &'static str,
    },
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for RegistrationRefusal {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl RegistrationRefusal {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Off => OAuthErrorCode::AccessDenied,
            Self::TooMany { .. } => OAuthErrorCode::TemporarilyUnavailable,
            Self::Bearer(error) => error.code(),
            Self::Token | Self::Client(ClientError::InitialAccessToken | ClientError::NotFound) => {
                OAuthErrorCode::InvalidToken
            }
            Self::Metadata(error) | Self::Client(ClientError::Metadata(error)) => error.code(),
            _ => OAuthErrorCode::InvalidClientMetadata,
        }
    }
}

impl IntoResponse for RegistrationRefusal {
    fn into_response(self) -> Response {
        let fault = match self {
            Self::Fault(fault) | Self::Client(ClientError::Fault(fault)) => fault,
            refusal => return oauth(&refusal).into_response(),
        };
        OAuthRefusal::from(fault).into_response()
    }
}

fn oauth(refusal: &RegistrationRefusal) -> OAuthRefusal {
    let error = OAuthError::new(refusal.code(), refusal.to_string());
    match refusal {
        RegistrationRefusal::Off => OAuthRefusal::new(error).status(StatusCode::FORBIDDEN),
        RegistrationRefusal::TooMany { retry_after } => OAuthRefusal::new(error)
            .status(StatusCode::TOO_MANY_REQUESTS)
            .retry_after(*retry_after),
        _ if error.code() == OAuthErrorCode::InvalidToken => {
            let challenge = Challenge::bearer("authflow").error(&error).to_string();
            let challenge = HeaderValue::try_from(challenge).unwrap_or(HeaderValue::from_static("Bearer"));
            OAuthRefusal::new(error).authenticate(challenge)
        }
        _ => OAuthRefusal::new(error),
    }
}
