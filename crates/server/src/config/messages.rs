//! Settings of mail and text messages.

use std::path::PathBuf;
use std::time::Duration;

use super::error::ConfigError;
use super::section::section;
use super::url::HttpUrl;
use super::value::{MailTls, MailTransport, Secret, SmsProvider};

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

section! {
    /// Mail to users: links, codes, notices. `authflow mail test --to ADDR` shows whether it arrives.
    Mail {
        /// What becomes of mail: `smtp` sends it, `captured` keeps it for `/dev/outbox`, `none` drops it.
        transport: MailTransport = MailTransport::None;
        /// The sender's address, also the envelope's: where failures are reported to.
        from: String = "no-reply@localhost".to_owned();
        /// The sender's name. When not set, the tenant's.
        from_name: Option<String> = None;
        /// Where answers go, if not to the sender.
        reply_to: Option<String> = None;
    }
    below {
        smtp: Smtp;
    }
}

section! {
    /// The server that takes mail (RFC 5321, submission after RFC 6409).
    Smtp {
        /// Its name; its certificate must be for this name.
        host: Option<String> = None;
        /// Its port; `0` takes 587 for `starttls`, 465 for `implicit`, 25 for `none`.
        port: u32 = 0, 0 => 65_535;
        /// How the connection is protected: `starttls` (a server that does not offer it gets nothing), `implicit`
        /// (RFC 8314), or `none`, which sends links and codes in clear text.
        tls: MailTls = MailTls::Starttls;
        /// Who signs in at the server. When not set, nobody does.
        username: Option<String> = None;
        /// With which password.
        password: Option<Secret> = None;
        /// PEM file of the authorities that may vouch for the server, instead of the system's.
        ca_file: Option<PathBuf> = None;
        /// How this installation introduces itself. When not set, the host of `base_url`.
        hello_name: Option<String> = None;
        /// How long connecting, and each answer of the server, may take.
        timeout: Duration = seconds(15), seconds(1) => seconds(40);
        /// Most connections at a time; they are used again while mail keeps coming.
        max_connections: u32 = 4, 1 => 64;
        /// A connection that nobody uses is closed after so long.
        idle_timeout: Duration = seconds(30), seconds(1) => Duration::from_mins(10);
    }
}

section! {
    /// Text messages to users' phones: codes. Each costs money, and thieves have them sent to numbers that they earn by:
    /// nothing is sent before countries are named, and never to premium or shared-cost numbers.
    Sms {
        /// Who delivers them: `twilio`, `vonage`, `sns`, `http`; `captured` keeps them for `/dev/outbox`, `none` refuses.
        provider: SmsProvider = SmsProvider::None;
        /// The sender that phones show: a number such as `+4915112345678`, or up to 11 letters and digits where the
        /// country allows it.
        sender: Option<String> = None;
        /// Countries whose numbers may receive, by ISO 3166 code such as `DE`; `*` is all. Tenants may allow fewer.
        countries: Vec<String> = Vec::new();
        /// Most messages to one number in an hour.
        per_recipient: u32 = 5, 1 => 1000;
        /// Most messages that one source (an address prefix, see `limits`) may have sent in an hour.
        per_source: u32 = 20, 1 => 100_000;
        /// Most messages of one tenant in a day (UTC). Tenants may set a lower number.
        per_tenant: u32 = 1000, 1 => 100_000_000;
    }
    below {
        twilio: Twilio;
        vonage: Vonage;
        sns: Sns;
        http: SmsHttp;
    }
}

section! {
    /// Twilio's Messaging API.
    Twilio {
        /// The account, `AC...`.
        account_sid: Option<String> = None;
        /// Its token.
        auth_token: Option<Secret> = None;
        /// A messaging service, `MG...`, in place of `sms.sender`.
        messaging_service: Option<String> = None;
        /// Where the API is.
        base_url: Option<HttpUrl> = None;
    }
}

section! {
    /// Vonage's SMS API.
    Vonage {
        /// The key.
        api_key: Option<String> = None;
        /// Its secret.
        api_secret: Option<Secret> = None;
        /// Where the API is.
        base_url: Option<HttpUrl> = None;
    }
}

