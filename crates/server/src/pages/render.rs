//! Runs templates: escaping, translation and bounds that no template can switch off.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use authflow_types::Timestamp;
use axum::response::Response;
use http::StatusCode;
use minijinja::value::{Enumerator, Kwargs, Object, Serde, Value, from_args};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind as Kind, Output, State, UndefinedBehavior, context,
};
use thiserror::Error as ThisError;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::i18n::{Arg, Catalogues, printable};
use super::{Locale, PageContext, View, brand, icons, marks, response};

/// Work a single page may cost, in instructions and 64-byte pieces; the largest page of the tests needs a tenth.
const FUEL: u64 = 400_000;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// Every template, compiled in.
        pub(super) const TEMPLATES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../templates/", $name)))),*];
    };
}

templates![
    "_base.html",
    "_foot.html",
    "_passkey.html",
    "_ui.html",
    "account.html",
    "account/activity.html",
    "account/applications.html",
    "account/connections.html",
    "account/data.html",
    "account/identifiers.html",
    "account/passkey_offer.html",
    "account/passkeys.html",
    "account/password.html",
    "account/phones.html",
    "account/profile.html",
    "account/sessions.html",
    "account/second_factors.html",
    "check_mail.html",
    "claim.html",
    "code.html",
    "connect.html",
    "connect_code.html",
    "confirm_link.html",
    "consent.html",
    "dev_demo.html",
    "dev_outbox.html",
    "dev_outbox_mail.html",
    "error.html",
    "form_post.html",
    "link_code.html",
    "invitation.html",
    "mail/mail.html",
    "mail/mail.txt",
    "message.html",
    "new_password.html",
    "passkey_set_up.html",
    "phone_code.html",
    "proof_code.html",
    "proof_of_work.html",
    "rate_limited.html",
    "recover.html",
    "recover_sent.html",
    "recovery_codes.html",
    "second_factor.html",
    "select_account.html",
    "sign_in.html",
    "sign_in_link.html",
    "sign_out.html",
    "sign_up.html",
    "signed_out.html",
    "totp_set_up.html",
    "verify_email.html",
];

