//! Configuration: one typed struct, read once at start, every setting documented and bounded.
//!
//! Sources in rising precedence: defaults (of `authflow dev`, where it runs), the file, `AUTHFLOW_*`
//! variables, flags. A key that no setting has is an error that names the nearest one; a value of the wrong
//! type or size is an error that names key, value, what was expected and where it stands. All problems are
//! reported at once. Nothing else in the product reads the environment.
//!
//! To add a setting, add a line to a section in [`settings`]; the reference (`docs/configuration.md`) is
//! generated from it by `cargo xtask generate`. Read in the order [`settings`], [`value`], [`source`].

mod error;
mod messages;
mod parts;
mod rate;
mod reference;
mod section;
mod settings;
mod source;
mod url;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

pub use error::{ConfigError, ConfigErrors, Source};
pub use messages::{Mail, Sms, SmsHttp, Smtp, Sns, Twilio, Vonage};
pub use rate::Rate;
pub use reference::reference;
pub use settings::{
    Argon2, Config, Cors, Database, Http, Jobs, Keys, Limits, Log, MasterKey, Outbound, Passwords,
    PerAccount, PerAccountAndSource, PerSource, Places, Sessions, Shutdown, Telemetry, Tokens,
};
pub use url::{BaseDomain, BaseUrl, DatabaseUrl, HttpUrl};
pub use value::{
    ByteSize, LogFormat, MailTls, MailTransport, ProxyHeader, Secret, SmsProvider, SqliteSynchronous,
};

use section::Section;
use source::Values;
use value::Raw;

/// The name of the file that is looked for in the data folder, then in the working directory.
pub const FILE_NAME: &str = "authflow.toml";

/// The name of the master key's file in the data folder.
pub const KEY_FILE_NAME: &str = "master.key";

/// The variable that names the file, and so is no setting itself.
const CONFIG_VARIABLE: &str = "AUTHFLOW_CONFIG";

/// Which set of defaults applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Production: secure defaults.
    #[default]
    Serve,
    /// A command that does one thing and ends: it logs warnings only.
    Command,
    /// `authflow dev`: demo data and pages, outbound calls to this machine allowed. Never a setting, so that
    /// no file can turn it on in production.
    Dev,
}

/// A value given on the command line.
#[derive(Debug, Clone)]
pub struct Flag {
    /// The setting's path.
    pub path: &'static str,
    /// The flag, with its dashes.
    pub name: &'static str,
    /// The value as given.
    pub value: String,
}

/// Everything a configuration is read from.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Which defaults apply.
    pub mode: Mode,
    /// `--config FILE`: must exist.
    pub file: Option<PathBuf>,
    /// `--data DIR`.
    pub data: Option<PathBuf>,
    /// The other flags.
    pub flags: Vec<Flag>,
    /// The environment, see [`environment`].
    pub variables: BTreeMap<String, String>,
}

/// The master key as it was given in the environment. Debug leaves it out.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKeyText(String);

impl MasterKeyText {
    /// Wraps the text of a key.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The key, for the vault.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for MasterKeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKeyText(redacted)")
    }
}

/// Where the master key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterKeySource {
    /// The environment: the operator keeps it.
    Environment(MasterKeyText),
    /// A file, made on first start of an empty installation.
    File(PathBuf),
}

impl Default for MasterKeySource {
    fn default() -> Self {
        Self::File(PathBuf::from(".authflow").join(KEY_FILE_NAME))
    }
}

/// The process environment as text: the one place that reads it.
pub fn environment() -> Result<BTreeMap<String, String>, ConfigErrors> {
    let mut variables = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, value) in std::env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => {
                variables.insert(name, value);
            }
            (Ok(name), Err(_)) if name.starts_with("AUTHFLOW_") => {
                errors.push(ConfigError::NotUnicode { name });
            }
            _ => {}
        }
    }
    if errors.is_empty() {
        Ok(variables)
    } else {
        Err(ConfigErrors(errors))
    }
}

/// Reads the configuration from `inputs`.
///
/// # Errors
/// Everything that is wrong with it, at once; nothing is guessed and nothing unknown is passed over.
pub fn load(inputs: &Inputs) -> Result<Config, ConfigErrors> {
    let mut known = Vec::new();
    Config::describe("", &mut known);
    let mut values = Values::new(&known);
    match inputs.mode {
        Mode::Serve => {}
        Mode::Command => values.put("log.level", Raw::Text("warn".to_owned()), Source::Command),
        Mode::Dev => put_dev_defaults(&mut values),
    }
    let data_variable = inputs.variables.get("AUTHFLOW_DATA").map(PathBuf::from);
    let data = inputs.data.clone().or(data_variable);
    let file = find_file(inputs, data.as_ref());
    if let Some(path) = &file {
        values.put_file(path)?;
    }
    let key_variable = inputs
        .variables
        .get("AUTHFLOW_MASTER_KEY_ENV")
        .cloned()
        .or_else(|| values.peek_text("master_key.env"))
        .unwrap_or_else(|| MasterKey::default().env);
    values.put_environment(&inputs.variables, &[CONFIG_VARIABLE, &key_variable]);
    if let Some(data) = &inputs.data {
        let raw = Raw::Loose(data.display().to_string());
        values.put("data", raw, Source::Flag { name: "--data" });
    }
    for flag in &inputs.flags {
        values.put(
            flag.path,
            Raw::Loose(flag.value.clone()),
            Source::Flag { name: flag.name },
        );
    }
    let base_url_given = values.has("base_url");
    let mut config = Config::read(&mut values, "");
    values.refuse_rest();
    let mut errors = values.errors;
    config.mode = inputs.mode;
    config.file = file;
    config.base_url_given = base_url_given;
    config.listens_on(config.listen);
    config.check(&mut errors);
    config.key_source = master_key(&config, &inputs.variables, &mut errors);
    if errors.is_empty() {
        Ok(config)
    } else {
        Err(ConfigErrors(errors))
    }
}

