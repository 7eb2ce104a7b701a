//! Signing in by each method through the first-party face: from the first request to the authorization code.
//!
//! Many people take turns. Mail and text messages arrive over SMTP and HTTP at the driver's postbox, so what
//! is measured includes the job queue; the page behind a magic link is opened and confirmed as on another device.

use crate::devices::{Passkey, text, totp, totp_step};
use crate::http::{Connection, form, post};
use crate::load::Workload;
use crate::postbox::Postbox;
use crate::setup::{CODE_CHALLENGE, Directory};
use crate::visitor::{Arrival, Visitor, form_to};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A first-party application at one host.
#[derive(Clone)]
pub(crate) struct Application {
    pub(crate) host: String,
    pub(crate) client: String,
    pub(crate) directory: Rc<Directory>,
    pub(crate) postbox: Rc<Postbox>,
}

/// One sign-in: each step carries the `auth_session` of the answer before.
struct Face<'a> {
    application: &'a Application,
    connection: &'a mut Connection,
    session: Option<String>,
}

/// What a step led to.
enum Outcome {
    /// More is asked.
    Asked(Value),
    /// The authorization code is there.
    Code,
    /// The server has no capacity now.
    Shed,
}

impl Application {
    fn face<'a>(&'a self, connection: &'a mut Connection) -> Face<'a> {
        Face {
            application: self,
            connection,
            session: None,
        }
    }
}

impl Face<'_> {
    async fn step(&mut self, fields: &[(&str, &str)]) -> Result<Outcome> {
        let client = ("client_id", self.application.client.as_str());
        let first = [
            ("response_type", "code"),
            ("scope", "openid email"),
            ("code_challenge", CODE_CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let body = match &self.session {
            Some(session) => form(&[&[client, ("auth_session", session)], fields].concat()),
            None => form(&[&[client], &first[..], fields].concat()),
        };
        let request = post(&self.application.host, "/oauth2/challenge", &[], &body);
        let answer = self.connection.send(&request).await?;
        let value: Value = match answer.status {
            503 => return Ok(Outcome::Shed),
            _ => serde_json::from_slice(answer.body)?,
        };
        if answer.status == 200 {
            text(&value, "/authorization_code")?;
            return Ok(Outcome::Code);
        }
        if text(&value, "/error")? != "insufficient_authorization" {
            bail!("`/oauth2/challenge` answered {}: {value}", answer.status);
        }
        self.session = Some(text(&value, "/auth_session")?.to_owned());
        Ok(Outcome::Asked(value))
    }

    /// A step after which more is asked.
    async fn asked(&mut self, fields: &[(&str, &str)]) -> Result<Value> {
        match self.step(fields).await? {
            Outcome::Asked(value) => Ok(value),
            Outcome::Code => bail!("signed in too early"),
            Outcome::Shed => bail!("shed in the midst of a sign-in"),
        }
    }

    /// The last step: whether it was done rather than shed.
    async fn done(&mut self, fields: &[(&str, &str)]) -> Result<bool> {
        match self.step(fields).await? {
            Outcome::Code => Ok(true),
            Outcome::Shed => Ok(false),
            Outcome::Asked(value) => bail!("not signed in: {value}"),
        }
    }
}

/// How a code reaches its user.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Email,
    Sms,
    Link,
}

/// A code by mail or SMS, or the one that a magic link shows.
pub(crate) struct CodeSignIn {
    application: Application,
    way: Way,
    /// Whose turn it is: one number takes only so many messages in an hour.
    turn: Cell<usize>,
}

impl CodeSignIn {
    pub(crate) fn new(application: Application, way: Way) -> Self {
        Self {
            application,
            way,
            turn: Cell::new(0),
        }
    }
}

impl Workload for CodeSignIn {
    type State = ();

    async fn prepare(&self, _: &mut Connection, _: usize) -> Result<()> {
        Ok(())
    }

    async fn step(&self, connection: &mut Connection, (): &mut ()) -> Result<bool> {
        let application = &self.application;
        let turn = self.turn.get();
        self.turn.set((turn + 1) % application.directory.size());
        let (method, username) = match self.way {
            Way::Email => ("email_code", Directory::email(turn)),
            Way::Link => ("magic_link", Directory::email(turn)),
            Way::Sms => ("sms_code", Directory::phone(turn)),
        };
        let mut face = application.face(connection);
        face.asked(&[("method", method), ("username", &username)]).await?;
        let code = match self.way {
            Way::Link => {
                let link = application.postbox.link(&username).await?;
                code_behind(face.connection, &application.host, &link).await?
            }
            Way::Email | Way::Sms => application.postbox.code(&username).await?,
        };
        face.done(&[("method", method), ("code", &code)]).await
    }
}

/// Opens the link in a browser that did not ask for it, confirms, and reads the code from the page.
async fn code_behind(connection: &mut Connection, host: &str, link: &str) -> Result<String> {
    let path = link
        .strip_prefix(&format!("http://{host}"))
        .with_context(|| format!("`{link}` is not of this server"))?;
    let mut browser = Visitor::new(connection, host);
    let Arrival::Page { html, .. } = browser.visit(path, None).await? else {
        bail!("the link led to no page");
    };
    let (action, fields) = form_to(&html, "/sign-in/link").context("no form behind the link")?;
    let Arrival::Page { html, .. } = browser.visit(&action, Some(&fields)).await? else {
        bail!("the confirmed link led to no page");
    };
    html.split_once("class=\"big-code\">")
        .and_then(|(_, rest)| rest.split('<').next())
        .map(|code| code.trim().to_owned())
        .context("no code on the page of the link")
}

