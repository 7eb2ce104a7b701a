//! Renders every hosted page with sample data into a folder, to be looked at and checked without a server.
//!
//! `cargo run -p authflow-server --example pages -- <folder> [language] [acme|sunny|noir]`

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use authflow_server::mail::Mail;
use authflow_server::pages::{
    AccountChoice, AccountView, ApplicationRow, Brand, BrandLinks, Branding, CheckMailView, ClientCard,
    ConsentView, DemoSession, DemoView, Device, ErrorKind, ErrorView, Field, FormError, FormPostView, Link,
    Locale, Message, MessageKind, MessageView, MethodButton, OutboxMail, OutboxMailView, OutboxRow,
    OutboxView, PageContext, Pages, Profile, RateLimitedView, ScopeItem, SelectAccountView, SessionRow,
    SignInView, SignOutView, SignUpView, SignedOutView, TokenPart, UserCard, VerifyEmailView, View, asset,
    assets_version,
};
use authflow_types::Timestamp;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const NOW: Timestamp = Timestamp::from_secs(1_795_000_000);

struct Gallery {
    pages: Pages,
    cx: PageContext,
    folder: PathBuf,
}

impl Gallery {
    fn show<V: View>(&self, name: &str, view: &V) -> Outcome {
        let html = self.pages.try_render(view, &self.cx)?;
        std::fs::write(self.folder.join(format!("{name}.html")), html)?;
        Ok(())
    }
}

fn main() -> Outcome {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().unwrap_or_else(|| "target/pages".to_owned()));
    let locale = args
        .next()
        .as_deref()
        .and_then(Locale::from_tag)
        .unwrap_or_default();
    let brand = Arc::new(Brand::new(branding(args.next().as_deref())?));
    let mut cx = PageContext::new("", Arc::clone(&brand), locale, NOW);
    "c3VwcGxlLXRva2Vu".clone_into(&mut cx.csrf);
    cx.dev = true;
    write_assets(&folder, &brand)?;
    let mut gallery = Gallery {
        pages: Pages::new()?,
        cx,
        folder,
    };
    sign_in_pages(&mut gallery)?;
    consent_pages(&gallery)?;
    account_pages(&gallery)?;
    outcome_pages(&gallery)?;
    development_pages(&gallery)?;
    mail(&gallery, &brand, locale)
}

fn branding(name: Option<&str>) -> Outcome<Branding> {
    let links = BrandLinks {
        support: Some(Link::new("https://example.com/help")?),
        terms: Some(Link::new("https://example.com/terms")?),
        privacy: Some(Link::new("https://example.com/privacy")?),
    };
    let plain = Branding {
        name: "Acme Rockets".to_owned(),
        links,
        ..Branding::default()
    };
    Ok(match name {
        Some("sunny") => Branding {
            name: "Sunny Energy".to_owned(),
            primary: Some("#ffc21a".parse()?),
            background: Some("#fff6dd".parse()?),
            radius_px: Some(22),
            ..plain
        },
        Some("noir") => Branding {
            name: "Noir".to_owned(),
            primary: Some("#111111".parse()?),
            background: Some("#2b2f36".parse()?),
            radius_px: Some(3),
            hide_product_name: true,
            ..plain
        },
        _ => plain,
    })
}

fn write_assets(folder: &Path, brand: &Brand) -> Outcome {
    let fixed = folder.join("assets").join(assets_version());
    std::fs::create_dir_all(&fixed)?;
    for name in ["authflow.css", "mark.svg", "favicon.svg"] {
        let file = asset(name).ok_or("an asset is missing")?;
        std::fs::write(fixed.join(name), file.body)?;
    }
    std::fs::write(folder.join("assets/brand.css"), brand.css())?;
    Ok(())
}

fn client() -> Outcome<ClientCard> {
    Ok(ClientCard {
        name: "Orbit Planner".to_owned(),
        logo: None,
        website: Some(Link::new("https://orbit.example/")?),
        terms: Some(Link::new("https://orbit.example/terms")?),
        privacy: Some(Link::new("https://orbit.example/privacy")?),
    })
}

fn alice() -> UserCard {
    UserCard {
        name: Some("Alice Nakamura".to_owned()),
        identifier: "alice@acme.example".to_owned(),
        picture: None,
    }
}

fn ago(seconds: u64) -> Timestamp {
    NOW - Duration::from_secs(seconds)
}

fn sign_in() -> Outcome<SignInView> {
    Ok(SignInView {
        sign_in: "sin_01jc8z".to_owned(),
        client: Some(client()?),
        identifier: None,
        again: None,
        error: None,
        notice: None,
        password: true,
        methods: Vec::new(),
        sign_up_url: Some("/sign-up".to_owned()),
        recover_url: None,
        switch_url: None,
    })
}

