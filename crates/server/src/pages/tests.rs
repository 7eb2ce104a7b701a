//! What holds for all pages at once.

mod catalogues;
mod mails;

use std::collections::BTreeSet;
use std::sync::Arc;

use authflow_types::Timestamp;
use axum::body::to_bytes;
use http::StatusCode;
use url::Url;

use super::render::TEMPLATES;
use super::views::{ClientCard, SignInView};
use super::*;

fn context() -> PageContext {
    let brand = Brand::new(Branding {
        name: "Acme".to_owned(),
        ..Branding::default()
    });
    let mut cx = PageContext::new(
        "/t/acme",
        Arc::new(brand),
        Locale::En,
        Timestamp::from_secs(1_790_000_000),
    );
    cx.csrf = "token".to_owned();
    cx
}

fn sign_in() -> SignInView {
    SignInView {
        sign_in: "sin_1".to_owned(),
        client: Some(ClientCard {
            name: "Demo".to_owned(),
            ..ClientCard::default()
        }),
        identifier: None,
        again: None,
        error: None,
        notice: None,
        password: true,
        passkey: false,
        methods: Vec::new(),
        providers: Vec::new(),
        sign_up_url: Some("/t/acme/sign-up?sign_in=sin_1".to_owned()),
        recover_url: None,
        switch_url: None,
    }
}

#[test]
fn hostile_names_stay_text() {
    let pages = Pages::new().unwrap();
    let mut view = sign_in();
    let evil = "<script>alert(1)</script>\"'\u{202e}{{ 7777*3 }}{% raw %}";
    view.identifier = Some(evil.to_owned());
    view.client = Some(ClientCard {
        name: evil.to_owned(),
        ..ClientCard::default()
    });
    let mut cx = context();
    let branding = Branding {
        name: evil.to_owned(),
        ..Branding::default()
    };
    cx.brand = Arc::new(Brand::new(branding));
    cx.csrf = evil.to_owned();
    let html = pages.try_render(&view, &cx).unwrap();
    assert!(!html.contains("<script"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;"));
    assert!(html.contains("{{ 7777*3 }}") && !html.contains("23331"));
    assert!(
        html.contains("to continue to <strong><bdi>&lt;script&gt;"),
        "{html}"
    );
}

#[test]
fn sentence_values_cannot_take_the_place_of_others() {
    let pages = Pages::new().unwrap();
    let view = ErrorView {
        client: Some(ClientCard {
            name: "\u{e000}\u{e001}x".to_owned(),
            website: Some(Link::new("https://example.com").unwrap()),
            ..ClientCard::default()
        }),
        ..ErrorView::new(ErrorKind::RequestInvalid)
    };
    let html = pages.try_render(&view, &context()).unwrap();
    assert!(html.contains("Back to \u{e000}\u{e001}x"));
}

#[tokio::test]
async fn answers_carry_the_strict_headers() {
    let pages = Pages::new().unwrap();
    let mut cx = context();
    cx.https = true;
    let target = Url::parse("https://app.example.com/cb").unwrap();
    cx.form_targets = FormTarget::of(&target).into_iter().collect();
    let answer = pages.respond(StatusCode::OK, &sign_in(), &cx);
    let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap());
    assert_eq!(
        header("content-security-policy").unwrap(),
        "default-src 'none'; style-src 'self'; img-src 'self' https: data:; form-action 'self' https://app.example.com; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    assert_eq!(header("x-frame-options"), Some("DENY"));
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
    assert_eq!(header("referrer-policy"), Some("no-referrer"));
    assert_eq!(header("cache-control"), Some("no-store"));
    assert_eq!(header("content-type"), Some("text/html; charset=utf-8"));
    assert!(
        header("strict-transport-security")
            .unwrap()
            .starts_with("max-age=31536000")
    );
    assert_eq!(
        header("cross-origin-opener-policy"),
        None,
        "a pop-up keeps its opener"
    );
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert!(
        String::from_utf8(body.to_vec())
            .unwrap()
            .contains("action=\"/t/acme/sign-in\"")
    );

    cx.https = false;
    let answer = pages.respond(StatusCode::OK, &SignedOutView::default(), &cx);
    assert!(!answer.headers().contains_key("strict-transport-security"));
    assert_eq!(answer.headers()["cross-origin-opener-policy"], "same-origin");
}

#[test]
fn form_post_allows_exactly_its_own_script() {
    use base64::Engine as _;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, views::FORM_POST_SCRIPT.as_bytes());
    let source = format!(
        "'sha256-{}'",
        base64::engine::general_purpose::STANDARD.encode(digest)
    );
    let view = FormPostView {
        action: Url::parse("https://app.example.com/cb?x=1").unwrap(),
        fields: vec![
            ("code".to_owned(), "a\"b".to_owned()),
            ("state".to_owned(), "<&>".to_owned()),
        ],
        client_name: None,
    };
    assert_eq!(view.policy().script, Some(source.as_str()));
    let html = Pages::new().unwrap().try_render(&view, &context()).unwrap();
    assert_eq!(html.matches("<script>").count(), 1);
    assert!(html.contains(&format!("<script>{}</script>", views::FORM_POST_SCRIPT)));
    assert!(html.contains("action=\"https://app.example.com/cb?x=1\""));
    assert!(html.contains("name=\"code\" value=\"a&quot;b\""));
    assert!(html.contains("name=\"state\" value=\"&lt;&amp;&gt;\""));
    assert!(
        !html.contains("name=\"csrf\""),
        "the form token is for Authflow alone"
    );
}

#[test]
fn mistakes_are_linked_to_their_fields_in_the_order_of_the_form() {
    let view = SignUpView {
        sign_in: "sin_1".to_owned(),
        client: None,
        name: None,
        email: Some("nobody".to_owned()),
        error: Some(FormError::fields([
            (Field::Password, Message::PasswordTooShort { min: 8 }),
            (Field::Email, Message::EmailInvalid),
        ])),
        password_min: 8,
        methods: Vec::new(),
        providers: Vec::new(),
        sign_in_url: "/sign-in".to_owned(),
    };
    let html = Pages::new().unwrap().try_render(&view, &context()).unwrap();
    let email = html.find("<a href=\"#email\">").unwrap();
    let password = html.find("<a href=\"#password\">").unwrap();
    assert!(email < password);
    assert!(html.contains("Use at least 8 characters for the password."));
    assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"password-mistake password-hint\""));
    assert!(html.contains("<title>Problem: "));
    assert!(!html.contains("value=\"\""), "passwords are never sent back");
}

