//! Opens an installation: folder, database, schema, master key, default tenant. Everything that must be right before
//! the first request is checked here, and what is not is refused with what to do about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use authflow_db::{Db, DbError, DbOptions, SchemaState, SystemScope, Tx, exec, q};
use authflow_types::{Clock, Rng, SystemClock, SystemRng};

use crate::app::Caches;
use crate::config::{BaseUrl, Config, DatabaseUrl, MasterKeySource};
use crate::hot::Hot;
use crate::identities::{DisposableDomains, DisposableListError};
use crate::jobs::Signal;
use crate::limits::{GuessingLimits, LimitsConfig, RateLimiter, TrustedProxies};
use crate::mail::{MailSetupError, Mailer};
use crate::net::{GuardConfig, GuardedClient};
use crate::operators::OperatorError;
use crate::pages::{Pages, RenderError};
use crate::passwords::{Passwords, PasswordsConfig, PasswordsError, RangeApi};
use crate::places::{PlaceFileError, Places};
use crate::sign_in::shared_budget;
use crate::sms::{SmsError, SmsSender};
use crate::tenants::{self, TenantError};
use crate::vault::{CheckStatus, KeyFile, KeyFileError, KeyTextError, MasterKey, MasterKeys, VaultError};
use crate::{App, Fault, operators};

const INSTALLATION: SystemScope = SystemScope::new("the installation's own row belongs to no tenant");

/// Why an installation could not be opened. Nothing has been changed or destroyed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be made.
    #[error("cannot make the data folder `{path}`")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The database cannot be opened or brought up to date.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The schema was made by a newer version of Authflow.
    #[error("the database was made by a newer version of Authflow; run that version or a later one")]
    NewerSchema,
    /// The installation has data, and the key that sealed it is gone.
    #[error("the master key is missing: no file at `{path}` and none in the environment")]
    MasterKeyLost {
        /// Where the key was expected.
        path: PathBuf,
    },
    /// The key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The key in the environment is not a key.
    #[error("the master key in the environment: {0}")]
    KeyText(#[from] KeyTextError),
    /// The key is not the one that sealed this installation's data, or the check value is damaged.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The password rules cannot be set up.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The file of addresses cannot be used.
    #[error("`places.file`: {0}")]
    Places(#[from] PlaceFileError),
    /// The page templates do not compile; a test keeps that from being shipped.
    #[error(transparent)]
    Pages(#[from] RenderError),
    /// The list of domains of disposable mail cannot be read.
    #[error(transparent)]
    Disposable(#[from] DisposableListError),
    /// Mail cannot be sent as configured.
    #[error("`mail.transport` is `smtp`: {0}")]
    Mail(#[from] MailSetupError),
    /// Text messages cannot be sent as configured.
    #[error(
        "`sms.provider` is set and its credentials are not of the form that it gives them; see docs/sms.md"
    )]
    Sms(#[from] SmsError),
    /// The default tenant cannot be read or made.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// The `system` tenant or its operators cannot be read.
    #[error(transparent)]
    Operators(#[from] OperatorError),
    /// Reading the installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl StartError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Folder { .. } => "name a folder that this user may write with --data",
            Self::NewerSchema => "an older version never writes to a newer schema",
            Self::MasterKeyLost { .. } => {
                "restore the key from your backup; without it sealed data cannot be read. Nothing was changed"
            }
            Self::Vault(_) => "give the key that this installation was made with. Nothing was changed",
            _ => return None,
        })
    }
}

/// What is ambient on a machine and an input here.
#[derive(Clone)]
pub struct Ambient {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

impl Default for Ambient {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng::default()),
        }
    }
}

/// What an installation is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To serve requests: the configured base URL becomes the installation's.
    Serve,
    /// For one command: the installation's base URL counts unless the command names one.
    Command,
}

