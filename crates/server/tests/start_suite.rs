//! Opening an installation: what must be right before the first request, and what survives a restart.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::path::PathBuf;
use std::sync::Arc;

use authflow_server::config::{BaseUrl, Config, DatabaseUrl, MasterKeySource, MasterKeyText, Mode};
use authflow_server::cx::{Actor, RequestInfo};
use authflow_server::identities::{self, UserStatus};
use authflow_server::start::{self, Ambient, Purpose, StartError};
use authflow_server::vault::MasterKey;
use authflow_server::{App, Cx, keys, operators, tenants};
use authflow_testkit::postgres::{ScratchDatabase, scratch_database};
use authflow_testkit::{SeededRng, config};

/// A database that outlives the process in it.
struct Place {
    url: DatabaseUrl,
    folder: PathBuf,
    _database: Option<ScratchDatabase>,
}

impl Drop for Place {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

async fn places(name: &str) -> Vec<Place> {
    let folder = |kind: &str| {
        let folder =
            std::env::temp_dir().join(format!("authflow-start-{name}-{kind}-{}", std::process::id()));
        std::fs::remove_dir_all(&folder).ok();
        folder
    };
    let sqlite = folder("sqlite");
    let mut all = vec![Place {
        url: DatabaseUrl::Sqlite(sqlite.join("authflow.db")),
        folder: sqlite,
        _database: None,
    }];
    if let Some(database) = scratch_database().await.unwrap() {
        all.push(Place {
            url: DatabaseUrl::Postgres(database.url().parse().unwrap()),
            folder: folder("postgres"),
            _database: Some(database),
        });
    }
    all
}

async fn open(config: Config) -> Result<Arc<App>, StartError> {
    start::open(config, Ambient::default(), Purpose::Serve).await
}

fn key(seed: u64) -> MasterKeySource {
    let key = MasterKey::generate(&SeededRng::new(seed)).unwrap();
    MasterKeySource::Environment(MasterKeyText::new(key.to_text().to_string()))
}

/// Something that only the right master key can read.
async fn kid(app: &Arc<App>) -> String {
    let tenant = tenants::get_by_slug(app, "default").await.unwrap();
    let ring = keys::ring(app, &tenant).await.unwrap();
    ring.signer(authflow_proto::jose::Algorithm::ES256)
        .unwrap()
        .kid()
        .to_owned()
}

#[tokio::test]
async fn wrong_master_key_is_refused_and_destroys_nothing() {
    for place in places("wrong").await {
        let with = |source| Config {
            key_source: source,
            ..config(place.url.clone())
        };
        let app = open(with(key(1))).await.unwrap();
        let before = kid(&app).await;
        app.db.close().await;
        let refused = open(with(key(2))).await.err().unwrap();
        assert!(matches!(refused, StartError::Vault(_)), "{refused}");
        assert!(refused.hint().unwrap().contains("Nothing was changed"));
        let app = open(with(key(1))).await.unwrap();
        assert_eq!(kid(&app).await, before);
        app.db.close().await;
    }
}

#[tokio::test]
async fn lost_master_key_is_refused_never_replaced_and_works_again_when_restored() {
    for place in places("lost").await {
        let path = place.folder.join("keys").join("master.key");
        let with = || Config {
            key_source: MasterKeySource::File(path.clone()),
            ..config(place.url.clone())
        };
        let app = open(with()).await.unwrap();
        let before = kid(&app).await;
        app.db.close().await;
        let kept = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let refused = open(with()).await.err().unwrap();
        assert!(matches!(refused, StartError::MasterKeyLost { .. }), "{refused}");
        assert!(!path.exists(), "no new key in its place");
        std::fs::write(&path, b"not a key").unwrap();
        assert!(matches!(
            open(with()).await.err().unwrap(),
            StartError::KeyFile(_)
        ));
        assert_eq!(
            std::fs::read(&path).unwrap(),
            b"not a key",
            "a damaged file is left alone"
        );
        std::fs::remove_file(&path).unwrap();
        write_private(&path, &kept);
        let app = open(with()).await.unwrap();
        assert_eq!(kid(&app).await, before);
        app.db.close().await;
    }
}

fn write_private(path: &std::path::Path, bytes: &[u8]) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .unwrap();
    file.write_all(bytes).unwrap();
}

