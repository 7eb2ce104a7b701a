//! One database measured from an empty folder to the last cell.

use crate::http::{Connection, form, get, post};
use crate::limits::command;
use crate::load::{self, Pace, Workload};
use crate::postbox::Postbox;
use crate::product::{Ports, Product, Server};
use crate::report::{Cell, DatabaseReport, Storm, TenantMemory};
use crate::setup::{ALGORITHMS, Credentials, Fixture, make_tenants, provision, resource};
use crate::sign_ins::{AppSignIn, Application, CodeSignIn, PasskeySignIn, Way};
use crate::usage::resident_mib;
use crate::workloads::{CodeFlow, PasswordSignIn, Refresh, Repeated, touch_tenants};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

const STARTS: usize = 5;
const STORM_CONNECTIONS: usize = 16;
/// How long memory may settle before it is read.
const SETTLE: Duration = Duration::from_secs(2);

/// What to measure.
pub(crate) struct Plan {
    pub(crate) binary: PathBuf,
    pub(crate) connections: Vec<usize>,
    pub(crate) pace: Pace,
    pub(crate) tenants: usize,
    pub(crate) only: String,
}

pub(crate) async fn measure(
    plan: &Plan,
    name: &str,
    data: &Path,
    url: Option<String>,
) -> Result<DatabaseReport> {
    std::fs::create_dir_all(data)?;
    let postmaster = match &url {
        Some(url) => Some(postmaster(url).await?),
        None => None,
    };
    let postbox = Rc::new(Postbox::open().await?);
    let product = Product {
        binary: plan.binary.clone(),
        data: data.to_owned(),
        database_url: url,
        postmaster,
        settings: postbox.settings(),
    };
    eprintln!("{name}: set-up");
    let most = plan.connections.iter().copied().max().unwrap_or_default();
    let fixture = provision(&product, most).await?;
    let ports = Ports::free()?;
    let cold_start_ms = cold_start(&product, ports).await?;

    let server = product.start(ports).await?;
    tokio::time::sleep(SETTLE).await;
    let (idle_mib, _) = resident_mib(server.pid)?;
    let mut run = Run {
        plan,
        name,
        server: &server,
        fixture: &fixture,
        cells: Vec::new(),
    };
    run.documents().await?;
    run.machine_tokens().await?;
    run.user_flows().await?;
    run.sign_ins(postbox).await;
    let cells = run.cells;
    let storm = if plan.only.is_empty() {
        Some(storm(plan, &server, &fixture).await?)
    } else {
        None
    };
    let (_, peak_mib) = resident_mib(server.pid)?;
    server.stop().await?;

    let tenants = if plan.tenants > 0 {
        Some(tenant_memory(&product, ports, plan.tenants).await?)
    } else {
        None
    };
    Ok(DatabaseReport {
        database: name.to_owned(),
        cold_start_ms,
        idle_mib,
        peak_mib,
        tenants,
        cells,
        storm,
    })
}

/// The parent of any backend: found through the data folder that the server names.
async fn postmaster(url: &str) -> Result<u32> {
    let folder = command(
        "psql",
        &["--no-psqlrc", "-At", "--command", "SHOW data_directory", url],
    )
    .await?;
    let file = Path::new(folder.trim()).join("postmaster.pid");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
    text.lines()
        .next()
        .and_then(|line| line.trim().parse().ok())
        .context("no process id in postmaster.pid")
}

/// The median of several starts, from the process to the first discovery document.
async fn cold_start(product: &Product, ports: Ports) -> Result<f64> {
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let server = product.start(ports).await?;
        times.push(server.first_answer.as_secs_f64() * 1000.0);
        server.stop().await?;
    }
    times.sort_by(f64::total_cmp);
    times.get(STARTS / 2).copied().context("no start was timed")
}

async fn tenant_memory(product: &Product, ports: Ports, count: usize) -> Result<TenantMemory> {
    eprintln!("memory with {count} tenants");
    make_tenants(product, count).await?;
    let server = product.start(ports).await?;
    tokio::time::sleep(SETTLE).await;
    let (idle_mib, _) = resident_mib(server.pid)?;
    let mut connection = Connection::open(server.address).await?;
    touch_tenants(&mut connection, &server.host, count).await?;
    let (touched_mib, _) = resident_mib(server.pid)?;
    server.stop().await?;
    Ok(TenantMemory {
        count,
        idle_mib,
        touched_mib,
    })
}

/// The cells of one server.
struct Run<'a> {
    plan: &'a Plan,
    name: &'a str,
    server: &'a Server,
    fixture: &'a Fixture,
    cells: Vec<Cell>,
}

