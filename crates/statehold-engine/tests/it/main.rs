//! The engine over real stores, with a clock that is moved by hand and an outside world that answers as told.

mod concurrency;
mod cron;
mod dead_letters;
mod deaf_store;
mod defer;
mod doable;
mod door;
mod effects;
mod fire;
mod masking;
mod support;
mod timers;
mod transport;
