//! What is known of each provider beforehand, so that an administrator has to give a client id and a secret only.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Any provider with discovery (OIDC Discovery 1.0).
    Oidc,
    /// Any authorization server with an address that tells who somebody is (RFC 6749).
    Oauth2,
    /// Google accounts and Google Workspace.
    Google,
    /// Microsoft Entra ID and personal Microsoft accounts.
    Microsoft,
    /// Apple accounts.
    Apple,
    /// GitHub.
    Github,
    /// GitLab, at gitlab.com or elsewhere.
    Gitlab,
    /// `LinkedIn`.
    Linkedin,
    /// Facebook.
    Facebook,
    /// Discord.
    Discord,
    /// Slack.
    Slack,
}

/// The text names no preset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no preset of this name")]
pub struct UnknownPreset;

/// Which protocol tells who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// A signed ID token (OIDC Core 2).
    Oidc,
    /// An answer to the access token at an address of the provider.
    Oauth2,
}

/// How we authenticate at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// The secret in the header (RFC 6749 2.3.1).
    ClientSecretBasic,
    /// The secret in the body (RFC 6749 2.3.1).
    ClientSecretPost,
    /// In the body, a secret that is a JWT made for the request (Sign in with Apple).
    AppleJwt,
    /// Nothing but the client's id and PKCE.
    None,
}

/// When the provider's word that an e-mail address is somebody's is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailRule {
    /// When it says that the address is verified.
    Verified,
    /// When it says so and is the one who hands the address out: `@gmail.com`, or a hosted domain (`hd`).
    Google,
}

/// What a preset fills in.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "a table of independent facts")]
pub struct Defaults {
    /// The name on the button.
    pub name: &'static str,
    /// How it tells who somebody is.
    pub protocol: Protocol,
    /// The issuer; of Microsoft the one for every directory.
    pub issuer: Option<&'static str>,
    /// Where people are sent, for providers without discovery.
    pub authorization_endpoint: Option<&'static str>,
    /// Where codes are redeemed, for providers without discovery.
    pub token_endpoint: Option<&'static str>,
    /// Where the access token tells who somebody is.
    pub userinfo_endpoint: Option<&'static str>,
    /// Where the access token tells which addresses they have (GitHub).
    pub emails_endpoint: Option<&'static str>,
    /// What is asked for.
    pub scopes: &'static [&'static str],
    /// Whether it takes PKCE (RFC 7636); all but one ignore or honour it.
    pub pkce: bool,
    /// Whether its ID tokens repeat the nonce.
    pub nonce: bool,
    /// Whether it answers by a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    pub form_post: bool,
    /// How we authenticate.
    pub client_authentication: ClientAuthentication,
    /// Whether a verified address of its own counts as proven to us.
    pub trust_email: bool,
    /// When an address counts as verified.
    pub email_rule: EmailRule,
    /// Our claim, and where the provider has it.
    pub mapping: &'static [(&'static str, &'static str)],
}

const STANDARD: &[(&str, &str)] = &[
    ("subject", "sub"),
    ("email", "email"),
    ("email_verified", "email_verified"),
    ("name", "name"),
    ("given_name", "given_name"),
    ("family_name", "family_name"),
    ("middle_name", "middle_name"),
    ("nickname", "nickname"),
    ("preferred_username", "preferred_username"),
    ("picture", "picture"),
    ("profile", "profile"),
    ("website", "website"),
    ("locale", "locale"),
    ("zoneinfo", "zoneinfo"),
];

const BASE: Defaults = Defaults {
    name: "Single sign-on",
    protocol: Protocol::Oidc,
    issuer: None,
    authorization_endpoint: None,
    token_endpoint: None,
    userinfo_endpoint: None,
    emails_endpoint: None,
    scopes: &["openid", "profile", "email"],
    pkce: true,
    nonce: true,
    form_post: false,
    client_authentication: ClientAuthentication::ClientSecretBasic,
    trust_email: false,
    email_rule: EmailRule::Verified,
    mapping: STANDARD,
};

const OAUTH2: Defaults = Defaults {
    protocol: Protocol::Oauth2,
    scopes: &[],
    nonce: false,
    ..BASE
};

