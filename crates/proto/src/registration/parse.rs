//! The whole document: every field, then how they fit together.

use super::fields::{FieldProblem, Fields};
use super::{ClientMetadata, ResponseType};
use crate::client_auth::AuthMethod;
use crate::error::{OAuthErrorCode, into_oauth_error};
use crate::jose::{Algorithm, JwkSetError};
use crate::json::{JsonLimits, parse_object};
use crate::redirect_uri::{ApplicationType, MAX_REDIRECT_URI_BYTES, RedirectUri, RedirectUriError};
use crate::scope::ScopeSet;
use crate::subject::{SubjectType, sector_identifier};
use crate::token_request::GrantType;

/// Longest document, in bytes.
pub const MAX_METADATA_BYTES: usize = 64 * 1024;
pub(super) const MAX_NAME_BYTES: usize = 256;
const MAX_REDIRECT_URIS: usize = 64;
const LIMITS: JsonLimits = JsonLimits {
    bytes: MAX_METADATA_BYTES,
    depth: 8,
    nodes: 4096,
};

/// What the installation allows beyond the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RegistrationRules {
    /// Links and endpoints may be plain http on a loopback host: for development.
    pub allow_loopback_http: bool,
}

/// Why client metadata was refused (RFC 7591 3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// Not a JSON object, too long, too deep, or a repeated member.
    #[error(
        "the client metadata must be a JSON object of at most {MAX_METADATA_BYTES} bytes without repeated members"
    )]
    Json,
    /// A redirect URI, of sign-in or of logout.
    #[error("an entry of `{field}` {problem}")]
    RedirectUri {
        /// `redirect_uris` or `post_logout_redirect_uris`.
        field: &'static str,
        /// What is wrong with it.
        problem: RedirectUriError,
    },
    /// `redirect_uris` is missing or empty although `authorization_code` needs it.
    #[error("`redirect_uris` is required for the grant type authorization_code")]
    NoRedirectUri,
    /// Any other field.
    #[error("`{field}` {problem}")]
    Field {
        /// Which one.
        field: &'static str,
        /// What is wrong with it.
        problem: FieldProblem,
    },
    /// `jwks` is not a usable key set.
    #[error("`jwks`: {0}")]
    Jwks(JwkSetError),
}

impl RegistrationError {
    /// `invalid_redirect_uri` or `invalid_client_metadata`.
    pub fn code(&self) -> OAuthErrorCode {
        match self {
            Self::RedirectUri {
                field: "redirect_uris",
                ..
            }
            | Self::NoRedirectUri => OAuthErrorCode::InvalidRedirectUri,
            _ => OAuthErrorCode::InvalidClientMetadata,
        }
    }

    /// The field at fault, when it is one.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Json => None,
            Self::RedirectUri { field, .. } | Self::Field { field, .. } => Some(field),
            Self::NoRedirectUri => Some("redirect_uris"),
            Self::Jwks(_) => Some("jwks"),
        }
    }
}

into_oauth_error!(RegistrationError);

type Result<T> = std::result::Result<T, RegistrationError>;

impl ClientMetadata {
    /// Reads and checks a registration document; unknown members are ignored (RFC 7591 2).
    pub fn parse(json: &[u8], rules: RegistrationRules) -> Result<Self> {
        let members = parse_object(json, LIMITS).map_err(|_| RegistrationError::Json)?;
        let mut fields = Fields::new(members);
        let metadata = read(&mut fields, rules)?;
        metadata.check()?;
        Ok(metadata)
    }

    /// Checks the fields against each other (RFC 7591 2.1, OIDC Registration 2). Call it again after changing any.
    pub fn check(&self) -> Result<()> {
        self.check_grants()?;
        self.check_authentication()?;
        if self.subject_type == SubjectType::Pairwise
            && sector_identifier(&self.redirect_uris, self.sector_identifier_uri.as_deref()).is_err()
        {
            return required(
                "sector_identifier_uri",
                "pairwise subjects and redirect URIs on several hosts",
            );
        }
        Ok(())
    }

    fn check_grants(&self) -> Result<()> {
        let code = self.grant_types.contains(&GrantType::AuthorizationCode);
        if code && self.redirect_uris.is_empty() {
            return Err(RegistrationError::NoRedirectUri);
        }
        if code != self.response_types.contains(&ResponseType::Code) {
            let (field, with) = if code {
                ("response_types", "the grant type authorization_code")
            } else {
                ("grant_types", "the response type code")
            };
            return required(field, with);
        }
        if self.grant_types.is_empty() {
            return problem("grant_types", FieldProblem::Unsupported);
        }
        if self.grant_types.contains(&GrantType::RefreshToken) && !code {
            return required("grant_types", "refresh_token: authorization_code");
        }
        if self.grant_types.contains(&GrantType::ClientCredentials) && !self.is_confidential() {
            return problem(
                "grant_types",
                FieldProblem::Contradicts("a client that does not authenticate"),
            );
        }
        Ok(())
    }

    fn check_authentication(&self) -> Result<()> {
        if self.jwks.is_some() && self.jwks_uri.is_some() {
            return problem("jwks", FieldProblem::Contradicts("`jwks_uri`"));
        }
        self.parsed_jwks().transpose().map_err(RegistrationError::Jwks)?;
        let method = self.token_endpoint_auth_method;
        if method == AuthMethod::PrivateKeyJwt && self.jwks.is_none() && self.jwks_uri.is_none() {
            return required("jwks", "private_key_jwt, or `jwks_uri`");
        }
        let fits = match (method, self.token_endpoint_auth_signing_alg) {
            (AuthMethod::PrivateKeyJwt, Some(alg)) => alg.is_asymmetric(),
            (AuthMethod::ClientSecretJwt, Some(alg)) => !alg.is_asymmetric(),
            // RFC 7591 2: without an assertion the algorithm has nothing to say.
            _ => true,
        };
        if fits {
            Ok(())
        } else {
            problem("token_endpoint_auth_signing_alg", FieldProblem::Unsupported)
        }
    }
}

