use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::guard::LookupFuture;
use super::*;

/// Answers every connection with the same bytes, and counts connections.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
enum Reply {
    Bytes(Vec<u8>),
    Endless,
    Silence,
}

impl Server {
    async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (Arc::clone(&server.connections), Arc::clone(&server.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(stream, reply.clone(), Arc::clone(&requests)));
            }
        });
        server
    }

    async fn json(body: &str) -> Self {
        Self::start(Reply::Bytes(response("200 OK", "", body))).await
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    fn named(&self, host: &str) -> Url {
        Url::parse(&format!("http://{host}:{}/", self.address.port())).unwrap()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}")
        .into_bytes()
}

async fn answer(mut stream: TcpStream, reply: Reply, requests: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let Ok(read) = stream.read(&mut buffer).await else {
            return;
        };
        request.extend_from_slice(&buffer[..read]);
        // A TLS handshake: this server does not speak it.
        if request.first() == Some(&0x16) {
            return;
        }
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return;
            }
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            break;
        }
    }
    requests
        .lock()
        .unwrap()
        .push(String::from_utf8_lossy(&request).into_owned());
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Silence => std::future::pending().await,
        Reply::Endless => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await;
            while stream.write_all(b"4\r\n1111\r\n").await.is_ok() {}
        }
    }
}

/// A resolver whose answers the test writes; each name's answers are given in turn, the last one for ever.
#[derive(Default)]
struct Names(Mutex<HashMap<String, Vec<Vec<IpAddr>>>>);

impl Names {
    fn with(name: &str, answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers
            .iter()
            .map(|answer| answer.iter().map(|text| text.parse().unwrap()).collect())
            .collect();
        Arc::new(Self(Mutex::new(HashMap::from([(name.to_owned(), answers)]))))
    }
}

impl Lookup for Names {
    fn lookup(&self, name: &str) -> LookupFuture {
        let mut names = self.0.lock().unwrap();
        let answer = match names.get_mut(name) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => Ok(answers[0].clone()),
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        Box::pin(std::future::ready(answer))
    }
}

fn development() -> GuardedClient {
    GuardedClient::new(GuardConfig::development())
}

fn plain_http(exceptions: &[&str]) -> GuardConfig {
    let network = |text: &&str| super::super::guard::NetworkException {
        name: "test".to_owned(),
        network: text.parse().unwrap(),
    };
    GuardConfig {
        exceptions: exceptions.iter().map(network).collect(),
        http_to_exceptions: true,
        ..GuardConfig::default()
    }
}

