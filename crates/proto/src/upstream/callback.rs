//! The authorization response (RFC 6749 4.1.2, RFC 9207), from a query or from a posted form.

use crate::form::{FormError, Params};
use crate::secret::SecretText;

const MAX_VALUE: usize = 8 * 1024;

/// What came back.
#[derive(Debug, Clone)]
pub struct Callback {
    /// The state, which says which request this answers.
    pub state: String,
    /// The issuer that says it answers (RFC 9207 2).
    pub iss: Option<String>,
    /// Apple's word on who it is, only with the first sign-in; unsigned, so good for a name and nothing else.
    pub user: Option<String>,
    /// Yes or no.
    pub outcome: Outcome,
}

/// Whether the provider said yes.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A code to redeem.
    Code(SecretText),
    /// An error; only its code is kept, its words are the provider's and are not shown.
    Refused {
        /// Such as `access_denied`, cut to 64 characters of the set that RFC 6749 4.1.2.1 allows.
        error: String,
    },
}

/// Why a response is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// A malformed or repeated parameter.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Neither a code nor an error, or no state, or too long.
    #[error("the provider's answer lacks `state`, or both `code` and `error`")]
    Incomplete,
    /// The answer is of another issuer than the one that was asked, or does not say whose it is although it should
    /// (RFC 9207 2.4).
    #[error("the provider's answer is of another issuer")]
    Issuer,
}

impl Callback {
    /// Reads the parameters of the callback.
    ///
    /// # Errors
    /// [`CallbackError::Form`], [`CallbackError::Incomplete`].
    pub fn read(params: &Params<'_>) -> Result<Self, CallbackError> {
        let text = |name: &'static str| -> Result<Option<String>, CallbackError> {
            let value = params.unique(name)?;
            if value.is_some_and(|value| value.len() > MAX_VALUE) {
                return Err(CallbackError::Incomplete);
            }
            Ok(value.map(str::to_owned))
        };
        let state = text("state")?.ok_or(CallbackError::Incomplete)?;
        // RFC 6749 4.1.2.1: an answer with an error is a refusal, whatever else it holds.
        let outcome = match (text("error")?, text("code")?) {
            (Some(error), _) => Outcome::Refused { error: plain(&error) },
            (None, Some(code)) => Outcome::Code(SecretText::new(code)),
            (None, None) => return Err(CallbackError::Incomplete),
        };
        Ok(Self {
            state,
            iss: text("iss")?,
            user: text("user")?,
            outcome,
        })
    }

    /// Checks that the answer is of `issuer`; `required` if the provider promised to say so.
    ///
    /// # Errors
    /// [`CallbackError::Issuer`].
    pub fn check_issuer(&self, issuer: Option<&str>, required: bool) -> Result<(), CallbackError> {
        match (&self.iss, issuer) {
            (Some(named), Some(issuer)) if named == issuer => Ok(()),
            (Some(_), Some(_)) => Err(CallbackError::Issuer),
            (None, _) if required => Err(CallbackError::Issuer),
            _ => Ok(()),
        }
    }
}

fn plain(error: &str) -> String {
    let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    error.chars().filter(allowed).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FormLimits;

    fn read(query: &str) -> Result<Callback, CallbackError> {
        Callback::read(&Params::parse(query.as_bytes(), FormLimits::QUERY).unwrap())
    }

    #[test]
    fn an_answer_is_a_code_or_an_error_with_its_state() {
        let answer = read("code=c&state=s&iss=https%3A%2F%2Fop.example").unwrap();
        assert_eq!(answer.state, "s");
        assert!(matches!(&answer.outcome, Outcome::Code(code) if code.expose() == "c"));
        let both = read("code=c&error=access_denied&state=s").unwrap();
        assert!(matches!(both.outcome, Outcome::Refused { error } if error == "access_denied"));
        for bad in ["", "code=c", "state=s", "code=&state=s"] {
            assert!(matches!(read(bad), Err(CallbackError::Incomplete)), "{bad}");
        }
        for repeated in ["code=c&code=d&state=s", "code=c&state=s&state=t"] {
            assert!(
                matches!(read(repeated), Err(CallbackError::Form(_))),
                "{repeated}"
            );
        }
    }

    #[test]
    fn the_issuer_of_an_answer_must_be_the_one_that_was_asked() {
        let named = read("code=c&state=s&iss=https%3A%2F%2Fop.example").unwrap();
        assert!(named.check_issuer(Some("https://op.example"), true).is_ok());
        assert!(named.check_issuer(Some("https://op.example/"), false).is_err());
        assert!(named.check_issuer(Some("https://other.example"), false).is_err());
        assert!(named.check_issuer(None, false).is_ok());
        let silent = read("code=c&state=s").unwrap();
        assert!(silent.check_issuer(Some("https://op.example"), false).is_ok());
        assert!(silent.check_issuer(Some("https://op.example"), true).is_err());
    }

    #[test]
    fn an_error_code_is_cut_to_what_the_standard_allows() {
        let refused = read(&format!("error=a%0d%0a%22%5Cb{}&state=s", "x".repeat(100))).unwrap();
        assert!(
            matches!(refused.outcome, Outcome::Refused { error } if error.starts_with("abx") && error.len() == 64)
        );
    }
}
