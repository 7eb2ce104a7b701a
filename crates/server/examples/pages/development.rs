//! The pages of `authflow dev`.

use authflow_server::pages::{
    DemoSession, DemoView, Message, OutboxMail, OutboxMailView, OutboxRow, OutboxView, TokenPart, UserCard,
};

use crate::{Gallery, Outcome, ago};

pub(crate) fn development_pages(gallery: &Gallery) -> Outcome {
    let text = str::to_owned;
    let out = DemoView {
        demo_identifier: Some(text("demo@example.com")),
        demo_password: Some(text("correct horse battery")),
        issuer: text("http://localhost:8080"),
        client_id: text("cli_01jc8zt5x0f9k2v7m4q3w6n8bd"),
        ..DemoView::default()
    };
    gallery.show("demo", &out)?;
    let jwt = |name| TokenPart {
        name,
        raw: "eyJhbGciOiJFUzI1NiJ9.".repeat(14),
        header: Some(text(
            "{\n  \"alg\": \"ES256\",\n  \"kid\": \"k1\",\n  \"typ\": \"at+jwt\"\n}",
        )),
        payload: Some(text(
            "{\n  \"iss\": \"http://localhost:8080\",\n  \"sub\": \"usr_01jc8zt5x0f9k2v7m4q3w6n8bd\",\n  \"aud\": [\"cli_01jc8zt5x0f9k2v7m4q3w6n8bd\"],\n  \"exp\": 1795003600\n}",
        )),
        expires_in_s: Some(3600),
    };
    let claim = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let session = DemoSession {
        user: UserCard {
            name: Some(text("Demo User")),
            identifier: text("demo@example.com"),
            picture: None,
        },
        tokens: vec![
            jwt("id_token"),
            jwt("access_token"),
            TokenPart {
                name: "refresh_token",
                raw: text("rt_8sJk2l"),
                ..TokenPart::default()
            },
        ],
        claims: vec![
            claim("sub", "\"usr_01jc8zt5x0f9k2v7m4q3w6n8bd\""),
            claim("name", "\"Demo User\""),
            claim("email", "\"demo@example.com\""),
            claim("email_verified", "true"),
            claim("amr", "[\"pwd\"]"),
            claim("auth_time", "1795000000"),
        ],
        userinfo: Some(text(
            "{\n  \"sub\": \"usr_01jc8zt5x0f9k2v7m4q3w6n8bd\",\n  \"name\": \"Demo User\"\n}",
        )),
        can_refresh: true,
    };
    gallery.show(
        "demo-signed-in",
        &DemoView {
            session: Some(session),
            notice: Some(Message::TokensRefreshed),
            ..out
        },
    )?;
    let row = |id: &str, sent| OutboxRow {
        id: id.to_owned(),
        to: text("alice@acme.example"),
        subject: text("Confirm your email for Acme Rockets"),
        sms: false,
        sent_at: ago(sent),
    };
    gallery.show(
        "outbox",
        &OutboxView {
            mails: vec![row("2", 20), row("1", 90_000)],
        },
    )?;
    gallery.show("outbox-empty", &OutboxView::default())?;
    let mail = OutboxMail {
        id: text("1"),
        from: text("Acme Rockets <no-reply@acme.example>"),
        to: text("alice@acme.example"),
        subject: text("Confirm your email for Acme Rockets"),
        sent_at: ago(20),
        text: text("Hello Alice,\n\nplease confirm:\n\nhttp://localhost:8080/verify?token=abc&x=1\n\nBye"),
        has_html: true,
    };
    gallery.show("outbox-mail", &OutboxMailView { mail })
}
