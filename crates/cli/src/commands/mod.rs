//! What each command does: it parses, opens the installation, calls one operation of the server, renders.

mod client;
mod client_metadata;
mod config;
mod connection;
mod database;
mod doctor;
mod files;
mod installation;
mod key;
mod mail;
mod operator;
mod resource;
mod server;
mod tenant;
mod tenant_settings;
mod transfer;
mod user;

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
        Command::Serve(_) | Command::Dev(_) => server::serve(config, cli.global.json).await,
        Command::Migrate => database::migrate(&config).await,
        Command::Doctor => Box::pin(doctor::run(config)).await,
        Command::Tenant(command) => tenant::run(config, command).await,
        Command::User(command) => user::run(config, command).await,
        Command::Operator(command) => operator::run(config, command).await,
        Command::Client(command) => client::run(config, command).await,
        Command::Connection(command) => connection::run(config, command).await,
        Command::Key(command) => key::run(config, command).await,
        Command::Mail(command) => Box::pin(mail::run(config, command)).await,
        Command::Sms(command) => mail::run_sms(config, command).await,
        Command::Resource(command) => resource::run(config, command).await,
        Command::Scope(command) => resource::run_scope(config, command).await,
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
        mode: match cli.command {
            Command::Dev(_) => Mode::Dev,
            Command::Serve(_) => Mode::Serve,
            _ => Mode::Command,
        },
        file: global.config.clone(),
        data: global.data.clone(),
        flags,
        variables: settings::environment()?,
    };
    Ok(settings::load(&inputs)?)
}
