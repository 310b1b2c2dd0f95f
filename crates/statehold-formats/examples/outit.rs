//! throwaway
use statehold_formats::*;
fn main() {
    let mut args = std::env::args().skip(1);
    let out = args.next().unwrap();
    for path in args {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = std::path::Path::new(&path).file_name().unwrap().to_string_lossy().into_owned();
        let charts: Vec<String> = if path.ends_with(".chart.yaml") { vec![text] } else {
            let format = ImportFormat::detect(&path, &text).unwrap();
            match import(format, &text, &ImportOptions::default()) { Ok(a) => a.into_iter().map(|i| i.chart).collect(), Err(_) => continue }
        };
        for (n, chart) in charts.iter().enumerate() {
            let machine = statehold_core::Machine::from_yaml(chart).unwrap();
            for f in ExportFormat::ALL {
                let e = export(&machine, f);
                std::fs::write(format!("{out}/{name}.{n}{}", f.suffix()), &e.text).unwrap();
                if n == 0 && name.contains("order.chart") { for l in &e.losses { println!("{name} {}: {l}", f.name()); } }
            }
        }
    }
}
