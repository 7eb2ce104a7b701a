//! How a command fails: one clear line, what to do next, and an exit code.

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

use authflow_db::DbError;
use authflow_server::Fault;
use authflow_server::clients::ClientError;
use authflow_server::config::ConfigErrors;
use authflow_server::connections::ConnectionError;
use authflow_server::dev::DemoError;
use authflow_server::identities::IdentityError;
use authflow_server::operators::OperatorError;
use authflow_server::resources::ResourceError;
use authflow_server::start::StartError;
use authflow_server::tenants::TenantError;
use authflow_types::IdParseError;
use serde_json::json;

/// The exit code of a command that was not understood.
const NOT_UNDERSTOOD: u8 = 2;

/// Why a command did not do what it was told.
#[derive(Debug)]
pub(crate) struct Failure {
    code: &'static str,
    message: String,
    hint: Option<String>,
    exit: u8,
}

impl Failure {
    /// A failure with a stable `code`; the message is lower case, without a full stop.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            exit: 1,
        }
    }

    /// A failure because of what was said, not of what was found.
    pub(crate) fn usage(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit: NOT_UNDERSTOOD,
            ..Self::new(code, message)
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The asynchronous runtime could not be started.
    pub(crate) fn runtime(error: &std::io::Error) -> Self {
        Self::new("system.runtime", format!("cannot start threads: {error}"))
    }

    /// The result could not be written.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        Self::new("system.output", format!("cannot write the result: {error}"))
    }

    /// The error and all that caused it, in one line.
    pub(crate) fn chain(code: &'static str, error: &dyn std::error::Error) -> Self {
        Self::new(code, authflow_server::fault_chain(error))
    }

    /// Prints the failure and gives the exit code.
    pub(crate) fn report(&self, json: bool) -> ExitCode {
        if json {
            let hint = self.hint.as_deref();
            let body = json!({ "error": { "code": self.code, "message": self.message, "hint": hint } });
            // WHY: where nobody reads the output, the exit code is all that is left to say.
            let _ = writeln!(std::io::stdout(), "{body}");
        }
        let mut stderr = std::io::stderr().lock();
        for line in self.message.lines() {
            let _ = writeln!(stderr, "error: {line}");
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(stderr, "hint: {hint}");
        }
        ExitCode::from(self.exit)
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        let (code, hint) = match &error {
            DbError::Url(_) => ("database.url", Some("set `database.url` or pass --database-url")),
            DbError::Unavailable(_) | DbError::Closed => (
                "database.unavailable",
                Some("check that the database runs, its address, user and password"),
            ),
            DbError::NotMigrated(_) => ("database.not_migrated", Some("run `authflow migrate`")),
            DbError::Migration(_) => ("database.migration", None),
            DbError::RowSecurityUnbound(_) => ("database.row_security", None),
            DbError::DiskFull(_) => (
                "database.full",
                Some("make room, then try again; nothing was lost"),
            ),
            DbError::ReadOnly(_) => ("database.read_only", None),
            DbError::File(_) => (
                "database.file",
                Some("check that --data names a folder that this user may write"),
            ),
            DbError::Corrupt(_) => (
                "database.corrupt",
                Some("stop serving and restore the last backup"),
            ),
            DbError::ServerTooOld { .. } => ("database.too_old", None),
            _ => ("database.failed", None),
        };
        let failure = Self::chain(code, &error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Db(error) => error.into(),
            fault => Self::chain("internal", &fault),
        }
    }
}

impl From<IdParseError> for Failure {
    fn from(error: IdParseError) -> Self {
        Self::usage("usage", error.to_string())
    }
}

/// Slices' errors: their own code, their own words; what the installation did is told as such.
macro_rules! slices {
    ($($error:ident),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                match error {
                    $error::Fault(fault) => fault.into(),
                    error => Self::chain(error.code(), &error),
                }
            }
        }
    )+};
}
slices!(
    TenantError,
    ClientError,
    ConnectionError,
    ResourceError,
    IdentityError,
    OperatorError
);

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let hint = error.hint();
        let failure = match error {
            StartError::Db(error) => return error.into(),
            StartError::Tenant(error) => return error.into(),
            StartError::Operators(error) => return error.into(),
            StartError::Fault(fault) => return fault.into(),
            error @ (StartError::MasterKeyLost { .. }
            | StartError::KeyFile(_)
            | StartError::KeyText(_)
            | StartError::Vault(_)) => Self::chain("master_key", &error),
            error => Self::chain("start", &error),
        };
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Tenant(error) => error.into(),
            DemoError::Client(error) => error.into(),
            DemoError::Identity(error) => error.into(),
            DemoError::Operator(error) => error.into(),
            DemoError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::usage("config.invalid", errors.to_string())
            .hint("docs/configuration.md lists every setting, as does `authflow config reference`")
    }
}

/// What clap says about arguments: help and version go to standard output and are no failure.
pub(crate) fn of_arguments(error: &clap::Error, json: bool) -> ExitCode {
    use clap::error::ErrorKind;
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if json && !asked_for {
        let text = error.render().to_string();
        let first = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ")
            .to_owned();
        return Failure::usage("usage", first)
            .hint("`authflow --help` lists the commands")
            .report(true);
    }
    let _ = error.print();
    if asked_for {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_UNDERSTOOD)
    }
}
