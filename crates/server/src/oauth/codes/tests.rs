use authflow_db::scratch::ScratchDatabase;
use authflow_db::{Batcher, Db, DbError, DbOptions, Dialect, Json, Operation, Sql, Tx, exec, q};
use authflow_types::{
    ClientId, Digest, GrantId, Rng, SessionId, SystemRng, TenantId, Timestamp, Token, TokenKind, UserId,
};
use tokio::task::JoinSet;

use super::store::{IssueCode, REDEEM_MANY, RedeemCode};
use crate::oauth::grant::{CodePayload, Grant};
use crate::oauth::refresh::RotateFamily;

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const LATER: Timestamp = Timestamp::from_secs(1_700_000_060);

fn rng() -> SystemRng {
    SystemRng::default()
}

fn payload() -> CodePayload {
    CodePayload {
        grant: Grant {
            id: GrantId::new(NOW, &rng()),
            user_id: UserId::new(NOW, &rng()),
            session_id: SessionId::new(NOW, &rng()),
            scope: authflow_proto::scope::ScopeSet::parse("openid email").unwrap(),
            resources: vec!["https://api.example/ä\"'".to_owned()],
            claims: None,
            auth_time: NOW.as_secs(),
            acr: "urn:x".to_owned(),
            amr: vec!["pwd".to_owned()],
        },
        redirect_uri: "https://app.example/cb".to_owned(),
        redirect_uri_sent: true,
        code_challenge: None,
        nonce: Some("n\u{1F511}".to_owned()),
    }
}

fn issued(client: ClientId, payload: &CodePayload, expires_at: Timestamp) -> (Digest, IssueCode) {
    let digest = Token::generate(TokenKind::Code, &rng()).digest();
    let row = IssueCode {
        digest,
        grant: payload.grant.id,
        client,
        user: payload.grant.user_id,
        session: payload.grant.session_id,
        payload: serde_json::value::to_raw_value(payload).unwrap(),
        expires_at,
    };
    (digest, row)
}

async fn codes_are_issued_together_and_each_redeemed_once(db: Db) {
    let (tenant, client) = (TenantId::new(NOW, &rng()), ClientId::new(NOW, &rng()));
    let stranger = ClientId::new(NOW, &rng());
    let (issue, redeem) = (Batcher::new(db.clone()), Batcher::new(db.clone()));
    let mut codes = Vec::new();
    let mut issuing = JoinSet::new();
    for n in 0..60 {
        let payload = payload();
        let (digest, row) = issued(client, &payload, if n < 50 { LATER } else { NOW });
        codes.push((digest, payload));
        let issue = issue.clone();
        issuing.spawn(async move { issue.submit(tenant, row).await });
    }
    for result in issuing.join_all().await {
        result.unwrap();
    }
    let mut redeeming = JoinSet::new();
    for (index, (digest, _)) in codes.iter().enumerate() {
        for by in [stranger, client, client, client] {
            let (redeem, digest) = (redeem.clone(), *digest);
            let operation = RedeemCode {
                digest,
                client: by,
                now: NOW,
                begins: Box::new(|_| None),
            };
            redeeming.spawn(async move { (index, by, redeem.submit(tenant, operation).await.unwrap()) });
        }
    }
    let mut redeemed = vec![0; codes.len()];
    for (index, by, output) in redeeming.join_all().await {
        let Some((payload, _)) = output else { continue };
        assert_eq!(by, client);
        assert_eq!(*payload, codes[index].1);
        redeemed[index] += 1;
    }
    assert!(redeemed[..50].iter().all(|&times| times == 1), "{redeemed:?}");
    assert!(redeemed[50..].iter().all(|&times| times == 0), "{redeemed:?}");
}

#[derive(sqlx::FromRow)]
struct Family {
    current_digest: Digest,
    previous_digest: Digest,
    successor_sealed: Vec<u8>,
    rotated_at: Timestamp,
    idle_expires_at: Timestamp,
    generation: i64,
}

