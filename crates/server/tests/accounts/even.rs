//! Unknown and known users are alike in what is done for them: the statements sent to the database, the work given to the
//! hashing pool, the jobs queued. Counted, not timed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use authflow_server::config::{Config, MailTransport, SmsProvider};
use authflow_server::identities::{self, IdentifierValue, NewUser};
use authflow_server::tenants::ProofOfWork;
use authflow_testkit::{Answer, Browser, TestApp, both_databases};
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::face::Face;
use crate::{csrf, sign_in};

const WRONG: &str = "some wrong password";
const NOBODY: &str = "nobody@example.com";
const KNOWN: &str = "alice@example.com";
const PHONE: &str = "+4915123456789";

/// What was done, in order.
#[derive(Clone, Default)]
struct Deeds(Arc<Mutex<Vec<String>>>);

struct Text(Option<String>);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if matches!(field.name(), "sql" | "message") {
            self.0 = Some(format!("{value:?}"));
        }
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            self.0 = Some(value.to_owned());
        }
    }
}

impl<S: Subscriber> Layer<S> for Deeds {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        if matches!(target, "authflow_db::statement" | "authflow_server::passwords") {
            let mut text = Text(None);
            event.record(&mut text);
            self.0.lock().unwrap().extend(text.0);
        }
    }
}

impl Deeds {
    /// How often each was done since the last time.
    fn take(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for deed in self.0.lock().unwrap().drain(..) {
            *counts.entry(deed).or_default() += 1;
        }
        counts
    }
}

/// Notes what this thread does.
///
/// While there is only one subscriber, whatever thread meets a callsite first decides for all whether it is of interest, and
/// the threads of other tests have none. With two more that live as long as the process, all are asked.
fn watch(deeds: &Deeds) -> tracing::subscriber::DefaultGuard {
    static OTHERS: OnceLock<[Dispatch; 2]> = OnceLock::new();
    let everything = |deeds: Deeds| Dispatch::new(tracing_subscriber::registry().with(deeds));
    OTHERS.get_or_init(|| [everything(Deeds::default()), everything(Deeds::default())]);
    tracing::dispatcher::set_default(&everything(deeds.clone()))
}

/// What one request does in a browser of its own for each of two identifiers; the pages before it are not counted.
async fn compare(
    t: &TestApp,
    (known, unknown): (&str, &str),
    what: &str,
    request: impl AsyncFn(&mut Browser, &Answer, &str) -> Answer,
) {
    let deeds = Deeds::default();
    let _watching = watch(&deeds);
    let mut done = Vec::new();
    // Known first and last: what memory knows by then makes no difference either.
    for who in [known, unknown, known, unknown] {
        let mut browser = t.browser();
        let page = browser.open("/sign-in").await;
        deeds.take();
        let answer = request(&mut browser, &page, who).await;
        let counted = deeds.take();
        assert!(!counted.is_empty(), "{what}: nothing was counted");
        done.push((who.to_owned(), answer.status, counted));
    }
    let [first, rest @ ..] = &done[..] else { panic!() };
    for other in rest {
        assert_eq!(
            (other.1, &other.2),
            (first.1, &first.2),
            "{what}: `{}` against `{}`",
            other.0,
            first.0
        );
    }
}

async fn post(browser: &mut Browser, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
    let (csrf, id) = (csrf(page), page.field("sign_in").unwrap());
    let own = [("csrf", csrf.as_str()), ("sign_in", id.as_str())];
    let all: Vec<(&str, &str)> = fields.iter().copied().chain(own).collect();
    browser.post(path, &all).await
}

fn with_messages(config: &mut Config) {
    config.mail.transport = MailTransport::Captured;
    config.sms.provider = SmsProvider::Captured;
}

