//! Settings of the engine, validated once, all problems reported together.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

/// Bounds and times of the engine. Every field has a default that fits one node.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Effects under way at once on this node. Each holds a connection and a reply of at most 64 KiB.
    pub effects_max: usize,
    /// How long a claim is good for without a heartbeat. A crash delays its effects by this much.
    pub lease: Duration,
    /// Longest wait between two looks at the store, when nothing wakes the workers earlier.
    pub poll: Duration,
    /// Conflicts that one fire swallows by deciding anew, before it answers `conflict`.
    pub conflict_retries: u32,
    /// Claims without a recorded attempt after which an effect is taken for one that kills its worker.
    pub poison_claims: u32,
    /// How long running calls may go on after a shutdown was asked for.
    pub grace: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            effects_max: 64,
            lease: Duration::from_secs(10),
            poll: Duration::from_secs(1),
            conflict_retries: 64,
            poison_claims: 5,
            grace: Duration::from_secs(10),
        }
    }
}

/// Addresses and secret values that charts name as `${env.NAME}`.
///
/// A chart can only name a destination; where that is, the operator says.
#[derive(Debug, Clone, Default)]
pub struct Destinations {
    values: BTreeMap<String, String>,
}

/// A destination that is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DestinationsError {
    /// No value was given.
    #[error("destination `{0}` has no address: give it as --env {0}=https://… ")]
    Missing(String),
    /// The value is not an http or https address without query and fragment.
    #[error(
        "destination `{name}`: expected an http or https address without query or fragment, got `{value}`"
    )]
    NotAnAddress {
        /// Name of the destination.
        name: String,
        /// What was given.
        value: String,
    },
}

impl Destinations {
    /// Destinations from names and values.
    pub fn new(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            values: values.into_iter().collect(),
        }
    }

    /// Adds or replaces one.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.insert(name.into(), value.into());
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The base address of a destination, without a trailing slash.
    ///
    /// # Errors
    /// It has none, or it is not an address.
    pub fn address(&self, name: &str) -> Result<String, DestinationsError> {
        let value = self
            .get(name)
            .ok_or_else(|| DestinationsError::Missing(name.to_owned()))?;
        let usable = Url::parse(value).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        if usable {
            Ok(value.trim_end_matches('/').to_owned())
        } else {
            Err(DestinationsError::NotAnAddress {
                name: name.to_owned(),
                value: value.to_owned(),
            })
        }
    }
}
