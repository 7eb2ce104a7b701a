//! The account page.

use authflow_server::pages::{
    AccountView, ApplicationRow, ClientCard, Device, Field, FormError, Message, Profile, SessionRow,
};

use crate::{Gallery, Outcome, ago, alice, client};

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

pub(crate) fn account_pages(gallery: &Gallery) -> Outcome {
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
