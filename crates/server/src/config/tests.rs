use std::fmt::Write as _;
use std::time::Duration;

use super::section::Section;
use super::source::variable;
use super::value::{Setting, parse_duration};
use super::*;

/// A folder of its own, gone at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "authflow-config-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(text: &str) -> Self {
        let folder = Self::new();
        std::fs::write(folder.0.join(FILE_NAME), text).unwrap();
        folder
    }

    fn inputs(&self) -> Inputs {
        Inputs {
            data: Some(self.0.clone()),
            ..Inputs::default()
        }
    }

    fn load(&self) -> Result<Config, ConfigErrors> {
        load(&self.inputs())
    }

    fn error(&self) -> String {
        self.load()
            .unwrap_err()
            .to_string()
            .replace(&format!("{}/", self.0.display()), "")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn nothing_given_is_a_complete_and_secure_configuration() {
    let folder = Folder::new();
    let mut config = folder.load().unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.admin_listen, "127.0.0.1:9080".parse().unwrap());
    assert_eq!(config.base_url.as_str(), "http://localhost:8080");
    assert_eq!(config.tokens.code_ttl, Duration::from_mins(1));
    assert_eq!(config.tokens.refresh_reuse_window, Duration::from_secs(30));
    assert_eq!(config.passwords.argon2.memory_kib, 19_456);
    assert!(config.outbound.allow_networks.is_empty() && !config.outbound.allow_http);
    assert!(!config.http.insecure_base_url);
    assert_eq!(
        config.database_url(),
        DatabaseUrl::Sqlite(folder.0.join("authflow.db"))
    );
    assert_eq!(
        config.key_source,
        MasterKeySource::File(folder.0.join("master.key"))
    );
    assert!(!config.is_dev());
    config.listens_on("127.0.0.1:4711".parse().unwrap());
    assert_eq!(config.base_url.as_str(), "http://localhost:4711");
}

#[test]
fn file_gives_way_to_environment_and_environment_to_flags() {
    let folder = Folder::with(
        "listen = \"127.0.0.1:1\"\nadmin_listen = \"127.0.0.1:2\"\n[tokens]\naccess_ttl = \"5m\"\n",
    );
    let mut inputs = folder.inputs();
    inputs.variables = variables(&[
        ("AUTHFLOW_LISTEN", "127.0.0.1:3"),
        ("AUTHFLOW_TOKENS__ACCESS_TTL", "6m"),
        ("AUTHFLOW_DATABASE_URL", "postgres://me:hunter2@db/x"),
    ]);
    inputs.flags = vec![Flag {
        path: "listen",
        name: "--listen",
        value: "127.0.0.1:4".to_owned(),
    }];
    let config = load(&inputs).unwrap();
    assert_eq!(config.listen.port(), 4);
    assert_eq!(config.admin_listen.port(), 2);
    assert_eq!(config.tokens.access_ttl, Duration::from_mins(6));
    let database = config.database_url();
    assert_eq!(database.expose(), "postgres://me:hunter2@db/x");
    assert!(!format!("{database} {database:?} {config:?} {:?}", config.effective()).contains("hunter2"));
}

#[test]
fn every_problem_of_a_file_is_reported_with_its_line_and_the_nearest_name() {
    let folder = Folder::with(
        "lisen = \"127.0.0.1:1\"\nkeys = 3\n\n[tokens]\naccess_ttl = \"2h\"\nid_ttl = 5\n\n[tokns]\ncode_ttl = \"1s\"\n[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"x\"]\n",
    );
    let message = folder.error();
    for line in [
        "authflow.toml:1: unknown setting `lisen`; did you mean `listen`?",
        "authflow.toml:2: `keys` is a section; write `[keys]` and its settings below it",
        "authflow.toml:5: `tokens.access_ttl` is `\"2h\"`; expected a duration such as `30s`, `15m`, `12h` or `30d`, from 10s to 1h",
        "authflow.toml:6: `tokens.id_ttl` is `5`; expected a duration",
        "authflow.toml:9: unknown setting `tokns.code_ttl`; did you mean `tokens.code_ttl`?",
        "authflow.toml:11: `http.trusted_proxies` is `[\"10.0.0.0/8\", \"x\"]`; expected a list, each item a network",
    ] {
        assert!(message.contains(line), "missing {line:?} in\n{message}");
    }
    assert_eq!(message.lines().count(), 6, "{message}");
}

#[test]
fn a_setting_in_the_wrong_section_is_found() {
    let message = Folder::with("access_ttl = \"5m\"\n").error();
    assert!(
        message.ends_with("did you mean `tokens.access_ttl`?"),
        "{message}"
    );
}

