//! `import`: charts of what other tools wrote, and what did not survive.

use crate::support::{Place, expect_file};

const MERMAID: &str = "stateDiagram-v2\n  [*] --> draft\n  draft --> review : submit [complete]\n  review --> draft : reject\n  review --> published : approve / notify\n  published --> [*]\n";

const SYMFONY: &str = "framework:\n  workflows:\n    one:\n      type: state_machine\n      places: [a, b]\n      initial_marking: a\n      transitions: { go: { from: a, to: b } }\n    two:\n      type: state_machine\n      places: [c, d]\n      initial_marking: c\n      transitions: { go: { from: c, to: d } }\n";

fn place() -> Place {
    let place = Place::empty();
    std::fs::write(place.path("article.mmd"), MERMAID).expect("written");
    std::fs::write(place.path("workflows.yaml"), SYMFONY).expect("written");
    place
}

#[test]
fn a_document_becomes_a_chart_and_its_losses_are_shown_where_they_are() {
    let place = place();
    let ran = place
        .run(&["import", "article.mmd", "--name", "article"])
        .ended(0);
    assert!(ran.stdout.contains("machine: article"), "{}", ran.stdout);
    assert!(ran.stderr.contains("warning[SH0702]"), "{}", ran.stderr);
    assert!(ran.stderr.contains("article.mmd:3:"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("draft --> review : submit [complete]"),
        "{}",
        ran.stderr
    );
    expect_file(
        "import_article.txt",
        &format!("{}{}", ran.stderr, ran.stdout),
    );
}

#[test]
fn a_folder_gets_a_file_for_each_machine_and_nothing_is_written_over() {
    let place = place();
    let both = place.run(&["import", "workflows.yaml"]).ended(2);
    assert!(both.stderr.contains("holds 2 machines"), "{}", both.stderr);
    let ran = place
        .run(&["import", "workflows.yaml", "-o", "charts/"])
        .ended(0);
    assert_eq!(ran.stdout, "");
    for name in ["one", "two"] {
        place
            .run(&["check", &format!("charts/{name}.chart.yaml")])
            .ended(0);
    }
    let again = place
        .run(&["import", "workflows.yaml", "-o", "charts"])
        .ended(2);
    assert!(
        again.stderr.contains("is there already"),
        "{}",
        again.stderr
    );
    place
        .run(&["import", "workflows.yaml", "-o", "charts", "--force"])
        .ended(0);
}

#[test]
fn strict_writes_nothing_if_anything_is_lost() {
    let place = place();
    let ran = place.run(&[
        "import",
        "article.mmd",
        "--strict",
        "-o",
        "article.chart.yaml",
    ]);
    let ran = ran.ended(1);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("nothing written"), "{}", ran.stderr);
    assert!(!place.path("article.chart.yaml").exists());
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let place = place();
    std::fs::write(
        place.path("a.scxml"),
        "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\">\n  <state id=\"a\">\n</scxml>\n",
    )
    .expect("written");
    let ran = place.run(&["import", "a.scxml"]).ended(1);
    assert!(
        ran.stderr.contains("error[SH0701]") && ran.stderr.contains("a.scxml:"),
        "{}",
        ran.stderr
    );
    std::fs::write(place.path("notes.txt"), "milk, bread").expect("written");
    let ran = place.run(&["import", "notes.txt"]).ended(2);
    assert!(
        ran.stderr.contains("--from: xstate, scxml"),
        "{}",
        ran.stderr
    );
    let ran = place
        .run(&["import", "article.mmd", "--from", "visio"])
        .ended(2);
    assert!(
        ran.stderr.contains("there is no format `visio`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn json_is_one_document() {
    let place = place();
    let ran = place.run(&["import", "article.mmd", "--json"]).ended(0);
    let document = ran.json();
    assert_eq!(document["format"], "mermaid");
    let losses = document["losses"].as_array().expect("losses");
    assert_eq!(losses[0]["file"], "article.mmd");
    assert_eq!(losses[0]["line"], 3);
    assert!(
        document["machines"][0]["chart"]
            .as_str()
            .expect("text")
            .contains("draft")
    );
    let both = place
        .run(&["import", "workflows.yaml", "--json"])
        .ended(0)
        .json();
    assert_eq!(both["machines"].as_array().expect("machines").len(), 2);
}
