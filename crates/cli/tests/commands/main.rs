//! The scripting contract, on the real binary: what goes in, what comes out, how it ends.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod mistakes;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

const PASSWORD: &str = "otters bake rye bread on mondays";

/// An installation of its own, gone at the end of the test.
struct Installation {
    data: PathBuf,
}

impl Installation {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "authflow-cli-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        Self {
            data: std::env::temp_dir().join(name),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_authflow"));
        let inherited =
            std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("AUTHFLOW_"));
        command
            .env_clear()
            .envs(inherited)
            .arg("--data")
            .arg(&self.data)
            .args(arguments);
        command.current_dir(std::env::temp_dir());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a command that succeeds, and gives the one JSON object that it prints.
    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        one_object(&output)
    }

    /// Runs a command that fails, and gives its exit code and the error that it prints.
    fn refusal(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.run(&[arguments, &["--json"]].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.starts_with("error: "), "{arguments:?}: {stderr}");
        let error = one_object(&output)["error"].clone();
        assert!(
            error["code"].is_string() && error["message"].is_string(),
            "{error}"
        );
        (output.status.code().unwrap(), error)
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

fn one_object(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// A running server, ended with the test.
struct Server {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
    public: String,
    admin: String,
}

impl Server {
    fn start(installation: &Installation, mode: &str) -> Self {
        let arguments = [
            mode,
            "--listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
            "--log-format",
            "json",
        ];
        let mut child = installation
            .command(&arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = lines
            .by_ref()
            .map(|line| line.unwrap())
            .find_map(|line| {
                let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
                (line["message"] == "ready").then_some(line)
            })
            .expect("the server ended before it was ready");
        let address = |field: &str| ready[field].as_str().unwrap().to_owned();
        Self {
            public: address("listen"),
            admin: address("admin_listen"),
            child,
            lines,
        }
    }

    fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body of a GET.
fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn tenants_are_created_listed_shown_and_changed() {
    let here = Installation::new();
    let made = here.json(&["tenant", "create", "--slug", "acme", "--name", "Acme"]);
    assert_eq!(made["slug"], "acme");
    assert_eq!(made["issuer"], "http://localhost:8080/t/acme");
    assert!(made["id"].as_str().unwrap().starts_with("ten_"));
    let first = here.json(&["tenant", "list", "--limit", "1"]);
    assert_eq!(first["data"][0]["slug"], "acme");
    let rest = here.json(&[
        "tenant",
        "list",
        "--cursor",
        first["next_cursor"].as_str().unwrap(),
    ]);
    assert_eq!(rest["data"][0]["slug"], "default");
    assert_eq!(rest["next_cursor"], Value::Null);
    let changed = here.json(&[
        "tenant",
        "update",
        "acme",
        "--registration",
        "open",
        "--primary-color",
        "#0b5fff",
    ]);
    assert_eq!(changed["settings"]["registration"], "open");
    assert_eq!(
        here.json(&["tenant", "show", "acme"])["branding"]["primary"],
        "#0b5fff"
    );
}

#[test]
fn refusals_have_a_code_a_message_and_an_exit_code() {
    let here = Installation::new();
    here.json(&["tenant", "create", "--slug", "acme", "--name", "Acme"]);
    let (exit, error) = here.refusal(&["tenant", "create", "--slug", "acme", "--name", "Again"]);
    assert_eq!((exit, error["code"].as_str().unwrap()), (1, "tenant.slug_taken"));
    let (exit, error) = here.refusal(&["user", "list", "--tenant", "nobody"]);
    assert_eq!((exit, error["code"].as_str().unwrap()), (1, "tenant.not_found"));
    assert!(error["message"].as_str().unwrap().contains("`nobody`"));
    let (exit, error) = here.refusal(&["client", "show", "nonsense"]);
    assert_eq!((exit, error["code"].as_str().unwrap()), (2, "usage"));
    let (exit, error) = here.refusal(&["tenant", "list", "--listne", "x"]);
    assert_eq!((exit, error["code"].as_str().unwrap()), (2, "usage"));
    let (exit, error) = here.refusal(&["user", "create", "--email", "a@b.example", "--password", "short"]);
    assert_eq!(
        (exit, error["code"].as_str().unwrap()),
        (1, "user.invalid_password")
    );
    let config = here.data.join("broken.toml");
    std::fs::write(&config, "listne = 1\n").unwrap();
    let (exit, error) = here.refusal(&["tenant", "list", "--config", config.to_str().unwrap()]);
    assert_eq!((exit, error["code"].as_str().unwrap()), (2, "config.invalid"));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("did you mean `listen`")
    );
}

#[test]
fn users_are_created_found_by_address_and_disabled() {
    let here = Installation::new();
    let made = here.json(&[
        "user",
        "create",
        "--email",
        "Ada@Example.test",
        "--password",
        PASSWORD,
        "--verified",
    ]);
    assert!(made["id"].as_str().unwrap().starts_with("usr_"));
    assert_eq!(made["email_verified"], true);
    assert!(!made.to_string().contains(PASSWORD));
    let shown = here.json(&["user", "show", "ada@example.test"]);
    assert_eq!(shown["id"], made["id"]);
    assert_eq!(
        here.json(&["user", "disable", "ada@example.test"])["status"],
        "disabled"
    );
    assert_eq!(
        here.json(&["user", "enable", made["id"].as_str().unwrap()])["status"],
        "active"
    );
    let mut child = here
        .command(&[
            "user",
            "create",
            "--email",
            "b@example.test",
            "--password-stdin",
            "--json",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{PASSWORD}\n").as_bytes())
        .unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(here.json(&["user", "list"])["data"].as_array().unwrap().len(), 2);
}

#[test]
fn a_clients_secret_is_printed_once_and_rotated() {
    let here = Installation::new();
    let create = [
        "client",
        "create",
        "--name",
        "App",
        "--type",
        "confidential",
        "--redirect-uri",
        "https://a.example/cb",
    ];
    let made = here.json(&create);
    let id = made["client_id"].as_str().unwrap();
    assert!(id.starts_with("cli_"));
    assert!(made["client_secret"].as_str().unwrap().starts_with("af_cs_"));
    assert_eq!(
        made["grant_types"],
        serde_json::json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(made["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(here.json(&["client", "show", id]).get("client_secret"), None);
    let rotated = here.json(&["client", "rotate-secret", id]);
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    let updated = here.json(&[
        "client",
        "update",
        id,
        "--redirect-uri",
        "https://b.example/cb",
        "--name",
        "New",
    ]);
    assert_eq!(
        updated["redirect_uris"],
        serde_json::json!(["https://b.example/cb"])
    );
    assert_eq!(updated["client_name"], "New");
    assert_eq!(updated["grant_types"], made["grant_types"]);
    assert_eq!(here.json(&["client", "disable", id])["status"], "disabled");
    assert_eq!(here.json(&["client", "delete", id])["deleted"], true);
    assert_eq!(
        here.refusal(&["client", "show", id]).1["code"],
        "client.not_found"
    );
}

#[test]
fn a_public_client_has_no_secret_and_one_without_redirects_acts_for_itself() {
    let here = Installation::new();
    let redirect = ["--redirect-uri", "http://localhost:3000/cb"];
    let public = here.json(
        &[
            &["client", "create", "--name", "SPA", "--type", "public"][..],
            &redirect,
        ]
        .concat(),
    );
    assert_eq!(public.get("client_secret"), None);
    assert_eq!(public["token_endpoint_auth_method"], "none");
    let service = here.json(&["client", "create", "--name", "Job", "--type", "confidential"]);
    assert_eq!(service["grant_types"], serde_json::json!(["client_credentials"]));
    let mixed = [
        "client",
        "create",
        "--name",
        "X",
        "--type",
        "public",
        "--auth-method",
        "client_secret_basic",
    ];
    let (exit, error) = here.refusal(&[&mixed[..], &redirect].concat());
    assert_eq!(
        (exit, error["code"].as_str().unwrap()),
        (2, "client.invalid_metadata")
    );
}

#[test]
fn an_initial_access_token_is_printed_once() {
    let here = Installation::new();
    let made = here.json(&["client", "initial-access-token", "--uses", "3"]);
    assert!(
        made["initial_access_token"]
            .as_str()
            .unwrap()
            .starts_with("af_ia_")
    );
    assert_eq!(made["uses"], 3);
    assert_eq!(
        here.refusal(&["client", "initial-access-token", "--uses", "0"]).0,
        2
    );
}

#[test]
fn resources_scopes_and_keys_have_their_commands() {
    let here = Installation::new();
    let api = "https://api.example.com";
    let made = here.json(&[
        "resource",
        "create",
        "--identifier",
        api,
        "--name",
        "API",
        "--signing-alg",
        "EdDSA",
    ]);
    assert_eq!(made["signing_algorithm"], "EdDSA");
    let scope = here.json(&["scope", "create", "--name", "orders:read", "--resource", api]);
    assert_eq!(scope["resource"], api);
    assert_eq!(here.json(&["resource", "list"])["data"][0]["identifier"], api);
    assert!(here.json(&["scope", "list"]).to_string().contains("orders:read"));
    let rotated = here.json(&["key", "rotate"]);
    let states: Vec<&str> = rotated["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["state"].as_str().unwrap())
        .collect();
    assert!(
        ["next", "active", "retired"]
            .iter()
            .all(|state| states.contains(state)),
        "{states:?}"
    );
    assert_eq!(
        here.json(&["key", "list"])["data"].as_array().unwrap().len(),
        states.len()
    );
}

#[test]
fn people_get_tables_and_control_characters_never_reach_their_terminal() {
    let here = Installation::new();
    here.json(&["tenant", "create", "--slug", "acme", "--name", "Acme"]);
    let output = here.run(&["tenant", "list"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("SLUG"), "{text}");
    assert_eq!(text.lines().count(), 3);
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn doctor_changes_nothing_and_finds_a_lost_key() {
    let here = Installation::new();
    let nothing = here.json(&["doctor"]);
    assert_eq!(nothing["healthy"], true);
    assert!(!here.data.exists());
    here.json(&["tenant", "list"]);
    assert_eq!(here.json(&["doctor"])["healthy"], true);
    let key = here.data.join("master.key");
    std::fs::rename(&key, here.data.join("away")).unwrap();
    let output = here.run(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = one_object(&output);
    assert_eq!(report["healthy"], false);
    assert!(report.to_string().contains("master key"), "{report}");
    assert!(!key.exists());
}

#[test]
fn a_server_is_healthy_counts_drains_on_sigterm_and_ends_with_zero() {
    let here = Installation::new();
    let mut server = Server::start(&here, "serve");
    assert_eq!(get(&server.admin, "/livez").0, 200);
    assert_eq!(get(&server.admin, "/readyz").0, 200);
    assert_eq!(get(&server.admin, "/nothing").0, 404);
    assert_eq!(get(&server.public, "/readyz").0, 404);
    let (status, document) = get(&server.public, "/.well-known/openid-configuration");
    let port = server.public.rsplit(':').next().unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(
        (status, document["issuer"].as_str().unwrap()),
        (200, &*format!("http://localhost:{port}"))
    );
    let made = here.json(&["tenant", "create", "--slug", "acme", "--name", "Acme"]);
    assert_eq!(made["issuer"], format!("http://localhost:{port}/t/acme"));
    assert_eq!(
        get(&server.public, "/t/acme/.well-known/openid-configuration").0,
        200
    );
    let metrics = get(&server.admin, "/metrics").1;
    let counted = "authflow_http_requests_total{method=\"GET\",route=\"/.well-known/openid-configuration\",status=\"2xx\"} 2";
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains("process_resident_memory_bytes"), "{metrics}");
    server.terminate();
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let rest: Vec<String> = server.lines.by_ref().map(Result::unwrap).collect();
    assert!(rest.iter().any(|line| line.contains("\"stopped\"")), "{rest:?}");
}

#[test]
fn first_start_prints_a_claim_link_and_none_once_there_is_an_operator() {
    let here = Installation::new();
    let mut server = Server::start(&here, "serve");
    let announced = |server: &mut Server| {
        let mut lines = server.lines.by_ref().map(Result::unwrap);
        lines.find(|line| line.contains("/t/system/claim/af_cl_"))
    };
    let link = announced(&mut server).expect("no link").trim().to_owned();
    let path = link
        .split_once(&server.public.replace("127.0.0.1", "localhost"))
        .unwrap()
        .1
        .to_owned();
    let (status, page) = get(&server.public, &path);
    assert_eq!(status, 200);
    assert!(page.contains("name=\"password\""), "{page}");
    assert!(
        here.json(&["doctor"])
            .to_string()
            .contains("authflow operator claim-link")
    );
    let newer = here.json(&["operator", "claim-link"]);
    assert!(
        newer["url"]
            .as_str()
            .unwrap()
            .starts_with(link.split("af_cl_").next().unwrap())
    );
    assert_eq!(get(&server.public, &path).0, 400, "the older link is worthless");
    let made = here.json(&[
        "operator",
        "create",
        "--email",
        "olga@example.com",
        "--password",
        PASSWORD,
    ]);
    assert!(made["id"].as_str().unwrap().starts_with("usr_"));
    assert_eq!(here.json(&["operator", "list"])["data"][0]["id"], made["id"]);
    assert!(!here.json(&["doctor"]).to_string().contains("claim-link"));
    let (exit, error) = here.refusal(&["operator", "claim-link"]);
    assert_eq!((exit, error["code"].as_str().unwrap()), (1, "operator.claimed"));
    server.terminate();
    server.child.wait().unwrap();
    let mut server = Server::start(&here, "serve");
    server.terminate();
    server.child.wait().unwrap();
    assert_eq!(announced(&mut server), None);
}

#[test]
fn dev_prints_where_to_go_and_an_address_in_use_is_a_clear_error() {
    let here = Installation::new();
    let mut server = Server::start(&here, "dev");
    let mut stdout = BufReader::new(server.child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("/dev/outbox") {
        assert_ne!(stdout.read_line(&mut text).unwrap(), 0, "{text}");
    }
    let port = server.public.rsplit(':').next().unwrap();
    assert!(
        text.contains(&format!("http://localhost:{port}/dev/demo")),
        "{text}"
    );
    assert_eq!(get(&server.public, "/dev/demo").0, 200);
    let other = Installation::new();
    let (exit, error) = other.refusal(&[
        "serve",
        "--listen",
        &server.public,
        "--admin-listen",
        "127.0.0.1:0",
    ]);
    assert_eq!((exit, error["code"].as_str().unwrap()), (1, "listen"));
    assert!(!other.data.exists());
}
