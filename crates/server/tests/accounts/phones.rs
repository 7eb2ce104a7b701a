//! Phone numbers on the account page: added by a code, changed with the word of both ends, taken away; and what somebody
//! with a borrowed browser or another person's number would try.

use std::time::Duration;

use authflow_server::config::{Config, MailTransport, Mode, SmsProvider};
use authflow_server::identities::{self, IdentifierKind, IdentifierValue, NewUser};
use authflow_server::{mail, sms};
use authflow_testkit::{Answer, Browser, TestApp, User, both_databases};
use http::StatusCode;
use serde_json::json;

use crate::{PASSWORD, csrf, place, run_jobs, sign_in};

const ONE: &str = "+4915123456789";
const TWO: &str = "+4915187654321";
const ADD: &str = "/account/phones/add";
const CONFIRM: &str = "/account/phones/confirm";

fn texting(config: &mut Config) {
    config.sms.provider = SmsProvider::Captured;
    config.sms.countries = vec!["DE".to_owned()];
    config.sms.per_recipient = 100;
    config.sms.per_source = 100;
    config.mail.transport = MailTransport::Captured;
    config.mode = Mode::Dev;
}

async fn post(browser: &mut Browser, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = csrf(page);
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    let answer = browser.post(path, &fields).await;
    browser.follow(answer).await
}

/// The code that was texted to a number last.
async fn code(t: &TestApp, number: &str) -> String {
    run_jobs(t).await;
    let sent = sms::list_captured(&t.cx()).await.unwrap();
    let sent = sent.into_iter().find(|sms| sms.recipient == number).unwrap();
    sent.body.rsplit('#').next().unwrap()[..6].to_owned()
}

async fn texts(t: &TestApp) -> usize {
    run_jobs(t).await;
    sms::list_captured(&t.cx()).await.unwrap().len()
}

/// A user's numbers, each with whether it is the primary one.
async fn numbers(t: &TestApp, user: &User) -> Vec<(String, bool)> {
    let user = identities::get_user(&t.cx(), user.id).await.unwrap();
    let phones = user
        .identifiers
        .iter()
        .filter(|one| one.kind == IdentifierKind::Phone);
    phones
        .map(|one| {
            (
                one.normalized.clone(),
                one.is_primary && one.verified_at.is_some(),
            )
        })
        .collect()
}

async fn id_of(t: &TestApp, user: &User, number: &str) -> String {
    let user = identities::get_user(&t.cx(), user.id).await.unwrap();
    user.identifiers
        .iter()
        .find(|one| one.normalized == number)
        .unwrap()
        .id
        .to_string()
}

async fn type_code(browser: &mut Browser, page: &Answer, code: &str) -> Answer {
    browser.submit(page, CONFIRM, &[("code", code)]).await
}

/// Alice with a proven number.
async fn with_phone(t: &TestApp) -> (User, Browser, Answer) {
    let alice = t.user("alice").await;
    let mut browser = t.signed_in(&alice).await;
    let page = browser.open("/account").await;
    let asked = post(&mut browser, &page, ADD, &[("phone", "+49 (0)151 234-567 89")]).await;
    assert_eq!(place(&asked), CONFIRM, "{} {}", asked.path, asked.words());
    let code = code(t, ONE).await;
    let done = type_code(&mut browser, &asked, &code).await;
    assert!(
        done.path.contains("notice=phone_added"),
        "{} {}",
        done.path,
        done.words()
    );
    (alice, browser, done)
}

/// Asks for another number in the place of the one.
async fn swap(t: &TestApp, alice: &User, browser: &mut Browser, page: &Answer) -> Answer {
    let id = id_of(t, alice, ONE).await;
    let asked = post(browser, page, ADD, &[("phone", TWO), ("replaces", &id)]).await;
    assert_eq!(place(&asked), CONFIRM, "{}", asked.words());
    let code = code(t, TWO).await;
    let old = type_code(browser, &asked, &code).await;
    assert_eq!(place(&old), CONFIRM, "{}", old.words());
    assert!(old.words().contains("234-567 89"), "{}", old.words());
    old
}

async fn subjects(t: &TestApp) -> Vec<String> {
    run_jobs(t).await;
    let mails = mail::list_captured(&t.cx()).await.unwrap();
    mails.into_iter().map(|mail| mail.subject).collect()
}

