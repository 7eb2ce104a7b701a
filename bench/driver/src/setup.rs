//! What a fresh installation needs before it can be measured, made through the command line.

use crate::devices::text;
use crate::limits::password_hash;
use crate::product::Product;
use crate::visitor::Person;
use anyhow::Result;
use serde_json::json;
use std::ops::Range;
use std::rc::Rc;

pub(crate) const CALLBACK: &str = "https://app.example.test/callback";
/// The pair of RFC 7636 appendix B.
pub(crate) const CODE_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CODE_CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const ALGORITHMS: [&str; 3] = ["EdDSA", "ES256", "RS256"];

/// A confidential client.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// Everything that the workloads need to know.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    pub(crate) machine: Credentials,
    /// One client for each algorithm of `ALGORITHMS`, which signs its ID tokens.
    pub(crate) applications: Vec<Credentials>,
    pub(crate) person: Person,
    /// A public client that may ask for credentials itself.
    pub(crate) first_party: String,
    pub(crate) directory: Rc<Directory>,
}

/// Imported people, all with the same password, with a verified address and a verified number.
#[derive(Debug)]
pub(crate) struct Directory {
    password: String,
    connections: usize,
}

/// People who take turns with authenticator apps, whose codes count once.
const WITH_APP: usize = 500;

impl Directory {
    pub(crate) fn email(index: usize) -> String {
        format!("person-{index}@example.test")
    }

    pub(crate) fn phone(index: usize) -> String {
        format!("+49151{:08}", 20_000_000 + index)
    }

    pub(crate) fn person(&self, index: usize) -> Person {
        Person {
            email: Self::email(index),
            password: self.password.clone(),
        }
    }

    /// The people beyond those that stand for connections.
    pub(crate) fn with_app(&self) -> Range<usize> {
        self.connections..self.connections + WITH_APP
    }

    /// How many there are.
    pub(crate) fn size(&self) -> usize {
        self.with_app().end
    }

    async fn import(&self, product: &Product) -> Result<()> {
        let hash = password_hash(&self.password)?;
        let lines: Vec<String> = (0..self.size())
            .map(|index| {
                let line = json!({
                    "email": Self::email(index), "email_verified": true,
                    "phone_number": Self::phone(index), "phone_number_verified": true,
                    "password_hash": hash,
                });
                format!("{line}\n")
            })
            .collect();
        let file = product.data.join("people.jsonl");
        std::fs::write(&file, lines.concat())?;
        let file = file.display().to_string();
        product
            .command(&["user", "import", "--tenant", "default", &file])
            .await
            .map(|_| ())
    }
}

/// The API resource whose access tokens are signed with this algorithm.
pub(crate) fn resource(algorithm: &str) -> String {
    format!("https://{}.api.example.test", algorithm.to_ascii_lowercase())
}

/// Prepares the default tenant: users, one machine client, one application for each algorithm, one first-party application.
pub(crate) async fn provision(product: &Product, connections: usize) -> Result<Fixture> {
    product.command(&["migrate"]).await?;
    let person = Person {
        email: "bench@example.test".to_owned(),
        password: "correct horse battery staple 47".to_owned(),
    };
    product
        .json(&[
            "user",
            "create",
            "--tenant",
            "default",
            "--email",
            &person.email,
            "--password",
            &person.password,
            "--verified",
        ])
        .await?;
    for algorithm in ALGORITHMS {
        let identifier = resource(algorithm);
        product
            .json(&[
                "resource",
                "create",
                "--tenant",
                "default",
                "--identifier",
                &identifier,
                "--name",
                algorithm,
                "--signing-alg",
                algorithm,
            ])
            .await?;
    }
    let machine = client(product, "machine", &["--grant", "client_credentials"]).await?;
    let mut applications = Vec::new();
    for algorithm in ALGORITHMS {
        let more = [
            "--grant",
            "authorization_code",
            "--grant",
            "refresh_token",
            "--redirect-uri",
            CALLBACK,
            "--id-token-alg",
            algorithm,
        ];
        applications.push(client(product, algorithm, &more).await?);
    }
    product
        .json(&[
            "tenant",
            "update",
            "default",
            "--setting",
            "methods.magic_link=true",
            "--setting",
            "methods.sms_code=true",
        ])
        .await?;
    let directory = Directory {
        password: person.password.clone(),
        connections,
    };
    directory.import(product).await?;
    Ok(Fixture {
        machine,
        applications,
        person,
        first_party: first_party(product).await?,
        directory: Rc::new(directory),
    })
}

async fn first_party(product: &Product) -> Result<String> {
    let made = product
        .json(&[
            "client",
            "create",
            "--tenant",
            "default",
            "--name",
            "first-party",
            "--type",
            "public",
            "--application-type",
            "native",
            "--redirect-uri",
            "com.example.app:/callback",
            "--first-party",
            "true",
        ])
        .await?;
    Ok(text(&made, "/client_id")?.to_owned())
}

async fn client(product: &Product, name: &str, more: &[&str]) -> Result<Credentials> {
    let common = [
        "client",
        "create",
        "--tenant",
        "default",
        "--name",
        name,
        "--type",
        "confidential",
    ];
    let made = product.json(&[&common, more].concat()).await?;
    Ok(Credentials {
        id: text(&made, "/client_id")?.to_owned(),
        secret: text(&made, "/client_secret")?.to_owned(),
    })
}

/// Makes tenants `tenant-0`, `tenant-1` and so on.
pub(crate) async fn make_tenants(product: &Product, count: usize) -> Result<()> {
    for index in 0..count {
        let slug = format!("tenant-{index}");
        product
            .command(&["tenant", "create", "--slug", &slug, "--name", &slug, "--json"])
            .await?;
    }
    Ok(())
}
