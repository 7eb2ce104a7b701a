//! Every setting there is, with its default and its bounds. Defaults are the secure choice.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::messages::{Mail, Sms};
use super::rate::Rate;
use super::section::section;
use super::url::{BaseDomain, BaseUrl, DatabaseUrl, HttpUrl};
use super::value::{ByteSize, LogFormat, ProxyHeader, SqliteSynchronous};
use super::{MasterKeySource, Mode};

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

const fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

const fn hours(count: u64) -> Duration {
    Duration::from_hours(count)
}

const fn days(count: u64) -> Duration {
    Duration::from_hours(count * 24)
}

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

section! {
    /// Where Authflow runs and how it is reached.
    Config {
        /// Folder of the database, the master key and everything else that must survive.
        data: PathBuf = PathBuf::from(".authflow");
        /// Address of the public listener: OAuth, hosted pages, API.
        listen: SocketAddr = loopback(8080);
        /// Address of the private listener: `/livez`, `/readyz`, `/metrics`. Keep it away from the public.
        admin_listen: SocketAddr = loopback(9080);
        /// Where browsers and clients reach Authflow: the issuer of the default tenant, stored and never taken
        /// from a request. When not set, `http://localhost` with the port of `listen`.
        base_url: BaseUrl = BaseUrl::local(loopback(8080));
        /// A domain whose wildcard certificate and DNS record lead here; each tenant is then reachable at
        /// `<slug>.<base domain>` as well.
        base_domain: Option<BaseDomain> = None;
    }
    below {
        database: Database;
        master_key: MasterKey;
        log: Log;
        telemetry: Telemetry;
        http: Http;
        places: Places;
        passwords: Passwords;
        limits: Limits;
        sessions: Sessions;
        tokens: Tokens;
        keys: Keys;
        outbound: Outbound;
        jobs: Jobs;
        mail: Mail;
        sms: Sms;
        shutdown: Shutdown;
    }
    beside {
        /// Whether this is `authflow dev`: no file can turn that on in production.
        mode: Mode;
        /// Where the master key comes from.
        key_source: MasterKeySource;
        /// The file that was read, if one was.
        file: Option<PathBuf>;
        /// Whether some source gave `base_url`; where none did, it follows the port that is listened on.
        base_url_given: bool;
    }
}

section! {
    /// Where data is kept. SQLite serves one node, PostgreSQL any number.
    Database {
        /// Address of the database. When not set, `sqlite:<data>/authflow.db`. On PostgreSQL the user
        /// connects and takes the role `authflow_app`, which `authflow migrate` creates.
        url: Option<DatabaseUrl> = None;
        /// Most connections to PostgreSQL, or most concurrent readers of SQLite.
        max_connections: u32 = 16, 1 => 1000;
        /// How long a request waits for a free connection before it is answered 503.
        acquire_timeout: Duration = seconds(5), Duration::from_millis(100) => minutes(1);
        /// A statement that takes longer is cancelled (PostgreSQL).
        statement_timeout: Duration = seconds(30), seconds(1) => minutes(10);
        /// Whether an acknowledged write survives a power cut (`full`) or only a crash of Authflow (`normal`).
        sqlite_synchronous: SqliteSynchronous = SqliteSynchronous::Full;
    }
}

section! {
    /// The key that seals every other secret. Losing it loses signing keys and second factors: back it up,
    /// apart from the database. `openssl rand -base64 32` makes one.
    MasterKey {
        /// File that holds the key. When not set, `<data>/master.key`, made on first start.
        file: Option<PathBuf> = None;
        /// Name of the environment variable that holds the key; where it is set, the file is not read.
        env: String = "AUTHFLOW_MASTER_KEY".to_owned();
    }
}

section! {
    /// What is written to standard error. Logs never hold tokens, passwords, e-mail or IP addresses.
    Log {
        /// How lines look.
        format: LogFormat = LogFormat::Pretty;
        /// Least level, or filter directives such as `info,authflow_server=debug`.
        level: String = "info".to_owned();
    }
}

