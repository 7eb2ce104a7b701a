//! Proof of work, the code by mail in its place, known browsers; and what attackers would do with each.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use authflow_proto::altcha::Challenge;
use authflow_server::config::{MailTransport, Rate};
use authflow_server::mail;
use authflow_server::tenants::ProofOfWork;
use authflow_testkit::{Answer, Browser, TestApp, both_databases};
use futures_util::future::join_all;
use http::StatusCode;

use crate::{ALICE, NORA, PASSWORD, SESSION, place, prove, run_jobs, sign_in, sign_up};

const WRONG: &str = "some wrong password";
const CODE: &str = "/sign-in/proof-code";

/// The challenge of a page, if it has one.
fn challenge(page: &Answer) -> Option<Challenge> {
    let text = page.attribute("form[data-proof]", "data-proof")?;
    Some(serde_json::from_str(&text).unwrap())
}

fn solution(page: &Answer) -> String {
    challenge(page)
        .unwrap_or_else(|| panic!("no challenge: {}", page.words()))
        .solve()
        .unwrap()
}

/// Does what the page's script does.
pub(crate) async fn solve(browser: &mut Browser, page: &Answer, action: &str) -> Answer {
    browser.submit(page, action, &[("altcha", &solution(page))]).await
}

async fn always(t: &mut TestApp) {
    t.set(|settings| {
        settings.abuse.proof_of_work = ProofOfWork::Always;
        settings.abuse.proof_of_work_difficulty = 1_000;
    })
    .await;
}

/// Fails until it has to wait, and waits.
async fn exhaust(t: &TestApp, browser: &mut Browser, email: &str) {
    for _ in 0..6 {
        sign_in(browser, email, WRONG).await;
    }
    t.clock.advance(Duration::from_mins(5));
}

/// Codes in mails to `email`, newest first.
async fn codes(t: &TestApp, email: &str) -> Vec<String> {
    run_jobs(t).await;
    let mails = mail::list_captured(&t.cx()).await.unwrap();
    let of = mails.iter().filter(|mail| mail.recipient == email);
    of.map(|mail| mail.subject.split(' ').next().unwrap().to_owned())
        .collect()
}

/// The page without what is different each time.
fn neutral(page: &Answer, typed: &str) -> String {
    let mut body = page.body.replace(typed, "-");
    let fields = page.forms().into_iter().flat_map(|form| form.fields);
    for (_, value) in fields.filter(|(_, value)| value.len() > 16) {
        body = body.replace(&value, "-");
    }
    if let Some(challenge) = challenge(page) {
        for part in [&challenge.challenge, &challenge.salt, &challenge.signature] {
            body = body.replace(&part.replace('&', "&amp;"), "-");
        }
    }
    body
}

fn address(third: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, third, 7))
}

