//! An end user of the hosted pages: cookies, redirects, the forms of pages.

use crate::http::{Connection, form, get, post};
use anyhow::{Context, Result, bail};

/// Who signs in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// One browser at one host.
pub(crate) struct Visitor<'a> {
    connection: &'a mut Connection,
    host: String,
    cookies: Vec<(String, String)>,
}

/// Where a request led.
pub(crate) enum Arrival {
    /// A page to be answered.
    Page { path: String, html: String },
    /// An address at the client.
    Client(String),
    /// The server has no capacity now.
    Shed,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(connection: &'a mut Connection, host: &str) -> Self {
        Self {
            connection,
            host: host.to_owned(),
            cookies: Vec::new(),
        }
    }

    /// The `Cookie` header.
    pub(crate) fn cookie(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// Sends one request and follows its redirects as far as the client or a page.
    pub(crate) async fn visit(&mut self, path: &str, body: Option<&str>) -> Result<Arrival> {
        let (mut path, mut body) = (path.to_owned(), body.map(str::to_owned));
        for _ in 0..8 {
            let cookie = self.cookie();
            let origin = format!("http://{}", self.host);
            let bytes = match &body {
                Some(body) => {
                    let headers = [
                        ("cookie", &*cookie),
                        ("origin", &*origin),
                        ("sec-fetch-site", "same-origin"),
                    ];
                    post(&self.host, &path, &headers, body)
                }
                None => get(&self.host, &path, &[("cookie", &cookie), ("accept", "text/html")]),
            };
            let answer = self.connection.send(&bytes).await?;
            let (status, html) = (answer.status, answer.text());
            let next = if matches!(status, 301..=308) {
                Some(answer.location()?)
            } else {
                None
            };
            let set = answer.headers("set-cookie");
            self.store(&set);
            match next {
                None if status == 503 => return Ok(Arrival::Shed),
                None if status == 200 => return Ok(Arrival::Page { path, html }),
                None => bail!(
                    "`{path}` answered {status}: {}",
                    html.chars().take(400).collect::<String>()
                ),
                Some(next) => match self.local(&next) {
                    Some(local) => (path, body) = (local, None),
                    None => return Ok(Arrival::Client(next)),
                },
            }
        }
        bail!("too many redirects, last to `{path}`")
    }

    /// Posts a form and gives the JSON that answers it.
    pub(crate) async fn json(&mut self, path: &str, body: &str) -> Result<serde_json::Value> {
        let cookie = self.cookie();
        let headers = [("cookie", &*cookie), ("sec-fetch-site", "same-origin")];
        let answer = self
            .connection
            .send(&post(&self.host, path, &headers, body))
            .await?;
        answer.expect(200)?;
        Ok(serde_json::from_slice(answer.body)?)
    }

    /// Signs in on the page at `path` and ends wherever that leads.
    pub(crate) async fn sign_in(&mut self, path: &str, person: &Person) -> Result<()> {
        let Arrival::Page { path, html } = self.visit(path, None).await? else {
            bail!("`{path}` is no page");
        };
        match self.answer(&path, &html, person).await? {
            Arrival::Page { .. } => Ok(()),
            _ => bail!("`{path}` did not sign in"),
        }
    }

    fn local(&self, location: &str) -> Option<String> {
        let origin = format!("http://{}", self.host);
        let rest = location.strip_prefix(&origin).unwrap_or(location);
        rest.starts_with('/').then(|| rest.to_owned())
    }

    fn store(&mut self, headers: &[String]) {
        for header in headers {
            let pair = header.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.retain(|(known, _)| known != name);
                if !value.is_empty() {
                    self.cookies.push((name.to_owned(), value.to_owned()));
                }
            }
        }
    }

    /// Answers sign-in and consent pages until the browser is at the client; gives that address, or None when shed.
    pub(crate) async fn authorize(&mut self, path: &str, person: &Person) -> Result<Option<String>> {
        let mut arrival = self.visit(path, None).await?;
        for _ in 0..4 {
            match arrival {
                Arrival::Client(url) => return Ok(Some(url)),
                Arrival::Shed => return Ok(None),
                Arrival::Page { path, html } => arrival = self.answer(&path, &html, person).await?,
            }
        }
        bail!("the flow did not end at the client")
    }