#[tokio::test]
async fn json_is_fetched_from_an_excepted_network() {
    let server = Server::json(r#"{"keys":[]}"#).await;
    let value: Value = development()
        .fetch_json(&server.url("/jwks"), 1_000)
        .await
        .unwrap();
    assert_eq!(value, json!({ "keys": [] }));
    let request = server.requests.lock().unwrap().remove(0);
    assert!(request.starts_with("GET /jwks HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("user-agent: Authflow/"), "{request}");
}

#[tokio::test]
async fn loopback_is_refused_without_a_connection_unless_excepted() {
    let server = Server::json("{}").await;
    let client = GuardedClient::new(plain_http(&["10.0.0.0/8"]));
    let port = server.address.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::ffff:127.0.0.1]",
        "localhost",
    ] {
        for scheme in ["http", "https"] {
            let url = Url::parse(&format!("{scheme}://{host}:{port}/")).unwrap();
            let error = client.fetch(&url, 1_000).await.unwrap_err();
            assert!(
                matches!(error, FetchError::Refused(Refusal::NotPublic { .. })),
                "{url}: {error:?}"
            );
        }
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn name_is_judged_by_the_addresses_it_resolves_to() {
    let server = Server::json("{}").await;
    for (answer, refused) in [
        (&["127.0.0.1"][..], false),
        (&["10.0.0.1"], true),
        (&["127.0.0.1", "10.0.0.1"], true),
        (&["127.0.0.1", "1.1.1.1"], true),
        (&["::ffff:127.0.0.1"], true),
    ] {
        let names = Names::with("app.example", &[answer]);
        let client = GuardedClient::with_lookup(GuardConfig::development(), names);
        let result = client.fetch(&server.named("app.example"), 1_000).await;
        match result {
            Ok(_) => assert!(!refused, "{answer:?}"),
            Err(FetchError::Refused(Refusal::NotPublic { .. })) => assert!(refused, "{answer:?}"),
            Err(error) => panic!("{answer:?}: {error:?}"),
        }
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn rebinding_between_two_requests_is_noticed() {
    let server = Server::json("{}").await;
    let names = Names::with("app.example", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let client = GuardedClient::with_lookup(plain_http(&["127.0.0.1/32"]), names);
    let url = server.named("app.example");
    client.fetch(&url, 1_000).await.unwrap();
    let error = client.fetch(&url, 1_000).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(_)), "{error:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn unknown_name_is_unresolved() {
    let url = Url::parse("https://nowhere.example/").unwrap();
    let client = GuardedClient::with_lookup(GuardConfig::default(), Arc::new(Names::default()));
    let error = client.fetch(&url, 1_000).await.unwrap_err();
    assert!(matches!(error, FetchError::Unresolved), "{error:?}");
    let client = GuardedClient::with_lookup(GuardConfig::default(), Names::with("nowhere.example", &[&[]]));
    let error = client.fetch(&url, 1_000).await.unwrap_err();
    assert!(matches!(error, FetchError::Unresolved), "{error:?}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = Server::json("{}").await;
    let location = format!("Location: {}\r\n", target.url("/secret"));
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let server = Server::start(Reply::Bytes(response(status, &location, ""))).await;
        let error = development().fetch(&server.url("/"), 1_000).await.unwrap_err();
        assert!(matches!(error, FetchError::Status { status } if status / 100 == 3));
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn answer_is_read_up_to_its_limit_and_no_further() {
    let body = format!(r#""{}""#, "x".repeat(998));
    let server = Server::json(&body).await;
    let client = development();
    let url = server.url("/");
    assert!(client.fetch_json::<String>(&url, 1_000).await.is_ok());
    let error = client.fetch_json::<String>(&url, 999).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { limit: 999 }));

    let endless = Server::start(Reply::Endless).await;
    let error = client.fetch(&endless.url("/"), 10_000).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { limit: 10_000 }));
}

#[tokio::test]
async fn form_is_posted_and_a_part_of_the_answer_kept() {
    let server = Server::start(Reply::Bytes(response("400 Bad Request", "", &"e".repeat(500)))).await;
    let answer = development()
        .post_form(&server.url("/logout"), &[("logout_token", "a.b c&d")], 100)
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!((answer.body.len(), answer.truncated), (100, true));
    let request = server.requests.lock().unwrap().remove(0);
    assert!(
        request.contains("content-type: application/x-www-form-urlencoded\r\n"),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\nlogout_token=a.b+c%26d"), "{request}");
}

#[tokio::test]
async fn silent_host_times_out() {
    let server = Server::start(Reply::Silence).await;
    let config = GuardConfig {
        timeout_ms: 50,
        ..GuardConfig::development()
    };
    let error = GuardedClient::new(config)
        .fetch(&server.url("/"), 1_000)
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::TimedOut), "{error:?}");
}

#[tokio::test]
async fn broken_answers_get_their_own_errors() {
    let client = development();
    for (bytes, expected) in [
        (response("200 OK", "", "{"), "NotJson"),
        (response("404 Not Found", "", "{}"), "Status"),
        (response("204 No Content", "", ""), "Status"),
        (b"not http at all\r\n\r\n".to_vec(), "Broken"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}".to_vec(),
            "Broken",
        ),
        (Vec::new(), "Broken"),
    ] {
        let server = Server::start(Reply::Bytes(bytes.clone())).await;
        let result = client
            .fetch_json::<Value>(&server.url("/secret-path"), 1_000)
            .await;
        let error = format!("{:?}", result.unwrap_err());
        assert!(
            error.starts_with(expected),
            "{}: {error}",
            String::from_utf8_lossy(&bytes)
        );
        assert!(!error.contains("secret-path"), "{error}");
    }
}

#[tokio::test]
async fn closed_port_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let error = development().fetch(&url, 1_000).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn plain_server_on_an_https_url_is_unreachable() {
    let server = Server::json("{}").await;
    let url = Url::parse(&format!("https://{}/", server.address)).unwrap();
    let error = development().fetch(&url, 1_000).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error:?}");
}
