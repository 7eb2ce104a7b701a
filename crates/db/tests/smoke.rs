//! The shortest way through everything.
use authflow_db::{Db, DbOptions, SystemScope, exec, q};

#[tokio::test]
async fn migrate_write_read() {
    let db = Db::connect("sqlite::memory:", &DbOptions::default())
        .await
        .unwrap();
    println!("{:?}", db.migrate().await.unwrap());
    let mut tx = db.begin_system(SystemScope::new("test")).await.unwrap();
    assert_eq!(
        exec!(
            tx,
            "INSERT INTO notifications (id, payload) VALUES ($1, $2)",
            5_i64,
            "x"
        )
        .unwrap(),
        1
    );
    tx.commit().await.unwrap();
    let mut tx = db.read_system(SystemScope::new("test")).await.unwrap();
    let rows = q!(
        &mut tx,
        fetch_all<(i64, String)>,
        "SELECT id, payload FROM notifications"
    )
    .unwrap();
    assert_eq!(rows, [(5, "x".to_owned())]);
    let e = exec!(tx, "DELETE FROM notifications").unwrap_err();
    println!("{e:?}");
}
