//! The engine over real stores, with a clock that is moved by hand and an outside world that answers as told.

mod concurrency;
mod dead_letters;
mod door;
mod effects;
mod fire;
mod masking;
mod support;
mod timers;
mod transport;
