//! `authflow config ..`

use authflow_server::config;
use serde_json::{Map, Value};

use crate::args::{Cli, ConfigCommand};
use crate::failure::Failure;
use crate::output::Reply;

pub(super) fn run(cli: &Cli, command: &ConfigCommand) -> Result<Reply, Failure> {
    match command {
        ConfigCommand::Reference => {
            let text = config::reference();
            Ok(Reply::text(serde_json::json!({ "markdown": text }), text))
        }
        ConfigCommand::Show => {
            let effective = super::load(cli)?.effective();
            let mut json = Map::new();
            let mut text = String::new();
            for (path, value) in effective {
                // A setting is written in the file as it would be in JSON, but for those that are not set.
                let parsed = serde_json::from_str(&value).ok();
                text.push_str(if parsed.is_some() { "" } else { "# " });
                text.push_str(&format_line(&path, &value));
                json.insert(path, parsed.unwrap_or(Value::Null));
            }
            Ok(Reply::text(Value::Object(json), text))
        }
    }
}

fn format_line(path: &str, value: &str) -> String {
    format!("{path} = {value}\n")
}