#[test]
fn language_and_direction_are_declared_and_numbers_decide_plurals() {
    let pages = Pages::new().unwrap();
    let mut cx = context();
    cx.locale = Locale::De;
    let view = RateLimitedView {
        retry_after_s: 1,
        request_id: None,
        retry_url: None,
    };
    let html = pages.try_render(&view, &cx).unwrap();
    assert!(html.contains("<html lang=\"de\" dir=\"ltr\">"));
    assert!(html.contains("in 1 Sekunde "), "{html}");
    let view = RateLimitedView {
        retry_after_s: 1000,
        request_id: None,
        retry_url: None,
    };
    assert!(pages.try_render(&view, &cx).unwrap().contains("in 17 Minuten"));
}

#[tokio::test]
async fn pages_that_offer_passkeys_load_one_file_of_ours_and_no_other_script() {
    let pages = Pages::new().unwrap();
    let view = SignInView {
        passkey: true,
        ..sign_in()
    };
    let answer = pages.respond(StatusCode::OK, &view, &context());
    let csp = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(csp.contains("script-src 'self'; connect-src 'self';"), "{csp}");
    assert!(
        csp.contains("require-trusted-types-for 'script'; trusted-types 'none'"),
        "{csp}"
    );
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let html = String::from_utf8(body.to_vec()).unwrap();
    assert_eq!(html.matches("<script").count(), 1);
    assert!(
        html.contains("/passkeys.js\" defer></script>")
            && html.contains("autocomplete=\"username webauthn\"")
    );
    let answer = pages.respond(StatusCode::OK, &sign_in(), &context());
    let csp = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(!csp.contains("script") && !csp.contains("connect-src"), "{csp}");
}