both_databases! {
    async fn number_is_the_users_once_its_code_came_back(t: TestApp, |c| { texting(c); }) {
        let (alice, mut browser, page) = with_phone(&t).await;
        assert_eq!(numbers(&t, &alice).await, [(ONE.to_owned(), true)]);
        assert!(page.words().contains("+49 (0)151 234-567 89") && page.words().contains("Confirmed"), "{}", page.words());
        assert_eq!(t.events("user.phone_verified").await.len(), 1);
        assert_eq!(t.events("user.updated").await[0]["action"], json!("added"));
        assert!(subjects(&t).await.iter().any(|subject| subject.contains("was added")));
        let again = post(&mut browser, &page, ADD, &[("phone", ONE)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "it is there already");
        for bad in ["", "x", "0151 23456789", "+49", "+999 12345678"] {
            let answer = post(&mut browser, &page, ADD, &[("phone", bad)]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        }
        let abroad = post(&mut browser, &page, ADD, &[("phone", "+33612345678")]).await;
        assert!(abroad.words().contains("can’t send text messages"), "{}", abroad.words());
        assert_eq!(texts(&t).await, 1);
    }

    async fn wrong_late_and_used_codes_change_nothing(t: TestApp, |c| { texting(c); }) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account").await;
        let asked = post(&mut browser, &page, ADD, &[("phone", ONE)]).await;
        let right = code(&t, ONE).await;
        for wrong in ["", "000000x", "1"] {
            let answer = type_code(&mut browser, &asked, wrong).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
        for _ in 0..5 {
            type_code(&mut browser, &asked, "999999").await;
        }
        assert_eq!(type_code(&mut browser, &asked, &right).await.status, StatusCode::UNPROCESSABLE_ENTITY, "tried too often");
        let resent = browser.submit(&asked, "/account/phones/resend", &[]).await;
        assert!(resent.words().contains("on its way"), "{}", resent.words());
        let fresh = code(&t, ONE).await;
        t.clock.advance(Duration::from_mins(10));
        assert_eq!(type_code(&mut browser, &asked, &fresh).await.status, StatusCode::UNPROCESSABLE_ENTITY, "too late");
        assert!(numbers(&t, &alice).await.is_empty());
        t.clock.advance(Duration::from_mins(20));
        assert_eq!(place(&browser.open(&asked.path).await), "/account", "the change is over");
    }

    async fn change_takes_the_word_of_both_ends(t: TestApp, |c| { texting(c); }) {
        let (alice, mut browser, page) = with_phone(&t).await;
        let old = swap(&t, &alice, &mut browser, &page).await;
        assert_eq!(numbers(&t, &alice).await, [(ONE.to_owned(), true)], "not before the old one agreed");
        assert_eq!(type_code(&mut browser, &old, "000001").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let code = code(&t, ONE).await;
        let done = type_code(&mut browser, &old, &code).await;
        assert!(done.path.contains("notice=phone_changed"), "{}", done.words());
        assert_eq!(numbers(&t, &alice).await, [(TWO.to_owned(), true)]);
        let told = subjects(&t).await;
        assert!(told.iter().any(|subject| subject.contains("phone number") && subject.contains("changed")), "{told:?}");
        let mails = mail::list_captured(&t.cx()).await.unwrap();
        assert!(mails.iter().all(|mail| !mail.body_text.contains(TWO)), "a mail does not spell the number out");
    }

    async fn number_that_is_gone_is_changed_by_another_factor(t: TestApp, |c| { texting(c); }) {
        let (alice, mut browser, page) = with_phone(&t).await;
        let old = swap(&t, &alice, &mut browser, &page).await;
        let done = browser.submit(&old, "/account/phones/lost", &[]).await;
        assert!(done.path.contains("notice=phone_changed"), "{}", done.words());
        assert_eq!(numbers(&t, &alice).await, [(TWO.to_owned(), true)]);
        assert!(subjects(&t).await.iter().any(|subject| subject.contains("phone number")));
    }

    async fn session_that_rests_on_the_number_alone_does_not_speak_for_its_loss(t: TestApp, |c| { texting(c); }) {
        let mut t = t;
        t.set(|settings| settings.methods.sms_code = true).await;
        let (alice, _, _) = with_phone(&t).await;
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        let (id, token) = (form.field("sign_in").unwrap(), csrf(&form));
        let fields = [("sign_in", id.as_str()), ("csrf", &token), ("method", "sms_code"), ("identifier", ONE)];
        let answer = browser.post("/sign-in/challenge", &fields).await;
        let asked = browser.follow(answer).await;
        let sent = code(&t, ONE).await;
        let page = browser.submit(&asked, "/sign-in/code", &[("code", &sent)]).await;
        assert_eq!(place(&page), "/account");
        let old = swap(&t, &alice, &mut browser, &page).await;
        let refused = browser.submit(&old, "/account/phones/lost", &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(numbers(&t, &alice).await, [(ONE.to_owned(), true)]);
    }

    async fn loss_is_not_claimed_before_the_new_number_is_proven(t: TestApp, |c| { texting(c); }) {
        let (alice, mut browser, page) = with_phone(&t).await;
        let id = id_of(&t, &alice, ONE).await;
        let asked = post(&mut browser, &page, ADD, &[("phone", TWO), ("replaces", &id)]).await;
        let change = asked.field("change").unwrap();
        let early = post(&mut browser, &asked, "/account/phones/lost", &[("change", &change)]).await;
        assert_eq!(early.status, StatusCode::BAD_REQUEST);
        assert_eq!(numbers(&t, &alice).await, [(ONE.to_owned(), true)]);
    }

    async fn number_of_another_account_is_told_of_only_to_who_holds_it(t: TestApp, |c| { texting(c); }) {
        let mut cx = t.cx();
        let new = NewUser {
            identifiers: vec![IdentifierValue::phone(ONE).unwrap()],
            verified: true,
            ..NewUser::default()
        };
        identities::create_user(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account").await;
        let asked = post(&mut browser, &page, ADD, &[("phone", ONE)]).await;
        assert_eq!(place(&asked), CONFIRM, "as for any other number");
        let sent = code(&t, ONE).await;
        let told = type_code(&mut browser, &asked, &sent).await;
        assert!(told.words().contains("another account"), "{}", told.words());
        assert!(numbers(&t, &alice).await.is_empty());
    }

    async fn change_of_somebody_else_is_not_confirmed(t: TestApp, |c| { texting(c); }) {
        let alice = t.user("alice").await;
        let mallory = t.user("mallory").await;
        let mut theirs = t.signed_in(&alice).await;
        let page = theirs.open("/account").await;
        let asked = post(&mut theirs, &page, ADD, &[("phone", ONE)]).await;
        let (change, sent) = (asked.field("change").unwrap(), code(&t, ONE).await);
        let mut browser = t.signed_in(&mallory).await;
        let page = browser.open("/account").await;
        for path in [CONFIRM, "/account/phones/resend", "/account/phones/lost"] {
            let answer = post(&mut browser, &page, path, &[("change", &change), ("code", &sent)]).await;
            assert_eq!(place(&answer), "/account", "{path}");
        }
        assert_eq!(place(&browser.open(&asked.path).await), "/account");
        let foreign = post(&mut browser, &page, ADD, &[("phone", TWO), ("replaces", &change)]).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        assert!(numbers(&t, &mallory).await.is_empty() && numbers(&t, &alice).await.is_empty());
    }

    async fn borrowed_browser_adds_changes_and_removes_nothing(t: TestApp, |c| { texting(c); }) {
        let (alice, mut browser, page) = with_phone(&t).await;
        let id = id_of(&t, &alice, ONE).await;
        t.clock.advance(Duration::from_mins(11));
        let before = texts(&t).await;
        for (path, fields) in [
            (ADD, vec![("phone", TWO)]),
            (ADD, vec![("phone", TWO), ("replaces", id.as_str())]),
            ("/account/identifiers/remove", vec![("identifier", id.as_str())]),
        ] {
            let answer = post(&mut browser, &page, path, &fields).await;
            assert_eq!(place(&answer), "/sign-in", "{path}");
        }
        assert_eq!(texts(&t).await, before);
        assert_eq!(numbers(&t, &alice).await.len(), 1);
    }

    async fn number_is_removed_and_the_next_takes_its_place(t: TestApp, |c| { texting(c); }) {
        let (alice, mut browser, page) = with_phone(&t).await;
        let asked = post(&mut browser, &page, ADD, &[("phone", TWO)]).await;
        let sent = code(&t, TWO).await;
        let page = type_code(&mut browser, &asked, &sent).await;
        assert_eq!(numbers(&t, &alice).await.len(), 2);
        let id = id_of(&t, &alice, ONE).await;
        let done = post(&mut browser, &page, "/account/identifiers/remove", &[("identifier", &id)]).await;
        assert!(done.path.contains("notice=identifier_removed"), "{}", done.path);
        assert_eq!(numbers(&t, &alice).await, [(TWO.to_owned(), true)]);
        assert!(subjects(&t).await.iter().any(|subject| subject.contains("was removed")));
    }

    async fn last_way_in_is_not_removed(t: TestApp, |c| { texting(c); }) {
        let mut t = t;
        let (alice, mut browser, page) = with_phone(&t).await;
        t.set(|settings| {
            settings.methods.sms_code = true;
            settings.methods.password = false;
            settings.methods.email_code = false;
            settings.methods.passkey = false;
        }).await;
        let id = id_of(&t, &alice, ONE).await;
        let kept = post(&mut browser, &page, "/account/identifiers/remove", &[("identifier", &id)]).await;
        assert!(kept.path.contains("notice=identifier_kept"), "{}", kept.path);
        assert_eq!(numbers(&t, &alice).await.len(), 1);
    }

    async fn without_a_provider_nothing_is_offered_or_taken(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account").await;
        assert!(!page.body.contains(ADD));
        let answer = post(&mut browser, &page, ADD, &[("phone", ONE)]).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
        assert!(sign_in(&mut t.browser(), &alice.email, PASSWORD).await.status.is_success());
    }

    async fn messages_are_limited(t: TestApp, |c| { texting(c); c.sms.per_recipient = 2; }) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account").await;
        let asked = post(&mut browser, &page, ADD, &[("phone", ONE)]).await;
        browser.submit(&asked, "/account/phones/resend", &[]).await;
        let limited = browser.submit(&asked, "/account/phones/resend", &[]).await;
        assert!(limited.words().contains("several messages"), "{}", limited.words());
        assert_eq!(texts(&t).await, 2);
    }
}