fn sign_in_pages(gallery: &mut Gallery) -> Outcome {
    gallery.cx.here = Some("/sign-in?sign_in=sin_01jc8z".to_owned());
    let plain = sign_in()?;
    gallery.show("sign-in", &plain)?;
    let method = |method: &str, label: &str, icon| MethodButton {
        method: method.to_owned(),
        path: format!("/sign-in/{method}"),
        label: label.to_owned(),
        icon: Some(icon),
    };
    let methods = vec![
        method("passkey", "Passkey", "key"),
        method("sso", "Single sign-on", "building"),
    ];
    let recover_url = Some("/recover".to_owned());
    gallery.show(
        "sign-in-methods",
        &SignInView {
            methods,
            client: None,
            recover_url,
            ..plain.clone()
        },
    )?;
    let refused = SignInView {
        identifier: Some("alice@acme.example".to_owned()),
        error: Some(FormError::form(Message::CredentialsWrong)),
        ..plain.clone()
    };
    gallery.show("sign-in-refused", &refused)?;
    let empty = SignInView {
        error: Some(FormError::fields([
            (Field::Identifier, Message::IdentifierMissing),
            (Field::Password, Message::PasswordMissing),
        ])),
        ..plain.clone()
    };
    gallery.show("sign-in-empty", &empty)?;
    let again = SignInView {
        again: Some(alice()),
        notice: Some(Message::SignInAgain),
        switch_url: Some("/select-account".to_owned()),
        sign_up_url: None,
        ..plain
    };
    gallery.show("sign-in-again", &again)?;
    sign_up_pages(gallery)?;
    gallery.cx.here = None;
    Ok(())
}

fn sign_up_pages(gallery: &Gallery) -> Outcome {
    let plain = SignUpView {
        sign_in: "sin_01jc8z".to_owned(),
        client: Some(client()?),
        name: None,
        email: None,
        error: None,
        password_min: 8,
        methods: Vec::new(),
        sign_in_url: "/sign-in".to_owned(),
    };
    gallery.show("sign-up", &plain)?;
    let wrong = SignUpView {
        name: Some("Alice Nakamura".to_owned()),
        email: Some("alice.acme.example".to_owned()),
        error: Some(FormError::fields([
            (Field::Email, Message::EmailInvalid),
            (Field::Password, Message::PasswordBreached),
        ])),
        ..plain
    };
    gallery.show("sign-up-wrong", &wrong)?;
    let account = |session: &str, user, used| AccountChoice {
        session: session.to_owned(),
        user,
        last_active_at: ago(used),
    };
    let bob = UserCard {
        name: None,
        identifier: "bob.with.a.rather.long.address@subsidiary.acme.example".to_owned(),
        picture: None,
    };
    let select = SelectAccountView {
        sign_in: "sin_01jc8z".to_owned(),
        client: Some(client()?),
        accounts: vec![account("ses_1", alice(), 240), account("ses_2", bob, 200_000)],
    };
    gallery.show("select-account", &select)?;
    let check = CheckMailView {
        email: "alice@acme.example".to_owned(),
        sign_in: Some("sin_01jc8z".to_owned()),
        notice: None,
        resend: true,
        back_url: Some("/sign-up".to_owned()),
        outbox_url: Some("/dev/outbox".to_owned()),
    };
    gallery.show("check-mail", &check)?;
    let verify = VerifyEmailView {
        token: "tok".to_owned(),
        email: Some("alice@acme.example".to_owned()),
        password: false,
        error: None,
    };
    gallery.show("verify-email", &verify)
}

fn consent_pages(gallery: &Gallery) -> Outcome {
    let view = ConsentView {
        sign_in: "sin_01jc8z".to_owned(),
        client: client()?,
        first_party: false,
        user: alice(),
        scopes: vec![
            ScopeItem::required("openid"),
            ScopeItem::required("profile"),
            ScopeItem::optional("email", true),
            ScopeItem::optional("offline_access", true),
            ScopeItem {
                title: Some("Read your launch schedule".to_owned()),
                description: Some("Dates, payloads and crews of planned launches".to_owned()),
                ..ScopeItem::optional("launches:read", false)
            },
            ScopeItem::optional("telemetry:write", false),
        ],
        redirect_host: Some("app.orbit.example".to_owned()),
        switch_url: Some("/select-account".to_owned()),
    };
    gallery.show("consent", &view)?;
    let first = ConsentView {
        first_party: true,
        scopes: vec![ScopeItem::required("openid"), ScopeItem::required("email")],
        client: ClientCard {
            name: "Acme Portal".to_owned(),
            ..ClientCard::default()
        },
        redirect_host: None,
        switch_url: None,
        ..view
    };
    gallery.show("consent-first-party", &first)
}

