//! [`Budget`]: what is left of an evaluation's limits. Whatever does work or allocates pays here first.

use super::error::{EvalErrorKind, Fault};
use super::value::{Key, Map, Val};
use super::{ALLOCATED_BYTES_MAX, ITEMS_MAX, TEXT_BYTES_MAX, TICKS_MAX};

/// What is used up of the evaluation's limits.
pub(super) struct Budget {
    ticks: u32,
    allocated_bytes: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            ticks: 0,
            allocated_bytes: 0,
        }
    }

    #[inline]
    pub(super) fn tick(&mut self, count: usize) -> Result<(), Fault> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.ticks = self.ticks.saturating_add(count);
        if self.ticks > TICKS_MAX {
            return Err(out_of_fuel());
        }
        Ok(())
    }

    /// Pays for reading a text of this length.
    pub(super) fn read(&mut self, bytes: usize) -> Result<(), Fault> {
        self.tick(bytes / 64)
    }

    pub(super) fn allocate(&mut self, bytes: usize) -> Result<(), Fault> {
        self.allocated_bytes = self.allocated_bytes.saturating_add(bytes);
        if self.allocated_bytes > ALLOCATED_BYTES_MAX {
            return Err(Fault::too_large(format!(
                "the evaluation needs more than {ALLOCATED_BYTES_MAX} bytes"
            )));
        }
        Ok(())
    }

    /// Pays for building a text of this length.
    pub(super) fn text(&mut self, bytes: usize) -> Result<(), Fault> {
        if bytes > TEXT_BYTES_MAX {
            return Err(Fault::too_large(format!(
                "a text longer than {TEXT_BYTES_MAX} bytes"
            )));
        }
        self.read(bytes)?;
        self.allocate(bytes)
    }

    /// Pays for building a list of this length.
    pub(super) fn items(&mut self, count: usize) -> Result<(), Fault> {
        if count > ITEMS_MAX {
            return Err(Fault::too_large(format!(
                "a list or map with more than {ITEMS_MAX} elements"
            )));
        }
        self.tick(count)?;
        self.allocate(count.saturating_mul(size_of::<Val<'_>>()))
    }

    /// Pays for walking a map in the order of its keys.
    pub(super) fn walk(&mut self, map: &Map<'_>) -> Result<(), Fault> {
        // Collecting the keys costs as much as a few nodes, sorting the logarithm of their number per key.
        let length = map.len();
        let per_key = 2 + length.checked_ilog2().unwrap_or(0) as usize / 4;
        self.tick(4 + length.saturating_mul(per_key))?;
        self.allocate(length.saturating_mul(size_of::<Key<'_>>()))
    }
}

#[cold]
fn out_of_fuel() -> Fault {
    Fault::new(
        EvalErrorKind::OutOfFuel,
        format!("the evaluation takes more than {TICKS_MAX} steps"),
    )
}
