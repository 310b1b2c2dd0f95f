//! The machines this node knows: every published version, by tenant and name.

use std::collections::{BTreeMap, HashMap};
use std::sync::RwLock;

use serde::Serialize;
use statehold_core::{Machine, codes};

use crate::error::EngineError;

/// What a publication did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Publication {
    /// Name of the machine.
    pub machine: String,
    /// Its version.
    pub version: u32,
    /// False if exactly this version was published before.
    pub new: bool,
}

type Versions = BTreeMap<u32, Machine>;

/// All loaded machines.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Tenant → machine → versions.
    machines: RwLock<HashMap<String, HashMap<String, Versions>>>,
}

impl Registry {
    pub(crate) fn insert(&self, tenant: &str, machine: Machine) {
        // A poisoned lock means a panic between two map operations, which leaves the map whole.
        let mut machines = self
            .machines
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        machines
            .entry(tenant.to_owned())
            .or_default()
            .entry(machine.name.clone())
            .or_default()
            .insert(machine.version, machine);
    }

    /// The newest version of a machine: new entities follow it.
    pub(crate) fn newest(&self, tenant: &str, name: &str) -> Result<Machine, EngineError> {
        self.with(tenant, name, |versions| {
            versions.values().next_back().cloned()
        })?
        .ok_or_else(|| unknown(name))
    }

    /// A certain version of a machine.
    pub(crate) fn version(
        &self,
        tenant: &str,
        name: &str,
        version: u32,
    ) -> Result<Machine, EngineError> {
        self.with(tenant, name, |versions| versions.get(&version).cloned())?
            .ok_or_else(|| {
                EngineError::invalid(
                    codes::VERSION_MISSING,
                    format!("version {version} of machine `{name}` is not loaded on this node"),
                )
            })
    }

    /// All versions of a machine, oldest first.
    pub(crate) fn versions(&self, tenant: &str, name: &str) -> Result<Vec<Machine>, EngineError> {
        self.with(tenant, name, |versions| {
            versions.values().cloned().collect()
        })
    }

    /// The newest version of every machine of a tenant, by name.
    pub(crate) fn all(&self, tenant: &str) -> Vec<Machine> {
        let machines = self
            .machines
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut found: Vec<Machine> = machines
            .get(tenant)
            .into_iter()
            .flat_map(HashMap::values)
            .filter_map(|versions| versions.values().next_back().cloned())
            .collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    fn with<T>(
        &self,
        tenant: &str,
        name: &str,
        read: impl FnOnce(&Versions) -> T,
    ) -> Result<T, EngineError> {
        let machines = self
            .machines
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        machines
            .get(tenant)
            .and_then(|machines| machines.get(name))
            .map(read)
            .ok_or_else(|| unknown(name))
    }
}

fn unknown(name: &str) -> EngineError {
    EngineError::invalid(
        codes::UNKNOWN_MACHINE,
        format!("there is no machine `{name}`"),
    )
}
