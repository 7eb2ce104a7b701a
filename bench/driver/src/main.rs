//! Authflow.
fn main() {}