/// Opens the installation that `config` describes, bringing its schema up to date and making what a new one needs.
pub async fn open(mut config: Config, ambient: Ambient, purpose: Purpose) -> Result<Arc<App>, StartError> {
    let db = connect(&config).await?;
    match db.schema_state().await? {
        SchemaState::Ahead { .. } => return Err(StartError::NewerSchema),
        SchemaState::Current => {}
        _ => {
            db.migrate().await?;
        }
    }
    let master_keys = master_keys(&config, &db, &ambient).await?;
    if purpose == Purpose::Command {
        follow_base_url(&mut config, &db).await?;
    }
    let app = assemble(config, db, ambient, master_keys)?;
    if purpose == Purpose::Serve {
        settle_base_url(&app).await?;
    }
    tenants::ensure_default(&app).await?;
    if purpose == Purpose::Serve {
        Box::pin(operators::prepare(&app)).await?;
    }
    let domains = tenants::count_custom_domains(&app).await?;
    app.has_custom_domains
        .store(domains > 0, std::sync::atomic::Ordering::Relaxed);
    Ok(app)
}

/// Opens the database that `config` names, making the data folder where it is missing.
pub async fn connect(config: &Config) -> Result<Db, StartError> {
    if let DatabaseUrl::Sqlite(path) = config.database_url()
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        make_folder(folder)?;
    }
    Ok(Db::connect(
        &config.database_url().expose(),
        &DbOptions::from(&config.database),
    )
    .await?)
}

fn make_folder(folder: &Path) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt as _;
    // SECURITY: whoever may list the folder may read the database; only its owner may.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| StartError::Folder {
            path: folder.to_owned(),
            source,
        })
}

fn assemble(
    config: Config,
    db: Db,
    ambient: Ambient,
    master_keys: MasterKeys,
) -> Result<Arc<App>, StartError> {
    let limits = LimitsConfig::from(&config.limits);
    let capacity = usize::try_from(limits.capacity.get()).unwrap_or(usize::MAX);
    Ok(Arc::new(App {
        passwords: Passwords::new(PasswordsConfig::from(&config.passwords), ambient.rng.clone())?,
        breached_api: range_api(&config.passwords),
        mailer: Mailer::new(&config.mail, &config.base_url)?,
        sms: SmsSender::new(&config.sms)?,
        outbound: GuardedClient::new(GuardConfig::from(&config.outbound)),
        guessing: GuessingLimits::new(limits.clone()),
        sign_ups: limits
            .sign_ups_per_source
            .map(|rate| RateLimiter::new(rate, capacity)),
        client_requests: limits
            .requests_per_client
            .map(|rate| RateLimiter::new(rate, capacity)),
        requests: limits
            .requests_per_address
            .map(|rate| RateLimiter::new(rate, capacity)),
        messages: limits
            .messages_per_recipient
            .map(|rate| RateLimiter::new(rate, capacity)),
        unproven: limits
            .unproven_per_source
            .map(|rate| RateLimiter::new(rate, capacity)),
        disposable: DisposableDomains::open(config.limits.disposable_domains.clone())?,
        messages_from_all: limits
            .messages_per_recipient
            .map(|rate| RateLimiter::new(shared_budget(rate), capacity)),
        prefixes: limits.prefix,
        proxies: TrustedProxies::from(&config.http),
        places: Places::new(&config.places)?,
        pages: Pages::new()?,
        caches: Caches::default(),
        jobs: Signal::default(),
        has_custom_domains: AtomicBool::new(false),
        clock: ambient.clock,
        rng: ambient.rng,
        hot: Hot::new(&db),
        config,
        db,
        master_keys,
    }))
}

/// The range API, if new passwords are looked up there.
fn range_api(passwords: &crate::config::Passwords) -> Option<RangeApi> {
    let address = passwords
        .breached_api_url
        .as_ref()
        .map(|address| address.url().clone());
    passwords
        .breached_api
        .then(|| RangeApi::new(address, passwords.breached_api_timeout))
}