section! {
    /// Amazon SNS.
    Sns {
        /// The region, such as `eu-central-1`.
        region: Option<String> = None;
        /// The access key's id.
        access_key_id: Option<String> = None;
        /// The access key.
        secret_access_key: Option<Secret> = None;
        /// The token of temporary credentials.
        session_token: Option<Secret> = None;
        /// Where the API is. When not set, the region's own address.
        base_url: Option<HttpUrl> = None;
    }
}

section! {
    /// Any service that takes a signed POST (docs/sms.md).
    SmsHttp {
        /// Where to.
        url: Option<HttpUrl> = None;
        /// What the requests are signed with: `whsec_` and base64, as Standard Webhooks has it.
        secret: Option<Secret> = None;
    }
}

/// What must hold between these settings.
pub(super) fn check(mail: &Mail, sms: &Sms, errors: &mut Vec<ConfigError>) {
    let mut needs = |holds: bool, first, second, reason| {
        if !holds {
            errors.push(ConfigError::Conflict {
                first,
                second,
                reason,
            });
        }
    };
    let is_smtp = mail.transport == MailTransport::Smtp;
    let smtp = &mail.smtp;
    needs(
        !is_smtp || smtp.host.is_some(),
        "mail.transport",
        "mail.smtp.host",
        "`smtp` needs the name of the server",
    );
    needs(
        !is_smtp || !mail.from.ends_with("@localhost"),
        "mail.transport",
        "mail.from",
        "`smtp` needs a sender's address that others can answer to",
    );
    needs(
        smtp.username.is_some() == smtp.password.is_some(),
        "mail.smtp.username",
        "mail.smtp.password",
        "set both or neither",
    );
    let is_here = matches!(smtp.host.as_deref(), Some("localhost" | "127.0.0.1" | "::1"));
    needs(
        smtp.tls != MailTls::None || smtp.password.is_none() || is_here,
        "mail.smtp.tls",
        "mail.smtp.password",
        "a password is never sent in clear text to another machine",
    );
    check_sms(sms, &mut needs);
}

type Needs<'a> = dyn FnMut(bool, &'static str, &'static str, &'static str) + 'a;

fn check_sms(sms: &Sms, needs: &mut Needs<'_>) {
    let is = |provider| sms.provider == provider;
    let twilio = &sms.twilio;
    needs(
        !is(SmsProvider::Twilio) || (twilio.account_sid.is_some() && twilio.auth_token.is_some()),
        "sms.provider",
        "sms.twilio.account_sid",
        "`twilio` needs `account_sid` and `auth_token`",
    );
    needs(
        !is(SmsProvider::Twilio) || twilio.messaging_service.is_some() || sms.sender.is_some(),
        "sms.twilio.messaging_service",
        "sms.sender",
        "`twilio` needs one of them",
    );
    needs(
        !is(SmsProvider::Vonage) || (sms.vonage.api_key.is_some() && sms.vonage.api_secret.is_some()),
        "sms.provider",
        "sms.vonage.api_key",
        "`vonage` needs `api_key` and `api_secret`",
    );
    needs(
        !is(SmsProvider::Vonage) || sms.sender.is_some(),
        "sms.provider",
        "sms.sender",
        "`vonage` needs a sender",
    );
    let sns = &sms.sns;
    needs(
        !is(SmsProvider::Sns)
            || (sns.region.is_some() && sns.access_key_id.is_some() && sns.secret_access_key.is_some()),
        "sms.provider",
        "sms.sns.region",
        "`sns` needs `region`, `access_key_id` and `secret_access_key`",
    );
    needs(
        !is(SmsProvider::Http) || (sms.http.url.is_some() && sms.http.secret.is_some()),
        "sms.provider",
        "sms.http.url",
        "`http` needs `url` and `secret`",
    );
    let is_code =
        |code: &String| code == "*" || (code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()));
    needs(
        sms.countries.iter().all(is_code),
        "sms.countries",
        "sms.countries",
        "each is two capital letters (ISO 3166) or `*`",
    );
    let sends = !matches!(sms.provider, SmsProvider::None | SmsProvider::Captured);
    needs(
        !sends || !sms.countries.is_empty(),
        "sms.provider",
        "sms.countries",
        "name the countries that may receive, or no message is ever sent",
    );
}