/// A template could not be run: a mistake in this program, never of a visitor.
#[derive(Debug, ThisError)]
pub enum RenderError {
    /// A template does not parse.
    #[error("a page template is malformed")]
    Template(#[source] Error),
    /// A template failed on this view.
    #[error("a page could not be rendered")]
    Page(#[source] Error),
}

/// All templates and catalogues, ready to render. One per process; cheap to share.
pub struct Pages {
    templates: Environment<'static>,
    pub(super) catalogues: Arc<Catalogues>,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

impl Pages {
    /// Compiles the templates.
    ///
    /// # Errors
    /// [`RenderError::Template`] if a template does not parse; a test keeps that from being shipped.
    pub fn new() -> Result<Self, RenderError> {
        let mut templates = Environment::new();
        templates.set_auto_escape_callback(escape_mode);
        templates.set_formatter(write_escaped);
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_fuel(Some(FUEL));
        templates.set_recursion_limit(40);
        templates.add_function("icon", icon);
        templates.add_function("iso", |at: i64| rfc3339(at));
        templates.add_filter("initials", |name: &str| brand::initials(name));
        templates.add_filter("linkify", linkify);
        templates.add_filter("bidi", |text: &str| printable(text));
        for (name, source) in TEMPLATES {
            templates
                .add_template(name, source)
                .map_err(RenderError::Template)?;
        }
        Ok(Self {
            templates,
            catalogues: Arc::default(),
        })
    }

    /// The HTML of a page.
    ///
    /// A failure is logged and shown as a plain sentence; use [`Pages::try_render`] to see it.
    pub fn render<V: View>(&self, view: &V, cx: &PageContext) -> String {
        self.try_render(view, cx).unwrap_or_else(|_| FALLBACK.to_owned())
    }

    /// The HTML of a page.
    ///
    /// # Errors
    /// [`RenderError::Page`] if the template failed.
    pub fn try_render<V: View>(&self, view: &V, cx: &PageContext) -> Result<String, RenderError> {
        let page = Value::from(Serde(cx.data()));
        self.run(V::TEMPLATE, Value::from(Serde(view)), page, cx.locale, cx.now)
            .inspect_err(|error| {
                tracing::error!(
                    template = V::TEMPLATE,
                    error = error as &dyn std::error::Error,
                    "a page failed"
                );
            })
    }

    /// The whole answer: page, status and the headers of security.md.
    pub fn respond<V: View>(&self, status: StatusCode, view: &V, cx: &PageContext) -> Response {
        let policy = view.policy();
        match self.try_render(view, cx) {
            Ok(html) => response::page(status, html, &policy, cx),
            Err(_) => response::page(
                StatusCode::INTERNAL_SERVER_ERROR,
                FALLBACK.to_owned(),
                &policy,
                cx,
            ),
        }
    }

    /// The text of a message in a language; for what is not a page.
    pub fn text(&self, locale: Locale, key: &str) -> String {
        self.catalogues.text(locale, key, &[])
    }

    pub(super) fn say(&self, locale: Locale, key: &str, name: &'static str, value: &str) -> String {
        self.catalogues
            .text(locale, key, &[(Cow::from(name), Arg::Text(value.to_owned()))])
    }

    pub(super) fn date(&self, at: Timestamp, locale: Locale) -> String {
        date(&self.catalogues, locale, at.as_micros())
    }

    pub(super) fn run(
        &self,
        template: &str,
        view: Value,
        page: Value,
        locale: Locale,
        now: Timestamp,
    ) -> Result<String, RenderError> {
        let speak = |how| {
            Value::from_object(Speaker {
                catalogues: Arc::clone(&self.catalogues),
                locale,
                now,
                how,
            })
        };
        let root = context! {
            view,
            page,
            t => speak(How::Plain),
            rich => speak(How::Rich),
            msg => speak(How::Message),
            known => speak(How::Known),
            ago => speak(How::Ago),
            date => speak(How::Date),
        };
        self.templates
            .get_template(template)
            .and_then(|t| t.render(root))
            .map_err(RenderError::Page)
    }
}

const FALLBACK: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Error</title></head>\
    <body><main><h1>Something went wrong</h1><p>Please go back and try again.</p></main></body></html>\n";

/// Text mails are text; whatever else there is, or will be, is HTML.
fn escape_mode(name: &str) -> AutoEscape {
    if name.strip_suffix(".txt").is_some() {
        AutoEscape::None
    } else {
        AutoEscape::Html
    }
}

/// Writes a value: escaped, unless it is markup made here.
///
/// Differs from the engine's own escaping in leaving `/` alone, so that addresses in attributes stay legible.
fn write_escaped(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return Ok(());
    }
    if value.is_undefined() {
        return Err(Error::from(Kind::UndefinedError));
    }
    let text = value.to_string();
    let raw = value.is_safe() || matches!(state.auto_escape(), AutoEscape::None);
    let text = if raw {
        Cow::Borrowed(text.as_str())
    } else {
        Cow::Owned(escape(&text))
    };
    out.write_str(&text).map_err(Error::from)
}

/// HTML text or attribute value.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

fn icon(name: &str) -> Result<Value, Error> {
    icons::svg(name)
        .or_else(|| marks::svg(name))
        .map(Value::from_safe_string)
        .ok_or_else(|| Error::new(Kind::InvalidOperation, format!("no icon `{name}`")))
}

fn rfc3339(at: i64) -> String {
    moment(at).format(&Rfc3339).unwrap_or_default()
}

pub(super) fn moment(at: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// "2 March 2026", by UTC.
fn date(catalogues: &Catalogues, locale: Locale, at: i64) -> String {
    let day = moment(at);
    let month = catalogues.text(locale, &format!("month-{}", u8::from(day.month())), &[]);
    let args = [
        (Cow::from("day"), Arg::Text(day.day().to_string())),
        (Cow::from("month"), Arg::Text(month)),
        (Cow::from("year"), Arg::Text(day.year().to_string())),
    ];
    catalogues.text(locale, "date", &args)
}

/// Text with its web addresses as links; everything is escaped.
fn linkify(text: &str) -> Value {
    let mut html = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(start) = rest
        .find("http://")
        .into_iter()
        .chain(rest.find("https://"))
        .min()
    {
        let (before, found) = rest.split_at(start);
        let end = found
            .find(|c: char| c.is_whitespace() || "<>\"'".contains(c))
            .unwrap_or(found.len());
        let (address, after) = found.split_at(end);
        let (safe, shown) = (escape(address), escape(address));
        let _ = write!(
            html,
            "{}<a href=\"{safe}\" target=\"_top\">{shown}</a>",
            escape(before)
        );
        rest = after;
    }
    html.push_str(&escape(rest));
    Value::from_safe_string(html)
}

/// How a [`Speaker`] turns its arguments into words.
#[derive(Clone, Copy, Debug)]
enum How {
    /// `t("key", name=value)`: plain text.
    Plain,
    /// `rich("key", name=value)`: markup; values stand out, values that are markup already stay so.
    Rich,
    /// `msg(message)`: the text of a serialised message.
    Message,
    /// `known("key")`: whether there is such a message.
    Known,
    /// `ago(micros)`: "5 minutes ago".
    Ago,
    /// `date(micros)`: "2 March 2026".
    Date,
}

/// A function of the templates that speaks the page's language.
struct Speaker {
    catalogues: Arc<Catalogues>,
    locale: Locale,
    now: Timestamp,
    how: How,
}

impl fmt::Debug for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Speaker")
            .field("locale", &self.locale)
            .field("how", &self.how)
            .finish_non_exhaustive()
    }
}

impl Object for Speaker {
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        match self.how {
            How::Plain => {
                let (key, values): (&str, Kwargs) = from_args(args)?;
                Ok(Value::from(self.catalogues.text(
                    self.locale,
                    key,
                    &plain(&values)?,
                )))
            }
            How::Rich => {
                let (key, values): (&str, Kwargs) = from_args(args)?;
                self.rich(key, &values)
            }
            How::Message => {
                let (message,): (&Value,) = from_args(args)?;
                self.message(message)
            }
            How::Known => {
                let (key,): (&str,) = from_args(args)?;
                Ok(Value::from(self.catalogues.has(Locale::En, key)))
            }
            How::Ago => {
                let (at,): (i64,) = from_args(args)?;
                Ok(Value::from(self.ago(at)))
            }
            How::Date => {
                let (at,): (i64,) = from_args(args)?;
                Ok(Value::from(self.date(at)))
            }
        }
    }
}