/// The file to read: the one named, which must exist, or the first of the usual places that does.
fn find_file(inputs: &Inputs, data: Option<&PathBuf>) -> Option<PathBuf> {
    if let Some(named) = &inputs.file {
        return Some(named.clone());
    }
    if let Some(named) = inputs
        .variables
        .get(CONFIG_VARIABLE)
        .filter(|name| !name.is_empty())
    {
        return Some(PathBuf::from(named));
    }
    let data = data.cloned().unwrap_or_else(|| Config::default().data);
    [data.join(FILE_NAME), PathBuf::from(FILE_NAME)]
        .into_iter()
        .find(|path| path.exists())
}

/// What `authflow dev` changes: its applications run on this machine, over plain http.
fn put_dev_defaults(values: &mut Values) {
    let loopback = ["127.0.0.0/8", "::1/128"]
        .map(|net| Raw::Text(net.to_owned()))
        .to_vec();
    values.put("outbound.allow_networks", Raw::List(loopback), Source::Dev);
    values.put("outbound.allow_http", Raw::Bool(true), Source::Dev);
    let text = |text: &str| Raw::Text(text.to_owned());
    values.put("mail.transport", text("captured"), Source::Dev);
    values.put("sms.provider", text("captured"), Source::Dev);
    values.put("sms.countries", Raw::List(vec![text("*")]), Source::Dev);
}

fn master_key(
    config: &Config,
    variables: &BTreeMap<String, String>,
    errors: &mut Vec<ConfigError>,
) -> MasterKeySource {
    let file = || {
        let path = config.master_key.file.clone();
        MasterKeySource::File(path.unwrap_or_else(|| config.data.join(KEY_FILE_NAME)))
    };
    match variables.get(&config.master_key.env).map(|text| text.trim()) {
        None => file(),
        Some("") => {
            errors.push(ConfigError::EmptyMasterKey {
                name: config.master_key.env.clone(),
            });
            file()
        }
        Some(text) => MasterKeySource::Environment(MasterKeyText::new(text.to_owned())),
    }
}

impl Config {
    /// The database to use: the one set, or the file in the data folder.
    pub fn database_url(&self) -> DatabaseUrl {
        self.database
            .url
            .clone()
            .unwrap_or_else(|| DatabaseUrl::Sqlite(self.data.join("authflow.db")))
    }

    /// Every setting's path with the value in effect, as it would be written; passwords are left out.
    pub fn effective(&self) -> Vec<(String, String)> {
        let mut shown = Vec::new();
        self.show("", &mut shown);
        shown
    }

    /// Whether this is `authflow dev`.
    pub fn is_dev(&self) -> bool {
        self.mode == Mode::Dev
    }

    /// Notes the address really listened on: a `base_url` that nobody gave follows its port.
    pub fn listens_on(&mut self, address: SocketAddr) {
        self.listen = address;
        if !self.base_url_given {
            self.base_url = BaseUrl::local(address);
        }
    }

    /// What must hold between settings.
    fn check(&self, errors: &mut Vec<ConfigError>) {
        let mut conflict = |holds: bool, first, second, reason| {
            if !holds {
                errors.push(ConfigError::Conflict {
                    first,
                    second,
                    reason,
                });
            }
        };
        conflict(
            self.listen != self.admin_listen || self.listen.port() == 0,
            "listen",
            "admin_listen",
            "they must be different addresses, the admin listener is private",
        );
        conflict(
            self.sessions.idle_ttl <= self.sessions.absolute_ttl,
            "sessions.idle_ttl",
            "sessions.absolute_ttl",
            "the idle time cannot be longer than the whole life",
        );
        conflict(
            self.tokens.refresh_idle_ttl <= self.tokens.refresh_absolute_ttl,
            "tokens.refresh_idle_ttl",
            "tokens.refresh_absolute_ttl",
            "the idle time cannot be longer than the whole life",
        );
        conflict(
            self.passwords.argon2.memory_kib >= 8 * self.passwords.argon2.parallelism,
            "passwords.argon2.memory_kib",
            "passwords.argon2.parallelism",
            "argon2 needs 8 KiB for each lane (RFC 9106 3.1)",
        );
        let backoffs = [
            (
                self.limits.per_account_and_source.base_delay,
                self.limits.per_account_and_source.max_delay,
            ),
            (
                self.limits.per_account.base_delay,
                self.limits.per_account.max_delay,
            ),
            (
                self.limits.per_source.base_delay,
                self.limits.per_source.max_delay,
            ),
        ];
        conflict(
            backoffs.iter().all(|(base, max)| base <= max),
            "limits.*.base_delay",
            "limits.*.max_delay",
            "the first wait cannot be longer than the longest",
        );
        conflict(
            self.http.header_timeout <= self.http.request_timeout,
            "http.header_timeout",
            "http.request_timeout",
            "a request includes its headers",
        );
        conflict(
            self.keys.publish_ahead < self.keys.rotation_period,
            "keys.publish_ahead",
            "keys.rotation_period",
            "a key is published before it is used, within one period",
        );
        messages::check(&self.mail, &self.sms, errors);
        let url = &self.base_url;
        let url_text = || url.as_str().to_owned();
        if self.is_dev() && !url.is_local() {
            errors.push(ConfigError::PublicDev { url: url_text() });
        } else if !url.is_https() && !url.is_local() && !self.http.insecure_base_url {
            errors.push(ConfigError::InsecureBaseUrl { url: url_text() });
        }
    }
}