#[test]
fn broken_toml_and_missing_files_say_where() {
    let message = Folder::with("listen = \"a\"\nlisten = \"b\"\n").error();
    assert!(message.starts_with("authflow.toml:2: "), "{message}");
    let mut inputs = Folder::new().inputs();
    inputs.file = Some(PathBuf::from("/nowhere/authflow.toml"));
    let message = load(&inputs).unwrap_err().to_string();
    assert!(
        message.starts_with("cannot read the configuration file `/nowhere/authflow.toml`: "),
        "{message}"
    );
}

#[test]
fn unknown_variables_are_errors_that_name_the_nearest_one() {
    let folder = Folder::new();
    let mut inputs = folder.inputs();
    inputs.variables = variables(&[("AUTHFLOW_DATABSE_URL", "sqlite:x"), ("OTHER", "1")]);
    assert_eq!(
        load(&inputs).unwrap_err().to_string(),
        "environment variable AUTHFLOW_DATABSE_URL: unknown setting `AUTHFLOW_DATABSE_URL`; did you mean `AUTHFLOW_DATABASE_URL`?"
    );
}

#[test]
fn one_setting_in_two_spellings_is_refused() {
    let folder = Folder::new();
    let mut inputs = folder.inputs();
    inputs.variables = variables(&[("AUTHFLOW_LOG_LEVEL", "info"), ("AUTHFLOW_LOG__LEVEL", "warn")]);
    assert!(
        load(&inputs)
            .unwrap_err()
            .to_string()
            .contains("set the same setting `log.level`")
    );
}

