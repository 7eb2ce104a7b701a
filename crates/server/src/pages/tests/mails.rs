//! Mails: every one in every language, in both parts.

use super::*;

pub(super) fn mails() -> Vec<MailContent> {
    let samples = crate::mail::Mail::samples();
    (samples.iter())
        .map(|mail| mail.content_at("https://id.example.com/account"))
        .collect()
}

#[test]
fn mails_escape_html_and_leave_text_alone() {
    let pages = Pages::new().unwrap();
    let mail = MailContent::new("invitation")
        .value("inviter", MailValue::Name("Tom & <b>Jerry</b>".to_owned()))
        .value("into", MailValue::Name("Acme".to_owned()))
        .link("https://id.example.com/verify?token=a&b=c")
        .expires(15);
    let brand = Brand::new(Branding {
        name: "Acme\r\nBcc: x".to_owned(),
        ..Branding::default()
    });
    let rendered = pages.mail(&mail, "tom@example.com", &brand, Locale::En).unwrap();
    assert_eq!(rendered.subject, "Tom & <b>Jerry< b> invites you to Acme");
    let link = "\nhttps://id.example.com/verify?token=a&b=c\n";
    assert!(rendered.text.contains(link), "{}", rendered.text);
    assert!(
        rendered
            .text
            .contains("AcmeBcc: x sent this mail to tom@example.com.")
    );
    assert!(
        rendered
            .html
            .contains("href=\"https://id.example.com/verify?token=a&amp;b=c\"")
    );
    assert!(rendered.html.contains("Tom &amp; &lt;b&gt;"));
}

#[test]
fn every_mail_speaks_every_language_in_both_parts() {
    let pages = Pages::new().unwrap();
    let brand = Brand::new(Branding {
        name: "Acme".to_owned(),
        ..Branding::default()
    });
    for locale in Locale::ALL {
        for mail in mails() {
            let rendered = pages.mail(&mail, "tom@example.com", &brand, locale).unwrap();
            for part in [&rendered.subject, &rendered.text, &rendered.html] {
                assert!(!part.contains("mail-"), "{locale:?}: {part}");
                assert!(
                    !part.contains("{ $") && !part.contains("None"),
                    "{locale:?}: {part}"
                );
            }
            assert!(!rendered.subject.contains('\n') && rendered.subject.chars().count() < 78);
            assert!(rendered.html.len() < 16 * 1024, "{}", rendered.html.len());
            let long = rendered.text.lines().find(|line| line.len() > 900);
            assert_eq!(long, None);
        }
    }
}

#[test]
fn a_tenant_says_subject_and_first_words_itself() {
    let pages = Pages::new().unwrap();
    let texts = MailTexts {
        subject: Some("{code}: dein Code\r\nBcc: x".to_owned()),
        intro: Some("Hallo <b>{email}</b>".to_owned()),
    };
    let own = BrandTexts {
        mails: [("email_code".to_owned(), texts)].into(),
        ..BrandTexts::default()
    };
    let brand = Brand::new(Branding {
        name: "Acme".to_owned(),
        texts: [(Locale::De, own)].into(),
        ..Branding::default()
    });
    let mail = MailContent::new("email_code").code(Some("123456")).expires(10);
    let german = pages.mail(&mail, "a@b.example", &brand, Locale::De).unwrap();
    assert_eq!(german.subject, "123456: dein CodeBcc: x");
    assert!(german.html.contains("Hallo &lt;b&gt;a@b.example&lt;/b&gt;"));
    assert!(german.text.contains("Hallo <b>a@b.example</b>"));
    let english = pages.mail(&mail, "a@b.example", &brand, Locale::En).unwrap();
    assert_eq!(english.subject, "123456 is your code for Acme");
}
