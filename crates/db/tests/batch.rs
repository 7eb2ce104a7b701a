//! Writes that share a statement and a commit: everybody gets the result of their own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod common;

use std::sync::{Arc, Mutex};

use authflow_db::{Batcher, Db, DbError, Operation, Tx};
use authflow_types::{TenantId, UserId};
use common::{count_users, insert_tenant, insert_user, new_user};
use tokio::task::JoinSet;

/// Inserts a user; remembers the sizes of the batches.
struct Insert {
    user: UserId,
    sizes: Arc<Mutex<Vec<usize>>>,
}

impl Operation for Insert {
    type Output = UserId;

    async fn run(tx: &mut Tx, tenant: TenantId, operations: &[Self]) -> Result<Vec<UserId>, DbError> {
        operations[0].sizes.lock().unwrap().push(operations.len());
        let mut done = Vec::new();
        for operation in operations {
            insert_user(tx, tenant, operation.user).await?;
            done.push(operation.user);
        }
        Ok(done)
    }
}

/// Submits all users at once; their results in any order.
async fn submit_all(
    batcher: &Batcher<Insert>,
    tenant: TenantId,
    users: &[UserId],
    sizes: &Arc<Mutex<Vec<usize>>>,
) -> Vec<(UserId, Result<UserId, DbError>)> {
    let mut tasks = JoinSet::new();
    for &user in users {
        let (batcher, sizes) = (batcher.clone(), sizes.clone());
        tasks.spawn(async move { (user, batcher.submit(tenant, Insert { user, sizes }).await) });
    }
    tasks.join_all().await
}

on_both! {
    async fn concurrent_operations_share_commits_and_get_their_own_results(db: Db) {
        let tenant = insert_tenant(&db).await;
        let (batcher, sizes) = (Batcher::new(db.clone()), Arc::default());
        let users: Vec<UserId> = (0..300).map(|_| new_user()).collect();
        for (user, result) in submit_all(&batcher, tenant, &users, &sizes).await {
            assert_eq!(result.unwrap(), user);
        }
        assert_eq!(count_users(&db, tenant).await, 300);
        let sizes = sizes.lock().unwrap();
        assert_eq!(sizes.iter().sum::<usize>(), 300);
        assert!(sizes.len() < 30, "{sizes:?}");
    }
}

on_both! {
    async fn an_operation_that_fails_takes_no_other_with_it(db: Db) {
        let tenant = insert_tenant(&db).await;
        let (batcher, sizes) = (Batcher::new(db.clone()), Arc::default());
        let taken = new_user();
        submit_all(&batcher, tenant, &[taken], &sizes).await;
        let mut users: Vec<UserId> = (0..20).map(|_| new_user()).collect();
        users.push(taken);
        for (user, result) in submit_all(&batcher, tenant, &users, &sizes).await {
            assert_eq!(result.is_ok(), user != taken, "{result:?}");
        }
        assert_eq!(count_users(&db, tenant).await, 21);
    }
}

on_both! {
    async fn tenants_do_not_share_batches(db: Db) {
        let (a, b) = (insert_tenant(&db).await, insert_tenant(&db).await);
        let (batcher, sizes) = (Batcher::new(db.clone()), Arc::default());
        let (of_a, of_b) = (vec![new_user(), new_user()], vec![new_user()]);
        tokio::join!(
            submit_all(&batcher, a, &of_a, &sizes),
            submit_all(&batcher, b, &of_b, &sizes),
        );
        assert_eq!((count_users(&db, a).await, count_users(&db, b).await), (2, 1));
    }
}
