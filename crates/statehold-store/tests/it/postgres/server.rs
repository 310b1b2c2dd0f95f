//! Servers, databases and roles that are not fit for use: each is told apart, in words that help, and nothing is changed.

use statehold_store::*;
use statehold_testpg::{Options, Server, execute, query, server};

/// The configuration of a real deployment.
fn strict(url: &str) -> PostgresConfig {
    PostgresConfig::url(url).expect("an address")
}

async fn assert_unfit(config: PostgresConfig, why: Unfit, words: &str) {
    let shown = config.to_string();
    let error = PostgresStore::open(config)
        .await
        .expect_err("it must not open");
    let StoreError::Unusable {
        location,
        why: found,
        reason,
        help,
    } = &error
    else {
        panic!("unusable, not {error:?}");
    };
    assert_eq!((location, *found), (&shown, why), "{reason}");
    assert!(reason.contains(words), "{reason}");
    assert!(!help.is_empty());
    let told = format!("{error} {error:?}");
    assert!(
        !told.contains("throw-away") && !told.contains("hunter2"),
        "{told}"
    );
}

async fn set_and_restart(server: &mut Server, name: &str, value: &str) {
    server
        .configure(&Options::default().set(name, value))
        .expect("configure");
    server.stop().expect("stop");
    server.start_again().expect("start");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f43_server_that_may_forget_is_refused() {
    let Some(mut server) = server(&Options::default()) else {
        return;
    };
    let url = server.url("postgres");
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        set_and_restart(&mut server, setting, "off").await;
        assert_unfit(strict(&url), Unfit::NotDurable, &format!("{setting} = off")).await;
        let schemas = query(
            &url,
            "SELECT 1 FROM pg_namespace WHERE nspname = 'statehold'",
        )
        .await;
        assert!(schemas.expect("rows").is_empty(), "nothing was made");
        set_and_restart(&mut server, setting, "on").await;
    }
    let store = PostgresStore::open(strict(&url)).await.expect("open");
    store.close().await.expect("close");
    set_and_restart(&mut server, "fsync", "off").await;
    let mut allowed = strict(&url);
    allowed.allow_unsafe_server = true;
    let store = PostgresStore::open(allowed)
        .await
        .expect("who asks for it gets it");
    store.close().await.expect("close");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f43_what_takes_no_writes_is_refused() {
    let Some(mut server) = server(&Options::default()) else {
        return;
    };
    let url = server.url("postgres");
    let read_only = "ALTER ROLE statehold SET default_transaction_read_only = on";
    execute(&url, read_only).await.expect("alter");
    assert_unfit(strict(&url), Unfit::ReadOnly, "read-only").await;
    let again = "BEGIN READ WRITE; ALTER ROLE statehold RESET ALL; COMMIT";
    execute(&url, again).await.expect("alter");
    // A server that was told to wait for a primary answers questions only.
    server.stop().expect("stop");
    let signal = server.data().join("standby.signal");
    std::fs::write(&signal, "").expect("the signal is written");
    server.start_again().expect("start");
    assert_unfit(strict(&url), Unfit::ReadOnly, "standby").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f43_database_or_role_that_does_not_fit_is_refused() {
    let Some(server) = server(&Options::default()) else {
        return;
    };
    let admin = server.url("postgres");
    let latin = "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0";
    execute(&admin, latin).await.expect("create");
    assert_unfit(strict(&server.url("latin")), Unfit::Encoding, "LATIN1").await;
    assert_unfit(strict(&server.url("absent")), Unfit::Login, "absent").await;
    let wrong = server.tcp_url("postgres").replace("throw-away", "hunter2");
    assert_unfit(strict(&wrong), Unfit::Login, "password").await;
    let encrypted = format!("{}?sslmode=require", server.tcp_url("postgres"));
    assert_unfit(strict(&encrypted), Unfit::Encryption, "TLS").await;
    execute(&admin, "CREATE ROLE app LOGIN")
        .await
        .expect("create");
    let app = server.url("postgres").replace("statehold@", "app@");
    assert_unfit(strict(&app), Unfit::Rights, "app lacks rights").await;
    // What an address sets for a session does not matter; behind a pooler nothing can be set.
    let serializable = "ALTER ROLE statehold SET default_transaction_isolation = 'serializable'";
    execute(&admin, serializable).await.expect("alter");
    let store = PostgresStore::open(strict(&admin)).await.expect("open");
    store.close().await.expect("close");
    let mut pooled = strict(&admin);
    pooled.pooler = true;
    assert_unfit(pooled, Unfit::Isolation, "serializable").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f43_schema_of_another_release_is_refused() {
    let Some(server) = server(&Options::default()) else {
        return;
    };
    let url = server.url("postgres");
    let store = PostgresStore::open(strict(&url)).await.expect("open");
    store.close().await.expect("close");
    let newer = "INSERT INTO statehold.migrations SELECT 99, 'future', applied_on, checksum FROM statehold.migrations";
    execute(&url, newer).await.expect("insert");
    assert_unfit(strict(&url), Unfit::NewerRelease, "version 99").await;
    // A schema of ours that stands at nothing, and whose record says otherwise.
    let forged = "DELETE FROM statehold.migrations; \
                  INSERT INTO statehold.migrations VALUES (0, 'other', '2026-01-01T00:00:00Z', '1')";
    execute(&url, forged).await.expect("forge");
    assert_unfit(strict(&url), Unfit::ForeignSchema, "not made by a release").await;
}

/// The server is who the certificate says, or nothing is sent to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn encrypted_connections_check_the_server() {
    let Some(mut server) = server(&Options::default()) else {
        return;
    };
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = made.signing_key.serialize_pem();
    server.write_private("server.key", &key).expect("the key");
    let pem = made.cert.pem();
    server
        .write_private("server.crt", &pem)
        .expect("the certificate");
    let only_encrypted = "hostssl all all 127.0.0.1/32 scram-sha-256\nlocal all all trust\n";
    server
        .write_private("pg_hba.conf", only_encrypted)
        .expect("the rules");
    set_and_restart(&mut server, "ssl", "on").await;
    let roots = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(roots.path(), &pem).expect("the roots");
    let address = format!("{}?sslmode=require", server.tcp_url("postgres"));
    let trusting = format!("{address}&sslrootcert={}", roots.path().display());
    let store = PostgresStore::open(strict(&trusting)).await.expect("open");
    let encrypted = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE application_name = 'statehold'";
    let rows = query(&server.url("postgres"), encrypted).await;
    assert_eq!(rows.expect("rows"), [["t"]]);
    store.close().await.expect("close");
    // The system does not know who signed it; another certificate did not sign it.
    assert_unfit(strict(&address), Unfit::Encryption, "UnknownIssuer").await;
    let other = rcgen::generate_simple_self_signed(["other".to_owned()]).expect("a certificate");
    std::fs::write(roots.path(), other.cert.pem()).expect("the roots");
    assert_unfit(strict(&trusting), Unfit::Encryption, "certificate").await;
    std::fs::write(roots.path(), "nothing").expect("the roots");
    assert_unfit(strict(&trusting), Unfit::Encryption, "there is none").await;
}

#[tokio::test]
async fn bounds_that_cannot_be_are_refused() {
    let mut config = strict("postgres://a@127.0.0.1:1/d");
    config.lanes = 0;
    assert_unfit(config, Unfit::Place, "at least 1").await;
}

#[tokio::test]
async fn server_that_is_not_there_is_unavailable() {
    let error = PostgresStore::open(strict("postgres://a:hunter2@127.0.0.1:1/d")).await;
    let error = error.expect_err("nobody listens");
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
}
