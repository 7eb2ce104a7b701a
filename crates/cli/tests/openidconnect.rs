//! A client that we did not write: the `openidconnect` crate signs a user in through the real binary, on both databases,
//! for the default tenant and for one under `/t/{slug}`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use authflow_testkit::postgres::{ScratchDatabase, scratch_database};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, RequestTokenError, Scope,
    TokenResponse as _,
};
use serde_json::Value;
use url::Url;

const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "otters bake rye bread on mondays";
const REDIRECT: &str = "https://app.example.com/callback";

/// The binary, serving; its data goes when the test ends.
struct Server {
    child: Child,
    data: PathBuf,
    base: String,
    database: Option<String>,
}

impl Server {
    async fn start(name: &str, database: Option<String>) -> Self {
        let data = std::env::temp_dir().join(format!("authflow-oidc-{name}-{}", std::process::id()));
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let base = format!("http://localhost:{port}");
        let mut command = binary(&data, database.as_deref());
        let listen = format!("127.0.0.1:{port}");
        command.args([
            "serve",
            "--listen",
            &listen,
            "--admin-listen",
            "127.0.0.1:0",
            "--base-url",
            &base,
        ]);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            data,
            base,
            database,
        };
        server.wait_until_it_answers().await;
        server
    }

    async fn wait_until_it_answers(&mut self) {
        let http = plain_client();
        for _ in 0..600 {
            assert!(self.child.try_wait().unwrap().is_none(), "the server ended");
            if http
                .get(format!("{}/.well-known/jwks.json", self.base))
                .send()
                .await
                .is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not answer");
    }

    /// Runs a command on the running installation and gives the object that it prints.
    fn json(&self, arguments: &[&str]) -> Value {
        let output = binary(&self.data, self.database.as_deref())
            .args(arguments)
            .arg("--json")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        std::fs::remove_dir_all(&self.data).ok();
    }
}

fn binary(data: &PathBuf, database: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authflow"));
    let inherited = std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("AUTHFLOW_"));
    command
        .env_clear()
        .envs(inherited)
        .current_dir(std::env::temp_dir())
        .arg("--data")
        .arg(data);
    if let Some(url) = database {
        command.args(["--database-url", url]);
    }
    command
}

fn plain_client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// What `openidconnect` sends its requests with.
async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = plain_client().execute(request.try_into()?).await?;
    let mut response = HttpResponse::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}

/// A browser without script: it keeps cookies, follows redirects, and fills in the forms it is shown.
#[derive(Default)]
struct Browser {
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// Signs in and allows, until the browser is sent to the client; gives the address it is sent to.
    async fn sign_in(&self, start: Url) -> Url {
        let mut next = (start, None::<Vec<(String, String)>>);
        for _ in 0..12 {
            let (at, form) = next;
            let (answer, html) = self.request(&at, form).await;
            if let Some(location) = answer {
                let location = at.join(&location).unwrap();
                if location.as_str().starts_with(REDIRECT) {
                    return location;
                }
                next = (location, None);
                continue;
            }
            next = filled_in(&at, &html);
        }
        panic!("the sign-in does not end");
    }

    async fn request(&self, at: &Url, form: Option<Vec<(String, String)>>) -> (Option<String>, String) {
        let http = plain_client();
        let request = match &form {
            Some(fields) => http.post(at.clone()).form(fields),
            None => http.get(at.clone()),
        };
        let cookies: Vec<String> = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies
                .lock()
                .unwrap()
                .insert(name.to_owned(), value.to_owned());
        }
        let location = answer
            .headers()
            .get("location")
            .map(|value| value.to_str().unwrap().to_owned());
        (location, answer.text().await.unwrap())
    }
}

/// The form of a hosted page, as a person would fill it in.
fn filled_in(at: &Url, html: &str) -> (Url, Option<Vec<(String, String)>>) {
    let page = scraper::Html::parse_document(html);
    let select = |text: &str| scraper::Selector::parse(text).unwrap();
    let form = page
        .select(&select("form[method=post]"))
        .find(|form| {
            form.select(&select("[name=password], [name=decision]"))
                .next()
                .is_some()
        })
        .unwrap_or_else(|| panic!("no form at {at}: {html}"));
    let mut fields = Vec::new();
    for input in form.select(&select("input[name]")) {
        let name = input.attr("name").unwrap().to_owned();
        let value = match name.as_str() {
            "identifier" => EMAIL,
            "password" => PASSWORD,
            _ => input.attr("value").unwrap_or("on"),
        };
        fields.push((name, value.to_owned()));
    }
    if form.select(&select("[name=decision]")).next().is_some() {
        fields.push(("decision".to_owned(), "allow".to_owned()));
    }
    (at.join(form.attr("action").unwrap()).unwrap(), Some(fields))
}

