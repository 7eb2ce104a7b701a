//! From a provider's claims to our profile, by a mapping that an administrator can read and change.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{EmailRule, Preset, UpstreamToken};
use crate::json::{JsonLimits, parse_object, parse_value};

/// Longest userinfo answer read, in bytes.
pub const MAX_USERINFO_BYTES: usize = 256 * 1024;
const LIMITS: JsonLimits = JsonLimits {
    bytes: MAX_USERINFO_BYTES,
    depth: 12,
    nodes: 8192,
};
const MAX_PATH: usize = 300;
const MAX_VALUE: usize = 2048;

macro_rules! claims {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A claim of ours that a provider may fill.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Claim {
            $($(#[$doc])* $name,)*
        }

        impl Claim {
            /// Every claim.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

claims! {
    /// Who it is at the provider; never changes. Fixed to `sub` where there is an ID token.
    Subject = "subject";
    /// Their e-mail address.
    Email = "email";
    /// Whether the provider says that the address is theirs.
    EmailVerified = "email_verified";
    /// Full name.
    Name = "name";
    /// Given name.
    GivenName = "given_name";
    /// Family name.
    FamilyName = "family_name";
    /// Middle name.
    MiddleName = "middle_name";
    /// Casual name.
    Nickname = "nickname";
    /// The short name they go by.
    PreferredUsername = "preferred_username";
    /// Address of a picture.
    Picture = "picture";
    /// Address of a profile page.
    Profile = "profile";
    /// Address of their web site.
    Website = "website";
    /// Language.
    Locale = "locale";
    /// Time zone.
    Zoneinfo = "zoneinfo";
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a mapping is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// We have no such claim.
    #[error("there is no claim `{0}` to map to")]
    Claim(String),
    /// The path is empty or too long.
    #[error("the path of `{0}` has 1 to {MAX_PATH} characters")]
    Path(Claim),
}

impl FromStr for Claim {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let found = Self::ALL.iter().copied().find(|claim| claim.as_str() == text);
        found.ok_or_else(|| MappingError::Claim(text.chars().take(80).collect()))
    }
}

/// Why nobody can be made of what the provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// Not a JSON object within bounds.
    #[error("the provider's answer is not the expected JSON")]
    Malformed,
    /// The userinfo answer is about somebody else (OIDC Core 5.3.2).
    #[error("the provider's userinfo answer is about another subject than its ID token")]
    Subject,
    /// It does not say who it is.
    #[error("the provider does not say who it is")]
    NoSubject,
}

/// Our claims, and where the provider has them: the name of a member, a path with dots, or a text with such in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMapping {
    paths: BTreeMap<Claim, String>,
}

/// Who somebody is, in our words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who says so; empty for a provider without issuers.
    #[serde(default)]
    pub issuer: String,
    /// Who it is there.
    pub subject: String,
    /// Their e-mail address as the provider spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the provider says that the address is theirs, by the rule of its preset.
    #[serde(default)]
    pub email_verified: bool,
    /// Everything else.
    #[serde(default)]
    pub claims: BTreeMap<Claim, String>,
    /// By what methods they proved themselves there.
    #[serde(default)]
    pub amr: Vec<String>,
}

impl ClaimMapping {
    /// The preset's mapping with `changes` over it; an empty path takes a claim out.
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn of(preset: Preset, changes: &BTreeMap<String, String>) -> Result<Self, MappingError> {
        let mut paths = BTreeMap::new();
        for (claim, path) in preset.defaults().mapping {
            paths.insert(claim.parse()?, (*path).to_owned());
        }
        for (claim, path) in changes {
            let claim: Claim = claim.parse()?;
            if path.is_empty() && claim != Claim::Subject {
                paths.remove(&claim);
            } else if path.is_empty() || path.chars().count() > MAX_PATH {
                return Err(MappingError::Path(claim));
            } else {
                paths.insert(claim, path.clone());
            }
        }
        Ok(Self { paths })
    }