async fn insert_family(
    tx: &mut Tx,
    (tenant, client): (TenantId, ClientId),
    (locator, digest): (&[u8; 16], Digest),
    grant: &Grant,
    revoked_at: Option<Timestamp>,
) {
    exec!(
        tx,
        "INSERT INTO grants (tenant_id, id, client_id, user_id, session_id, payload, locator, generation, \
         current_digest, created_at, idle_expires_at, expires_at, revoked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $10, $11)",
        tenant,
        grant.id,
        client,
        grant.user_id,
        grant.session_id,
        Json(grant),
        locator.to_vec(),
        digest,
        NOW,
        LATER,
        revoked_at
    )
    .unwrap();
}

async fn families_rotate_together_and_each_token_once(db: Db) {
    let (tenant, client) = (TenantId::new(NOW, &rng()), ClientId::new(NOW, &rng()));
    let rotate = Batcher::<RotateFamily>::new(db.clone());
    let mut rotating = JoinSet::new();
    let mut families = Vec::new();
    for n in 0..40 {
        let locator: [u8; 16] = (&rng() as &dyn Rng).bytes();
        let from = Digest::of(&locator);
        let grant = payload().grant;
        let mut tx = db.begin(tenant).await.unwrap();
        insert_family(
            &mut tx,
            (tenant, client),
            (&locator, from),
            &grant,
            (n >= 30).then_some(NOW),
        )
        .await;
        tx.commit().await.unwrap();
        families.push((locator, from, grant));
        for attempt in 0..3_u8 {
            let to = Digest::of(&[&locator[..], &[attempt]].concat());
            let operation = RotateFamily::new((locator, client), (from, to), vec![attempt, n], (NOW, LATER));
            let rotate = rotate.clone();
            rotating.spawn(async move { (n, to, rotate.submit(tenant, operation).await.unwrap()) });
        }
    }
    let mut winners = vec![Vec::new(); families.len()];
    for (n, to, output) in rotating.join_all().await {
        let Some(grant) = output else { continue };
        assert_eq!(*grant, families[usize::from(n)].2);
        winners[usize::from(n)].push(to);
    }
    for (n, (locator, from, _)) in families.iter().enumerate() {
        let won = &winners[n];
        assert_eq!(won.len(), usize::from(n < 30));
        let Some(to) = won.first() else { continue };
        let mut tx = db.read(tenant).await.unwrap();
        let family = q!(
            tx,
            fetch_one<Family>,
            "SELECT current_digest, previous_digest, successor_sealed, rotated_at, idle_expires_at, generation \
             FROM grants WHERE tenant_id = $1 AND locator = $2",
            tenant,
            locator.to_vec()
        )
        .unwrap();
        assert_eq!((family.current_digest, family.previous_digest), (*to, *from));
        assert_eq!(usize::from(family.successor_sealed[1]), n);
        assert_eq!(
            Digest::of(&[&locator[..], &family.successor_sealed[..1]].concat()),
            *to
        );
        assert_eq!((family.rotated_at, family.idle_expires_at), (NOW, LATER));
        assert_eq!(family.generation, 1);
    }
}

/// Asks how a statement would be run, in the transaction that it is run in.
struct Explain(Sql);

impl Operation for Explain {
    /// None for the first of a queue, which runs alone.
    type Output = Option<String>;

    async fn run(tx: &mut Tx, tenant: TenantId, operations: &[Self]) -> Result<Vec<Self::Output>, DbError> {
        let [Self(sql), _, ..] = operations else {
            return Ok(vec![None]);
        };
        let rows: [&str; 0] = [];
        let lines: Vec<String> = match tx.dialect() {
            Dialect::Postgres => q!(tx, fetch_all<(String,)>, *sql, tenant, Json(rows), NOW)?
                .into_iter()
                .map(|(line,)| line)
                .collect(),
            Dialect::Sqlite => q!(
                tx,
                fetch_all<(i64, i64, i64, String)>,
                *sql,
                tenant,
                Json(rows),
                NOW
            )?
            .into_iter()
            .map(|(_, _, _, line)| line)
            .collect(),
        };
        Ok(vec![Some(lines.join("\n")); operations.len()])
    }
}