section! {
    /// Traces by OpenTelemetry. Metrics are always at `/metrics` of the admin listener.
    Telemetry {
        /// Where traces are sent by OTLP over HTTP; the path `/v1/traces` is added. When not set, none are made.
        otlp_endpoint: Option<HttpUrl> = None;
        /// The `service.name` of the traces.
        service_name: String = "authflow".to_owned();
        /// Share of requests traced when the caller has not decided (W3C `traceparent`).
        sample_ratio: f64 = 0.1, 0.0 => 1.0;
    }
}

section! {
    /// The public listener.
    Http {
        /// Largest request body.
        body_limit: ByteSize = ByteSize::kib(64), ByteSize::kib(8) => ByteSize::mib(64);
        /// How long a client may take to send its headers.
        header_timeout: Duration = seconds(10), seconds(1) => minutes(2);
        /// How long a request may take in all.
        request_timeout: Duration = seconds(30), seconds(1) => minutes(10);
        /// Most connections at a time; more wait to be accepted.
        max_connections: usize = 10_000, 16 => 1_000_000;
        /// Networks of the reverse proxies in front, whose word for a client's address is taken. Without any, the
        /// address of the connection is the address of the client.
        trusted_proxies: Vec<IpNet> = Vec::new();
        /// The header that those proxies write; the other one is never read.
        proxy_header: ProxyHeader = ProxyHeader::XForwardedFor;
        /// Accept a `base_url` with plain http that is not localhost. Passwords and cookies then travel in clear
        /// text: only on a network that you trust.
        insecure_base_url: bool = false;
        /// How long browsers must insist on https (`Strict-Transport-Security`); `0s` leaves the header out.
        hsts_max_age: Duration = days(365), Duration::ZERO => days(730);
    }
    below {
        cors: Cors;
    }
}

section! {
    /// Where people are, roughly: shown beside sessions, activity and notices, for them to recognise. Nothing is decided
    /// by it.
    Places {
        /// Header in which the trusted proxies (`http.trusted_proxies`) write the client's country, ISO 3166-1 alpha-2:
        /// `CF-IPCountry`, `X-Country`. They must overwrite what a client sends.
        country_header: Option<String> = None;
        /// Header in which they write the city.
        city_header: Option<String> = None;
        /// Header in which they write the region.
        region_header: Option<String> = None;
        /// A file (`.mmdb`) of addresses and cities, for where no header says; held in memory, and read
        /// anew when it is replaced.
        file: Option<PathBuf> = None;
    }
}

section! {
    /// Calls by browser code from other origins, to discovery, JWKS, token, userinfo and revocation. Each
    /// client's registered origins are allowed; the authorization endpoint allows none.
    Cors {
        /// Origins allowed for every tenant, beside those of its clients.
        allowed_origins: Vec<BaseUrl> = Vec::new();
        /// How long a browser may remember a preflight answer.
        max_age: Duration = hours(1), Duration::ZERO => days(1);
    }
}

section! {
    /// What passwords must be, and the pool that hashes them.
    Passwords {
        /// Fewest characters, counted after NFC.
        min_length: u32 = 8, 8 => 64;
        /// Most characters, counted after NFC; longer ones are refused, never cut.
        max_length: u32 = 256, 128 => 1024;
        /// Fewest guesses, as a power of ten, that an attacker with dictionaries must need for a new password; `0`
        /// switches the estimate off.
        min_guesses_log10: f64 = 6.0, 0.0 => 20.0;
        /// File of breached passwords beside the built-in list, one a line: SHA-1 in hexadecimal, optionally with
        /// `:count`; where they are sorted the file may be larger than memory. Or clear text, up to 64 MiB.
        breached_file: Option<PathBuf> = None;
        /// Look new passwords up by the range API of Have I Been Pwned, too: five digits of the password's SHA-1 leave the
        /// installation. Where it does not answer, the password is taken.
        breached_api: bool = false;
        /// Where that API is. When not set, `https://api.pwnedpasswords.com/range/`.
        breached_api_url: Option<HttpUrl> = None;
        /// How long its answer is waited for.
        breached_api_timeout: Duration = seconds(2), Duration::from_millis(100) => seconds(10);
        /// Threads that hash passwords; `0` takes one for each processor.
        workers: usize = 0, 0 => 256;
        /// Hashes that may wait for a thread; more are answered 503 with `Retry-After`.
        queue: usize = 64, 1 => 10_000;
        /// After so long without work the threads give their memory back.
        release_after: Duration = seconds(30), seconds(1) => days(1);
    }
    below {
        argon2: Argon2;
    }
}

