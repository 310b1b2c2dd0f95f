//! The API through `app()` in process, over a store in memory.
//!
//! Every JSON answer that a test gets is checked against the OpenAPI document: see `contract`.

mod bodies;
mod browsers;
mod charts;
mod contract;
mod deferred;
mod development;
mod diagrams;
mod documents;
mod entities;
mod events;
mod faults;
mod guide;
mod headers;
mod operators;
mod reading;
mod routes;
mod serving;
mod support;
