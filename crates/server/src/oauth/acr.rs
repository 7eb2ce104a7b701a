//! Authentication contexts that a request asks for (OIDC Core 3.1.2.1 `acr_values`, 5.5.1.1; RFC 9470 4). Pure.
//!
//! `acr_values` is a wish in OpenID Connect and a demand in RFC 9470 5. Here it is a demand as far as it names contexts
//! that this provider has: whoever asks for a second factor gets it or an error, never a token that a resource server has
//! already refused. Values that mean nothing here are left out, because clients send what other providers taught them.
//! An essential `acr` claim is a demand whatever it names.

use authflow_proto::authorize::AuthorizationRequest;

use crate::sign_in::Assurance;

/// Every context, weakest first.
pub const ALL: [&str; 3] = [
    Assurance::Single.acr(),
    Assurance::Multi.acr(),
    Assurance::PhishingResistant.acr(),
];

/// Whether a user who reached `held` may pass for `wanted`: each context includes the weaker ones.
pub fn satisfies(held: &str, wanted: &str) -> bool {
    match (Assurance::from_acr(held), Assurance::from_acr(wanted)) {
        (Some(held), Some(wanted)) => held >= wanted,
        _ => held == wanted,
    }
}

/// The contexts one of which the answer must have, best first; empty where any will do.
pub fn demanded(request: &AuthorizationRequest) -> Vec<&str> {
    let claim = request
        .claims
        .as_ref()
        .and_then(|claims| claims.id_token.get("acr"))
        .filter(|claim| claim.essential);
    let essential: Vec<&str> = claim.iter().flat_map(|claim| claim.texts()).collect();
    if !essential.is_empty() {
        return essential;
    }
    let values = request.acr_values.iter().map(String::as_str);
    values.filter(|value| ALL.contains(value)).collect()
}

/// How a session stands to what is demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It will do.
    Met,
    /// The user can still reach it.
    Reachable,
    /// Nobody can reach it here.
    Unreachable,
}

/// Whether `held` meets one of `demanded`, or could at a provider that offers `supported`.
pub fn standing(held: &str, demanded: &[&str], supported: &[&str]) -> Standing {
    let met_by = |acr: &str| demanded.iter().any(|wanted| satisfies(acr, wanted));
    if demanded.is_empty() || met_by(held) {
        Standing::Met
    } else if supported.iter().any(|acr| met_by(acr)) {
        Standing::Reachable
    } else {
        Standing::Unreachable
    }
}

/// What tokens say: the context that was demanded and is met, in the client's order (OIDC Core 5.5.1.1), else `held`.
pub fn granted<'a>(held: &'a str, demanded: &[&'a str]) -> &'a str {
    if demanded.contains(&held) {
        return held;
    }
    let met = demanded.iter().copied().find(|wanted| satisfies(held, wanted));
    met.unwrap_or(held)
}

/// The contexts that users of a tenant can reach.
pub fn supported() -> &'static [&'static str] {
    &ALL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::{ACR_MULTI_FACTOR, ACR_PHISHING_RESISTANT, ACR_SINGLE_FACTOR};

    const ONE: &str = ACR_SINGLE_FACTOR;
    const TWO: &str = ACR_MULTI_FACTOR;
    const KEY: &str = ACR_PHISHING_RESISTANT;

    #[test]
    fn stronger_contexts_include_weaker_ones_and_strangers_only_themselves() {
        for (held, wanted, yes) in [
            (ONE, ONE, true),
            (ONE, TWO, false),
            (ONE, KEY, false),
            (TWO, ONE, true),
            (TWO, TWO, true),
            (TWO, KEY, false),
            (KEY, ONE, true),
            (KEY, TWO, true),
            (KEY, KEY, true),
            (KEY, "gold", false),
            ("gold", ONE, false),
            ("gold", "gold", true),
        ] {
            assert_eq!(satisfies(held, wanted), yes, "{held} for {wanted}");
        }
    }

    #[test]
    fn what_nobody_can_reach_is_told_apart_from_what_is_a_factor_away() {
        assert_eq!(standing(ONE, &[], &ALL), Standing::Met);
        assert_eq!(standing(TWO, &[KEY, ONE], &ALL), Standing::Met);
        assert_eq!(standing(ONE, &[KEY, TWO], &ALL), Standing::Reachable);
        assert_eq!(standing(ONE, &[KEY], &[ONE, TWO]), Standing::Unreachable);
        assert_eq!(standing(KEY, &["gold"], &ALL), Standing::Unreachable);
    }

    #[test]
    fn tokens_name_the_context_that_was_asked_for() {
        assert_eq!(granted(KEY, &[]), KEY);
        assert_eq!(granted(KEY, &[TWO]), TWO);
        assert_eq!(granted(KEY, &[TWO, KEY]), KEY);
        assert_eq!(granted(TWO, &[KEY, ONE]), ONE);
    }
}