section! {
    /// Cost of argon2id (RFC 9106). Raising it re-hashes each password at its next use.
    Argon2 {
        /// Memory of one hash.
        memory_kib: u32 = 19_456, 8 => 4_194_304;
        /// Passes over the memory.
        iterations: u32 = 2, 1 => 64;
        /// Lanes.
        parallelism: u32 = 1, 1 => 64;
    }
}

section! {
    /// How fast strangers may try. Limits slow an attacker and never lock out the owner of an account: nobody waits
    /// for somebody else's failures longer than `limits.per_account.max_delay`. A source is an address prefix.
    Limits {
        /// Leading bits of an IPv4 address that count as one source.
        ipv4_prefix: u8 = 24, 8 => 32;
        /// Leading bits of an IPv6 address that count as one source.
        ipv6_prefix: u8 = 56, 16 => 128;
        /// A source that signed in to an account stays familiar to it for so long.
        familiar_for: Duration = days(30), Duration::ZERO => days(365);
        /// Counters of each kind that are kept; the least used are forgotten first.
        capacity: u32 = 65_536, 256 => 16_777_216;
        /// Requests of one address, to any page or endpoint. Off, because one address is often a whole office, a mobile
        /// carrier, or an API that introspects thousands of tokens a second, and what is costly to serve or worth
        /// attacking has a limit of its own. Where the server faces the open internet without a proxy that limits,
        /// `600/1m burst 300` is a start.
        requests_per_address: Rate = Rate::OFF;
        /// Requests of one client to the OAuth endpoints.
        requests_per_client: Rate = Rate::OFF;
        /// Sign-ups from one source.
        sign_ups_per_source: Rate = Rate::hourly(60, 30);
        /// Messages to one recipient that one source asks for, counted apart for sign-ins, recoveries and confirmations;
        /// five times as many for all sources together.
        messages_per_recipient: Rate = Rate::hourly(10, 5);
        /// Sign-ups, requests for a new password, and codes and links asked for, from one source without a proof of work:
        /// beyond, tenants whose `abuse.proof_of_work` is `adaptive` ask for one. `off` never asks for these.
        unproven_per_source: Rate = Rate::hourly(30, 15);
        /// File of domains of disposable mail beside the built-in ones, one a line; read again when it changes. Tenants
        /// refuse them with `abuse.refuse_disposable_email`.
        disposable_domains: Option<PathBuf> = None;
    }
    below {
        per_account_and_source: PerAccountAndSource;
        per_account: PerAccount;
        per_source: PerSource;
    }
}

section! {
    /// Wrong passwords of one source for one account.
    PerAccountAndSource {
        /// Failures that cost nothing.
        free_failures: u32 = 5, 0 => 1000;
        /// Wait after the first failure that costs; it doubles with each further one.
        base_delay: Duration = seconds(1), Duration::from_millis(1) => hours(1);
        /// Longest wait.
        max_delay: Duration = minutes(5), seconds(1) => days(1);
        /// One failure is forgiven each time so long has passed.
        forgive_every: Duration = minutes(30), seconds(1) => days(1);
    }
}

section! {
    /// Wrong passwords for one account from all sources together. Slows only sources that the account does not know.
    PerAccount {
        /// Failures that slow nobody down.
        free_failures: u32 = 20, 1 => 100_000;
        /// Wait from then on; it doubles whenever the failures double.
        base_delay: Duration = seconds(2), Duration::from_millis(1) => minutes(10);
        /// Longest wait.
        max_delay: Duration = seconds(30), seconds(1) => minutes(10);
        /// One failure is forgiven each time so long has passed.
        forgive_every: Duration = minutes(5), seconds(1) => days(1);
    }
}