/// Private-use characters that stand for values while a sentence is put together.
const PLACES: std::ops::Range<u32> = 0xE000..0xE020;

impl Speaker {
    /// A sentence as markup. The sentence and its values are escaped; values become `<strong>`, unless they are markup.
    fn rich(&self, key: &str, values: &Kwargs) -> Result<Value, Error> {
        let mut args = Vec::new();
        let mut markup = Vec::new();
        for (name, place) in values.args().zip(PLACES) {
            let value: Value = values.get(name)?;
            if let Some(number) = value.as_i64() {
                args.push((Cow::from(name), Arg::Number(number)));
                continue;
            }
            let place = char::from_u32(place).unwrap_or(char::REPLACEMENT_CHARACTER);
            let text = value.to_string();
            let html = if value.is_safe() {
                text
            } else {
                format!("<strong><bdi>{}</bdi></strong>", escape(&printable(&text)))
            };
            args.push((Cow::from(name), Arg::Text(place.to_string())));
            markup.push((place, html));
        }
        let sentence = escape(&self.catalogues.text(self.locale, key, &args));
        let mut html = String::with_capacity(sentence.len() * 2);
        for c in sentence.chars() {
            match markup.iter().find(|(place, _)| *place == c) {
                Some((_, value)) => html.push_str(value),
                None => html.push(c),
            }
        }
        Ok(Value::from_safe_string(html))
    }

    fn message(&self, message: &Value) -> Result<Value, Error> {
        let key = message.get_attr("key")?;
        let numbers = message.get_attr("args")?;
        let mut args = Vec::new();
        for name in numbers.try_iter()? {
            let number = numbers.get_item(&name)?.as_i64().unwrap_or_default();
            args.push((Cow::from(name.to_string()), Arg::Number(number)));
        }
        Ok(Value::from(self.catalogues.text(
            self.locale,
            key.as_str().unwrap_or_default(),
            &args,
        )))
    }

    /// How long ago something was, up to a month; then its date. What lies ahead by clock differences is "just now".
    fn ago(&self, at: i64) -> String {
        let seconds = self.now.as_micros().saturating_sub(at) / 1_000_000;
        let say = |key, count| {
            self.catalogues
                .text(self.locale, key, &[(Cow::from("count"), Arg::Number(count))])
        };
        match seconds {
            ..60 => self.catalogues.text(self.locale, "ago-now", &[]),
            60..3600 => say("ago-minutes", seconds / 60),
            3600..86_400 => say("ago-hours", seconds / 3600),
            86_400..2_592_000 => say("ago-days", seconds / 86_400),
            _ => self.date(at),
        }
    }

    fn date(&self, at: i64) -> String {
        date(&self.catalogues, self.locale, at)
    }
}

fn plain(values: &Kwargs) -> Result<Vec<(Cow<'_, str>, Arg)>, Error> {
    values
        .args()
        .map(|name| {
            let value: Value = values.get(name)?;
            let arg = value
                .as_i64()
                .map_or_else(|| Arg::Text(value.to_string()), Arg::Number);
            Ok((Cow::from(name), arg))
        })
        .collect()
}
