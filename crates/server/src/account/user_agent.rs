//! A browser and a system out of a `User-Agent`, well enough for somebody to recognise their own. Nothing depends on it.

use crate::pages::Device;

/// What a session list says about where a session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) device: Device,
    pub(crate) browser: Option<&'static str>,
    pub(crate) os: Option<&'static str>,
}

/// What a browser's name is found by; the first that occurs counts, since most browsers name others too.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: &[(&str, &str, Device)] = &[
    ("iPhone", "iOS", Device::Phone),
    ("iPad", "iPadOS", Device::Tablet),
    ("Android", "Android", Device::Phone),
    ("CrOS", "ChromeOS", Device::Computer),
    ("Windows", "Windows", Device::Computer),
    ("Mac OS X", "macOS", Device::Computer),
    ("Macintosh", "macOS", Device::Computer),
    ("Linux", "Linux", Device::Computer),
    ("FreeBSD", "FreeBSD", Device::Computer),
];

/// Reads what the browser says of itself.
pub(crate) fn describe(user_agent: Option<&str>) -> Described {
    let text = user_agent.unwrap_or_default();
    let browser = BROWSERS
        .iter()
        .find(|(mark, _)| text.contains(mark))
        .map(|(_, name)| *name);
    let system = SYSTEMS.iter().find(|(mark, ..)| text.contains(mark));
    let device = match system {
        // Android tablets leave `Mobile` out.
        Some(("Android", ..)) if !text.contains("Mobile") => Device::Tablet,
        Some((_, _, device)) => *device,
        None => Device::Unknown,
    };
    Described {
        device,
        browser,
        os: system.map(|(_, name, _)| *name),
    }
}

/// Browser and system in a few words, for events.
pub(crate) fn device_name(user_agent: Option<&str>) -> Option<String> {
    let described = describe(user_agent);
    match (described.browser, described.os) {
        (Some(browser), Some(os)) => Some(format!("{browser} on {os}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_recognised() {
        let cases = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                 Safari/537.36 Edg/140.0.0.0",
                (Device::Computer, Some("Edge"), Some("Windows")),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/19.0 Safari/605.1.15",
                (Device::Computer, Some("Safari"), Some("macOS")),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 CriOS/140.0.0.0 Mobile/15E148 Safari/604.1",
                (Device::Phone, Some("Chrome"), Some("iOS")),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) \
                 SamsungBrowser/27.0 Chrome/125.0.0.0 Safari/537.36",
                (Device::Tablet, Some("Samsung Internet"), Some("Android")),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                (Device::Computer, Some("Firefox"), Some("Linux")),
            ),
            ("something else", (Device::Unknown, None, None)),
        ];
        for (text, (device, browser, os)) in cases {
            assert_eq!(describe(Some(text)), Described { device, browser, os }, "{text}");
        }
        assert_eq!(device_name(Some("curl/8.5.0")).as_deref(), Some("curl"));
        assert_eq!(device_name(None), None);
    }
}
