//! What tests share: databases of their own.

pub mod postgres;
