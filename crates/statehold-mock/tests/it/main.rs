//! Everything a mock promises, through real sockets on loopback.

mod control;
mod docs;
mod idempotency;
mod load;
mod record;
mod replies;
mod routes;
mod sequences;
mod server;
mod support;
