//! stub
/// x
pub struct Loaded { /// x
pub machine: crate::Machine }
/// x
#[derive(Debug)]
pub struct ChartError;
