//! An answer of the server, read to its end, and the forms of a page.

use http::{HeaderMap, StatusCode};
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use url::Url;

use crate::BASE;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The path and query that it answers.
    pub path: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; bytes that are not UTF-8 are replaced.
    pub body: String,
}

/// A form of a page, filled in as the page came.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it is posted to.
    pub action: String,
    /// Its hidden, prefilled and ticked fields, in order.
    pub fields: Vec<(String, String)>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {} of {}: {}", self.status, self.path, self.body))
    }

    /// A header as text; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The error code of an OAuth answer.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// The status and the error code, to compare both at once.
    pub fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.error())
    }

    /// Where it redirects to.
    pub fn location(&self) -> Option<Url> {
        let base = Url::parse(BASE).unwrap();
        let text = self.headers.get(http::header::LOCATION)?.to_str().unwrap();
        Some(base.join(text).unwrap())
    }

    /// A parameter of the authorization response: in the query or fragment of the redirect, or in the form posted.
    pub fn param(&self, name: &str) -> Option<String> {
        let found = |pairs: form_urlencoded::Parse<'_>| {
            pairs
                .into_owned()
                .find_map(|(key, value)| (key == name).then_some(value))
        };
        match self.location() {
            Some(url) => found(url.query_pairs())
                .or_else(|| found(form_urlencoded::parse(url.fragment().unwrap_or("").as_bytes()))),
            None => self
                .forms()
                .into_iter()
                .flat_map(|form| form.fields)
                .find_map(|(key, value)| (key == name).then_some(value)),
        }
    }

    /// The code of the authorization response.
    pub fn code(&self) -> String {
        let code = self.param("code");
        code.unwrap_or_else(|| {
            panic!(
                "no code in {} {:?} {}",
                self.status,
                self.location().map(String::from),
                self.body
            )
        })
    }

    /// The page's forms.
    pub fn forms(&self) -> Vec<Form> {
        let page = Html::parse_document(&self.body);
        let select = |text| Selector::parse(text).unwrap();
        page.select(&select("form"))
            .map(|form| Form {
                action: form.attr("action").unwrap_or_default().to_owned(),
                fields: form.select(&select("input[name]")).filter_map(field).collect(),
            })
            .collect()
    }

    /// The form that is posted to an address ending in `action`.
    pub fn form(&self, action: &str) -> Form {
        self.forms()
            .into_iter()
            .find(|form| form.action.ends_with(action))
            .unwrap_or_else(|| {
                panic!(
                    "no form `{action}` in {} {}: {}",
                    self.status, self.path, self.body
                )
            })
    }

    /// The value that the page gave the first field with this name.
    pub fn field(&self, name: &str) -> Option<String> {
        let fields = self.forms().into_iter().flat_map(|form| form.fields);
        fields
            .into_iter()
            .find_map(|(field, value)| (field == name).then_some(value))
    }

    /// The value of `attribute` of the first element that `selector` finds.
    pub fn attribute(&self, selector: &str, attribute: &str) -> Option<String> {
        let page = Html::parse_document(&self.body);
        let found = page.select(&Selector::parse(selector).unwrap()).next()?;
        found.attr(attribute).map(str::to_owned)
    }

    /// The page's words, white space folded.
    pub fn words(&self) -> String {
        let text = self.text();
        text.split_whitespace().collect::<Vec<&str>>().join(" ")
    }

    /// The page's text between tags.
    pub fn text(&self) -> String {
        Html::parse_document(&self.body).root_element().text().collect()
    }
}

fn field(input: ElementRef<'_>) -> Option<(String, String)> {
    let is_box = matches!(input.attr("type"), Some("checkbox" | "radio"));
    if is_box && input.attr("checked").is_none() {
        return None;
    }
    let value = input.attr("value").unwrap_or(if is_box { "on" } else { "" });
    Some((input.attr("name")?.to_owned(), value.to_owned()))
}
