//! `diagram`: pictures and texts of a chart, alike from the command line and from a server.

use crate::support::Place;

const CHART: &str = "order.chart.yaml";

#[test]
fn the_command_and_the_server_draw_the_same_bytes() {
    let place = Place::example("order");
    let drawn = place.run(&["diagram", CHART]).ended(0).stdout;
    assert!(drawn.starts_with("<svg ") && drawn.ends_with("</svg>\n"));
    let server = place.start(&[
        "serve",
        CHART,
        "--listen",
        "127.0.0.1:0",
        "--allow-missing-destinations",
    ]);
    let picture = |query: &str| {
        let url = format!("{}/v1/machines/order/diagram.svg{query}", server.url);
        let output = std::process::Command::new("curl")
            .args(["-sf", &url])
            .output()
            .expect("curl runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert_eq!(picture(""), drawn);
    let created = place.run(&[
        "create",
        "order",
        "--id",
        "o-1",
        "--actor",
        "ann",
        "--server",
        &server.url,
        r#"{"customer_id": "ann", "total": 1}"#,
    ]);
    created.ended(0);
    let highlighted = place
        .run(&["diagram", CHART, "--highlight", "pending"])
        .ended(0)
        .stdout;
    assert_eq!(picture("?entity=o-1"), highlighted);
    assert_ne!(highlighted, drawn);
}

#[test]
fn every_format_is_written_and_the_name_of_the_file_tells_it() {
    let place = Place::example("order");
    for (file, begins) in [
        ("order.svg", "<svg "),
        ("order.mmd", "stateDiagram-v2"),
        ("order.dot", "digraph"),
        ("order.puml", "@startuml"),
        ("order.scxml", "<scxml"),
        ("order.xstate.json", "{"),
        ("order.json", "{"),
    ] {
        let ran = place.run(&["diagram", CHART, "-o", file]).ended(0);
        assert_eq!(ran.stdout, "", "{file}");
        assert!(
            ran.stderr.contains("written: order"),
            "{file}: {}",
            ran.stderr
        );
        let text = std::fs::read_to_string(place.path(file)).expect("written");
        assert!(
            text.contains(begins),
            "{file}: {}",
            &text[..text.len().min(200)]
        );
    }
    let mermaid = place
        .run(&["diagram", CHART, "--format", "mermaid"])
        .ended(0);
    let file = std::fs::read_to_string(place.path("order.mmd")).expect("written");
    assert_eq!(mermaid.stdout, file);
}

#[test]
fn what_was_exported_can_be_imported_again() {
    let place = Place::example("order");
    for format in ["xstate", "scxml"] {
        let file = format!("order.{format}");
        place
            .run(&["diagram", CHART, "--format", format, "-o", &file])
            .ended(0);
        let again = format!("{format}.chart.yaml");
        place
            .run(&["import", &file, "--from", format, "-o", &again])
            .ended(0);
        place.run(&["check", &again]).ended(0);
        let graph = |chart: &str| {
            let ran = place.run(&["diagram", chart, "--format", "json"]).ended(0);
            let mut graph = ran.json();
            graph["version"] = serde_json::Value::Null;
            graph
        };
        assert_eq!(graph(CHART), graph(&again), "{format}");
    }
}

#[test]
fn a_state_is_named_by_the_column_or_by_its_path() {
    let place = Place::example("order");
    let highlighted = |state: &str| place.run(&["diagram", CHART, "--highlight", state]);
    let drawn = highlighted("paid").ended(0).stdout;
    assert_eq!(
        drawn.matches(" active\"").count(),
        1,
        "one state is painted"
    );
    let wrong = highlighted("shiped").ended(2);
    assert!(
        wrong.stderr.contains("did you mean `shipped`?"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn json_tells_the_text_the_losses_or_the_file() {
    let place = Place::example("order");
    let ran = place
        .run(&["diagram", CHART, "--format", "dot", "--json"])
        .ended(0);
    let document = ran.json();
    assert_eq!(document["format"], "dot");
    assert!(
        document["text"]
            .as_str()
            .expect("text")
            .starts_with("digraph")
    );
    let ran = place
        .run(&["diagram", CHART, "-o", "x.svg", "--json"])
        .ended(0);
    assert_eq!(ran.json()["file"], "x.svg");
    let graph = place
        .run(&["diagram", CHART, "--format", "json", "--json"])
        .ended(0)
        .json();
    assert_eq!(graph["machine"], "order");
    assert_eq!(graph["states"][0]["path"], "pending");
}

#[test]
fn pixels_need_a_build_that_has_them() {
    let place = Place::example("order");
    let ran = place.run(&["diagram", CHART, "-o", "order.png"]);
    if cfg!(feature = "png") {
        // A system without fonts says so.
        assert!(
            ran.code == 0 || ran.stderr.contains("fonts"),
            "{}",
            ran.stderr
        );
    } else {
        let ran = ran.ended(2);
        assert!(ran.stderr.contains("built without PNG"), "{}", ran.stderr);
        assert!(!place.path("order.png").exists());
    }
}
