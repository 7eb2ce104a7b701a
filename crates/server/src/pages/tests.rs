//! What holds for all pages at once.

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

/// Each message with the names of its placeables: a line-based reading, independent of the parser in use.
fn messages(locale: Locale) -> Vec<(String, BTreeSet<String>)> {
    let mut all: Vec<(String, BTreeSet<String>)> = Vec::new();
    for line in locale.source().lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line
            .split_once(" = ")
            .filter(|_| line.starts_with(|c: char| c.is_alphabetic()))
        {
            all.push((key.to_owned(), BTreeSet::new()));
        }
        for piece in line.split("{ $").skip(1) {
            let name = piece.split_whitespace().next().unwrap_or_default();
            all.last_mut().unwrap().1.insert(name.to_owned());
        }
    }
    all
}

#[test]
fn all_languages_have_the_same_messages_with_the_same_placeables() {
    let english = messages(Locale::En);
    assert!(
        english.len() > 250,
        "the catalogue was not read: {}",
        english.len()
    );
    for locale in Locale::ALL {
        let other = messages(locale);
        let keys: Vec<_> = other.iter().map(|(key, _)| key).collect();
        assert_eq!(
            keys,
            english.iter().map(|(key, _)| key).collect::<Vec<_>>(),
            "{}",
            locale.tag()
        );
        for (theirs, ours) in other.iter().zip(&english) {
            assert_eq!(theirs, ours, "{}", locale.tag());
        }
        let parsed = fluent_bundle::FluentResource::try_new(locale.source().to_owned());
        assert!(parsed.is_ok(), "{}: {:?}", locale.tag(), parsed.err());
        let unique: BTreeSet<_> = keys.iter().collect();
        assert_eq!(unique.len(), keys.len(), "{} has a key twice", locale.tag());
    }
}

#[test]
fn other_languages_are_translated() {
    let english = Locale::En
        .source()
        .lines()
        .filter(|line| line.contains(" = ") && line.len() > 40);
    let english: BTreeSet<_> = english.collect();
    for locale in Locale::ALL.into_iter().skip(1) {
        let same: Vec<_> = locale
            .source()
            .lines()
            .filter(|line| english.contains(line))
            .collect();
        assert!(same.is_empty(), "{}: {same:#?}", locale.tag());
    }
}

/// Removes everything between two marks, marks included.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once(open) {
        out.push_str(before);
        out.push(' ');
        rest = inside.split_once(close).map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

fn markup_only(source: &str) -> String {
    let text = without(source, "{#", "#}");
    let text = without(&text, "{%", "%}");
    let text = without(&text, "{{", "}}");
    without(&without(&text, "<style", "</style>"), "<script", "</script>")
}

#[test]
fn templates_have_no_words_of_their_own() {
    for (name, source) in TEMPLATES {
        let text = markup_only(source);
        let words = without(&text, "<", ">");
        let found = words.chars().any(char::is_alphabetic);
        assert!(
            !found,
            "{name} has text that is not in the catalogues: {}",
            words.trim()
        );
        for attribute in ["alt=\"", "title=\"", "aria-label=\"", "placeholder=\""] {
            for value in text.split(attribute).skip(1) {
                let value = value.split('"').next().unwrap_or_default();
                assert!(
                    value.trim().is_empty(),
                    "{name} has a literal {attribute}{value}\""
                );
            }
        }
    }
}

/// Keys written literally in templates: the first argument of `t`, `rich` and `known`.
fn keys_in_templates() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (_, source) in TEMPLATES {
        for call in ["t(\"", "rich(\"", "known(\""] {
            for found in source.split(call).skip(1) {
                let (key, after) = found.split_once('"').unwrap();
                if !after.starts_with(" ~") {
                    keys.insert(key.to_owned());
                }
            }
        }
    }
    keys
}

