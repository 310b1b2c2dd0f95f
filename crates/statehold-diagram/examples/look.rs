//! Temporary.
#![allow(missing_docs, clippy::print_stderr, clippy::print_stdout)]
use statehold_core::Machine;
use statehold_diagram::{Options, png, svg};
use statehold_formats::{ImportFormat, ImportOptions, import};

fn machines(path: &str) -> Vec<(String, Machine)> {
    let text = std::fs::read_to_string(path).unwrap();
    if path.ends_with(".chart.yaml") {
        return vec![("".into(), Machine::from_yaml(&text).unwrap())];
    }
    let Some(format) = ImportFormat::detect(path, &text) else { eprintln!("{path}: ?"); return vec![] };
    match import(format, &text, &ImportOptions::default()) {
        Ok(all) => all.into_iter().filter_map(|one| match Machine::from_yaml(&one.chart) {
            Ok(m) => Some((one.name, m)),
            Err(e) => { eprintln!("{path}: {e}"); None }
        }).collect(),
        Err(e) => { eprintln!("{path}: import {}", e.to_string().lines().next().unwrap());
            if path.ends_with(".scxml") { match statehold_formats::scxml::load(&{let mut kept = String::new(); let mut rest = &text[..]; while let Some((b, sc)) = rest.split_once("<script") { kept.push_str(b); rest = sc.split_once("</script>").map_or("", |(_, r)| r); } kept + rest}) { Ok(l) => return vec![("x".into(), l.machine)], Err(e) => eprintln!("{path}: load {e}") } }
            if path.ends_with(".json") { let mut stubs = statehold_formats::xstate::Stubs::default();
            if let Err(e) = statehold_formats::xstate::load(&text, &stubs) { for p in &e.problems { if let Some(n) = p.to_string().split('`').nth(1) { if p.to_string().contains("delay") { stubs.delays.insert(n.to_owned(), 1000); } else { stubs.guards.insert(n.to_owned(), true); } } } }
            match statehold_formats::xstate::load(&text, &stubs) { Ok(l) => return vec![("x".into(), l)], Err(e) => eprintln!("{path}: load {e}") } }
            vec![] }
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let out = args.next().unwrap();
    for path in args {
        let stem = std::path::Path::new(&path).file_name().unwrap().to_string_lossy().split('.').next().unwrap().to_owned();
        for (name, machine) in machines(&path) {
            let mut options = Options::default();
            if let Ok(theme) = std::env::var("THEME") { options.theme = if theme == "dark" { statehold_diagram::Theme::Dark } else { statehold_diagram::Theme::Light }; }
            if let Ok(state) = std::env::var("STATE") { options.highlight = statehold_diagram::Highlight::of(&machine, &machine.decode(&state).unwrap()); }
            if std::env::var("COUNTS").is_ok() { options.counts = machine.by_path.keys().enumerate().map(|(i, p)| (p.clone(), (i * i * 37) as u64)).collect(); }
            let text = svg(&machine, &options);
            let file = format!("{out}/{stem}{}{name}", if name.is_empty() { "" } else { "-" });
            let head: String = text.chars().take(200).collect();
            std::fs::write(format!("{file}.svg"), &text).unwrap();
            match png(&machine, &options, 1.0) { Ok(bytes) => std::fs::write(format!("{file}.png"), bytes).unwrap(), Err(e) => eprintln!("{file}: {e}") }
            let size = head.split("viewBox=\"").nth(1).and_then(|t| t.split('"').next()).unwrap_or("").to_owned();
            println!("{file} {size} states {} ", machine.states.len());
        }
    }
}