    async fn answer(&mut self, path: &str, html: &str, person: &Person) -> Result<Arrival> {
        let page = main_form(html).with_context(|| format!("no form on `{path}`: {html}"))?;
        let mut fields: Vec<(&str, &str)> = page
            .given
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        if page.asks_password {
            fields.extend([("identifier", &*person.email), ("password", &*person.password)]);
        } else if let Some((name, value)) = &page.button {
            fields.push((name, value));
        }
        let action = page.action.as_deref().unwrap_or(path);
        self.visit(action, Some(&form(&fields))).await
    }
}

struct PageForm {
    action: Option<String>,
    /// Hidden fields and ticked boxes: what the form sends as it stands.
    given: Vec<(String, String)>,
    asks_password: bool,
    /// The first submit button that has a name.
    button: Option<(String, String)>,
}

fn forms(html: &str) -> impl Iterator<Item = &str> {
    html.split("<form")
        .skip(1)
        .filter_map(|rest| rest.split("</form>").next())
}

/// Address and fields, as they stand, of the form that goes to this path.
pub(crate) fn form_to(html: &str, path: &str) -> Option<(String, String)> {
    let found = forms(html).map(parse).find(|form| {
        form.action
            .as_deref()
            .is_some_and(|action| action.split('?').next().unwrap_or_default().ends_with(path))
    })?;
    let fields: Vec<(&str, &str)> = found
        .given
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Some((found.action?, form(&fields)))
}

/// The form of the page that asks for a password, else the first that is posted.
fn main_form(html: &str) -> Option<PageForm> {
    let forms: Vec<&str> = forms(html).collect();
    let posted = |form: &&&str| {
        form.split('>')
            .next()
            .is_some_and(|tag| tag.to_ascii_lowercase().contains("method=\"post\""))
    };
    let form = forms
        .iter()
        .filter(posted)
        .find(|form| form.contains("current-password"))
        .or_else(|| forms.iter().find(|form| posted(form)))?;
    Some(parse(form))
}

/// What stands between `<form` and its end.
fn parse(form: &str) -> PageForm {
    let tags = |name: &str| -> Vec<String> {
        form.split(&format!("<{name}"))
            .skip(1)
            .filter_map(|rest| rest.split('>').next().map(str::to_owned))
            .collect()
    };
    let named = |tag: &String| {
        Some((
            attribute(tag, "name")?,
            attribute(tag, "value").unwrap_or_default(),
        ))
    };
    PageForm {
        action: form.split('>').next().and_then(|tag| attribute(tag, "action")),
        given: tags("input")
            .iter()
            .filter(|tag| tag.contains("type=\"hidden\"") || tag.contains(" checked"))
            .filter_map(named)
            .collect(),
        asks_password: form.contains("current-password"),
        button: tags("button").iter().find_map(named),
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag.get(start..)?.split('"').next()?;
    let unescaped = [
        ("&#x2f;", "/"),
        ("&#47;", "/"),
        ("&#x27;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ]
    .iter()
    .fold(value.to_owned(), |text, (from, to)| text.replace(from, to));
    Some(unescaped.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn main_form_is_the_one_that_asks_for_a_password() {
        let html = r#"<form method="post" action="/language"><input type="hidden" name="a" value="1"></form>
            <form class="x" method="post" action="&#x2f;sign-in?a=1&amp;b=2"><input type="hidden" name="csrf" value="c&amp;d"><input type="checkbox" name="scope" value="email" checked>
            <input type="password" name="password" autocomplete="current-password"><button name="go" value="1">Sign in</button></form>"#;
        let form = main_form(html).unwrap();
        assert_eq!(form.action.as_deref(), Some("/sign-in?a=1&b=2"));
        let given =
            [("csrf", "c&d"), ("scope", "email")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(form.given, given);
        assert_eq!(form.button, Some(("go".to_owned(), "1".to_owned())));
        assert!(form.asks_password);
    }
}
