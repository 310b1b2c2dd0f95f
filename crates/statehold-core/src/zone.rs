//! Time zones by name, from the database that is built in: never from the system's files, so that a step means the
//! same on every machine that runs the same release.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The zone of this name, such as `Europe/Berlin` or `UTC`. Upper and lower case are not told apart.
#[must_use]
pub fn named(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    (!zone.is_unknown()).then_some(zone)
}

/// Names of all zones.
pub(crate) fn names() -> Vec<String> {
    let database = TimeZoneDatabase::bundled();
    database.available().map(|name| name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_built_in() {
        assert!(named("Europe/Berlin").is_some());
        assert!(named("australia/lord_howe").is_some());
        assert!(named("UTC").is_some());
        assert!(named("Europe/Atlantis").is_none());
        assert!(named("").is_none() && named("Etc/Unknown").is_none());
        assert!(names().len() > 400);
    }
}
