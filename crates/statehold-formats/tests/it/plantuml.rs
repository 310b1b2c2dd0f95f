//! PlantUML state diagrams: what each construct becomes.

use statehold_formats::ImportFormat;

use crate::sketches::{imported, losses, machine, refused, states_of};

fn read(lines: &str) -> statehold_formats::Imported {
    imported(
        ImportFormat::PlantUml,
        &format!("@startuml\n{lines}\n@enduml\n"),
    )
}

#[track_caller]
fn becomes(lines: &str, states: &str) {
    let imported = read(lines);
    machine(&imported);
    assert_eq!(states_of(&imported).trim_end(), states.trim(), "{lines}");
}

#[track_caller]
fn is_refused(lines: &str, words: &str) {
    let problem = refused(
        ImportFormat::PlantUml,
        &format!("@startuml\n{lines}\n@enduml"),
    );
    assert!(problem.contains(words), "{problem}");
}

#[test]
fn arrows_of_all_kinds_are_transitions() {
    becomes(
        "[*] -> a\na -left-> b : go [ok] / x\nb -[#red,dashed]-> c : on\nd <-up- c : back\nd --> [*]",
        "
initial: a
states:
  a: { on: { go: { target: b, guard: ok, effects: [x] } } }
  b: { on: { on: c } }
  c: { on: { back: d } }
  d: { type: final }
effects:
  x: { handler: x }",
    );
}

#[test]
fn declarations_of_all_kinds_are_states() {
    becomes(
        "state \"Long name\" as a\nstate b as \"Other name\"\nstate \"Third\"\nstate d #red : some <b>words</b>\n[*] --> a\na : more\\nlines\nnote right of b\n one\n two\nend note",
        "
initial: a
states:
  a:
    label: Long name
    description: more lines
  b:
    label: Other name
    description: one two
  Third: {}
  d: { description: some words }",
    );
}

#[test]
fn stereotypes_are_marks() {
    becomes(
        "state s <<start>>\nstate c <<choice>>\nstate e <<end>>\ns --> c\nc --> x : [ok]\nc --> e",
        "initial: c\nstates:\n  c: { always: [ { target: x, guard: ok }, e ] }\n  e: { type: final }\n  x: {}",
    );
}

#[test]
fn memories_and_regions_are_read() {
    becomes(
        "[*] --> p\nstate p {\n [*] --> x\n x --> w : go\n ||\n [*] --> z\n}\np --> q : pause\nq --> p[H] : back\nq --> p[H*] : deep",
        "
initial: p
states:
  p:
    type: parallel
    on: { pause: q }
    states:
      region_1:
        initial: x
        states:
          x: { on: { go: w } }
          w: {}
      region_2:
        initial: z
        states:
          z: {}
      history: { type: history }
      deep_history: { type: history, history: deep }
  q: { on: { back: p.history, deep: p.deep_history } }",
    );
}

#[test]
fn looks_are_losses() {
    let imported = read(
        "' comment\n/' block\nof it '/\n!include x.puml\nskinparam state {\n Color red\n}\nhide empty description\ntitle My machine\n\
         legend left\n words\nend legend\n<style>\n x { }\n</style>\n[*] --> a\na -[hidden]-> b\na --> b : go\nleft to right direction\nnote on link : x\nnote \"y\" as N1\nN1 .. a",
    );
    assert_eq!(
        losses(&imported),
        [
            "5:preprocessor",
            "6:skinparam",
            "9:hide",
            "11:legend",
            "14:style",
            "18:hidden arrow",
            "20:left to right direction",
            "21:note",
            "22:note",
            "23:dotted line"
        ]
    );
    assert!(
        imported.chart.contains("label: My machine"),
        "{}",
        imported.chart
    );
}

#[test]
fn other_diagrams_are_refused_politely() {
    is_refused(
        "(*) --> \"Pending\"",
        "2:1: this is activity syntax, and only state diagrams are read",
    );
    is_refused("start\n:do it;\nstop", "2:1: this is activity syntax");
    is_refused("participant A", "2:1: this is sequence syntax");
    is_refused("[*] --> a\n!define X Y", "3:1: run the preprocessor first");
    is_refused("[*] --> a\nwhat is this", "3:1: this is not read");
    let problem = refused(ImportFormat::PlantUml, "@startuml\n[*] --> a");
    assert!(problem.contains("`@enduml` is missing"), "{problem}");
    let problem = refused(
        ImportFormat::PlantUml,
        "@startuml\n[*] --> a\n@enduml\n@startuml\n@enduml",
    );
    assert!(problem.contains("4:1: a second diagram"), "{problem}");
}

#[test]
fn what_our_own_export_writes_is_read() {
    let text = "@startuml\nhide empty description\ntitle Door <U+003A> (door version 2)\nstate \"shut\" as s1\n\
                s1 : Shut\ns1 : entry <U+002F> lock\nstate \"wide\" as s2\n[*] --> s1\ns1 --> s2 : open [ok]\ns2 --> [*]\n@enduml";
    let machine = machine(&imported(ImportFormat::PlantUml, text));
    assert_eq!((machine.name.as_str(), machine.version), ("door", 2));
    assert_eq!(machine.label.as_deref(), Some("Door :"));
    assert_eq!(machine.states[1].label.as_deref(), Some("Shut"));
}
