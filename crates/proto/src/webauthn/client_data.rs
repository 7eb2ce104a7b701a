//! What the browser collected: `CollectedClientData` (WebAuthn L3 5.8.1).

use serde::Deserialize;

use crate::json::{JsonLimits, parse_object};

/// Longest client data that is read. Browsers write under 400 bytes; the rest is room for what L3 5.8.1 lets them add.
const LIMITS: JsonLimits = JsonLimits {
    bytes: 8 * 1024,
    depth: 8,
    nodes: 256,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClientData {
    pub(crate) r#type: String,
    pub(crate) challenge: String,
    pub(crate) origin: String,
    #[serde(default)]
    pub(crate) cross_origin: Option<bool>,
    #[serde(default)]
    pub(crate) top_origin: Option<String>,
}

impl ClientData {
    /// UTF-8 decode, then JSON (WebAuthn L3 7.1.5 and 7.1.6; 7.2.9 and 7.2.10). A member that occurs twice is refused.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let object = parse_object(bytes, LIMITS).ok()?;
        serde_json::from_value(object.into()).ok()
    }
}