async fn on(name: &str, database: Option<String>) {
    let server = Server::start(name, database).await;
    server.json(&["tenant", "create", "--slug", "acme", "--name", "Acme"]);
    for (tenant, path) in [("default", ""), ("acme", "/t/acme")] {
        server.json(&[
            "user",
            "create",
            "--tenant",
            tenant,
            "--email",
            EMAIL,
            "--password",
            PASSWORD,
            "--verified",
        ]);
        #[rustfmt::skip]
        let client = server.json(&[
            "client", "create", "--tenant", tenant, "--name", "Stock client", "--type", "confidential",
            "--redirect-uri", REDIRECT, "--grant", "authorization_code", "--grant", "refresh_token",
            "--scope", "openid", "--scope", "email", "--scope", "offline_access",
        ]);
        let text = |name: &str| client[name].as_str().unwrap().to_owned();
        signs_in(
            &format!("{}{path}", server.base),
            text("client_id"),
            text("client_secret"),
        )
        .await;
    }
}

async fn signs_in(issuer: &str, client_id: String, secret: String) {
    let issuer = IssuerUrl::new(issuer.to_owned()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &send).await.unwrap();
    let redirect = RedirectUrl::new(REDIRECT.to_owned()).unwrap();
    let id = ClientId::new(client_id);
    let client =
        CoreClient::from_provider_metadata(metadata.clone(), id.clone(), Some(ClientSecret::new(secret)))
            .set_redirect_uri(redirect.clone());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("offline_access".to_owned()))
        .set_pkce_challenge(challenge)
        .url();

    let back = Browser::default().sign_in(address).await;
    let answer: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    assert_eq!(&answer["state"], state.secret());
    assert_eq!(answer["iss"], metadata.issuer().as_str());
    let code = || AuthorizationCode::new(answer["code"].clone());

    let tokens = client
        .exchange_code(code())
        .unwrap()
        .set_pkce_verifier(verifier)
        .request_async(&send)
        .await
        .unwrap();
    let id_token = tokens.id_token().unwrap();
    let checked = client.id_token_verifier();
    let claims = id_token.claims(&checked, &nonce).unwrap();
    assert_eq!(claims.email().unwrap().as_str(), EMAIL);
    let algorithm = id_token.signing_alg().unwrap();
    let key = id_token.signing_key(&checked).unwrap();
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).unwrap();
    assert_eq!(claims.access_token_hash(), Some(&hash));

    let subject = Some(claims.subject().clone());
    let user: CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), subject)
        .unwrap()
        .request_async(&send)
        .await
        .unwrap();
    assert_eq!(user.email().unwrap().as_str(), EMAIL);

    let refresh = tokens.refresh_token().unwrap();
    let renewed = client
        .exchange_refresh_token(refresh)
        .unwrap()
        .request_async(&send)
        .await
        .unwrap();
    assert_ne!(renewed.refresh_token().unwrap().secret(), refresh.secret());

    let wrong = CoreClient::from_provider_metadata(metadata, id, Some(ClientSecret::new("wrong".to_owned())))
        .set_redirect_uri(redirect);
    let refused = wrong
        .exchange_refresh_token(refresh)
        .unwrap()
        .request_async(&send)
        .await;
    assert_refused(refused, &CoreErrorResponseType::InvalidClient);

    let (_, other) = PkceCodeChallenge::new_random_sha256();
    let replayed = client
        .exchange_code(code())
        .unwrap()
        .set_pkce_verifier(other)
        .request_async(&send)
        .await;
    assert_refused(replayed, &CoreErrorResponseType::InvalidGrant);
    let dead = renewed.refresh_token().unwrap();
    let dead = client
        .exchange_refresh_token(dead)
        .unwrap()
        .request_async(&send)
        .await;
    assert_refused(dead, &CoreErrorResponseType::InvalidGrant);
}

type Refusal = RequestTokenError<reqwest::Error, openidconnect::StandardErrorResponse<CoreErrorResponseType>>;

fn assert_refused<T>(result: Result<T, Refusal>, wanted: &CoreErrorResponseType) {
    match result {
        Err(RequestTokenError::ServerResponse(error)) => assert_eq!(error.error(), wanted),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("not refused"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openidconnect_crate_signs_in_on_sqlite() {
    on("sqlite", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openidconnect_crate_signs_in_on_postgres() {
    let Some(database): Option<ScratchDatabase> = scratch_database().await.unwrap() else {
        return;
    };
    on("postgres", Some(database.url())).await;
}