    /// Who it is. `token` fixes issuer, subject and methods where there is one.
    ///
    /// # Errors
    /// [`ClaimsError::NoSubject`].
    pub fn person(
        &self,
        said: &Map<String, Value>,
        token: Option<&UpstreamToken>,
        rule: EmailRule,
    ) -> Result<Person, ClaimsError> {
        let subject = match token {
            Some(token) => Some(token.subject.clone()),
            None => self.read(said, Claim::Subject),
        };
        let subject = subject
            .filter(|s| !s.is_empty() && s.len() <= 255)
            .ok_or(ClaimsError::NoSubject)?;
        let email = self.read(said, Claim::Email).filter(|email| email.len() <= 320);
        let is_verified = self.read(said, Claim::EmailVerified).as_deref() == Some("true");
        let email_verified = email
            .as_deref()
            .is_some_and(|email| is_verified && vouched(rule, email, said));
        let others = Claim::ALL
            .iter()
            .filter(|claim| !matches!(claim, Claim::Subject | Claim::Email | Claim::EmailVerified));
        let claims = others
            .filter_map(|claim| Some((*claim, self.read(said, *claim)?)))
            .collect();
        Ok(Person {
            issuer: token.map_or_else(String::new, |token| token.issuer.clone()),
            subject,
            email,
            email_verified,
            claims,
            amr: token.map(|token| token.amr.clone()).unwrap_or_default(),
        })
    }

    /// Whether userinfo would tell something that `said` does not.
    pub fn lacks(&self, said: &Map<String, Value>) -> bool {
        [Claim::Email, Claim::EmailVerified, Claim::Name]
            .into_iter()
            .any(|claim| self.paths.contains_key(&claim) && self.read(said, claim).is_none())
    }

    /// The ID token's claims with what userinfo adds (OIDC Core 5.3.2); what is signed counts before what is not.
    ///
    /// # Errors
    /// [`ClaimsError::Subject`] if it is about somebody else.
    pub fn merge_userinfo(
        &self,
        token: &UpstreamToken,
        mut userinfo: Map<String, Value>,
    ) -> Result<Map<String, Value>, ClaimsError> {
        if userinfo.get("sub").and_then(Value::as_str) != Some(&token.subject) {
            return Err(ClaimsError::Subject);
        }
        // SECURITY: "verified" belongs to the address that it was said of, by whatever names the two go.
        let email = self.read(&token.claims, Claim::Email);
        if email.is_some() && email != self.read(&userinfo, Claim::Email) {
            let path = self.paths.get(&Claim::EmailVerified).map_or("", String::as_str);
            let inner = path.split(['{', '}']).filter(|part| !part.is_empty());
            for name in inner
                .flat_map(|path| [Some(path), path.split('.').next()])
                .flatten()
            {
                userinfo.remove(name);
            }
        }
        userinfo.extend(token.claims.clone());
        Ok(userinfo)
    }

    fn read(&self, said: &Map<String, Value>, claim: Claim) -> Option<String> {
        let path = self.paths.get(&claim)?;
        let text = if path.contains('{') {
            fill(said, path)?
        } else {
            scalar(find(said, path)?)?
        };
        let text = text.trim();
        (!text.is_empty() && text.len() <= MAX_VALUE).then(|| text.to_owned())
    }
}

/// Whether the provider is one to vouch for the address.
fn vouched(rule: EmailRule, email: &str, said: &Map<String, Value>) -> bool {
    match rule {
        EmailRule::Verified => true,
        EmailRule::Google => {
            let is_gmail = email
                .rsplit_once('@')
                .is_some_and(|(_, domain)| domain.eq_ignore_ascii_case("gmail.com"));
            is_gmail
                || said
                    .get("hd")
                    .and_then(Value::as_str)
                    .is_some_and(|hd| !hd.is_empty())
        }
    }
}

/// The member of this very name (`https://slack.com/team_id`), else the one at the end of the dotted path.
fn find<'a>(said: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = said.get(path) {
        return Some(value);
    }
    let mut steps = path.split('.');
    let mut value = said.get(steps.next()?)?;
    for step in steps {
        value = match value {
            Value::Object(members) => members.get(step)?,
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// A text with paths in braces; `None` if one of them is not there.
fn fill(said: &Map<String, Value>, template: &str) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (path, tail) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(&scalar(find(said, path)?)?);
        rest = tail;
    }
    filled.push_str(rest);
    Some(filled)
}

/// Reads a provider's JSON object.
///
/// # Errors
/// [`ClaimsError::Malformed`].
pub fn read_object(json: &[u8]) -> Result<Map<String, Value>, ClaimsError> {
    parse_object(json, LIMITS).map_err(|_| ClaimsError::Malformed)
}