both_databases! {
    async fn failures_ask_for_work_and_its_solution_goes_on_with_the_password_tried(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        exhaust(&t, &mut browser, ALICE).await;
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(challenge(&page).is_some(), "{}", page.words());
        assert!(!page.body.contains(PASSWORD), "the page holds the password sealed only");
        assert!(page.header("content-security-policy").contains("script-src 'self'"));
        let done = solve(&mut browser, &page, "/sign-in").await;
        assert_eq!(done.path, "/account", "{}", done.words());
        // Who is in has no failures any more.
        browser.cookies.clear();
        assert_eq!(sign_in(&mut browser, ALICE, PASSWORD).await.path, "/account");
    }

    async fn wrong_password_behind_a_solution_is_wrong_and_the_next_try_costs_again(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        exhaust(&t, &mut browser, ALICE).await;
        let page = sign_in(&mut browser, ALICE, WRONG).await;
        let refused = solve(&mut browser, &page, "/sign-in").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        t.clock.advance(Duration::from_mins(5));
        assert!(challenge(&prove(&mut browser, &refused, ALICE, WRONG).await).is_some());
    }

    async fn who_comes_too_early_waits_and_no_solution_is_spent_on_it(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        exhaust(&t, &mut browser, ALICE).await;
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let mut other = t.browser();
        let theirs = sign_in(&mut other, ALICE, WRONG).await;
        assert_eq!(solve(&mut other, &theirs, "/sign-in").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let solution = solution(&page);
        let early = browser.submit(&page, "/sign-in", &[("altcha", &solution)]).await;
        assert_eq!(early.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(!early.header("retry-after").is_empty());
        t.clock.advance(Duration::from_mins(1));
        assert_eq!(browser.submit(&page, "/sign-in", &[("altcha", &solution)]).await.path, "/account");
    }

    async fn solution_is_good_for_one_request(t: TestApp) {
        let mut t = t;
        t.user("alice").await;
        always(&mut t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, WRONG).await;
        let solution = solution(&page);
        let first = browser.submit(&page, "/sign-in", &[("altcha", &solution)]).await;
        assert_eq!(first.status, StatusCode::UNPROCESSABLE_ENTITY);
        let replayed = browser.submit(&page, "/sign-in", &[("altcha", &solution)]).await;
        assert!(challenge(&replayed).is_some_and(|new| Some(new) != challenge(&page)), "{}", replayed.words());
    }

    async fn parallel_uses_of_a_solution_get_one_attempt(t: TestApp) {
        let mut t = t;
        t.user("alice").await;
        always(&mut t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, WRONG).await;
        let solution = solution(&page);
        let form = page.form("/sign-in");
        let fields: Vec<(&str, &str)> = form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), if name == "altcha" { solution.as_str() } else { value.as_str() }))
            .collect();
        let mut browsers = vec![browser; 8];
        let answers = join_all(browsers.iter_mut().map(|browser| browser.post(&form.action, &fields))).await;
        let tried = answers.iter().filter(|page| page.status == StatusCode::UNPROCESSABLE_ENTITY).count();
        assert_eq!(tried, 1);
        assert_eq!(answers.iter().filter(|page| challenge(page).is_some()).count(), 7);
    }

    async fn solution_expires_after_five_minutes(t: TestApp) {
        let mut t = t;
        t.user("alice").await;
        always(&mut t).await;
        for (age, is_good) in [(299, true), (300, false), (301, false)] {
            let mut browser = t.browser();
            let page = sign_in(&mut browser, ALICE, PASSWORD).await;
            t.clock.advance(Duration::from_secs(age));
            let answer = solve(&mut browser, &page, "/sign-in").await;
            assert_eq!(answer.path == "/account", is_good, "{age}");
            assert_eq!(challenge(&answer).is_some(), !is_good, "{age}");
        }
    }

    async fn solution_counts_for_its_sign_in_purpose_and_tenant_only(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        let mut acme = t.tenant("acme").await;
        for t in [&mut t, &mut acme] {
            t.user("alice").await;
            always(t).await;
        }
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let solution = solution(&page);
        let given = [("altcha", solution.as_str())];
        // Another sign-in, also of the same browser.
        let other = sign_in(&mut browser, ALICE, PASSWORD).await;
        assert!(challenge(&browser.submit(&other, "/sign-in", &given).await).is_some());
        // Another purpose within the sign-in.
        let id = page.field("sign_in").unwrap();
        let form = browser.open(&format!("/recover?sign_in={id}")).await;
        let asked = browser.submit(&form, "/recover", &[("identifier", ALICE), given[0]]).await;
        assert_eq!((place(&asked), challenge(&asked).is_some()), ("/recover", true));
        let form = browser.open(&format!("/sign-in?sign_in={id}")).await;
        let fields = [("identifier", ALICE), ("method", "email_code"), given[0]];
        let action = form.form("/sign-in").action.replace("/sign-in", "/sign-in/challenge");
        let csrf = crate::csrf(&form);
        let all: Vec<_> = fields.into_iter().chain([("csrf", csrf.as_str()), ("sign_in", id.as_str())]).collect();
        assert!(challenge(&browser.post(&action, &all).await).is_some());
        // Another tenant.
        let mut elsewhere = acme.browser();
        let there = sign_in(&mut elsewhere, ALICE, PASSWORD).await;
        assert!(challenge(&elsewhere.submit(&there, "/sign-in", &given).await).is_some());
        // And after all that it still is what it was made for.
        assert_eq!(browser.submit(&page, "/sign-in", &given).await.path, "/account");
    }

    async fn forged_solutions_are_refused(t: TestApp) {
        let mut t = t;
        t.user("alice").await;
        always(&mut t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let real = challenge(&page).unwrap();
        let at = t.now().as_secs() + 300;
        let own = Challenge::issue(b"mallory", [7; 16], (0, 0), at);
        let unsigned = Challenge { signature: String::new(), ..real.clone() };
        let later = Challenge { salt: real.salt.replace("expires=", "expires=9"), ..real.clone() };
        let wrong_number = (0..3).map(|n| real.payload(n)).find(|payload| Some(payload) != real.solve().as_ref()).unwrap();
        for forged in [own.payload(0), unsigned.solve().unwrap(), later.payload(1), wrong_number, "x".to_owned(), "e30=".to_owned()] {
            let answer = browser.submit(&page, "/sign-in", &[("altcha", &forged)]).await;
            assert!(challenge(&answer).is_some(), "{forged}");
        }
    }

    async fn nobody_makes_their_challenge_easier(t: TestApp) {
        let mut t = t;
        t.user("alice").await;
        always(&mut t).await;
        t.set(|settings| settings.abuse.proof_of_work_difficulty = 5_000).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let real = challenge(&page).unwrap();
        assert_eq!(real.maxnumber, 5_000, "as hard as the tenant says");
        // Of one's own make, with the signature, the salt or both of the real one.
        let easy = Challenge::issue(b"", [7; 16], (0, 0), t.now().as_secs() + 300);
        let resigned = Challenge { signature: real.signature.clone(), ..easy.clone() };
        let salted = Challenge { salt: real.salt.clone(), signature: real.signature.clone(), ..easy.clone() };
        let renamed = Challenge { challenge: real.challenge.clone(), signature: real.signature.clone(), ..easy.clone() };
        for easier in [easy, resigned, salted, renamed] {
            let answer = browser.submit(&page, "/sign-in", &[("altcha", &easier.payload(0))]).await;
            assert!(challenge(&answer).is_some(), "{easier:?}");
        }
        // Nor by way of the form: it is the server that says how hard it is.
        let fields = [("altcha", real.payload(0)), ("maxnumber", "0".to_owned()), ("difficulty", "1".to_owned())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = browser.submit(&page, "/sign-in", &fields).await;
        assert_eq!(challenge(&answer).map(|new| new.maxnumber), Some(5_000));
        assert_eq!(solve(&mut browser, &answer, "/sign-in").await.path, "/account");
    }

    async fn browser_that_the_account_knows_is_never_asked(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        let alice = t.user("alice").await;
        let mut owner = t.signed_in(&alice).await;
        owner.cookies.remove(SESSION);
        always(&mut t).await;
        exhaust(&t, &mut t.browser(), ALICE).await;
        assert_eq!(sign_in(&mut owner, ALICE, PASSWORD).await.path, "/account");
        owner.cookies.remove(SESSION);
        let form = owner.open("/recover").await;
        assert_eq!(place(&owner.submit(&form, "/recover", &[("identifier", ALICE)]).await), "/recover/sent");
        // For another account it is a stranger.
        t.user("bob").await;
        assert!(challenge(&sign_in(&mut owner, "bob@example.com", PASSWORD).await).is_some());
    }

    async fn changed_password_makes_browsers_of_before_unknown(t: TestApp) {
        let alice = t.user("alice").await;
        let mut old = t.signed_in(&alice).await;
        old.cookies.remove(SESSION);
        let mut stranger = t.browser();
        stranger.ip = address(2);
        for _ in 0..6 {
            sign_in(&mut stranger, ALICE, WRONG).await;
        }
        old.ip = address(2);
        t.clock.advance(Duration::from_millis(1));
        assert_eq!(sign_in(&mut old, ALICE, PASSWORD).await.path, "/account", "known");
        let mut changing = old.clone();
        t.clock.advance(Duration::from_secs(2));
        let form = changing.open("/account/security").await;
        let new = "eleven purple bicycles";
        let changed = changing
            .submit(&form, "/account/password", &[("current_password", PASSWORD), ("new_password", new)])
            .await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.words());
        old.cookies.remove(SESSION);
        let page = sign_in(&mut old, ALICE, new).await;
        assert!(challenge(&page).is_some(), "{} {}", page.path, page.words());
        changing.cookies.remove(SESSION);
        assert_eq!(sign_in(&mut changing, ALICE, new).await.path, "/account", "known: the password was changed in it");
    }

    async fn tenant_may_never_ask(t: TestApp) {
        let mut t = t;
        t.user("alice").await;
        t.set(|settings| settings.abuse.proof_of_work = ProofOfWork::Never).await;
        let mut browser = t.browser();
        exhaust(&t, &mut browser, ALICE).await;
        assert_eq!(sign_in(&mut browser, ALICE, PASSWORD).await.path, "/account");
    }

    async fn nobody_and_somebody_are_asked_alike(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mut shown = Vec::new();
        for email in [ALICE, "nobody@example.com"] {
            let mut browser = t.browser();
            exhaust(&t, &mut browser, email).await;
            let page = sign_in(&mut browser, email, WRONG).await;
            let code = browser.submit(&page, CODE, &[]).await;
            let wrong = browser.submit(&code, "/sign-in", &[("proof_code", "000000")]).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
            let solved = solve(&mut browser, &page, "/sign-in").await;
            shown.push([page, code, wrong, solved].map(|page| (page.status, neutral(&page, email))));
        }
        let [known, unknown] = &shown[..] else { panic!() };
        for (known, unknown) in known.iter().zip(unknown) {
            pretty(known, unknown);
        }
        assert_eq!(codes(&t, ALICE).await.len(), 1);
        assert!(codes(&t, "nobody@example.com").await.is_empty());
    }

    async fn code_by_mail_stands_in_for_the_calculation(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mut browser = t.browser();
        exhaust(&t, &mut browser, ALICE).await;
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let asked = browser.submit(&page, CODE, &[]).await;
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.words());
        let code = codes(&t, ALICE).await.remove(0);
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        let done = browser.submit(&asked, "/sign-in", &[("proof_code", &spaced)]).await;
        assert_eq!(done.path, "/account", "{}", done.words());
    }

    async fn code_is_good_once_for_ten_minutes_and_five_tries(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.user("alice").await;
        always(&mut t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, WRONG).await;
        let asked = browser.submit(&page, CODE, &[]).await;
        let code = codes(&t, ALICE).await.remove(0);
        let wrong_password = browser.submit(&asked, "/sign-in", &[("proof_code", &code)]).await;
        assert_eq!(wrong_password.path, "/sign-in");
        assert!(wrong_password.form("/sign-in").fields.iter().all(|(name, _)| name != "held"), "it was let through");
        let again = browser.submit(&asked, "/sign-in", &[("proof_code", &code)]).await;
        assert!(again.field("held").is_some(), "once");
        for (wait, tries, is_good) in [(599, 4, true), (600, 0, false), (0, 5, false)] {
            let mut browser = t.browser();
            let page = sign_in(&mut browser, ALICE, PASSWORD).await;
            let mut asked = browser.submit(&page, CODE, &[]).await;
            let code = codes(&t, ALICE).await.remove(0);
            for _ in 0..tries {
                asked = browser.submit(&asked, "/sign-in", &[("proof_code", "abc")]).await;
            }
            t.clock.advance(Duration::from_secs(wait));
            let answer = browser.submit(&asked, "/sign-in", &[("proof_code", &code)]).await;
            assert_eq!(answer.path == "/account", is_good, "{wait} {tries} {}", answer.words());
        }
    }

    async fn code_to_ones_own_mailbox_does_not_help_with_another_account(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.user("alice").await;
        let mallory = t.user("mallory").await;
        always(&mut t).await;
        let mut browser = t.browser();
        let own = sign_in(&mut browser, &mallory.email, WRONG).await;
        browser.submit(&own, CODE, &[]).await;
        let code = codes(&t, &mallory.email).await.remove(0);
        // The same sign-in, the victim's account.
        let id = own.field("sign_in").unwrap();
        let form = browser.open(&format!("/sign-in?sign_in={id}")).await;
        let fields = [("identifier", ALICE), ("password", WRONG), ("proof_code", code.as_str())];
        let refused = browser.submit(&form, "/sign-in", &fields).await;
        assert!(refused.field("held").is_some(), "{}", refused.words());
    }

    async fn held_form_opens_only_where_and_while_it_may(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.user("alice").await;
        always(&mut t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let held = page.field("held").unwrap();
        let mut tampered = held.clone().into_bytes();
        tampered[40] = if tampered[40] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(tampered).unwrap();
        let solution = solution(&page);
        for bad in [tampered.as_str(), "x", &held[..20]] {
            let refused = browser.submit(&page, "/sign-in", &[("held", bad), ("altcha", &solution)]).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{bad}");
        }
        // To another path.
        let form = page.form("/sign-in");
        let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for path in ["/recover", "/sign-up", "/sign-in/challenge"] {
            assert_eq!(browser.post(path, &fields).await.status, StatusCode::BAD_REQUEST, "{path}");
        }
        // In another sign-in.
        let other = sign_in(&mut browser, ALICE, WRONG).await;
        assert_eq!(browser.submit(&other, "/sign-in", &[("held", &held)]).await.status, StatusCode::BAD_REQUEST);
        // Without the form's own token.
        let forged = browser.submit(&page, "/sign-in", &[("csrf", "x"), ("altcha", &solution)]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        t.clock.advance(Duration::from_mins(15));
        assert_eq!(browser.submit(&page, "/sign-in", &[]).await.status, StatusCode::BAD_REQUEST, "too old");
    }

    async fn a_source_that_asks_for_much_has_to_work_for_more(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; c.limits.unproven_per_source = Rate::hourly(2, 2); }) {
        t.user("alice").await;
        let recover = async |browser: &mut Browser, who: &str| {
            let form = browser.open("/recover").await;
            browser.submit(&form, "/recover", &[("identifier", who)]).await
        };
        for who in ["a@example.com", "b@example.com"] {
            assert_eq!(place(&recover(&mut t.browser(), who).await), "/recover/sent");
        }
        let mut browser = t.browser();
        let page = recover(&mut browser, ALICE).await;
        assert_eq!(place(&solve(&mut browser, &page, "/recover").await), "/recover/sent");
        // What is asked for in another way counts too.
        let mut browser = t.browser();
        let page = sign_up(&mut browser, NORA).await;
        assert_eq!(solve(&mut browser, &page, "/sign-up").await.path, "/account");
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        let csrf = crate::csrf(&form);
        let id = form.field("sign_in").unwrap();
        let fields = [("identifier", ALICE), ("method", "email_code"), ("csrf", &csrf), ("sign_in", &id)];
        let page = browser.post("/sign-in/challenge", &fields).await;
        assert_eq!(place(&solve(&mut browser, &page, "/sign-in/challenge").await), "/sign-in/code");
        // Another source has its own count.
        let mut elsewhere = t.browser();
        elsewhere.ip = address(9);
        assert_eq!(sign_up(&mut elsewhere, "other@example.com").await.path, "/account");
    }

    async fn sign_up_goes_on_with_a_code_to_the_address_itself(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        always(&mut t).await;
        let mut browser = t.browser();
        let page = sign_up(&mut browser, NORA).await;
        let asked = browser.submit(&page, CODE, &[]).await;
        let code = codes(&t, NORA).await.remove(0);
        assert_eq!(browser.submit(&asked, "/sign-up", &[("proof_code", &code)]).await.path, "/account");
    }

    async fn page_of_the_challenge_is_as_strict_as_any(t: TestApp) {
        let mut t = t;
        always(&mut t).await;
        let page = sign_in(&mut t.browser(), ALICE, PASSWORD).await;
        let policy = page.header("content-security-policy");
        let scripts = policy.split("; ").find(|part| part.starts_with("script-src"));
        assert_eq!(scripts, Some("script-src 'self'"));
        for weak in ["unsafe", "blob:", "wasm", "worker-src", "strict-dynamic", "*"] {
            assert!(!policy.contains(weak), "{policy}");
        }
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(!page.body.contains(" style=") && !page.body.contains("<style"), "nothing inline");
    }

    async fn without_mail_there_is_no_code_to_ask_for(t: TestApp) {
        let mut t = t;
        always(&mut t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        assert!(page.forms().iter().all(|form| !form.action.ends_with(CODE)));
        let form = page.form("/sign-in");
        let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(browser.post(CODE, &fields).await.status, StatusCode::NOT_FOUND);
    }
}

/// Says where two pages differ.
fn pretty((known_status, known): &(StatusCode, String), (unknown_status, unknown): &(StatusCode, String)) {
    assert_eq!(known_status, unknown_status);
    for (known, unknown) in known.lines().zip(unknown.lines()) {
        assert_eq!(known, unknown);
    }
    assert_eq!(known.len(), unknown.len());
}