/// A discoverable passkey; every connection is a device with one of its own.
pub(crate) struct PasskeySignIn {
    pub(crate) application: Application,
    /// Devices with a passkey, by connection, once made.
    devices: RefCell<Vec<Rc<Passkey>>>,
}

impl PasskeySignIn {
    pub(crate) fn new(application: Application) -> Self {
        Self {
            application,
            devices: RefCell::default(),
        }
    }

    /// Signs in on the hosted pages and adds a passkey on the account page.
    async fn enrol(&self, connection: &mut Connection, index: usize) -> Result<Passkey> {
        let application = &self.application;
        let host = &application.host;
        let mut browser = Visitor::new(connection, host);
        let person = application.directory.person(index);
        browser.sign_in("/sign-in", &person).await?;
        let Arrival::Page { html, .. } = browser.visit("/account/security", None).await? else {
            bail!("no account page");
        };
        let (action, fields) = form_to(&html, "/account/passkeys").context("no form for passkeys")?;
        let options = browser.json("/account/passkeys/options", &fields).await?;
        let mut device = Passkey::new(format!("http://{host}"))?;
        let made = device.create(&options)?.to_string();
        // The page's script fills this field, which stands empty in the form.
        let body = fields.replace("response=", &form(&[("response", &made)]));
        match browser.visit(&action, Some(&body)).await? {
            Arrival::Page { .. } => Ok(device),
            _ => bail!("the passkey was not taken"),
        }
    }
}

impl Workload for PasskeySignIn {
    type State = Rc<Passkey>;

    async fn prepare(&self, connection: &mut Connection, index: usize) -> Result<Rc<Passkey>> {
        if let Some(device) = self.devices.borrow().get(index) {
            return Ok(Rc::clone(device));
        }
        let device = Rc::new(self.enrol(connection, index).await?);
        self.devices.borrow_mut().push(Rc::clone(&device));
        Ok(device)
    }

    async fn step(&self, connection: &mut Connection, device: &mut Rc<Passkey>) -> Result<bool> {
        let mut face = self.application.face(connection);
        let asked = face.asked(&[("method", "passkey")]).await?;
        let options = asked.pointer("/challenge/options").context("no options")?;
        let assertion = device.get(options)?.to_string();
        face.done(&[("assertion", &assertion)]).await
    }
}

/// A password, then the code of an authenticator app. Each code counts once, so many people take turns.
pub(crate) struct AppSignIn {
    pub(crate) application: Application,
    enrolled: RefCell<VecDeque<Enrolled>>,
}

struct Enrolled {
    person: usize,
    secret: String,
    /// The next step whose code was not used.
    next_step: u64,
}

impl AppSignIn {
    pub(crate) fn new(application: Application) -> Self {
        Self {
            application,
            enrolled: RefCell::default(),
        }
    }

    /// An app is set up on the way in, where two factors are demanded.
    async fn enrol(&self, connection: &mut Connection, person: usize) -> Result<Enrolled> {
        let who = self.application.directory.person(person);
        let mut face = self.application.face(connection);
        let wants = ("acr_values", "urn:authflow:acr:multi-factor");
        let asked = face
            .asked(&[wants, ("username", &who.email), ("password", &who.password)])
            .await?;
        let secret = text(&asked, "/challenge/secret")?.to_owned();
        // Clocks may differ by one step, so the one before and the one after are good, too.
        let step = step_now()? - 1;
        if !face.done(&[("code", &totp(&secret, step)?)]).await? {
            bail!("shed while an app was set up");
        }
        Ok(Enrolled {
            person,
            secret,
            next_step: step + 1,
        })
    }

    /// Somebody whose app has a code that was not used; waits for the clock when everybody's was.
    async fn next(&self) -> Result<Enrolled> {
        loop {
            if let Some(found) = self.ready(step_now()? + 1) {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn ready(&self, latest: u64) -> Option<Enrolled> {
        let mut queue = self.enrolled.borrow_mut();
        let at = queue.iter().position(|each| each.next_step <= latest)?;
        queue.remove(at)
    }
}

impl Workload for AppSignIn {
    type State = ();

    async fn prepare(&self, connection: &mut Connection, _: usize) -> Result<()> {
        if self.enrolled.borrow().is_empty() {
            for person in self.application.directory.with_app() {
                let made = self.enrol(connection, person).await?;
                self.enrolled.borrow_mut().push_back(made);
            }
        }
        Ok(())
    }

    async fn step(&self, connection: &mut Connection, (): &mut ()) -> Result<bool> {
        let mut who = self.next().await?;
        let person = self.application.directory.person(who.person);
        let step = who.next_step.max(step_now()? - 1);
        who.next_step = step;
        let mut face = self.application.face(connection);
        let credentials = [("username", &*person.email), ("password", &*person.password)];
        let done = match face.step(&credentials).await? {
            Outcome::Shed => false,
            Outcome::Code => bail!("a password alone signed in somebody with an app"),
            Outcome::Asked(_) => {
                who.next_step = step + 1;
                let code = totp(&who.secret, step)?;
                face.done(&[("method", "totp"), ("code", &code)]).await?
            }
        };
        self.enrolled.borrow_mut().push_back(who);
        Ok(done)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the apps of a run show the codes of now"
)]
fn step_now() -> Result<u64> {
    Ok(totp_step(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs()))
}