/// Puts the primary verified address of a list (`[{email, primary, verified}]`, GitHub) into `said`, in place of the one
/// of the public profile, of which nobody says that it is verified.
///
/// # Errors
/// [`ClaimsError::Malformed`].
pub fn pick_email(said: &mut Map<String, Value>, list: &[u8]) -> Result<(), ClaimsError> {
    let list = parse_value(list, LIMITS).map_err(|_| ClaimsError::Malformed)?;
    let list = list.as_array().ok_or(ClaimsError::Malformed)?;
    let is = |entry: &Value, name: &str| entry.get(name) == Some(&Value::Bool(true));
    let picked = list
        .iter()
        .find(|entry| is(entry, "primary") && is(entry, "verified"))
        .and_then(|entry| entry.get("email")?.as_str());
    said.remove("email");
    said.remove("email_verified");
    if let Some(email) = picked {
        said.insert("email".to_owned(), email.into());
        said.insert("email_verified".to_owned(), true.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(members) => members,
            other => panic!("{other}"),
        }
    }

    fn mapping(preset: Preset) -> ClaimMapping {
        ClaimMapping::of(preset, &BTreeMap::new()).unwrap()
    }

    fn token(claims: Value) -> UpstreamToken {
        UpstreamToken {
            issuer: "https://op.example".to_owned(),
            subject: "s".to_owned(),
            amr: vec!["pwd".to_owned()],
            claims: object(claims),
        }
    }

    fn person(preset: Preset, claims: Value) -> Person {
        let rule = preset.defaults().email_rule;
        let token = token(claims);
        mapping(preset).person(&token.claims, Some(&token), rule).unwrap()
    }

    #[test]
    fn githubs_person_has_the_primary_verified_address_only() {
        let mut said = object(json!({
            "id": 583_231, "login": "octocat", "name": null, "email": "public@example.com",
            "avatar_url": "https://avatars.example/1", "html_url": "https://github.com/octocat",
        }));
        let list = json!([
            {"email": "old@example.com", "primary": false, "verified": true},
            {"email": "octocat@example.com", "primary": true, "verified": true, "visibility": null},
        ]);
        pick_email(&mut said, list.to_string().as_bytes()).unwrap();
        let who = mapping(Preset::Github)
            .person(&said, None, EmailRule::Verified)
            .unwrap();
        assert_eq!((who.subject.as_str(), who.issuer.as_str()), ("583231", ""));
        assert_eq!(who.email.as_deref(), Some("octocat@example.com"));
        assert!(who.email_verified);
        assert_eq!(who.claims[&Claim::Nickname], "octocat");
        assert!(!who.claims.contains_key(&Claim::Name));
        let unverified = json!([{"email": "o@example.com", "primary": true, "verified": false}]);
        pick_email(&mut said, unverified.to_string().as_bytes()).unwrap();
        let who = mapping(Preset::Github)
            .person(&said, None, EmailRule::Verified)
            .unwrap();
        assert!(who.email.is_none() && !who.email_verified);
        assert_eq!(pick_email(&mut said, b"{}"), Err(ClaimsError::Malformed));
    }

    #[test]
    fn googles_word_counts_for_gmail_and_hosted_domains() {
        let who = |email: &str, hd: Value| {
            person(
                Preset::Google,
                json!({"email": email, "email_verified": true, "hd": hd}),
            )
            .email_verified
        };
        assert!(who("a@gmail.com", Value::Null) && who("a@GMAIL.com", Value::Null));
        assert!(who("a@corp.example", json!("corp.example")));
        assert!(!who("a@corp.example", Value::Null) && !who("a@gmail.com.evil.example", json!("")));
        assert!(!person(Preset::Google, json!({"email": "a@gmail.com"})).email_verified);
    }

    #[test]
    fn microsofts_address_is_verified_only_where_the_domain_is_the_directorys() {
        let who = person(
            Preset::Microsoft,
            json!({"email": "ceo@victim.example", "email_verified": true}),
        );
        assert_eq!(
            (who.email.as_deref(), who.email_verified),
            (Some("ceo@victim.example"), false)
        );
        let who = person(
            Preset::Microsoft,
            json!({"email": "ceo@corp.example", "xms_edov": true}),
        );
        assert!(who.email_verified);
    }

    #[test]
    fn apples_name_comes_from_the_first_form_and_verified_may_be_a_text() {
        let claims = json!({
            "email": "x@privaterelay.appleid.com", "email_verified": "true",
            "name": {"firstName": "Ada", "lastName": "Lovelace"},
        });
        let who = person(Preset::Apple, claims);
        assert!(who.email_verified);
        assert_eq!(who.claims[&Claim::Name], "Ada Lovelace");
        assert_eq!(who.claims[&Claim::GivenName], "Ada");
        let later = person(
            Preset::Apple,
            json!({"email": "x@privaterelay.appleid.com", "email_verified": "false"}),
        );
        assert!(!later.email_verified && later.claims.is_empty());
    }

    #[test]
    fn discord_and_facebook_are_read_by_paths_and_templates() {
        let said = object(
            json!({"id": "80351110224678912", "username": "nelly", "avatar": "8342", "verified": true,
            "email": "nelly@example.com", "global_name": "Nelly"}),
        );
        let who = mapping(Preset::Discord)
            .person(&said, None, EmailRule::Verified)
            .unwrap();
        let picture = "https://cdn.discordapp.com/avatars/80351110224678912/8342.png";
        assert_eq!(who.claims[&Claim::Picture], picture);
        assert!(who.email_verified);
        let said = object(json!({"id": "1", "name": "N", "email": "n@example.com",
            "picture": {"data": {"url": "https://p.example/1"}}}));
        let who = mapping(Preset::Facebook)
            .person(&said, None, EmailRule::Verified)
            .unwrap();
        assert_eq!(who.claims[&Claim::Picture], "https://p.example/1");
        assert!(!who.email_verified);
    }

    #[test]
    fn a_mapping_can_be_changed_but_never_the_subject_of_a_token() {
        let changes = [
            ("email", "mail"),
            ("name", ""),
            ("nickname", "groups.1"),
            ("subject", "oid"),
        ];
        let changes = changes.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let mapping = ClaimMapping::of(Preset::Oidc, &changes).unwrap();
        let token = token(
            json!({"sub": "s", "oid": "victim", "mail": " m@example.com ", "name": "N", "groups": ["a", "b"]}),
        );
        let who = mapping
            .person(&token.claims, Some(&token), EmailRule::Verified)
            .unwrap();
        assert_eq!(
            (who.subject.as_str(), who.email.as_deref()),
            ("s", Some("m@example.com"))
        );
        assert_eq!(who.claims.get(&Claim::Nickname).map(String::as_str), Some("b"));
        assert!(!who.claims.contains_key(&Claim::Name));
        for (claim, path) in [
            ("role", "role"),
            ("subject", ""),
            ("email", &"x".repeat(301) as &str),
        ] {
            let changes = [(claim.to_owned(), path.to_owned())].into();
            assert!(ClaimMapping::of(Preset::Oidc, &changes).is_err(), "{claim}");
        }
        let nobody = object(json!({"sub": "", "id": null}));
        let refused = ClaimMapping::of(Preset::Oauth2, &BTreeMap::new()).unwrap();
        assert_eq!(
            refused.person(&nobody, None, EmailRule::Verified),
            Err(ClaimsError::NoSubject)
        );
    }

    #[test]
    fn userinfo_adds_to_the_token_and_never_overrules_it() {
        let token = token(json!({"sub": "s", "email": "signed@example.com"}));
        let other = object(json!({"sub": "other", "email": "signed@example.com"}));
        let mapping = ClaimMapping::of(Preset::Oidc, &BTreeMap::new()).unwrap();
        assert_eq!(mapping.merge_userinfo(&token, other), Err(ClaimsError::Subject));
        let info =
            object(json!({"sub": "s", "email": "else@example.com", "email_verified": true, "name": "N"}));
        let merged = mapping.merge_userinfo(&token, info).unwrap();
        assert_eq!(merged["email"], "signed@example.com");
        assert!(!merged.contains_key("email_verified"));
        assert_eq!(merged["name"], "N");
        let same = object(json!({"sub": "s", "email": "signed@example.com", "email_verified": true}));
        assert_eq!(
            mapping.merge_userinfo(&token, same).unwrap()["email_verified"],
            true
        );
    }

    #[test]
    fn verified_of_another_address_is_not_taken_over_under_any_name() {
        let token = token(json!({"sub": "s", "mail": "signed@example.com"}));
        for (path, said) in [
            ("confirmed", json!({"confirmed": true})),
            ("about.confirmed", json!({"about": {"confirmed": true}})),
            ("{confirmed}", json!({"confirmed": true})),
        ] {
            let changes = [("email", "mail"), ("email_verified", path)];
            let changes = changes.map(|(claim, path)| (claim.to_owned(), path.to_owned()));
            let mapping = ClaimMapping::of(Preset::Oidc, &changes.into()).unwrap();
            for (mail, counts) in [("signed@example.com", true), ("else@example.com", false)] {
                let mut info = object(said.clone());
                info.extend(object(json!({"sub": "s", "mail": mail})));
                let merged = mapping.merge_userinfo(&token, info).unwrap();
                let person = mapping
                    .person(&merged, Some(&token), EmailRule::Verified)
                    .unwrap();
                assert_eq!(person.email.as_deref(), Some("signed@example.com"));
                assert_eq!(person.email_verified, counts, "{path} of {mail}");
            }
        }
    }
}
