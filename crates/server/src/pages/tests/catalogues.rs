//! Every text is there in every language, and nothing else is.

use super::mails::mails;
use super::*;

/// Each message with the names of its placeables: a line-based reading, independent of the parser in use.
fn messages(locale: Locale) -> Vec<(String, BTreeSet<String>)> {
    let mut all: Vec<(String, BTreeSet<String>)> = Vec::new();
    for line in locale.source().lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line
            .split_once(" = ")
            .filter(|_| line.starts_with(|c: char| c.is_alphabetic()))
        {
            all.push((key.to_owned(), BTreeSet::new()));
        }
        for piece in line.split("{ $").skip(1) {
            let name = piece.split_whitespace().next().unwrap_or_default();
            all.last_mut().unwrap().1.insert(name.to_owned());
        }
    }
    all
}

#[test]
fn all_languages_have_the_same_messages_with_the_same_placeables() {
    let english = messages(Locale::En);
    assert!(
        english.len() > 250,
        "the catalogue was not read: {}",
        english.len()
    );
    for locale in Locale::ALL {
        let other = messages(locale);
        let keys: Vec<_> = other.iter().map(|(key, _)| key).collect();
        assert_eq!(
            keys,
            english.iter().map(|(key, _)| key).collect::<Vec<_>>(),
            "{}",
            locale.tag()
        );
        for (theirs, ours) in other.iter().zip(&english) {
            assert_eq!(theirs, ours, "{}", locale.tag());
        }
        let parsed = fluent_bundle::FluentResource::try_new(locale.source().to_owned());
        assert!(parsed.is_ok(), "{}: {:?}", locale.tag(), parsed.err());
        let unique: BTreeSet<_> = keys.iter().collect();
        assert_eq!(unique.len(), keys.len(), "{} has a key twice", locale.tag());
    }
}

#[test]
fn other_languages_are_translated() {
    let english = Locale::En
        .source()
        .lines()
        .filter(|line| line.contains(" = ") && line.len() > 40);
    let english: BTreeSet<_> = english.collect();
    for locale in Locale::ALL.into_iter().skip(1) {
        let same: Vec<_> = locale
            .source()
            .lines()
            .filter(|line| english.contains(line))
            .collect();
        assert!(same.is_empty(), "{}: {same:#?}", locale.tag());
    }
}

/// Removes everything between two marks, marks included.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once(open) {
        out.push_str(before);
        out.push(' ');
        rest = inside.split_once(close).map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

fn markup_only(source: &str) -> String {
    let text = without(source, "{#", "#}");
    let text = without(&text, "{%", "%}");
    let text = without(&text, "{{", "}}");
    without(&without(&text, "<style", "</style>"), "<script", "</script>")
}

#[test]
fn templates_have_no_words_of_their_own() {
    for (name, source) in TEMPLATES {
        let text = markup_only(source);
        let words = without(&text, "<", ">");
        let found = words.chars().any(char::is_alphabetic);
        assert!(
            !found,
            "{name} has text that is not in the catalogues: {}",
            words.trim()
        );
        for attribute in ["alt=\"", "title=\"", "aria-label=\"", "placeholder=\""] {
            for value in text.split(attribute).skip(1) {
                let value = value.split('"').next().unwrap_or_default();
                assert!(
                    value.trim().is_empty(),
                    "{name} has a literal {attribute}{value}\""
                );
            }
        }
    }
}

/// Keys written literally in templates: the first argument of `t`, `rich` and `known`.
fn keys_in_templates() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (_, source) in TEMPLATES {
        for call in ["t(\"", "rich(\"", "known(\""] {
            for found in source.split(call).skip(1) {
                let (key, after) = found.split_once('"').unwrap();
                if !after.starts_with(" ~") {
                    keys.insert(key.to_owned());
                }
            }
        }
    }
    keys
}

#[test]
fn every_key_in_use_has_a_text_and_every_text_is_used() {
    let mut used = keys_in_templates();
    used.extend(Message::samples().into_iter().map(|m| m.key().to_owned()));
    for kind in ErrorKind::samples() {
        used.extend(["title", "what", "do"].map(|part| format!("{}-{part}", kind.key())));
    }
    for kind in MessageKind::samples() {
        used.extend(["title", "body"].map(|part| format!("{}-{part}", kind.key())));
    }
    used.extend(
        [
            "ago-now",
            "ago-minutes",
            "ago-hours",
            "ago-days",
            "date",
            "sms-code",
            "sms-test",
            "mail-minutes",
            "mail-hours",
            "mail-days",
            "mail-moment",
            "mail-code-expires",
            "mail-link-expires",
        ]
        .map(str::to_owned),
    );
    used.extend(mails().iter().flat_map(MailContent::keys));
    used.extend(
        [
            "password",
            "passkey",
            "totp",
            "recovery-codes",
            "phone",
            "provider",
        ]
        .map(|factor| format!("mail-factor-{factor}")),
    );
    for method in [
        "totp",
        "recovery-code",
        "email-code",
        "sms-code",
        "password",
        "passkey",
    ] {
        used.extend(["lede", "use"].map(|part| format!("second-{part}-{method}")));
    }
    used.extend(["email-code", "link", "sms-code"].map(|method| format!("sign-in-with-{method}")));
    used.insert("sign-in-with".to_owned());
    used.extend((1..=12).map(|month| format!("month-{month}")));
    for scope in ["openid", "profile", "email", "address", "phone", "offline_access"] {
        used.extend(["", "-detail", "-short"].map(|part| format!("scope-{scope}{part}")));
    }
    let known: BTreeSet<_> = messages(Locale::En).into_iter().map(|(key, _)| key).collect();
    // Families of texts that sections of the account pages choose from by name.
    let families = ["account-nav-", "activity-", "identifier-kind-", "link-"];
    let chosen = known
        .iter()
        .filter(|key| families.iter().any(|family| key.starts_with(family)));
    used.extend(chosen.cloned());
    assert_eq!(
        used.difference(&known).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "keys without text"
    );
    assert_eq!(
        known.difference(&used).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "texts without use"
    );
}
