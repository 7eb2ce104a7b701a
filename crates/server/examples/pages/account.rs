//! The account page.

use authflow_server::pages::{
    AccountSection, AccountView, ApplicationRow, ClientCard, Device, Field, FormError, Message, NavItem,
    PhoneCodeView, SessionRow,
};
use serde::Serialize;
use serde_json::json;

use crate::{Gallery, Outcome, ago, alice, client};

fn account() -> Outcome<Shown> {
    let session =
        |id: &str, current, device, browser: Option<&str>, os: Option<&str>, place: Option<&str>, used| {
            SessionRow {
                id: id.to_owned(),
                current,
                device,
                browser: browser.map(str::to_owned),
                os: os.map(str::to_owned),
                place: place.map(str::to_owned),
                address: Some(format!("203.0.113.{}", used % 251)),
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
    let sessions = vec![
        session(
            "ses_1",
            true,
            Device::Computer,
            Some("Firefox"),
            Some("Linux"),
            Some("Berlin, DE"),
            10,
        ),
        session(
            "ses_2",
            false,
            Device::Phone,
            Some("Safari"),
            Some("iOS"),
            Some("Hamburg, DE"),
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
    ];
    let applications = vec![
        application(
            "cli_1",
            client()?,
            &["openid", "profile", "email", "launches:read"],
            86_400 * 30,
        ),
        application("cli_2", portal, &["openid", "offline_access"], 3600),
    ];
    Ok(Shown {
        sessions: section("account/sessions.html", json!({ "sessions": sessions }))?,
        applications: section(
            "account/applications.html",
            json!({ "applications": applications }),
        )?,
    })
}

struct Shown {
    sessions: AccountSection,
    applications: AccountSection,
}

fn section(template: &'static str, data: impl Serialize) -> Outcome<AccountSection> {
    let data = serde_json::to_value(data)?;
    Ok(AccountSection { template, data })
}

fn page(name: &'static str, sections: Vec<AccountSection>) -> AccountView {
    let item = |of, icon, path| NavItem {
        name: of,
        icon,
        path,
        current: of == name,
    };
    AccountView {
        page: name,
        user: alice(),
        created_at: ago(86_400 * 400),
        nav: vec![
            item("profile", "user", "/account"),
            item("security", "shield", "/account/security"),
            item("devices", "computer", "/account/devices"),
            item("applications", "building", "/account/applications"),
            item("activity", "clock", "/account/activity"),
        ],
        passkey: name == "security",
        sections,
        notice: None,
        has_error: false,
    }
}

fn profile() -> Outcome<Vec<AccountSection>> {
    let rows = json!([
        { "id": "idn_1", "kind": "email", "value": "alice@acme.example", "primary": true, "verified": true },
        { "id": "idn_2", "kind": "email", "value": "alice.nakamura.private@mail.example", "primary": false, "verified": false },
        { "id": "idn_4", "kind": "username", "value": "alice", "primary": true, "verified": false },
    ]);
    let phones = json!([
        { "id": "idn_3", "value": "+49 30 1234567", "primary": true, "verified": true },
        { "id": "idn_5", "value": "+49 151 23456789", "primary": false, "verified": false },
    ]);
    Ok(vec![
        section("account/passkey_offer.html", json!({}))?,
        section(
            "account/profile.html",
            json!({ "name": "Alice Nakamura", "error": null }),
        )?,
        section("account/identifiers.html", json!({ "rows": rows, "error": null }))?,
        section(
            "account/phones.html",
            json!({ "rows": phones, "can_add": true, "error": null }),
        )?,
    ])
}

fn password(error: Option<&FormError>) -> Outcome<AccountSection> {
    let changed_at = ago(86_400 * 70).as_micros();
    let data = json!({ "has_password": true, "changed_at": changed_at, "min": 8, "error": error });
    section("account/password.html", data)
}

fn passkeys() -> Outcome<AccountSection> {
    let row = |name: &str, provider: &str, used: Option<u64>, elsewhere: Option<&str>| {
        json!({
            "id": "crd_1", "name": name, "provider": provider, "synced": used.is_some(), "elsewhere": elsewhere,
            "created_at": ago(86_400 * 40).as_micros(), "last_used_at": used.map(|used| ago(used).as_micros()),
        })
    };
    let rows = [
        row("iCloud Keychain", "iCloud Keychain", Some(3600), None),
        row("Office laptop", "Windows Hello", None, None),
        row(
            "Old key",
            "YubiKey 5",
            Some(86_400 * 30),
            Some("login.old.example"),
        ),
    ];
    let data = json!({ "passkeys": rows, "can_add": true, "name_max": 60, "error": null });
    section("account/passkeys.html", data)
}

fn activity() -> Outcome<AccountSection> {
    let row = |icon: &str, key: &str, used| {
        json!({
            "icon": icon, "key": key, "at": ago(used).as_micros(), "browser": "Firefox", "os": "Linux",
            "place": "Berlin, DE", "address": "198.51.100.7", "warns": icon == "alert",
        })
    };
    let rows = [
        row("check-circle", "activity-login", 60),
        row("alert", "activity-login-failed", 90),
        row("key", "activity-password", 7300),
        row("sign-out", "activity-logout", 86_400),
        row("user", "activity-created", 86_400 * 400),
    ];
    section("account/activity.html", json!({ "rows": rows }))
}

pub(crate) fn account_pages(gallery: &Gallery) -> Outcome {
    let shown = account()?;
    gallery.show("account", &page("profile", profile()?))?;
    gallery.show(
        "account-security",
        &page("security", vec![password(None)?, passkeys()?]),
    )?;
    gallery.show("account-devices", &page("devices", vec![shown.sessions]))?;
    gallery.show(
        "account-applications",
        &page("applications", vec![shown.applications]),
    )?;
    gallery.show("account-activity", &page("activity", vec![activity()?]))?;
    let wrong = FormError::fields([
        (Field::CurrentPassword, Message::CurrentPasswordWrong),
        (Field::NewPassword, Message::PasswordTooShort { min: 8 }),
    ]);
    let wrong = AccountView {
        notice: Some(Message::OtherSessionsRevoked { count: 2 }),
        has_error: true,
        ..page("security", vec![password(Some(&wrong))?])
    };
    gallery.show("account-wrong", &wrong)?;
    let phone = PhoneCodeView {
        change: "idn_1".to_owned(),
        number: "+49 151 23456789".to_owned(),
        is_old: true,
        notice: None,
        error: None,
        back_url: "/account".to_owned(),
        outbox_url: None,
    };
    gallery.show("account-phone-code", &phone)
}
