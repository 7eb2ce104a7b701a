use authflow_proto::authorize::ResolvedTarget;
use authflow_proto::form::Params;
use authflow_types::SystemRng;

use super::*;
use crate::sessions::{ACR_MULTI_FACTOR, ACR_PHISHING_RESISTANT, ACR_SINGLE_FACTOR};

const NOW: Timestamp = Timestamp::from_secs(1_000_000);

fn request(pairs: &[(&str, &str)]) -> AuthorizationRequest {
    let all = [("response_type", "code"), ("scope", "openid")]
        .into_iter()
        .chain(pairs.iter().copied());
    let params: Params<'_> = all.collect();
    let target = ResolvedTarget {
        client_id: "c".to_owned(),
        redirect_uri: "https://a.example/cb".to_owned(),
        redirect_uri_sent: true,
    };
    AuthorizationRequest::parse(target, &params).unwrap()
}

fn user() -> UserId {
    UserId::new(NOW, &SystemRng::default())
}

fn facts(request: &AuthorizationRequest, user: UserId, age_s: i64) -> Facts<'_> {
    let auth_time = Timestamp::from_secs(NOW.as_secs() - age_s);
    Facts {
        request,
        session: Some(SessionFacts {
            user,
            auth_time,
            acr: ACR_SINGLE_FACTOR,
        }),
        hinted_user: None,
        done: Done::default(),
        consented: true,
        unproven_client: false,
        required: Assurance::Single,
        default_max_age: None,
        supported_acr: &acr::ALL,
        now: NOW,
    }
}

#[test]
fn a_live_session_with_consent_gets_its_code_at_once() {
    let request = request(&[]);
    assert_eq!(decide(&facts(&request, user(), 10)), Next::Issue);
    assert_eq!(
        decide(&Facts {
            consented: false,
            ..facts(&request, user(), 10)
        }),
        Next::Consent
    );
    assert_eq!(
        decide(&Facts {
            session: None,
            ..facts(&request, user(), 10)
        }),
        Next::SignIn
    );
}

#[test]
fn prompt_none_never_shows_a_page() {
    let request = request(&[("prompt", "none")]);
    let code = |facts: &Facts<'_>| match decide(facts) {
        Next::Refuse(code, _) => Some(code),
        Next::Issue => None,
        page => panic!("{page:?}"),
    };
    let fine = facts(&request, user(), 10);
    assert_eq!(code(&fine), None);
    assert_eq!(
        code(&Facts {
            session: None,
            ..fine
        }),
        Some(OAuthErrorCode::LoginRequired)
    );
    assert_eq!(
        code(&Facts {
            consented: false,
            ..fine
        }),
        Some(OAuthErrorCode::ConsentRequired)
    );
    assert_eq!(
        code(&Facts {
            hinted_user: Some(Hint::User(user())),
            ..fine
        }),
        Some(OAuthErrorCode::LoginRequired)
    );
    assert_eq!(
        code(&Facts {
            hinted_user: Some(Hint::Nobody),
            ..fine
        }),
        Some(OAuthErrorCode::LoginRequired)
    );
}

#[test]
fn a_client_that_anybody_could_pose_as_gets_no_code_that_the_user_does_not_notice() {
    let plain = request(&[]);
    let unproven = Facts {
        unproven_client: true,
        ..facts(&plain, user(), 10)
    };
    assert_eq!(decide(&unproven), Next::Consent);
    for done in [
        Done {
            authenticated: true,
            ..Done::default()
        },
        Done {
            selected: true,
            ..Done::default()
        },
        Done {
            consented: true,
            ..Done::default()
        },
    ] {
        assert_eq!(decide(&Facts { done, ..unproven }), Next::Issue, "{done:?}");
    }
    let silent = request(&[("prompt", "none")]);
    let refused = decide(&Facts {
        request: &silent,
        ..unproven
    });
    assert!(matches!(
        refused,
        Next::Refuse(OAuthErrorCode::ConsentRequired, _)
    ));
}