impl Run<'_> {
    /// Measures one workload at every number of connections. A workload that fails is reported, the run goes on.
    async fn workload<W: Workload>(&mut self, name: &str, workload: W) {
        if !name.contains(&self.plan.only) {
            return;
        }
        let workload = Rc::new(workload);
        for &connections in &self.plan.connections {
            eprintln!("{}: {name}, {connections} connections", self.name);
            let watched = self.server.watched();
            let result = load::run(
                Rc::clone(&workload),
                self.server.address,
                connections,
                self.plan.pace,
                watched,
            )
            .await;
            let (measured, error) = match result {
                Ok(measured) => (Some(measured), None),
                Err(error) => (None, Some(format!("{error:#}"))),
            };
            self.cells.push(Cell {
                workload: name.to_owned(),
                connections,
                measured,
                error,
            });
        }
    }

    fn host(&self) -> String {
        self.server.host.clone()
    }

    async fn documents(&mut self) -> Result<()> {
        let documents = [
            ("discovery", "/.well-known/openid-configuration", "token_endpoint"),
            ("JWKS", "/.well-known/jwks.json", "keys"),
        ];
        for (name, path, proof) in documents {
            let request = get(&self.host(), path, &[]);
            self.workload(name, Repeated { request, proof }).await;
        }
        Ok(())
    }

    async fn machine_tokens(&mut self) -> Result<()> {
        for algorithm in ALGORITHMS {
            let workload = client_credentials(&self.host(), &self.fixture.machine, algorithm);
            self.workload(&format!("W1 client_credentials {algorithm}"), workload)
                .await;
        }
        Ok(())
    }

    async fn user_flows(&mut self) -> Result<()> {
        for (algorithm, client) in ALGORITHMS.iter().zip(&self.fixture.applications) {
            let flow = self.flow(client, "openid email");
            self.workload(&format!("W2 code + PKCE, ID token {algorithm}"), flow)
                .await;
        }
        for (algorithm, client) in ALGORITHMS.iter().zip(&self.fixture.applications) {
            let flow = self.flow(client, "openid email offline_access");
            self.workload(&format!("W3 refresh, ID token {algorithm}"), Refresh { flow })
                .await;
        }
        let client = self.fixture.applications.first().context("no application")?;
        self.token_checks(client).await?;
        let flow = self.flow(client, "openid email");
        self.workload("password sign-in", PasswordSignIn { flow }).await;
        Ok(())
    }

    /// Every method, on the first-party face.
    async fn sign_ins(&mut self, postbox: Rc<Postbox>) {
        let application = Application {
            host: self.host(),
            client: self.fixture.first_party.clone(),
            directory: Rc::clone(&self.fixture.directory),
            postbox,
        };
        let by_code = [
            ("sign-in, code by mail", Way::Email),
            ("sign-in, magic link", Way::Link),
            ("sign-in, code by SMS", Way::Sms),
        ];
        for (name, way) in by_code {
            let application = application.clone();
            self.workload(name, CodeSignIn::new(application, way)).await;
        }
        self.workload("sign-in, passkey", PasskeySignIn::new(application.clone()))
            .await;
        self.workload("sign-in, password + app", AppSignIn::new(application))
            .await;
    }

    fn flow(&self, client: &Credentials, scope: &'static str) -> CodeFlow {
        CodeFlow {
            host: self.host(),
            client: client.clone(),
            scope,
            person: self.fixture.person.clone(),
        }
    }

    async fn token_checks(&mut self, client: &Credentials) -> Result<()> {
        let mut connection = Connection::open(self.server.address).await?;
        let flow = self.flow(client, "openid email offline_access");
        let tokens = flow.first_tokens(&mut connection).await?;
        let body = form(&[
            ("token", &tokens.access),
            ("client_id", &client.id),
            ("client_secret", &client.secret),
        ]);
        let request = post(&self.host(), "/oauth2/introspect", &[], &body);
        self.workload(
            "introspection",
            Repeated {
                request,
                proof: "\"active\":true",
            },
        )
        .await;
        let bearer = format!("Bearer {}", tokens.access);
        let request = get(&self.host(), "/oauth2/userinfo", &[("authorization", &bearer)]);
        self.workload(
            "userinfo",
            Repeated {
                request,
                proof: "\"sub\"",
            },
        )
        .await;
        Ok(())
    }
}

fn client_credentials(host: &str, client: &Credentials, algorithm: &str) -> Repeated {
    let body = form(&[
        ("grant_type", "client_credentials"),
        ("client_id", &client.id),
        ("client_secret", &client.secret),
        ("resource", &resource(algorithm)),
    ]);
    Repeated {
        request: post(host, "/oauth2/token", &[], &body),
        proof: "access_token",
    }
}

/// `client_credentials` at 16 connections, alone and while 16 others sign in with passwords.
async fn storm(plan: &Plan, server: &Server, fixture: &Fixture) -> Result<Storm> {
    eprintln!("client_credentials in a sign-in storm");
    let machine = Rc::new(client_credentials(&server.host, &fixture.machine, "EdDSA"));
    let measure = || {
        load::run(
            Rc::clone(&machine),
            server.address,
            STORM_CONNECTIONS,
            plan.pace,
            server.watched(),
        )
    };
    let calm = measure().await?;
    let client = fixture.applications.first().context("no application")?.clone();
    let flow = CodeFlow {
        host: server.host.clone(),
        client,
        scope: "openid email",
        person: fixture.person.clone(),
    };
    let sign_ins = Rc::new(PasswordSignIn { flow });
    // The storm starts first and ends last.
    let pace = Pace {
        warm_up: plan.pace.warm_up,
        measure: plan.pace.measure + plan.pace.warm_up * 2,
    };
    let watched = server.watched();
    let (storm, stormy) = tokio::join!(
        load::run(sign_ins, server.address, STORM_CONNECTIONS, pace, watched),
        async {
            tokio::time::sleep(plan.pace.warm_up).await;
            measure().await
        }
    );
    storm?;
    Ok(Storm {
        calm,
        stormy: stormy?,
    })
}