fn account() -> Outcome<AccountView> {
    let session =
        |id: &str, current, device, browser: Option<&str>, os: Option<&str>, place: Option<&str>, used| {
            SessionRow {
                id: id.to_owned(),
                current,
                device,
                browser: browser.map(str::to_owned),
                os: os.map(str::to_owned),
                place: place.map(str::to_owned),
                signed_in_at: ago(used + 86_400 * 9),
                last_active_at: ago(used),
            }
        };
    let application = |id: &str, client, scopes: &[&str], since| ApplicationRow {
        id: id.to_owned(),
        client,
        scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
        granted_at: ago(since),
    };
    let portal = ClientCard {
        name: "Mission Control".to_owned(),
        ..ClientCard::default()
    };
    Ok(AccountView {
        user: alice(),
        profile: Profile {
            name: Some("Alice Nakamura".to_owned()),
            email: Some("alice@acme.example".to_owned()),
            email_verified: true,
            has_password: true,
            password_changed_at: Some(ago(86_400 * 70)),
            created_at: ago(86_400 * 400),
        },
        sessions: vec![
            session(
                "ses_1",
                true,
                Device::Computer,
                Some("Firefox"),
                Some("Linux"),
                Some("Berlin, Germany"),
                10,
            ),
            session(
                "ses_2",
                false,
                Device::Phone,
                Some("Safari"),
                Some("iOS"),
                Some("Hamburg, Germany"),
                7300,
            ),
            session(
                "ses_3",
                false,
                Device::Unknown,
                None,
                None,
                Some("198.51.100.7"),
                86_400 * 45,
            ),
        ],
        applications: vec![
            application(
                "cli_1",
                client()?,
                &["openid", "profile", "email", "launches:read"],
                86_400 * 30,
            ),
            application("cli_2", portal, &["openid", "offline_access"], 3600),
        ],
        notice: None,
        profile_error: None,
        password_error: None,
        password_min: 8,
    })
}

fn account_pages(gallery: &Gallery) -> Outcome {
    let view = account()?;
    gallery.show("account", &view)?;
    let wrong = AccountView {
        notice: Some(Message::OtherSessionsRevoked { count: 2 }),
        password_error: Some(FormError::fields([
            (Field::CurrentPassword, Message::CurrentPasswordWrong),
            (Field::NewPassword, Message::PasswordTooShort { min: 8 }),
        ])),
        applications: Vec::new(),
        sessions: view.sessions.iter().take(1).cloned().collect(),
        profile: Profile {
            email_verified: false,
            ..view.profile.clone()
        },
        ..view
    };
    gallery.show("account-wrong", &wrong)
}

fn outcome_pages(gallery: &Gallery) -> Outcome {
    let sign_out = SignOutView {
        path: "/oauth2/logout".to_owned(),
        logout: Some("l".to_owned()),
        client: Some(client()?),
        user: Some(alice()),
    };
    gallery.show("sign-out", &sign_out)?;
    gallery.show(
        "signed-out",
        &SignedOutView {
            client: Some(client()?),
            sign_in_url: Some("/sign-in".to_owned()),
        },
    )?;
    let verified = MessageView {
        kind: MessageKind::EmailVerified,
        continue_url: Some("/account".to_owned()),
    };
    gallery.show("message", &verified)?;
    let error = ErrorView {
        client: Some(client()?),
        code: Some("invalid_request"),
        detail: Some("the parameter `redirect_uri` does not match a registered redirect URI".to_owned()),
        request_id: Some("req_01jc8zt5x0f9k2v7m4q3w6n8bd".to_owned()),
        ..ErrorView::new(ErrorKind::RedirectUriInvalid)
    };
    gallery.show("error", &error)?;
    let retry = ErrorView {
        retry_url: Some("/account".to_owned()),
        ..ErrorView::new(ErrorKind::Internal)
    };
    gallery.show("error-internal", &retry)?;
    let request_id = Some("req_01jc8zt5x0f9k2v7m4q3w6n8bd".to_owned());
    gallery.show(
        "rate-limited",
        &RateLimitedView {
            retry_after_s: 42,
            request_id,
            retry_url: None,
        },
    )?;
    let form_post = FormPostView {
        action: "https://app.orbit.example/callback".parse()?,
        fields: vec![("code".to_owned(), "x".to_owned())],
        client_name: Some("Orbit Planner".to_owned()),
    };
    gallery.show("form-post", &form_post)
}

fn development_pages(gallery: &Gallery) -> Outcome {
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

fn mail(gallery: &Gallery, brand: &Brand, locale: Locale) -> Outcome {
    let framed = gallery.folder.join("dev/outbox/1");
    std::fs::create_dir_all(&framed)?;
    for mail in Mail::samples() {
        let content = mail.content_at("https://id.acme.example/account");
        let rendered = gallery
            .pages
            .mail(&content, "alice@acme.example", brand, locale)?;
        let name = format!("mail-{}", mail.template().replace('_', "-"));
        std::fs::write(gallery.folder.join(format!("{name}.html")), &rendered.html)?;
        std::fs::write(gallery.folder.join(format!("{name}.txt")), &rendered.text)?;
        std::fs::write(framed.join("html"), &rendered.html)?;
    }
    Ok(())
}
