//! Where people are, roughly: the country and perhaps the city, for them to recognise or not ("that wasn't me").
//!
//! The word of a reverse proxy that the operator trusts comes first, then the operator's own file of addresses. Neither
//! is asked over the network, and nothing is decided by a place: it is shown and recorded.

mod file;

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;

pub use file::{PlaceFile, PlaceFileError};

use crate::config;
use crate::limits::TrustedProxies;

/// Longest name of a place that is believed.
const MAX_NAME: usize = 80;

/// A country and perhaps a place in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2, upper case.
    pub country: Option<Arc<str>>,
    /// City, region, or both: `Springfield, Illinois`.
    pub locality: Option<Arc<str>>,
}

impl Place {
    /// As people read it: `Berlin, DE`. `None` where nothing is known.
    pub fn label(&self) -> Option<String> {
        label(self.country.as_deref(), self.locality.as_deref())
    }

    /// From what was heard; what is no country or no name is left out.
    fn heard(country: Option<&str>, city: Option<&str>, region: Option<&str>) -> Self {
        let country = country.map(str::trim).filter(|code| is_country(code));
        let (city, region) = (city.and_then(name), region.and_then(name));
        let locality = match (city, region) {
            (Some(city), Some(region)) if city != region => Some(format!("{city}, {region}")),
            (Some(name), _) | (None, Some(name)) => Some(name),
            (None, None) => None,
        };
        Self {
            country: country.map(|code| Arc::from(code.to_ascii_uppercase())),
            locality: locality.map(Arc::from),
        }
    }

    fn is_known(&self) -> bool {
        self.country.is_some() || self.locality.is_some()
    }
}

/// A place as people read it.
pub(crate) fn label(country: Option<&str>, locality: Option<&str>) -> Option<String> {
    match (locality, country) {
        (Some(locality), Some(country)) => Some(format!("{locality}, {country}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

/// Two letters; `XX`, `ZZ` and `T1` are how proxies say that they do not know.
fn is_country(code: &str) -> bool {
    code.len() == 2
        && code.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !code.eq_ignore_ascii_case("xx")
        && !code.eq_ignore_ascii_case("zz")
}

fn name(text: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(text.trim())
        .decode_utf8()
        .ok()?;
    let fits = !decoded.is_empty()
        && decoded.chars().count() <= MAX_NAME
        && !decoded.chars().any(crate::identities::is_invisible);
    fits.then(|| decoded.into_owned())
}

/// Knows where addresses are, as far as the operator provided for it.
#[derive(Debug, Default)]
pub struct Places {
    headers: config::Places,
    file: Option<PlaceFile>,
}

impl Places {
    /// As configured.
    ///
    /// # Errors
    /// [`PlaceFileError`] if the file of addresses cannot be used.
    pub fn new(settings: &config::Places) -> Result<Self, PlaceFileError> {
        Ok(Self {
            headers: settings.clone(),
            file: settings.file.as_deref().map(PlaceFile::open).transpose()?,
        })
    }

    /// Where the client of a request is that arrived from `peer`.
    ///
    /// # Security
    /// Headers count only where a trusted proxy sent the request; anybody else writes what they like.
    pub fn of(&self, proxies: &TrustedProxies, peer: IpAddr, client: IpAddr, headers: &HeaderMap) -> Place {
        if proxies.contains(peer) {
            let of = |name: &Option<String>| headers.get(name.as_deref()?)?.to_str().ok();
            let settings = &self.headers;
            let heard = Place::heard(
                of(&settings.country_header),
                of(&settings.city_header),
                of(&settings.region_header),
            );
            if heard.is_known() {
                return heard;
            }
        }
        self.file.as_ref().map(|file| file.of(client)).unwrap_or_default()
    }

    /// Reads the file anew if it was replaced. Blocks: not for a request's thread.
    pub fn refresh(&self) {
        if let Some(file) = &self.file {
            file.refresh();
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn places() -> Places {
        Places {
            headers: config::Places {
                country_header: Some("cf-ipcountry".to_owned()),
                city_header: Some("cf-ipcity".to_owned()),
                region_header: Some("cf-region".to_owned()),
                file: None,
            },
            file: None,
        }
    }

    fn of(peer: &str, headers: &[(&'static str, &'static str)]) -> Option<String> {
        let proxies = TrustedProxies {
            networks: vec!["10.0.0.0/8".parse().unwrap()],
            ..TrustedProxies::default()
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        let client = "203.0.113.9".parse().unwrap();
        places().of(&proxies, peer.parse().unwrap(), client, &map).label()
    }

    #[test]
    fn word_of_a_trusted_proxy_counts_and_nobody_elses() {
        let headers = [("cf-ipcountry", "de"), ("cf-ipcity", "K%C3%B6ln")];
        assert_eq!(of("10.0.0.1", &headers).as_deref(), Some("Köln, DE"));
        assert_eq!(of("203.0.113.9", &headers), None);
        assert_eq!(of("10.0.0.1", &[]), None);
    }

    #[test]
    fn what_is_no_place_is_left_out() {
        for bad in ["XX", "T1", "", "DEU", "zz", "<b>"] {
            assert_eq!(of("10.0.0.1", &[("cf-ipcountry", bad)]), None, "{bad}");
        }
        for bad in ["", "%FF", "a%00b", "%E2%80%AEx"] {
            let said = of("10.0.0.1", &[("cf-ipcountry", "FR"), ("cf-ipcity", bad)]);
            assert_eq!(said.as_deref(), Some("FR"), "{bad}");
        }
        let both = [
            ("cf-ipcity", "Springfield"),
            ("cf-region", "Illinois"),
            ("cf-ipcountry", "US"),
        ];
        assert_eq!(
            of("10.0.0.1", &both).as_deref(),
            Some("Springfield, Illinois, US")
        );
    }
}