#[test]
fn prompt_login_is_satisfied_by_this_transaction_only() {
    let request = request(&[("prompt", "login")]);
    let facts = facts(&request, user(), 0);
    assert_eq!(decide(&facts), Next::SignIn);
    let done = Done {
        authenticated: true,
        ..Done::default()
    };
    assert_eq!(decide(&Facts { done, ..facts }), Next::Issue);
}

#[test]
fn max_age_counts_from_the_last_proof_to_the_second() {
    let request = request(&[("max_age", "60")]);
    assert_eq!(decide(&facts(&request, user(), 59)), Next::Issue);
    assert_eq!(decide(&facts(&request, user(), 60)), Next::Issue);
    assert_eq!(decide(&facts(&request, user(), 61)), Next::SignIn);
}

#[test]
fn a_session_that_is_weaker_than_required_gives_another_factor_first() {
    let plain = request(&[]);
    let weak = Facts {
        required: Assurance::Multi,
        ..facts(&plain, user(), 10)
    };
    assert_eq!(decide(&weak), Next::StepUp);
    let strong = |acr| {
        let session = weak.session.map(|session| SessionFacts { acr, ..session });
        decide(&Facts { session, ..weak })
    };
    assert_eq!(strong(Assurance::Multi.acr()), Next::Issue);
    assert_eq!(strong(Assurance::PhishingResistant.acr()), Next::Issue);
    assert_eq!(strong(Assurance::Single.acr()), Next::StepUp);
    let silent = request(&[("prompt", "none")]);
    assert!(matches!(
        decide(&Facts {
            request: &silent,
            ..weak
        }),
        Next::Refuse(OAuthErrorCode::LoginRequired, _)
    ));
}

#[test]
fn a_client_s_default_max_age_counts_unless_the_request_names_one() {
    let plain = request(&[]);
    assert_eq!(
        decide(&Facts {
            default_max_age: Some(5),
            ..facts(&plain, user(), 6)
        }),
        Next::SignIn
    );
    let named = request(&[("max_age", "60")]);
    assert_eq!(
        decide(&Facts {
            default_max_age: Some(5),
            ..facts(&named, user(), 6)
        }),
        Next::Issue
    );
    let zero = request(&[("max_age", "0")]);
    assert_eq!(decide(&facts(&zero, user(), 0)), Next::SignIn);
}

#[test]
fn choosing_an_account_and_consenting_are_asked_once_each() {
    let request = request(&[("prompt", "select_account consent")]);
    let facts = facts(&request, user(), 10);
    assert_eq!(decide(&facts), Next::SelectAccount);
    let selected = Done {
        selected: true,
        ..Done::default()
    };
    assert_eq!(
        decide(&Facts {
            done: selected,
            ..facts
        }),
        Next::Consent
    );
    let both = Done {
        consented: true,
        ..selected
    };
    assert_eq!(decide(&Facts { done: both, ..facts }), Next::Issue);
}

#[test]
fn prompt_create_leads_to_sign_up_until_somebody_signed_up_or_in() {
    let request = request(&[("prompt", "create")]);
    assert_eq!(decide(&facts(&request, user(), 10)), Next::SignUp);
    let done = Done {
        authenticated: true,
        ..Done::default()
    };
    assert_eq!(
        decide(&Facts {
            done,
            ..facts(&request, user(), 0)
        }),
        Next::Issue
    );
}

fn with_acr<'a>(facts: Facts<'a>, acr: &'a str) -> Facts<'a> {
    let session = facts.session.map(|session| SessionFacts { acr, ..session });
    Facts { session, ..facts }
}

const AUTHENTICATED: Done = Done {
    authenticated: true,
    selected: false,
    consented: false,
};

