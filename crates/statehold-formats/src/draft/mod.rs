//! [`Draft`]: a chart as its author would write it, and the one writer that makes text of it.
//!
//! Importers fill a draft, [`finish`] writes it and proves that it loads; exporters read a chart's own text into one.
//! Values (fields, events, guards, effects, actions, outputs) are kept in the chart's own syntax as JSON, so that what
//! a draft does not look at passes through it untouched; states and transitions are typed, and their targets are paths
//! from the root, which the writer shortens.
//!
//! How an importer goes about it:
//! ```text
//! let mut notes = Notes::new(text);
//! let mut draft = Draft::new("Order flow");               // machine: order_flow, label: Order flow
//! let mut paid = StateDraft::new("Paid!", byte);           // paid, label: Paid!
//! paid.on_event(&draft.event("PAY", byte, &mut notes), TransitionDraft::to("pending", byte));
//! draft.root.states.push(paid);                            // siblings have different names
//! let guard = draft.guard("isAdmin", None, &["TODO: ..."]);
//! let effect = draft.handler("sendMail", true, &[]);
//! finish(draft, notes, options)                            // -> Result<Imported, FormatError>
//! ```

mod finish;
mod form;
mod latin;
mod layout;
mod literal;
mod model;
mod names;
mod outline;
mod parts;
mod read;
mod scalar;
mod targets;
mod transitions;
mod wildcards;

pub(crate) use finish::finish;
pub(crate) use literal::{field, literal, quoted};
pub(crate) use model::{Draft, StateDraft};
pub(crate) use names::{Slugs, event_slug, free, numbered, slug};
pub(crate) use outline::outline;
pub(crate) use parts::{
    ActionDraft, GuardDraft, InitialDraft, InvokeDraft, Piece, TimerDraft, TimerWhen,
    TransitionDraft,
};
pub(crate) use read::read;
pub(crate) use targets::{join, within};
pub(crate) use wildcards::{spell_out, takes};
