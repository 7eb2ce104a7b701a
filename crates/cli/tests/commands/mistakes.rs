//! Mistakes that are found before they do harm.

use super::*;

#[test]
fn a_resource_whose_tokens_nobody_could_verify_is_refused() {
    let here = Installation::new();
    let create = [
        "resource",
        "create",
        "--identifier",
        "https://api.example",
        "--name",
        "API",
    ];
    let (exit, error) = here.refusal(&[&create[..], &["--signing-alg", "HS256"]].concat());
    assert_eq!(
        (exit, error["code"].as_str().unwrap()),
        (1, "resource.invalid_algorithm")
    );
    here.json(&[&create[..], &["--signing-alg", "EdDSA"]].concat());
}

#[test]
fn an_import_from_a_pipe_reads_what_comes_through_it() {
    let here = Installation::new();
    let mut child = here
        .command(&["user", "import", "/dev/stdin", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let line = "{\"email\": \"ada@example.com\"}\n";
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(one_object(&output)["created"], 1);
}

#[test]
fn a_member_that_branding_does_not_have_changes_nothing() {
    let here = Installation::new();
    here.json(&["tenant", "update", "default", "--primary-color", "#0b5fff"]);
    let file = here.data.join("branding.json");
    for (text, named) in [
        (r#"{"nam": "Acme"}"#, "`nam`"),
        (r#"{"links": {"hepl": "https://help.example"}}"#, "`links.hepl`"),
    ] {
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let (exit, error) = here.refusal(&["tenant", "update", "default", "--branding", file]);
        assert_eq!(
            (exit, error["code"].as_str().unwrap()),
            (2, "tenant.invalid_branding")
        );
        assert!(error["message"].as_str().unwrap().contains(named), "{error}");
    }
    let branding = &here.json(&["tenant", "show", "default"])["branding"];
    assert_eq!(branding["primary"], "#0b5fff");
}

#[test]
fn a_start_that_fails_moves_no_issuer() {
    let here = Installation::new();
    let issuer = || here.json(&["tenant", "show", "default"])["issuer"].clone();
    let before = issuer();
    let file = here.data.join("broken.toml");
    std::fs::write(&file, "[passwords]\nbreached_file = \"/nowhere\"\n").unwrap();
    let (exit, _) = here.refusal(&[
        "serve",
        "--config",
        file.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
        "--base-url",
        "https://elsewhere.example",
    ]);
    assert_eq!((exit, issuer()), (1, before));
}

#[test]
fn switching_off_every_way_in_is_refused_unless_a_connection_is_left() {
    let here = Installation::new();
    let off = ["password", "passkey", "email_code"].map(|method| format!("methods.{method}=false"));
    let settings: Vec<&str> = off.iter().flat_map(|one| ["--setting", one]).collect();
    let change = [&["tenant", "update", "default"], &settings[..]].concat();
    let (exit, error) = here.refusal(&change);
    assert_eq!((exit, error["code"].as_str().unwrap()), (1, "tenant.no_way_in"));
    here.json(&[
        "connection",
        "create",
        "--preset",
        "github",
        "--client-id",
        "x",
        "--client-secret",
        "y",
    ]);
    let changed = here.json(&change);
    assert_eq!(changed["settings"]["methods"]["password"], false);
}