section! {
    /// Wrong passwords of one source for all accounts together.
    PerSource {
        /// Failures that cost nothing.
        free_failures: u32 = 100, 0 => 1_000_000;
        /// Wait after the first failure that costs; it doubles with each further one.
        base_delay: Duration = seconds(1), Duration::from_millis(1) => hours(1);
        /// Longest wait.
        max_delay: Duration = seconds(60), seconds(1) => days(1);
        /// One failure is forgiven each time so long has passed.
        forgive_every: Duration = seconds(30), seconds(1) => days(1);
    }
}

section! {
    /// Sessions of users at Authflow itself.
    Sessions {
        /// A session ends when unused for so long.
        idle_ttl: Duration = days(3), minutes(1) => days(90);
        /// A session ends after so long, used or not.
        absolute_ttl: Duration = days(14), minutes(1) => days(365);
        /// How long a sign-in may take from its first page to its last.
        sign_in_ttl: Duration = minutes(30), minutes(1) => hours(24);
    }
}

section! {
    /// Lifetimes of codes and tokens. Clients and API resources may shorten them.
    Tokens {
        /// Authorization codes.
        code_ttl: Duration = seconds(60), seconds(1) => minutes(10);
        /// Access tokens.
        access_ttl: Duration = minutes(10), seconds(10) => hours(1);
        /// ID tokens.
        id_ttl: Duration = hours(1), seconds(10) => days(1);
        /// A refresh token family ends when unused for so long.
        refresh_idle_ttl: Duration = days(30), minutes(1) => days(365);
        /// A refresh token family ends after so long, used or not.
        refresh_absolute_ttl: Duration = days(90), minutes(1) => days(730);
        /// For so long the token just replaced gets the same successor again; later it is a replay that ends
        /// its family.
        refresh_reuse_window: Duration = seconds(30), Duration::ZERO => minutes(2);
    }
}

section! {
    /// Signing keys of each tenant and algorithm.
    Keys {
        /// A key signs for so long, then the next takes over.
        rotation_period: Duration = days(90), hours(1) => days(3650);
        /// The next key is published so long before it signs, so that clients have seen it.
        publish_ahead: Duration = days(1), Duration::ZERO => days(30);
        /// A retired key stays published for at least so long; never less than the longest token it signed.
        overlap: Duration = days(1), Duration::ZERO => days(90);
    }
}

section! {
    /// Requests that Authflow makes to addresses that clients supply (`jwks_uri`, `sector_identifier_uri`,
    /// back-channel logout). Each address a name resolves to must be public, checked on the connection made.
    Outbound {
        /// Networks allowed although they are not public.
        allow_networks: Vec<IpNet> = Vec::new();
        /// Allow plain http, to those networks only.
        allow_http: bool = false;
        /// How long a request may take in all.
        timeout: Duration = seconds(10), Duration::from_millis(100) => minutes(1);
        /// How long connecting may take.
        connect_timeout: Duration = seconds(5), Duration::from_millis(100) => minutes(1);
    }
}

section! {
    /// Work in the background: deliveries, clean-up, key rotation.
    Jobs {
        /// How often the queue is looked at when nothing announces a job.
        poll_interval: Duration = seconds(1), Duration::from_millis(10) => minutes(1);
        /// A job whose worker died is taken by another after so long.
        lease: Duration = minutes(1), seconds(5) => hours(1);
        /// How often what has expired is deleted.
        cleanup_interval: Duration = minutes(5), seconds(1) => days(1);
        /// Rows deleted in one transaction.
        cleanup_batch: u32 = 500, 1 => 10_000;
    }
}

section! {
    /// Stopping.
    Shutdown {
        /// After SIGTERM, `/readyz` says "not ready" for so long before connections are refused, so that load
        /// balancers can look away first.
        announce: Duration = Duration::ZERO, Duration::ZERO => minutes(5);
        /// How long requests in flight may take after SIGTERM.
        drain_timeout: Duration = seconds(30), Duration::ZERO => minutes(10);
    }
}
