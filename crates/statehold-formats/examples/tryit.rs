//! throwaway
use statehold_formats::*;
fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        let format = ImportFormat::detect(&path, &text);
        println!("=== {path} {format:?}");
        let Some(format) = format else { continue };
        match import(format, &text, &ImportOptions::default()) {
            Ok(all) => for one in all {
                println!("{}", one.chart);
                for l in &one.losses { println!("  LOSS {l}"); }
                for w in statehold_core::Machine::load("c.yaml", &one.chart).unwrap().warnings { println!("  WARN {}", w.message); }
            },
            Err(e) => println!("  REFUSED {e}"),
        }
    }
}
