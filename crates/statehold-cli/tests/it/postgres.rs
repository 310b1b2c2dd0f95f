//! The order on PostgreSQL, as a user runs it; and what is said when the database does not want to.

use statehold_testpg::{Options, server};

use crate::support::{Place, Server};

#[test]
fn the_example_order_runs_on_postgres() {
    let Some(database) = server(&Options::default()) else {
        return;
    };
    let url = database.tcp_url("postgres");
    let place = Place::order();
    let mock = place.start_mock(&["mock", "payments.mock.yaml"]);
    let env = format!("PAYMENTS={}", mock.url);
    let missing = place.run(&["list", "order", "--store", &url]).ended(3);
    assert!(
        missing.stderr.contains("[SH0501]") && missing.stderr.contains("there is no store"),
        "{}",
        missing.stderr
    );
    let mut command = place.command(&[
        "serve",
        "order.chart.yaml",
        "--listen",
        "127.0.0.1:0",
        "--env",
        &env,
    ]);
    let mut running = Server::start(command.env("STATEHOLD_DB__URL", &url));
    let on = ["--server", &running.url, "--actor", "ann"];
    let run = |args: &[&str]| place.run(&[&on[..], args].concat());
    let input = r#"{"customer_id": "ann", "total": 1200}"#;
    run(&["create", "order", "--id", "o1", input]).ended(0);
    run(&["fire", "order", "o1", "pay", r#"{"payment_token": "t"}"#]).ended(0);
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while run(&["get", "order", "o1", "--json"]).ended(0).json()["state"] != "paid" {
        assert!(
            std::time::Instant::now() < patience,
            "the order was never paid"
        );
    }
    running.signal("TERM");
    assert_eq!(running.end(), Some(0));
    // Straight on the database, without a server.
    let got = place.run(&["get", "order", "o1", "--store", &url, "--json"]);
    assert_eq!(got.ended(0).json()["state"], "paid");
    let fired = place.run(&["create", "order", "--id", "o2", input, "--store", &url]);
    assert!(!fired.ended(0).stderr.contains("throw-away"));
}

#[test]
fn the_password_of_a_database_is_never_shown() {
    let Some(database) = server(&Options::default()) else {
        return;
    };
    let place = Place::order();
    let wrong = database
        .tcp_url("postgres")
        .replace("throw-away", "hunter2");
    for args in [
        &["list", "order", "--store", &wrong][..],
        &["list", "order", "--store", &wrong, "-vv"],
        &["list", "order", "--store", &wrong, "--json"],
        &["publish", "order.chart.yaml", "--store", &wrong],
        &["list", "order", "--store", "postgres://a:hunter2@h:port/d"],
        &[
            "list",
            "order",
            "--store",
            "postgres://a:hunter2@127.0.0.1:1/d",
        ],
    ] {
        let ran = place.run(args);
        assert_ne!(ran.code, 0, "{args:?}");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!said.contains("hunter2"), "{args:?}: {said}");
    }
    let refused = place.run(&["list", "order", "--store", &wrong]).ended(3);
    assert!(refused.stderr.contains("[SH0509]"), "{}", refused.stderr);
}
