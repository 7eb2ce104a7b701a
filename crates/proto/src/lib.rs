//! Authflow.
