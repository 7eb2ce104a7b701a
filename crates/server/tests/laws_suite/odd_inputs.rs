//! Whatever is sent to whatever route: an answer of the right shape, never a 5xx, never a panic, nothing written.

use authflow_server::routes;
use authflow_testkit::{Answer, TestApp, both_databases};
use axum::body::Body;
use http::{HeaderValue, Request};

/// The shape that an answer must have, whichever it is.
fn assert_shape(answer: &Answer, case: &str) {
    let (status, kind) = (answer.status, answer.header("content-type"));
    assert!(!status.is_server_error(), "{case}: {status} {}", answer.body);
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{case}");
    assert!(answer.header("x-request-id").starts_with("req_"), "{case}");
    if kind.starts_with("text/html") {
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'"),
            "{case}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{case}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{case}");
    } else if status.is_client_error() && kind == "application/json" {
        assert!(answer.json()["error"].is_string(), "{case}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store", "{case}");
    } else if status.is_client_error() && kind == "application/problem+json" {
        assert!(answer.json()["code"].is_string(), "{case}");
    } else if status.is_client_error() {
        assert!(
            answer.body.is_empty() && !answer.header("www-authenticate").is_empty(),
            "{case}: {status} `{kind}` {}",
            answer.body
        );
    }
    for leak in [
        "panicked",
        "sqlx",
        "SELECT ",
        ".rs:",
        "/work/",
        "backtrace",
        "Failed to deserialize",
        "Failed to buffer",
    ] {
        assert!(!answer.body.contains(leak), "{case}: {}", answer.body);
    }
}

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(20_000), close.repeat(20_000)).into_bytes();
    vec![
        ("nothing", Vec::new()),
        ("raw NUL", b"a=\0&token=\0&client_id=\0".to_vec()),
        ("encoded NUL", b"sign_in=%00&csrf=%00&token=%00&client_id=%00&grant_type=%00".to_vec()),
        ("invalid UTF-8", b"token=\xff\xfe&client_id=%ff%c3%28&sign_in=%e0%80%80".to_vec()),
        ("surrogates", br#"{"redirect_uris": ["\ud800"], "client_name": "\udfff"}"#.to_vec()),
        ("duplicates", b"grant_type=a&grant_type=b&client_id=a&client_id=b&sign_in=a&sign_in=b&token=a&token=b&csrf=a&csrf=b".to_vec()),
        ("duplicate keys", br#"{"redirect_uris": [], "redirect_uris": ["https://a.example"]}"#.to_vec()),
        ("deep arrays", deep("[", "]")),
        ("deep objects", deep("{\"a\":", "}")),
        ("many fields", (0..500).map(|n| format!("f{n}={n}&")).collect::<String>().into_bytes()),
        ("wrong types", br#"{"redirect_uris": 1, "grant_types": {}, "scope": [], "jwks": "x"}"#.to_vec()),
        ("not an object", b"null".to_vec()),
        ("percent signs", b"%=%&%%%=%zz&=&&&===".to_vec()),
        ("long value", format!("token={0}&client_id={0}&sign_in={0}", "x".repeat(20_000)).into_bytes()),
        ("too large", vec![b'a'; 70 * 1024]),
        ("much too large", vec![b'a'; 2 * 1024 * 1024]),
    ]
}

const KINDS: &[&str] = &[
    "",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    ";;;",
];

fn paths() -> Vec<(&'static str, String)> {
    let table = routes::all(true);
    let known = table.table().iter().map(|route| {
        (
            route.method,
            route
                .path
                .replace("{client_id}", "cli_x")
                .replace("{id}", "mai_x"),
        )
    });
    let odd = [
        "/oauth2/register/%00",
        "/oauth2/register/%ff%fe",
        "/oauth2/register/..%2f..%2fetc",
        "/t/%00/oauth2/token",
        "/t//oauth2/token",
        "/t/acme/t/acme/account",
        "/%00",
        "//evil.example/account",
        "/t/ACME/account",
        "/assets/../master.key",
        "/assets/%2e%2e%2fmaster.key",
    ];
    let methods = ["GET", "POST"];
    known
        .chain(
            odd.iter()
                .flat_map(|path| methods.map(|method| (method, (*path).to_owned()))),
        )
        .collect()
}

both_databases! {
    async fn odd_bodies_get_an_answer_of_the_right_shape_on_every_route(t: TestApp) {
        let mut t = t;
        t.set(|settings| settings.registration = authflow_server::tenants::RegistrationMode::Open).await;
        let before = t.row_counts().await;
        for (method, path) in paths().into_iter().filter(|(method, _)| *method != "GET") {
            for kind in KINDS {
                for (name, body) in bodies() {
                    let mut builder = Request::builder().method(method).uri(path.as_str()).header("host", "id.example");
                    if !kind.is_empty() {
                        builder = builder.header("content-type", *kind);
                    }
                    let answer = t.send(builder.body(Body::from(body)).unwrap()).await;
                    let case = format!("{method} {path} `{kind}` {name}");
                    assert_shape(&answer, &case);
                    assert!(answer.status.is_client_error() || answer.status.is_redirection() || path.contains("logout"), "{case}: {}", answer.status);
                }
            }
        }
        assert_eq!(t.row_counts().await, before);
    }

    async fn odd_queries_and_headers_get_an_answer_of_the_right_shape_on_every_route(t: TestApp) {
        let long = format!("sign_in={}", "x".repeat(30_000));
        let queries = ["", "%", "sign_in=%00", "sign_in=%ff", "sign_in=a&sign_in=b", "client_id=%00&redirect_uri=%00", "client_id[]=a", "token=%F0%9F%92%A9", "iss=https://evil.example&code=x&state=x", "ui_locales=%00%ff", "notice=%00", &long];
        let headers: &[(&str, &[u8])] = &[
            ("authorization", b"Basic"),
            ("authorization", b"Basic !!!!"),
            ("authorization", b"Basic Og=="),
            ("authorization", b"Basic /////w=="),
            ("authorization", b"Bearer"),
            ("authorization", b"Bearer  "),
            ("authorization", b"Bearer a b c"),
            ("authorization", b"Bearer \xff\xfe"),
            ("authorization", b"Digest username=x"),
            ("cookie", b"\xff\xfe=\xff"),
            ("cookie", b"__Host-authflow-session-default=a; __Host-authflow-session-default=b"),
            ("cookie", b"=;;;=;__Host-authflow-browser-default"),
            ("accept-language", b"\xff, de;q=9, *;q=x"),
            ("origin", b"null"),
            ("origin", b"\xff"),
            ("x-forwarded-for", b"1.2.3.4, ::1, nonsense"),
            ("user-agent", b"\xff\xfe\x01"),
            ("host", b"evil.example"),
            ("host", b"[::1"),
            ("content-length", b"nonsense"),
        ];
        for (method, path) in paths() {
            for query in queries {
                let uri = format!("{path}?{query}");
                let request = Request::builder().method(method).uri(uri.as_str()).body(Body::empty()).unwrap();
                assert_shape(&t.send(request).await, &format!("{method} {uri}"));
            }
            for (name, value) in headers {
                let Ok(value) = HeaderValue::from_bytes(value) else { continue };
                let request = Request::builder().method(method).uri(path.as_str()).header(*name, &value).body(Body::empty()).unwrap();
                assert_shape(&t.send(request).await, &format!("{method} {path} {name}: {value:?}"));
            }
        }
    }

    async fn wrong_methods_and_addresses_are_problems_and_not_pages_of_the_framework(t: TestApp) {
        let table = routes::all(false);
        for route in table.table() {
            for method in ["PATCH", "TRACE", "PROPFIND"] {
                let path = route.path.replace("{client_id}", "cli_x");
                let request = Request::builder().method(method).uri(path.as_str()).body(Body::empty()).unwrap();
                let answer = t.send(request).await;
                assert_eq!(answer.status, http::StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                assert_eq!(answer.json()["code"], "method_not_allowed", "{method} {path}");
            }
        }
        let unknown = t.tenant("acme").await.get("/nothing/here", &[]).await;
        assert_eq!((unknown.status.as_u16(), unknown.json()["code"].as_str()), (404, Some("not_found")));
        let nobody = t.get("/t/nobody/account", &[]).await;
        assert_eq!((nobody.status.as_u16(), nobody.json()["code"].as_str()), (404, Some("tenant.not_found")));
    }
}
