//! What each command does: it parses, opens the installation, calls one operation of the server, renders.

mod config;
mod database;
mod serve;

use authflow_server::config::{self as settings, Config, Flag, Inputs, Mode};

use crate::args::{Cli, Command};
use crate::failure::Failure;
use crate::output::Reply;
use crate::telemetry;

/// Runs one command.
pub(crate) async fn run(cli: &Cli) -> Result<Reply, Failure> {
    if let Command::Config(command) = &cli.command {
        return config::run(cli, command);
    }
    let config = load(cli)?;
    let _telemetry = telemetry::start(&config)?;
    match &cli.command {
        Command::Config(command) => config::run(cli, command),
        Command::Migrate => database::migrate(&config).await,
        Command::Serve(_) | Command::Dev(_) => serve::serve(config).await,
        _ => Err(Failure::new("not_yet", "this command is not wired yet")),
    }
}

/// The configuration that the command line, the environment and the file make.
fn load(cli: &Cli) -> Result<Config, Failure> {
    let global = &cli.global;
    let listen = cli.command.listen();
    let given = [
        ("database.url", "--database-url", global.database_url.as_ref()),
        ("base_url", "--base-url", global.base_url.as_ref()),
        ("log.format", "--log-format", global.log_format.as_ref()),
        ("log.level", "--log-level", global.log_level.as_ref()),
        (
            "listen",
            "--listen",
            listen.and_then(|listen| listen.listen.as_ref()),
        ),
        (
            "admin_listen",
            "--admin-listen",
            listen.and_then(|listen| listen.admin_listen.as_ref()),
        ),
    ];
    let flags = given
        .into_iter()
        .filter_map(|(path, name, value)| {
            Some(Flag {
                path,
                name,
                value: value?.clone(),
            })
        })
        .collect();
    let inputs = Inputs {
        mode: if matches!(cli.command, Command::Dev(_)) {
            Mode::Dev
        } else {
            Mode::Serve
        },
        file: global.config.clone(),
        data: global.data.clone(),
        flags,
        variables: settings::environment()?,
    };
    Ok(settings::load(&inputs)?)
}
