//! Renders every hosted page with sample data into a folder, to be looked at and checked without a server.
//!
//! `cargo run -p authflow-server --example pages -- <folder> [language] [acme|sunny|noir]`

mod account;
mod development;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use authflow_server::mail::Mail;
use authflow_server::pages::{
    AccountChoice, Brand, BrandLinks, Branding, CheckMailView, ClientCard, ConsentView, ErrorKind, ErrorView,
    Field, FormError, FormPostView, Link, Locale, Message, MessageKind, MessageView, MethodButton,
    PageContext, Pages, RateLimitedView, ScopeItem, SelectAccountView, SignInView, SignOutView, SignUpView,
    SignedOutView, UserCard, VerifyEmailView, View, asset, assets_version,
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
    account::account_pages(&gallery)?;
    outcome_pages(&gallery)?;
    development::development_pages(&gallery)?;
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
        passkey: true,
        methods: Vec::new(),
        providers: Vec::new(),
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
        method("email_code", "Email me a code", "mail"),
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
        providers: Vec::new(),
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
        can_disown: false,
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