#[tokio::test]
async fn nonsense_in_place_of_the_master_key_is_refused_before_anything_is_made() {
    for place in places("nonsense").await {
        for text in ["", "short", "AAAA", &"A".repeat(10_000), "ключ"] {
            let config = Config {
                key_source: MasterKeySource::Environment(MasterKeyText::new(text.to_owned())),
                ..config(place.url.clone())
            };
            let refused = open(config).await.err().unwrap();
            assert!(matches!(refused, StartError::KeyText(_)), "{refused}");
            assert!(
                text.is_empty() || !refused.to_string().contains(text),
                "the key is not repeated"
            );
        }
        let app = open(config(place.url.clone())).await.unwrap();
        app.db.close().await;
    }
}

#[tokio::test]
async fn moved_base_url_moves_every_issuer_and_a_command_moves_none() {
    for place in places("moved").await {
        let at = |url: &str| Config {
            base_url: BaseUrl::parse(url).unwrap(),
            ..config(place.url.clone())
        };
        let app = open(at("https://old.example")).await.unwrap();
        app.db.close().await;
        let app = open(at("https://new.example")).await.unwrap();
        let tenant = tenants::get_by_slug(&app, "default").await.unwrap();
        assert_eq!(tenant.issuer, "https://new.example");
        app.db.close().await;
        let command = Config {
            base_url_given: false,
            ..at("https://ignored.example")
        };
        let app = start::open(command, Ambient::default(), Purpose::Command)
            .await
            .unwrap();
        let tenant = tenants::get_by_slug(&app, "default").await.unwrap();
        assert_eq!(
            (
                tenant.issuer.as_str(),
                app.config.base_url.as_str().trim_end_matches('/')
            ),
            ("https://new.example", "https://new.example")
        );
        app.db.close().await;
    }
}

#[tokio::test]
async fn two_first_starts_at_once_agree_on_one_installation() {
    for place in places("race").await {
        let path = place.folder.join("master.key");
        let with = || Config {
            key_source: MasterKeySource::File(path.clone()),
            ..config(place.url.clone())
        };
        let (one, two) = tokio::join!(open(with()), open(with()));
        let (one, two) = (one.unwrap(), two.unwrap());
        let tenant = |app: Arc<App>| async move { tenants::get_by_slug(&app, "default").await.unwrap().id };
        assert_eq!(tenant(one.clone()).await, tenant(two.clone()).await);
        assert_eq!(kid(&one).await, kid(&two).await, "both sign with one key");
        one.db.close().await;
        two.db.close().await;
    }
}

#[tokio::test]
async fn operator_of_dev_cannot_sign_in_once_the_folder_is_served() {
    for place in places("demo").await {
        let with = |mode| Config {
            mode,
            base_url: BaseUrl::parse("http://localhost:8080").unwrap(),
            ..config(place.url.clone())
        };
        let app = open(with(Mode::Dev)).await.unwrap();
        let demo = authflow_server::dev::prepare(&app).await.unwrap();
        assert!(operators::issue_claim(&app).await.unwrap().is_none());
        app.db.close().await;
        let status = async |app: &Arc<App>| {
            let system = tenants::get_by_slug(app, "system").await.unwrap();
            let cx = Cx::new(app.clone(), system, Actor::System, RequestInfo::default());
            let found = identities::find_by_identifier(&cx, demo.operator_email).await;
            found.unwrap().unwrap().status
        };
        let app = open(with(Mode::Serve)).await.unwrap();
        assert_eq!(status(&app).await, UserStatus::Disabled);
        let link = operators::issue_claim(&app).await.unwrap().unwrap();
        assert!(link.url.starts_with("http://localhost:8080/t/system/claim/"));
        app.db.close().await;
        let app = open(with(Mode::Dev)).await.unwrap();
        authflow_server::dev::prepare(&app).await.unwrap();
        assert_eq!(status(&app).await, UserStatus::Active, "and back again");
        app.db.close().await;
    }
}