fn problem<T>(field: &'static str, problem: FieldProblem) -> Result<T> {
    Err(RegistrationError::Field { field, problem })
}

fn required<T>(field: &'static str, with: &'static str) -> Result<T> {
    problem(field, FieldProblem::RequiredWith(with))
}

fn read(fields: &mut Fields, rules: RegistrationRules) -> Result<ClientMetadata> {
    let http = rules.allow_loopback_http;
    let application_type = fields
        .one_of("application_type", application_type)?
        .unwrap_or_default();
    let grant_types = fields
        .some_of("grant_types", GrantType::parse)?
        .unwrap_or_else(|| vec![GrantType::AuthorizationCode]);
    let asymmetric = |text: &str| text.parse().ok().filter(|a: &Algorithm| a.is_asymmetric());
    Ok(ClientMetadata {
        redirect_uris: redirect_uris(fields, "redirect_uris", application_type)?,
        post_logout_redirect_uris: redirect_uris(fields, "post_logout_redirect_uris", application_type)?,
        token_endpoint_auth_method: fields
            .one_of("token_endpoint_auth_method", |t| t.parse().ok())?
            .unwrap_or(AuthMethod::ClientSecretBasic),
        token_endpoint_auth_signing_alg: fields
            .one_of("token_endpoint_auth_signing_alg", |t| t.parse().ok())?,
        response_types: response_types(fields, &grant_types)?,
        grant_types,
        application_type,
        client_name: fields.text("client_name", MAX_NAME_BYTES)?,
        client_uri: fields.url("client_uri", http)?,
        logo_uri: fields.url("logo_uri", http)?,
        tos_uri: fields.url("tos_uri", http)?,
        policy_uri: fields.url("policy_uri", http)?,
        scope: scope(fields)?,
        contacts: fields.texts("contacts", 16, 320)?.unwrap_or_default(),
        jwks: fields.object("jwks")?,
        jwks_uri: fields.url("jwks_uri", http)?,
        subject_type: fields.one_of("subject_type", subject_type)?.unwrap_or_default(),
        sector_identifier_uri: fields.url("sector_identifier_uri", false)?,
        id_token_signed_response_alg: fields
            .one_of("id_token_signed_response_alg", asymmetric)?
            .unwrap_or(Algorithm::RS256),
        userinfo_signed_response_alg: fields.one_of("userinfo_signed_response_alg", asymmetric)?,
        default_max_age: fields.seconds("default_max_age")?,
        require_auth_time: fields.flag("require_auth_time")?,
        default_acr_values: fields.texts("default_acr_values", 16, 256)?.unwrap_or_default(),
        initiate_login_uri: fields.url("initiate_login_uri", http)?,
        backchannel_logout_uri: fields.url("backchannel_logout_uri", http)?,
        backchannel_logout_session_required: fields.flag("backchannel_logout_session_required")?,
        software_id: fields.text("software_id", 256)?,
        software_version: fields.text("software_version", 256)?,
        localized: fields.localized(http)?,
    })
}

fn redirect_uris(fields: &mut Fields, field: &'static str, kind: ApplicationType) -> Result<Vec<String>> {
    // The URI's own check names what is wrong with it better than the text check would.
    let uris = match fields.texts(field, MAX_REDIRECT_URIS, MAX_REDIRECT_URI_BYTES) {
        Err(RegistrationError::Field {
            problem: FieldProblem::Character,
            ..
        }) => {
            return Err(RegistrationError::RedirectUri {
                field,
                problem: RedirectUriError::Character,
            });
        }
        other => other?.unwrap_or_default(),
    };
    for uri in &uris {
        RedirectUri::register(uri, kind)
            .map_err(|problem| RegistrationError::RedirectUri { field, problem })?;
    }
    Ok(uris)
}

fn response_types(fields: &mut Fields, grant_types: &[GrantType]) -> Result<Vec<ResponseType>> {
    let sent = fields.some_of("response_types", |text| {
        (text == "code").then_some(ResponseType::Code)
    })?;
    Ok(sent.unwrap_or_else(|| {
        grant_types
            .iter()
            .filter(|g| **g == GrantType::AuthorizationCode)
            .map(|_| ResponseType::Code)
            .collect()
    }))
}

fn scope(fields: &mut Fields) -> Result<Option<ScopeSet>> {
    let Some(text) = fields.text("scope", crate::scope::MAX_SCOPE_BYTES)? else {
        return Ok(None);
    };
    let Ok(scope) = ScopeSet::parse(&text) else {
        return problem("scope", FieldProblem::Character);
    };
    Ok(Some(scope).filter(|s| !s.is_empty()))
}

fn application_type(text: &str) -> Option<ApplicationType> {
    match text {
        "web" => Some(ApplicationType::Web),
        "native" => Some(ApplicationType::Native),
        _ => None,
    }
}

fn subject_type(text: &str) -> Option<SubjectType> {
    match text {
        "public" => Some(SubjectType::Public),
        "pairwise" => Some(SubjectType::Pairwise),
        _ => None,
    }
}
