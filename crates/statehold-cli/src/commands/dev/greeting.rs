//! What a development server says first: where everything is, and what to try.

use std::path::Path;

use jiff::SignedDuration;
use serde_json::{Value, json};
use statehold_core::delay;
use statehold_server::MockLink;

use super::charts::Chart;
use super::sample::{Sample, curl};
use crate::render::Screen;
use crate::render::style::{STRONG, WEAK, clean, paint};
use crate::render::value::block;

/// Everything there is to say.
pub(super) struct Greeting<'a> {
    pub(super) url: &'a str,
    pub(super) dir: &'a Path,
    pub(super) store: String,
    pub(super) ahead: SignedDuration,
    pub(super) charts: &'a [Chart],
    pub(super) mocks: Vec<MockLink>,
    pub(super) samples: Vec<Sample>,
}

impl Greeting<'_> {
    /// Prints it; the last line says that callers can come.
    pub(super) fn show(&self, screen: &Screen) {
        if screen.json {
            screen.json_line(&self.document());
        } else {
            screen.data(&self.text());
        }
        screen.warn(&format!("listening on {}", self.url));
    }

    fn document(&self) -> Value {
        json!({
            "listening": self.url,
            "docs": format!("{}/docs", self.url),
            "store": self.store,
            "clock_ahead_seconds": self.ahead.as_secs(),
            "machines": self.charts.iter().map(|chart| json!({
                "machine": chart.machine,
                "version": chart.version,
                "file": chart.file,
            })).collect::<Vec<_>>(),
            "mocks": self.mocks.iter().map(|mock| json!({
                "mock": mock.name,
                "env": mock.env,
                "url": mock.url,
                "control": format!("{}/__mock", mock.url),
            })).collect::<Vec<_>>(),
            "try": self.samples.iter().map(|sample| curl(self.url, sample)).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let heading = format!(
            "Statehold {}, development server",
            env!("CARGO_PKG_VERSION")
        );
        let mut lines = vec![
            ("folder", clean(&self.dir.display().to_string())),
            ("API", format!("{}/v1", self.url)),
            ("docs", format!("{}/docs", self.url)),
            ("store", clean(&self.store)),
            ("clock", self.clock()),
        ];
        lines.extend(self.charts.iter().map(|chart| ("machine", machine(chart))));
        lines.extend(self.mocks.iter().map(|mock| ("mock", link(mock))));
        let mut parts = vec![block(&heading, &lines)];
        if !self.samples.is_empty() {
            parts.push(String::new());
            parts.push(paint(STRONG, "try"));
            parts.extend(
                self.samples
                    .iter()
                    .map(|sample| format!("  {}", clean(&curl(self.url, sample)))),
            );
        }
        parts.push(String::new());
        parts.push(paint(
            WEAK,
            "open: every program on this machine may do everything, as whoever it says it is",
        ));
        parts.join("\n")
    }

    /// How the clock stands, and how it is moved.
    fn clock(&self) -> String {
        let how = format!(
            "POST {}/v1/dev/clock {}",
            self.url, r#"{"advance": "48h"} moves it"#
        );
        match std::time::Duration::try_from(self.ahead) {
            Ok(ahead) if !ahead.is_zero() => {
                format!("ahead by {}  {}", delay::format(ahead), paint(WEAK, how))
            }
            _ => format!("real time  {}", paint(WEAK, how)),
        }
    }
}

fn machine(chart: &Chart) -> String {
    format!(
        "{} version {}  {}",
        clean(&chart.machine),
        chart.version,
        paint(WEAK, clean(&chart.file))
    )
}

fn link(mock: &MockLink) -> String {
    let stands_for = match mock.env.as_str() {
        "" => String::new(),
        env => format!("  ${{env.{}}}", clean(env)),
    };
    let control = paint(WEAK, format!("  control {}/__mock", mock.url));
    format!("{}  {}{stands_for}{control}", clean(&mock.name), mock.url)
}