/// <https://developers.google.com/identity/openid-connect/openid-connect>
const GOOGLE: Defaults = Defaults {
    name: "Google",
    issuer: Some("https://accounts.google.com"),
    client_authentication: ClientAuthentication::ClientSecretPost,
    trust_email: true,
    email_rule: EmailRule::Google,
    ..BASE
};

/// <https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference>
///
/// WHY: an `email` there is whatever the directory's administrator typed. Only `xms_edov` (optional claim) says that the
/// domain is the directory's; without it nothing is verified, and even then it is not trusted unless somebody says so.
const MICROSOFT: Defaults = Defaults {
    name: "Microsoft",
    issuer: Some("https://login.microsoftonline.com/common/v2.0"),
    client_authentication: ClientAuthentication::ClientSecretPost,
    mapping: &[
        ("subject", "sub"),
        ("email", "email"),
        ("email_verified", "xms_edov"),
        ("name", "name"),
        ("given_name", "given_name"),
        ("family_name", "family_name"),
        ("preferred_username", "preferred_username"),
    ],
    ..BASE
};

/// <https://developer.apple.com/documentation/signinwithapplerestapi>
const APPLE: Defaults = Defaults {
    name: "Apple",
    issuer: Some("https://appleid.apple.com"),
    scopes: &["openid", "name", "email"],
    form_post: true,
    client_authentication: ClientAuthentication::AppleJwt,
    trust_email: true,
    mapping: &[
        ("subject", "sub"),
        ("email", "email"),
        ("email_verified", "email_verified"),
        // Not in the ID token: in the form of the first sign-in only.
        ("given_name", "name.firstName"),
        ("family_name", "name.lastName"),
        ("name", "{name.firstName} {name.lastName}"),
    ],
    ..BASE
};

/// <https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>
const GITHUB: Defaults = Defaults {
    name: "GitHub",
    authorization_endpoint: Some("https://github.com/login/oauth/authorize"),
    token_endpoint: Some("https://github.com/login/oauth/access_token"),
    userinfo_endpoint: Some("https://api.github.com/user"),
    emails_endpoint: Some("https://api.github.com/user/emails"),
    scopes: &["read:user", "user:email"],
    client_authentication: ClientAuthentication::ClientSecretPost,
    trust_email: true,
    mapping: &[
        ("subject", "id"),
        ("email", "email"),
        ("email_verified", "email_verified"),
        ("name", "name"),
        ("nickname", "login"),
        ("preferred_username", "login"),
        ("picture", "avatar_url"),
        ("profile", "html_url"),
    ],
    ..OAUTH2
};

/// <https://docs.gitlab.com/integration/openid_connect_provider/>
const GITLAB: Defaults = Defaults {
    name: "GitLab",
    issuer: Some("https://gitlab.com"),
    trust_email: true,
    ..BASE
};

/// <https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2>
///
/// WHY: its token endpoint refuses a code verifier, and its ID tokens never repeat a nonce; what is left against an
/// injected code is the state, which is bound to the browser.
const LINKEDIN: Defaults = Defaults {
    name: "LinkedIn",
    issuer: Some("https://www.linkedin.com/oauth"),
    pkce: false,
    nonce: false,
    client_authentication: ClientAuthentication::ClientSecretPost,
    trust_email: true,
    mapping: &[
        ("subject", "sub"),
        ("email", "email"),
        ("email_verified", "email_verified"),
        ("name", "name"),
        ("given_name", "given_name"),
        ("family_name", "family_name"),
        ("picture", "picture"),
    ],
    ..BASE
};

/// <https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow>
const FACEBOOK: Defaults = Defaults {
    name: "Facebook",
    authorization_endpoint: Some("https://www.facebook.com/v23.0/dialog/oauth"),
    token_endpoint: Some("https://graph.facebook.com/v23.0/oauth/access_token"),
    userinfo_endpoint: Some(
        "https://graph.facebook.com/v23.0/me?fields=id,name,first_name,last_name,middle_name,email,picture",
    ),
    scopes: &["email", "public_profile"],
    client_authentication: ClientAuthentication::ClientSecretPost,
    mapping: &[
        ("subject", "id"),
        ("email", "email"),
        ("name", "name"),
        ("given_name", "first_name"),
        ("family_name", "last_name"),
        ("middle_name", "middle_name"),
        ("picture", "picture.data.url"),
    ],
    ..OAUTH2
};

