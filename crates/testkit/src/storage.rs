//! What is in the database: for tests that assert what happened behind an answer, or that nothing did.

use std::collections::BTreeMap;

use authflow_db::{Json, SystemScope, q};
use serde_json::Value;

use crate::TestApp;

const SCHEMA: &str = include_str!("../../db/migrations/0001_initial.sql");
const EVERYTHING: SystemScope = SystemScope::new("a test looks at everything");

impl TestApp {
    /// The payloads of the tenant's events of `kind`, oldest first.
    pub async fn events(&self, kind: &str) -> Vec<Value> {
        let mut tx = self.app.db.read(self.tenant.id).await.unwrap();
        let rows = q!(
            tx,
            fetch_all<(Json<Value>,)>,
            "SELECT payload FROM events WHERE tenant_id = $1 AND type = $2 ORDER BY id LIMIT 1000",
            self.tenant.id,
            kind
        );
        rows.unwrap().into_iter().map(|(payload,)| payload.0).collect()
    }

    /// How many rows each table has, over all tenants.
    pub async fn row_counts(&self) -> BTreeMap<&'static str, i64> {
        let mut tx = self.app.db.read_system(EVERYTHING).await.unwrap();
        let mut counts = BTreeMap::new();
        for rest in SCHEMA.split("CREATE TABLE ").skip(1) {
            let table = rest.split(' ').next().unwrap();
            let sql: &'static str = format!("SELECT count(*) FROM {table}").leak();
            let (count,) = q!(tx, fetch_one<(i64,)>, sql).unwrap();
            counts.insert(table, count);
        }
        counts
    }
}
