//! One row per figure, as a table or as JSON.

use std::io::Write;
use std::time::Duration;

use serde::Serialize;

/// One measured figure.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ns_per_step: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transitions_per_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p50_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p99_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) callers: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) batch_mean: Option<f64>,
    /// Rate as a multiple of the hand-written one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio: Option<f64>,
}

impl Row {
    /// Adds the ratio to another row's rate.
    pub(crate) fn compared_to(mut self, other: &Row) -> Self {
        if let (Some(own), Some(base)) = (self.transitions_per_s, other.transitions_per_s) {
            self.ratio = Some((own as f64 / base as f64 * 100.0).round() / 100.0);
        }
        self
    }
}

/// The row whose key is in the middle.
pub(crate) fn median(mut rows: Vec<Row>, key: impl Fn(&Row) -> u64) -> anyhow::Result<Row> {
    rows.sort_by_key(|row| key(row));
    let middle = rows.len() / 2;
    anyhow::ensure!(!rows.is_empty(), "nothing was measured");
    Ok(rows.swap_remove(middle))
}

/// The value below which `share` of the sorted latencies lie, in microseconds.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Option<u64> {
    let at = ((sorted.len() as f64) * share) as usize;
    let value = sorted.get(at.min(sorted.len().checked_sub(1)?))?;
    u64::try_from(value.as_micros()).ok()
}

pub(crate) fn print(rows: &[Row], json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, rows)?;
        writeln!(out)?;
        return Ok(());
    }
    let text = |value: Option<u64>| value.map(|v| v.to_string()).unwrap_or_default();
    writeln!(
        out,
        "{:<52} {:>8} {:>10} {:>8} {:>8} {:>7} {:>6}",
        "what", "ns/step", "per s", "p50 us", "p99 us", "batch", "ratio"
    )?;
    for row in rows {
        let number = |value: Option<f64>| value.map(|v| format!("{v:.1}")).unwrap_or_default();
        writeln!(
            out,
            "{:<52} {:>8} {:>10} {:>8} {:>8} {:>7} {:>6}",
            row.what,
            text(row.ns_per_step),
            text(row.transitions_per_s),
            text(row.p50_us),
            text(row.p99_us),
            number(row.batch_mean),
            number(row.ratio)
        )?;
    }
    Ok(())
}