both_databases! {
    async fn wrong_password_does_the_same_for_nobody(t: TestApp) {
        t.user("alice").await;
        sign_in(&mut t.browser(), KNOWN, WRONG).await;
        compare(&t, (KNOWN, NOBODY), "password", async |browser, page, who| {
            post(browser, page, "/sign-in", &[("identifier", who), ("password", WRONG)]).await
        })
        .await;
    }

    async fn recovery_does_the_same_for_nobody(t: TestApp, |c| { with_messages(c); }) {
        t.user("alice").await;
        compare(&t, (KNOWN, NOBODY), "recovery", async |browser, page, who| {
            post(browser, page, "/recover", &[("identifier", who)]).await
        })
        .await;
    }

    async fn codes_and_links_do_the_same_for_nobody(t: TestApp, |c| { with_messages(c); }) {
        let mut t = t;
        t.user("alice").await;
        t.set(|settings| {
            settings.methods.magic_link = true;
            settings.methods.sms_code = true;
        })
        .await;
        for method in ["email_code", "magic_link"] {
            compare(&t, (KNOWN, NOBODY), method, async |browser, page, who| {
                post(browser, page, "/sign-in/challenge", &[("identifier", who), ("method", method)]).await
            })
            .await;
        }
    }

    async fn wrong_codes_do_the_same_for_nobody(t: TestApp, |c| { with_messages(c); }) {
        t.user("alice").await;
        compare(&t, (KNOWN, NOBODY), "code", async |browser, page, who| {
            post(browser, page, "/sign-in/challenge", &[("identifier", who), ("method", "email_code")]).await;
            post(browser, page, "/sign-in/code", &[("code", "abc")]).await
        })
        .await;
    }

    async fn sign_up_with_proven_addresses_does_the_same_for_nobody(t: TestApp, |c| { with_messages(c); }) {
        let mut t = t;
        t.user("alice").await;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        compare(&t, (KNOWN, NOBODY), "sign-up", async |browser, page, who| {
            let fields = [("name", "N"), ("email", who), ("password", "eleven purple bicycles")];
            post(browser, page, "/sign-up", &fields).await
        })
        .await;
    }

    async fn codes_by_sms_do_the_same_for_nobody(t: TestApp, |c| { with_messages(c); c.sms.countries = vec!["DE".to_owned()]; }) {
        let mut t = t;
        t.set(|settings| settings.methods.sms_code = true).await;
        let mut cx = t.cx();
        let new = NewUser {
            identifiers: vec![IdentifierValue::guess(PHONE).unwrap()],
            verified: true,
            ..NewUser::default()
        };
        identities::create_user(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        compare(&t, (PHONE, "+4915199999999"), "sms", async |browser, page, who| {
            post(browser, page, "/sign-in/challenge", &[("identifier", who), ("method", "sms_code")]).await
        })
        .await;
    }

    async fn codes_in_place_of_work_do_the_same_for_nobody(t: TestApp, |c| { with_messages(c); }) {
        let mut t = t;
        t.user("alice").await;
        t.set(|settings| settings.abuse.proof_of_work = ProofOfWork::Always).await;
        compare(&t, (KNOWN, NOBODY), "proof by code", async |browser, page, who| {
            let held = post(browser, page, "/sign-in", &[("identifier", who), ("password", WRONG)]).await;
            let asked = browser.submit(&held, "/sign-in/proof-code", &[]).await;
            browser.submit(&asked, "/sign-in", &[("proof_code", "abc")]).await
        })
        .await;
    }

    async fn steps_without_a_browser_do_the_same_for_nobody(t: TestApp, |c| { with_messages(c); c.limits.per_account_and_source.free_failures = 100; }) {
        t.user("alice").await;
        let client = t.client().public().create().await;
        Face::of(&t, &client).step(&[("username", KNOWN), ("password", WRONG)]).await;
        let steps: [&[(&str, &str)]; 3] = [&[("password", WRONG)], &[("method", "email_code")], &[("action", "recover")]];
        for step in steps {
            compare(&t, (KNOWN, NOBODY), "first-party", async |_, _, who| {
                let mut face = Face::of(&t, &client);
                face.step(&[&[("username", who)], step].concat()).await;
                face.step(&[&[("code", "abc")], step].concat()).await
            })
            .await;
        }
    }
}