#[test]
fn every_key_in_use_has_a_text_and_every_text_is_used() {
    let mut used = keys_in_templates();
    used.extend(Message::samples().into_iter().map(|m| m.key().to_owned()));
    for kind in ErrorKind::samples() {
        used.extend(["title", "what", "do"].map(|part| format!("{}-{part}", kind.key())));
    }
    for kind in MessageKind::samples() {
        used.extend(["title", "body"].map(|part| format!("{}-{part}", kind.key())));
    }
    used.extend(
        [
            "ago-now",
            "ago-minutes",
            "ago-hours",
            "ago-days",
            "date",
            "sms-code",
            "sms-test",
            "mail-minutes",
            "mail-hours",
            "mail-days",
            "mail-moment",
            "mail-code-expires",
            "mail-link-expires",
        ]
        .map(str::to_owned),
    );
    used.extend(mails().iter().flat_map(MailContent::keys));
    used.extend(
        [
            "password",
            "passkey",
            "totp",
            "recovery-codes",
            "phone",
            "provider",
        ]
        .map(|factor| format!("mail-factor-{factor}")),
    );
    for method in [
        "totp",
        "recovery-code",
        "email-code",
        "sms-code",
        "password",
        "passkey",
    ] {
        used.extend(["lede", "use"].map(|part| format!("second-{part}-{method}")));
    }
    used.extend(["email-code", "link", "sms-code"].map(|method| format!("sign-in-with-{method}")));
    used.insert("sign-in-with".to_owned());
    used.extend((1..=12).map(|month| format!("month-{month}")));
    for scope in ["openid", "profile", "email", "address", "phone", "offline_access"] {
        used.extend(["", "-detail", "-short"].map(|part| format!("scope-{scope}{part}")));
    }
    let known: BTreeSet<_> = messages(Locale::En).into_iter().map(|(key, _)| key).collect();
    // Families of texts that sections of the account pages choose from by name.
    let families = ["account-nav-", "activity-", "identifier-kind-", "link-"];
    let chosen = known
        .iter()
        .filter(|key| families.iter().any(|family| key.starts_with(family)));
    used.extend(chosen.cloned());
    assert_eq!(
        used.difference(&known).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "keys without text"
    );
    assert_eq!(
        known.difference(&used).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "texts without use"
    );
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

fn mails() -> Vec<MailContent> {
    let samples = crate::mail::Mail::samples();
    (samples.iter())
        .map(|mail| mail.content_at("https://id.example.com/account"))
        .collect()
}

#[test]
fn mails_escape_html_and_leave_text_alone() {
    let pages = Pages::new().unwrap();
    let mail = MailContent::new("invitation")
        .value("inviter", MailValue::Name("Tom & <b>Jerry</b>".to_owned()))
        .value("into", MailValue::Name("Acme".to_owned()))
        .link("https://id.example.com/verify?token=a&b=c")
        .expires(15);
    let brand = Brand::new(Branding {
        name: "Acme\r\nBcc: x".to_owned(),
        ..Branding::default()
    });
    let rendered = pages.mail(&mail, "tom@example.com", &brand, Locale::En).unwrap();
    assert_eq!(rendered.subject, "Tom & <b>Jerry< b> invites you to Acme");
    let link = "\nhttps://id.example.com/verify?token=a&b=c\n";
    assert!(rendered.text.contains(link), "{}", rendered.text);
    assert!(
        rendered
            .text
            .contains("AcmeBcc: x sent this mail to tom@example.com.")
    );
    assert!(
        rendered
            .html
            .contains("href=\"https://id.example.com/verify?token=a&amp;b=c\"")
    );
    assert!(rendered.html.contains("Tom &amp; &lt;b&gt;"));
}

#[test]
fn every_mail_speaks_every_language_in_both_parts() {
    let pages = Pages::new().unwrap();
    let brand = Brand::new(Branding {
        name: "Acme".to_owned(),
        ..Branding::default()
    });
    for locale in Locale::ALL {
        for mail in mails() {
            let rendered = pages.mail(&mail, "tom@example.com", &brand, locale).unwrap();
            for part in [&rendered.subject, &rendered.text, &rendered.html] {
                assert!(!part.contains("mail-"), "{locale:?}: {part}");
                assert!(
                    !part.contains("{ $") && !part.contains("None"),
                    "{locale:?}: {part}"
                );
            }
            assert!(!rendered.subject.contains('\n') && rendered.subject.chars().count() < 78);
            assert!(rendered.html.len() < 16 * 1024, "{}", rendered.html.len());
            let long = rendered.text.lines().find(|line| line.len() > 900);
            assert_eq!(long, None);
        }
    }
}

#[test]
fn a_tenant_says_subject_and_first_words_itself() {
    let pages = Pages::new().unwrap();
    let texts = MailTexts {
        subject: Some("{code}: dein Code\r\nBcc: x".to_owned()),
        intro: Some("Hallo <b>{email}</b>".to_owned()),
    };
    let own = BrandTexts {
        mails: [("email_code".to_owned(), texts)].into(),
        ..BrandTexts::default()
    };
    let brand = Brand::new(Branding {
        name: "Acme".to_owned(),
        texts: [(Locale::De, own)].into(),
        ..Branding::default()
    });
    let mail = MailContent::new("email_code").code(Some("123456")).expires(10);
    let german = pages.mail(&mail, "a@b.example", &brand, Locale::De).unwrap();
    assert_eq!(german.subject, "123456: dein CodeBcc: x");
    assert!(german.html.contains("Hallo &lt;b&gt;a@b.example&lt;/b&gt;"));
    assert!(german.text.contains("Hallo <b>a@b.example</b>"));
    let english = pages.mail(&mail, "a@b.example", &brand, Locale::En).unwrap();
    assert_eq!(english.subject, "123456 is your code for Acme");
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