/// How `sql` is run for several rows in a young tenant.
async fn plan(db: &Db, tenant: TenantId, sql: Sql) -> String {
    let leak = |explain: &str, text: &str| -> &'static str { format!("{explain} {text}").leak() };
    let sql = Sql {
        postgres: leak("EXPLAIN", sql.postgres),
        sqlite: leak("EXPLAIN QUERY PLAN", sql.sqlite),
    };
    let batcher = Batcher::new(db.clone());
    loop {
        let mut asking = JoinSet::new();
        for _ in 0..3 {
            let batcher = batcher.clone();
            asking.spawn(async move { batcher.submit(tenant, Explain(sql)).await.unwrap() });
        }
        if let Some(plan) = asking.join_all().await.into_iter().flatten().next() {
            return plan;
        }
    }
}

async fn batches_find_each_row_by_its_key(db: Db) {
    let keys = match db.dialect() {
        Dialect::Postgres => ["(digest = v.d)", "(locator = v.l)"],
        Dialect::Sqlite => ["digest=?", "locator=?"],
    };
    let (tenant, client) = (TenantId::new(NOW, &rng()), ClientId::new(NOW, &rng()));
    let mut tx = db.begin(tenant).await.unwrap();
    for _ in 0..400 {
        let locator: [u8; 16] = (&rng() as &dyn Rng).bytes();
        insert_family(
            &mut tx,
            (tenant, client),
            (&locator, Digest::of(&locator)),
            &payload().grant,
            None,
        )
        .await;
    }
    tx.commit().await.unwrap();
    for (sql, key) in [REDEEM_MANY, RotateFamily::STATEMENT].into_iter().zip(keys) {
        let plan = plan(&db, tenant, sql).await;
        // By the key alone: not by a prefix of it that says no more than the tenant, and not by looking at every row.
        let is_search = |line: &&str| {
            line.contains("Index Cond")
                || line.contains("SEARCH")
                || line.contains("Scan on")
                || line.contains("SCAN")
        };
        let is_of_table = |line: &&str| {
            !line.contains("json") && !line.contains("SCAN v") && !line.contains("Subquery Scan")
        };
        let searches: Vec<&str> = plan.lines().filter(is_search).filter(is_of_table).collect();
        let by_key = |line: &&str| {
            ["rowid=?", "subject_id", "Tid Scan", key]
                .iter()
                .any(|by| line.contains(by))
        };
        assert!(searches.iter().any(|line| line.contains(key)), "{plan}");
        assert!(searches.iter().all(by_key), "{plan}");
    }
}

async fn on<F: Future<Output = ()>>(test: fn(Db) -> F, url: &str) {
    let db = Db::connect(url, &DbOptions::default()).await.unwrap();
    db.migrate().await.unwrap();
    test(db).await;
}

/// A database of this test's own where there is a cluster.
async fn scratch() -> Option<ScratchDatabase> {
    #[expect(clippy::disallowed_methods, reason = "the tests' own configuration")]
    let url = std::env::var("AUTHFLOW_TEST_POSTGRES_URL");
    if let Ok(url) = url {
        return Some(ScratchDatabase::create(&url).await.unwrap());
    }
    println!("postgres: not run, AUTHFLOW_TEST_POSTGRES_URL is not set");
    None
}

macro_rules! on_both {
    ($($test:ident)*) => {$(
        mod $test {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::on(super::$test, "sqlite::memory:").await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(scratch) = super::scratch().await {
                    super::on(super::$test, &scratch.url()).await;
                }
            }
        }
    )*};
}

on_both! {
    codes_are_issued_together_and_each_redeemed_once
    families_rotate_together_and_each_token_once
    batches_find_each_row_by_its_key
}
