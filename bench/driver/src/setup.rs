//! What a fresh installation needs before it can be measured, made through the command line.

use crate::product::Product;
use crate::visitor::Person;
use anyhow::{Context, Result};
use serde_json::Value;

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
}

/// The API resource whose access tokens are signed with this algorithm.
pub(crate) fn resource(algorithm: &str) -> String {
    format!("https://{}.api.example.test", algorithm.to_ascii_lowercase())
}

/// Prepares the default tenant: one user, one machine client, one application for each algorithm.
pub(crate) async fn provision(product: &Product) -> Result<Fixture> {
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
    Ok(Fixture {
        machine,
        applications,
        person,
    })
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
    let member = |name: &str| {
        made.get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .with_context(|| format!("no `{name}` in {made}"))
    };
    Ok(Credentials {
        id: member("client_id")?,
        secret: member("client_secret")?,
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
