//! Import and export of users.

use std::io::Cursor;
use std::path::PathBuf;

use authflow_server::identities::transfer::{
    self, ExportOptions, ImportError, ImportOptions, ImportReport, ImportSummary, Input, LineError,
    OnConflict, Progress,
};
use authflow_server::identities::{self, IdentifierKind};
use authflow_testkit::{TestApp, both_databases};
use serde_json::{Value, json};

use crate::{PASSWORD, sign_in};

/// The bcrypt form of `U*U`, from Openwall's tests.
const BCRYPT: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

#[derive(Default)]
struct Heard(Vec<(u64, &'static str, bool)>);

impl ImportReport for Heard {
    fn progress(&mut self, _: &Progress) {}

    fn refused(&mut self, line: u64, error: &LineError, is_known: bool) {
        self.0.push((line, error.code(), is_known));
    }
}

async fn import_with(
    t: &TestApp,
    text: &str,
    options: &ImportOptions,
) -> (Result<ImportSummary, ImportError>, Heard) {
    let mut heard = Heard::default();
    let input = Input::stream(Cursor::new(text.to_owned().into_bytes()));
    let done = transfer::import(&t.app, &t.tenant, input, options, &mut heard).await;
    (done, heard)
}

async fn import(t: &TestApp, text: &str) -> (Progress, Heard) {
    let (done, heard) = import_with(t, text, &ImportOptions::default()).await;
    (done.unwrap().progress, heard)
}

async fn export(t: &TestApp) -> String {
    let mut out = Vec::new();
    let options = ExportOptions {
        with_password_hashes: true,
    };
    transfer::export(&t.app, &t.tenant, options, &mut out)
        .await
        .unwrap();
    String::from_utf8(out).unwrap()
}

fn lines(users: &[Value]) -> String {
    users
        .iter()
        .flat_map(|user| [user.to_string(), "\n".to_owned()])
        .collect()
}

fn plain(count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| json!({ "email": format!("u{n}@example.com"), "email_verified": true }))
        .collect()
}

fn temporary(name: &str, text: &str) -> PathBuf {
    let name = format!("authflow-{name}-{}.jsonl", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

both_databases! {
    async fn imported_password_verifies_once_in_its_own_form_and_is_argon2id_afterwards(t: TestApp) {
        let (progress, heard) = import(&t, &lines(&[
            json!({ "email": "b@example.com", "email_verified": true, "password_hash": BCRYPT }),
            json!({ "email": "f@example.com", "password_hash": {
                "algorithm": "firebase-scrypt", "rounds": 8, "mem_cost": 14,
                "signer_key": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
                "salt_separator": "Bw==", "salt": "42xEC+ixf3L2lw==",
                "hash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
            } }),
        ])).await;
        assert_eq!((progress.created, progress.failed), (2, 0), "{:?}", heard.0);
        assert!(export(&t).await.contains("$2a$05$"));
        for (email, password) in [("b@example.com", "U*U"), ("f@example.com", "user1password")] {
            assert_eq!(sign_in(&mut t.browser(), email, "wrong").await.status, 422);
            assert_eq!(sign_in(&mut t.browser(), email, password).await.path, "/account");
            assert_eq!(sign_in(&mut t.browser(), email, password).await.path, "/account");
        }
        let after = export(&t).await;
        assert_eq!(after.matches("\"$argon2id$").count(), 2, "{after}");
        assert!(!after.contains("firebase"));
    }

    async fn what_is_exported_is_imported_unchanged(t: TestApp) {
        let user = json!({
            "identifiers": [
                { "kind": "email", "value": "Old@example.com", "verified": true },
                { "kind": "email", "value": "new@example.com", "verified": true, "primary": true },
                { "kind": "phone", "value": "+49 30 1234567" },
                { "kind": "username", "value": "alice" },
            ],
            "profile": { "name": "Alice", "address": { "locality": "Bonn" }, "birthdate": "1990-01-31" },
            "attributes": { "plan": "pro", "n": 1 },
            "status": "disabled", "created_at": "2020-01-02T03:04:05.678Z", "password_hash": BCRYPT,
        });
        let (progress, heard) = import(&t, &lines(&[user, json!({ "username": "bob" })])).await;
        assert_eq!(progress.created, 2, "{:?}", heard.0);
        let out = export(&t).await;
        let first: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
        assert_eq!(first["identifiers"][0]["value"], "new@example.com");
        assert_eq!(first["created_at"], "2020-01-02T03:04:05.678Z");
        assert_eq!(first["status"], "disabled");

        let other = t.tenant("other").await;
        let (progress, heard) = import(&other, &out).await;
        assert_eq!((progress.created, progress.failed), (2, 0), "{:?}", heard.0);
        assert_eq!(export(&other).await, out);
        assert_eq!(other.events("user.created").await.len(), 2);
    }

    async fn each_bad_line_is_told_with_its_number_and_stops_no_other(t: TestApp) {
        let long = format!("{{\"email\":\"{}\"}}", "a".repeat(70_000));
        let text = [
            r#"{"email":"good@example.com"}"#,
            "not json",
            "",
            r#"{"email":"x"}"#,
            r#"{"profile":{"name":"Nobody"}}"#,
            r#"{"email":"p@example.com","profile":{"shoe_size":1}}"#,
            r#"{"email":"h@example.com","password_hash":"md5$a$b"}"#,
            r#"{"email":"k@example.com","password_hash":"$6$rounds=999999999$a$b"}"#,
            r#"{"email":"s@example.com","password_hash":{"algorithm":"scrypt","n":3,"r":1,"p":1}}"#,
            r#"{"email":"n@example.com","unknown":true}"#,
            r#"{"email":"t@example.com","created_at":"2999-01-01T00:00:00Z"}"#,
            r#"{"email":"d@example.com","identifiers":[{"kind":"email","value":"D@example.com"}]}"#,
            &long,
            r#"{"email":"GOOD@example.com"}"#,
            r#"{"email":"last@example.com"}"#,
        ]
        .join("\n");
        let (progress, heard) = import(&t, &text).await;
        assert_eq!(heard.0, [
            (2, "import.malformed", false),
            (4, "user.invalid_identifier", false),
            (5, "user.invalid_identifier", false),
            (6, "user.invalid_profile", false),
            (7, "user.invalid_password_hash", false),
            (8, "user.invalid_password_hash", false),
            (9, "user.invalid_password_hash", false),
            (10, "import.malformed", false),
            (11, "import.time", false),
            (12, "user.invalid_identifier", false),
            (13, "import.malformed", false),
            (14, "user.identifier_taken", true),
        ]);
        assert_eq!((progress.lines, progress.created, progress.skipped, progress.failed), (15, 2, 1, 11));
        assert_eq!(t.events("user.created").await.len(), 2);
    }

    async fn dry_run_says_the_same_and_writes_nothing(t: TestApp) {
        t.user("alice").await;
        let mut users = plain(1200);
        users.push(json!({ "email": "alice@example.com" }));
        users.push(json!({ "email": "u3@example.com" }));
        users.push(json!({ "email": "bad" }));
        let before = t.row_counts().await;
        let options = ImportOptions { dry_run: true, ..ImportOptions::default() };
        let (dry, heard) = import_with(&t, &lines(&users), &options).await;
        assert_eq!(t.row_counts().await, before);
        let (wet, really) = import(&t, &lines(&users)).await;
        let dry = dry.unwrap().progress;
        assert_eq!((dry.created, dry.skipped, dry.failed), (1200, 2, 1));
        assert_eq!((wet.created, wet.skipped, wet.failed), (1200, 2, 1));
        assert_eq!(heard.0, really.0);
    }

    async fn interrupted_import_goes_on_after_its_last_line(t: TestApp) {
        let mut users = plain(1300);
        users[1100] = json!({ "email": "alice@example.com" });
        t.user("alice").await;
        let path = temporary(&format!("resume-{:?}", t.app.db.dialect()), &lines(&users));
        let mut options = ImportOptions { on_conflict: OnConflict::Fail, ..ImportOptions::default() };
        let mut heard = Heard::default();
        let stopped = transfer::import(&t.app, &t.tenant, Input::file(&path).unwrap(), &options, &mut heard).await;
        assert!(matches!(stopped, Err(ImportError::Conflict { line: 1101, .. })), "{stopped:?}");
        assert_eq!(t.events("user.created").await.len().min(1000), 1000);

        options.resume = true;
        options.on_conflict = OnConflict::Skip;
        let input = Input::file(&path).unwrap();
        let done = transfer::import(&t.app, &t.tenant, input, &options, &mut heard).await.unwrap();
        assert_eq!(done.resumed_after, Some(1100));
        assert_eq!((done.progress.created, done.progress.skipped, done.progress.lines), (199, 1, 1300));
        assert_eq!(heard.0, [(1101, "user.identifier_taken", true)]);

        let input = Input::file(&path).unwrap();
        let again = transfer::import(&t.app, &t.tenant, input, &options, &mut heard).await.unwrap();
        assert_eq!((again.resumed_after, again.progress.created), (Some(1300), 0));
        std::fs::write(&path, lines(&plain(2))).unwrap();
        let input = Input::file(&path).unwrap();
        let other = transfer::import(&t.app, &t.tenant, input, &options, &mut heard).await.unwrap();
        assert_eq!(other.resumed_after, None, "another file has no checkpoint");
        let (refused, _) = import_with(&t, "", &options).await;
        assert!(matches!(refused, Err(ImportError::NoFile)));
        std::fs::remove_file(path).unwrap();
    }

    async fn update_replaces_what_a_line_names_and_nothing_else(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let options = ImportOptions { on_conflict: OnConflict::Update, ..ImportOptions::default() };
        let text = lines(&[
            json!({ "email": "alice@example.com", "phone_number": "+49301234567", "attributes": { "plan": "pro" } }),
            json!({ "email": "fresh@example.com" }),
            json!({ "email": "alice@example.com", "username": "fresh", "profile": { "name": "Alicia" } }),
            json!({ "email": "fresh@example.com", "phone_number": "+49301234567" }),
        ]);
        let (done, heard) = import_with(&t, &text, &options).await;
        let progress = done.unwrap().progress;
        assert_eq!((progress.created, progress.updated, progress.failed), (1, 2, 1), "{:?}", heard.0);
        assert_eq!(heard.0, [(4, "user.identifier_taken", false)]);
        let user = identities::get_user(&t.cx(), alice.id).await.unwrap();
        assert_eq!(user.profile.name.as_deref(), Some("Alicia"));
        assert_eq!(user.attributes["plan"], "pro");
        assert!(user.primary(IdentifierKind::Phone).is_some());
        assert_eq!(t.events("user.updated").await.len(), 2);
        assert_eq!(browser.open("/account").await.path, "/account", "nothing ended");
        assert_eq!(sign_in(&mut t.browser(), "fresh", PASSWORD).await.path, "/account");

        let text = lines(&[json!({ "email": "alice@example.com", "status": "disabled" })]);
        import_with(&t, &text, &options).await.0.unwrap();
        assert_ne!(browser.open("/account").await.path, "/account", "disabling ends sessions");
    }

    async fn import_into_one_tenant_is_not_seen_in_another(t: TestApp) {
        let other = t.tenant("other").await;
        import(&t, &lines(&plain(3))).await;
        assert_eq!(export(&other).await, "");
        let (progress, _) = import(&other, &lines(&plain(3))).await;
        assert_eq!(progress.created, 3);
    }
}