/// The master keys, proven to be those that sealed this installation's data; made where there is no data yet.
async fn master_keys(config: &Config, db: &Db, ambient: &Ambient) -> Result<MasterKeys, StartError> {
    let check = stored_check(db).await?;
    let keys = match &config.key_source {
        MasterKeySource::Environment(text) => MasterKeys::from_text(text.expose())?,
        MasterKeySource::File(path) => from_file(path, check.is_some(), ambient)?,
    };
    match check {
        None => store_check(db, &keys, ambient).await?,
        Some(check) => {
            if keys.verify_check(&check)? == CheckStatus::UnderOlderKey {
                tracing::warn!(
                    "data keys are still wrapped by an older master key; run `authflow key rewrap`"
                );
            }
        }
    }
    Ok(keys)
}

fn from_file(path: &Path, has_data: bool, ambient: &Ambient) -> Result<MasterKeys, StartError> {
    let file = KeyFile::new(path);
    match file.read() {
        Err(KeyFileError::Missing { path }) if has_data => Err(StartError::MasterKeyLost { path }),
        Err(KeyFileError::Missing { .. }) => {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                make_folder(folder)?;
            }
            let keys = MasterKeys::new(MasterKey::generate(&*ambient.rng)?);
            match file.create(&keys) {
                Ok(()) => Ok(keys),
                // Another process was first; its key counts.
                Err(KeyFileError::Exists { .. }) => Ok(file.read()?),
                Err(error) => Err(error.into()),
            }
        }
        other => Ok(other?),
    }
}

/// A command acts at the base URL of the installation, unless it names one.
async fn follow_base_url(config: &mut Config, db: &Db) -> Result<(), StartError> {
    let mut tx = db.read_system(INSTALLATION).await?;
    let stored = stored_base_url(&mut tx).await?;
    if let Some(base_url) = stored
        .filter(|_| !config.base_url_given)
        .as_deref()
        .and_then(BaseUrl::parse)
    {
        config.base_url = base_url;
    }
    Ok(())
}

async fn stored_base_url(tx: &mut Tx) -> Result<Option<String>, DbError> {
    let (stored,) = q!(
        tx,
        fetch_one<(Option<String>,)>,
        "SELECT base_url FROM installation WHERE id = 1"
    )?;
    Ok(stored)
}

/// Issuers are stored; they follow the installation when it moves to another base URL. Done when everything else of the
/// configuration has been found good: a start that fails moves nothing.
async fn settle_base_url(app: &App) -> Result<(), StartError> {
    let mut tx = app.db.begin_system(INSTALLATION).await?;
    let stored = stored_base_url(&mut tx).await?;
    let ours = app.config.base_url.as_str().trim_end_matches('/').to_owned();
    if stored.as_deref() == Some(ours.as_str()) {
        return Ok(());
    }
    let moved = tenants::move_issuers(&mut tx, &ours).await?;
    exec!(tx, "UPDATE installation SET base_url = $1 WHERE id = 1", &ours)?;
    tx.commit().await?;
    if let Some(from) = stored {
        tracing::warn!(%from, to = %ours, tenants = moved, "the base URL changed, and with it the issuers; tokens of the old issuer are no longer valid");
    }
    Ok(())
}

/// Whether data has been sealed in this database, so that its master key must not be lost.
pub async fn is_sealed(db: &Db) -> Result<bool, DbError> {
    Ok(stored_check(db).await?.is_some())
}

async fn stored_check(db: &Db) -> Result<Option<Vec<u8>>, DbError> {
    let mut tx = db.read_system(INSTALLATION).await?;
    let row = q!(
        tx,
        fetch_optional<(Vec<u8>,)>,
        "SELECT master_key_check FROM installation WHERE id = 1"
    )?;
    Ok(row.map(|(check,)| check))
}

async fn store_check(db: &Db, keys: &MasterKeys, ambient: &Ambient) -> Result<(), StartError> {
    let mut tx = db.begin_system(INSTALLATION).await?;
    exec!(
        tx,
        "INSERT INTO installation (id, master_key_check, created_at) VALUES (1, $1, $2) ON CONFLICT DO NOTHING",
        keys.make_check()?,
        ambient.clock.now()
    )?;
    tx.commit().await?;
    // Another process may have been first, with another key: then this one must not go on.
    let check = stored_check(db).await?.unwrap_or_default();
    keys.verify_check(&check)?;
    Ok(())
}