#[test]
fn a_session_that_falls_short_of_acr_values_is_asked_for_more_once() {
    let request = request(&[("acr_values", ACR_MULTI_FACTOR)]);
    let short = facts(&request, user(), 10);
    assert_eq!(decide(&short), Next::StepUp);
    assert_eq!(decide(&with_acr(short, ACR_MULTI_FACTOR)), Next::Issue);
    assert_eq!(decide(&with_acr(short, ACR_PHISHING_RESISTANT)), Next::Issue);
    let done = Facts {
        done: AUTHENTICATED,
        ..short
    };
    assert_eq!(decide(&done), UNMET, "no loop");
    assert_eq!(decide(&with_acr(done, ACR_MULTI_FACTOR)), Next::Issue);
    let out_of_reach = Facts {
        supported_acr: &[ACR_SINGLE_FACTOR],
        ..short
    };
    assert_eq!(decide(&out_of_reach), UNMET);
    // Nobody is there at all: they sign in first, which may reach it at once.
    let nobody = Facts {
        session: None,
        ..short
    };
    assert_eq!(decide(&nobody), Next::SignIn);
}

#[test]
fn one_of_several_acr_values_is_enough_and_unknown_ones_are_a_wish() {
    let either = format!("{ACR_PHISHING_RESISTANT} {ACR_SINGLE_FACTOR}");
    let several = request(&[("acr_values", &either)]);
    assert_eq!(decide(&facts(&several, user(), 10)), Next::Issue);
    let unknown = request(&[("acr_values", "1 urn:example:gold")]);
    assert_eq!(decide(&facts(&unknown, user(), 10)), Next::Issue);
    let mixed = format!("gold {ACR_MULTI_FACTOR}");
    let mixed = request(&[("acr_values", &mixed)]);
    assert_eq!(decide(&facts(&mixed, user(), 10)), Next::StepUp);
}

#[test]
fn a_silent_request_says_whether_signing_in_would_help() {
    let values = [("prompt", "none"), ("acr_values", ACR_MULTI_FACTOR)];
    let request = request(&values);
    let short = facts(&request, user(), 10);
    let code = |facts: &Facts<'_>| match decide(facts) {
        Next::Refuse(code, _) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(&short), OAuthErrorCode::LoginRequired);
    let out_of_reach = Facts {
        supported_acr: &[ACR_SINGLE_FACTOR],
        ..short
    };
    assert_eq!(
        code(&out_of_reach),
        OAuthErrorCode::UnmetAuthenticationRequirements
    );
    assert_eq!(decide(&with_acr(short, ACR_MULTI_FACTOR)), Next::Issue);
}

#[test]
fn max_age_and_acr_values_are_both_demands() {
    let request = request(&[("max_age", "60"), ("acr_values", ACR_MULTI_FACTOR)]);
    assert_eq!(decide(&facts(&request, user(), 60)), Next::StepUp);
    assert_eq!(decide(&facts(&request, user(), 61)), Next::SignIn);
    let strong = |age| with_acr(facts(&request, user(), age), ACR_MULTI_FACTOR);
    assert_eq!(decide(&strong(60)), Next::Issue);
    assert_eq!(decide(&strong(61)), Next::SignIn);
}

#[test]
fn an_essential_acr_is_reached_or_refused() {
    let claims = |acr: &str| format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["{acr}"]}}}}}}"#);
    let (unknown, known) = (claims("2"), claims(ACR_MULTI_FACTOR));
    let unknown = request(&[("claims", &unknown)]);
    assert_eq!(decide(&facts(&unknown, user(), 1)), UNMET);
    let known = request(&[("claims", &known)]);
    assert_eq!(decide(&facts(&known, user(), 1)), Next::StepUp);
    let single =
        format!(r#"{{"id_token":{{"acr":{{"essential":true,"value":"{ACR_PHISHING_RESISTANT}"}}}}}}"#);
    let single = request(&[("claims", &single), ("acr_values", ACR_SINGLE_FACTOR)]);
    assert_eq!(
        decide(&facts(&single, user(), 1)),
        Next::StepUp,
        "essential counts before acr_values"
    );
    let voluntary = request(&[("claims", r#"{"id_token":{"acr":{"values":["2"]}}}"#)]);
    assert_eq!(decide(&facts(&voluntary, user(), 1)), Next::Issue);
}