/// <https://discord.com/developers/docs/topics/oauth2>
const DISCORD: Defaults = Defaults {
    name: "Discord",
    authorization_endpoint: Some("https://discord.com/oauth2/authorize"),
    token_endpoint: Some("https://discord.com/api/oauth2/token"),
    userinfo_endpoint: Some("https://discord.com/api/users/@me"),
    scopes: &["identify", "email"],
    client_authentication: ClientAuthentication::ClientSecretPost,
    trust_email: true,
    mapping: &[
        ("subject", "id"),
        ("email", "email"),
        ("email_verified", "verified"),
        ("name", "global_name"),
        ("nickname", "username"),
        ("preferred_username", "username"),
        ("picture", "https://cdn.discordapp.com/avatars/{id}/{avatar}.png"),
        ("locale", "locale"),
    ],
    ..OAUTH2
};

/// <https://docs.slack.dev/authentication/sign-in-with-slack/>
///
/// WHY: a workspace's administrators decide the addresses of its members, so they are not trusted unless somebody says so.
const SLACK: Defaults = Defaults {
    name: "Slack",
    issuer: Some("https://slack.com"),
    client_authentication: ClientAuthentication::ClientSecretPost,
    ..BASE
};

impl Preset {
    /// Every preset.
    pub const ALL: &'static [Self] = &[
        Self::Oidc,
        Self::Oauth2,
        Self::Google,
        Self::Microsoft,
        Self::Apple,
        Self::Github,
        Self::Gitlab,
        Self::Linkedin,
        Self::Facebook,
        Self::Discord,
        Self::Slack,
    ];

    /// As stored and typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::Oauth2 => "oauth2",
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Apple => "apple",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Linkedin => "linkedin",
            Self::Facebook => "facebook",
            Self::Discord => "discord",
            Self::Slack => "slack",
        }
    }

    /// What it fills in.
    pub const fn defaults(self) -> &'static Defaults {
        match self {
            Self::Oidc => &BASE,
            Self::Oauth2 => &OAUTH2,
            Self::Google => &GOOGLE,
            Self::Microsoft => &MICROSOFT,
            Self::Apple => &APPLE,
            Self::Github => &GITHUB,
            Self::Gitlab => &GITLAB,
            Self::Linkedin => &LINKEDIN,
            Self::Facebook => &FACEBOOK,
            Self::Discord => &DISCORD,
            Self::Slack => &SLACK,
        }
    }

    /// Whether it is the provider that everybody means by this name, and not one that an administrator runs.
    pub fn is_well_known(self) -> bool {
        !matches!(self, Self::Oidc | Self::Oauth2)
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(text: &str) -> Result<Self, UnknownPreset> {
        Self::ALL
            .iter()
            .copied()
            .find(|preset| preset.as_str() == text)
            .ok_or(UnknownPreset)
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::upstream::ClaimMapping;

    #[test]
    fn every_preset_is_found_by_its_name_and_its_defaults_are_well_formed() {
        for preset in Preset::ALL {
            assert_eq!(preset.as_str().parse(), Ok(*preset));
            let defaults = preset.defaults();
            let urls = [
                defaults.issuer,
                defaults.authorization_endpoint,
                defaults.token_endpoint,
                defaults.userinfo_endpoint,
                defaults.emails_endpoint,
            ];
            for text in urls.into_iter().flatten() {
                assert_eq!(Url::parse(text).unwrap().scheme(), "https", "{text}");
            }
            assert!(ClaimMapping::of(*preset, &std::collections::BTreeMap::new()).is_ok());
            let is_complete = defaults.issuer.is_some() || defaults.authorization_endpoint.is_some();
            assert_eq!(is_complete, preset.is_well_known(), "{preset}");
        }
        assert!("Google".parse::<Preset>().is_err());
    }

    #[test]
    fn addresses_that_others_decide_are_not_trusted_by_default() {
        for preset in [
            Preset::Oidc,
            Preset::Oauth2,
            Preset::Microsoft,
            Preset::Facebook,
            Preset::Slack,
        ] {
            assert!(!preset.defaults().trust_email, "{preset}");
        }
    }
}