#[test]
fn variables_that_an_orchestrator_sets_for_a_service_called_authflow_are_left_alone() {
    let folder = Folder::new();
    let mut inputs = folder.inputs();
    inputs.variables = variables(&[
        ("AUTHFLOW_SERVICE_HOST", "10.0.0.1"),
        ("AUTHFLOW_SERVICE_PORT", "8080"),
        ("AUTHFLOW_SERVICE_PORT_HTTP", "8080"),
        ("AUTHFLOW_PORT", "tcp://10.0.0.1:8080"),
        ("AUTHFLOW_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("AUTHFLOW_PORT_8080_TCP_PROTO", "tcp"),
        ("AUTHFLOW_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("AUTHFLOW_TEST_POSTGRES_URL", "postgres://x"),
    ]);
    load(&inputs).unwrap();
}

#[test]
fn numbers_and_lists_are_read_from_variables_and_strings_are_not_numbers_in_a_file() {
    let folder = Folder::new();
    let mut inputs = folder.inputs();
    inputs.variables = variables(&[
        ("AUTHFLOW_DATABASE_MAX_CONNECTIONS", "7"),
        ("AUTHFLOW_HTTP_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
        ("AUTHFLOW_TELEMETRY_SAMPLE_RATIO", "0.5"),
    ]);
    let config = load(&inputs).unwrap();
    assert_eq!(config.database.max_connections, 7);
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert!((config.telemetry.sample_ratio - 0.5).abs() < f64::EPSILON);
    let message = Folder::with("[database]\nmax_connections = \"7\"\n").error();
    assert!(
        message.contains("`database.max_connections` is `\"7\"`; expected a whole number, from 1 to 1000"),
        "{message}"
    );
}

#[test]
fn a_bad_database_url_never_shows_its_password() {
    let message = Folder::with("[database]\nurl = \"mysql://me:hunter2@db/x\"\n").error();
    assert!(
        !message.contains("hunter2") && message.contains("postgres://USER"),
        "{message}"
    );
}

#[test]
fn master_key_comes_from_the_named_variable_and_an_empty_one_is_refused() {
    let folder = Folder::with("[master_key]\nenv = \"AUTHFLOW_KEK\"\n");
    let mut inputs = folder.inputs();
    inputs.variables = variables(&[("AUTHFLOW_KEK", " abc\n")]);
    let loaded = load(&inputs).unwrap();
    let MasterKeySource::Environment(key) = &loaded.key_source else {
        panic!("the variable was not used")
    };
    assert_eq!(key.expose(), "abc");
    assert!(!format!("{loaded:?}").contains("abc"));
    inputs.variables = variables(&[("AUTHFLOW_KEK", "")]);
    assert!(
        load(&inputs)
            .unwrap_err()
            .to_string()
            .contains("AUTHFLOW_KEK is empty")
    );
}

#[test]
fn plain_http_is_accepted_for_localhost_only_unless_said_otherwise() {
    for (url, accepted) in [
        ("http://localhost:3000", true),
        ("http://acme.localhost", true),
        ("http://127.0.0.1:1", true),
        ("http://[::1]:1", true),
        ("https://login.example.com", true),
        ("http://login.example.com", false),
        ("http://localhost.example.com", false),
    ] {
        let folder = Folder::with(&format!("base_url = \"{url}\"\n"));
        assert_eq!(folder.load().is_ok(), accepted, "{url}");
    }
    Folder::with("base_url = \"http://authflow:8080\"\n[http]\ninsecure_base_url = true\n")
        .load()
        .unwrap();
}

#[test]
fn base_url_is_an_origin_without_trailing_slash() {
    assert_eq!(
        BaseUrl::parse("https://a.example/").unwrap().as_str(),
        "https://a.example"
    );
    assert_eq!(
        BaseUrl::parse("https://A.example:443").unwrap().as_str(),
        "https://a.example"
    );
    for bad in [
        "https://a.example/x",
        "https://a.example?x",
        "https://a.example#x",
        "https://u@a.example",
        "ftp://a.example",
        "a.example",
        "",
    ] {
        assert_eq!(BaseUrl::parse(bad), None, "{bad}");
    }
}

#[test]
fn dev_refuses_a_public_base_url_and_lets_out_to_this_machine() {
    let folder = Folder::new();
    let mut inputs = Inputs {
        mode: Mode::Dev,
        ..folder.inputs()
    };
    let loaded = load(&inputs).unwrap();
    assert!(loaded.is_dev());
    assert!(loaded.outbound.allow_http);
    assert_eq!(loaded.outbound.allow_networks.len(), 2);
    inputs.flags = vec![Flag {
        path: "base_url",
        name: "--base-url",
        value: "https://login.example.com".to_owned(),
    }];
    assert!(
        load(&inputs)
            .unwrap_err()
            .to_string()
            .contains("use `authflow serve`")
    );
}

#[test]
fn settings_that_do_not_fit_each_other_are_refused() {
    let message = Folder::with("[sessions]\nidle_ttl = \"20d\"\n").error();
    assert!(
        message.contains("`sessions.idle_ttl` and `sessions.absolute_ttl` do not fit"),
        "{message}"
    );
}

#[test]
fn paths_in_a_file_start_from_its_folder() {
    let folder =
        Folder::with("[passwords]\nbreached_file = \"lists/bad.txt\"\n[database]\nurl = \"sqlite:x.db\"\n");
    let config = folder.load().unwrap();
    assert_eq!(
        config.passwords.breached_file,
        Some(folder.0.join("lists/bad.txt"))
    );
    assert_eq!(config.database_url(), DatabaseUrl::Sqlite(folder.0.join("x.db")));
}

#[test]
fn durations_are_read_and_shown() {
    assert_eq!(parse_duration("1h30m"), Some(Duration::from_mins(90)));
    assert_eq!(parse_duration("2w"), Some(Duration::from_hours(336)));
    assert_eq!(Duration::from_millis(90_500).show(), "\"1m30s500ms\"");
    for bad in [
        "",
        "5",
        "m",
        "5 m",
        "-5m",
        "5x",
        "1.5h",
        "99999999999999999999s",
        "18446744073709551615w",
    ] {
        assert_eq!(parse_duration(bad), None, "{bad}");
    }
}

#[test]
fn no_two_settings_share_a_variable_and_every_default_is_within_its_bounds() {
    let mut sections = Vec::new();
    Config::describe("", &mut sections);
    let mut names: Vec<String> = sections
        .iter()
        .flat_map(|section| section.settings.iter().map(|setting| variable(&setting.path)))
        .collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(
        names
            .iter()
            .all(|name| name != CONFIG_VARIABLE && !name.contains("__"))
    );
    for setting in sections.iter().flat_map(|section| &section.settings) {
        assert!(!setting.doc.is_empty(), "{} has no documentation", setting.path);
    }
    // Each default, written into a file, is read back as itself: it parses and lies within its bounds.
    let mut text = String::new();
    for section in &sections {
        if !section.path.is_empty() {
            writeln!(text, "[{}]", section.path).unwrap();
        }
        for setting in section
            .settings
            .iter()
            .filter(|setting| setting.default != "not set")
        {
            let name = setting.path.rsplit('.').next().unwrap();
            if name != "data" {
                writeln!(text, "{name} = {}", setting.default).unwrap();
            }
        }
    }
    let folder = Folder::with(&text);
    let config = Config {
        data: folder.0.clone(),
        file: Some(folder.0.join(FILE_NAME)),
        key_source: MasterKeySource::File(folder.0.join(KEY_FILE_NAME)),
        base_url_given: true,
        ..Config::default()
    };
    assert_eq!(folder.load().unwrap(), config);
}

#[test]
fn the_committed_reference_is_current() {
    let committed = include_str!("../../../../docs/configuration.md");
    assert!(
        committed == reference(),
        "docs/configuration.md is stale: run `cargo xtask generate`"
    );
}
