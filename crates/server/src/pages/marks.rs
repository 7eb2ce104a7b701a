//! The marks of other providers on their buttons: simple drawings of our own on a 24 by 24 grid, in the colours that people
//! know them by. Decorative: the button's words say whose it is.

/// The markup of a mark.
pub(super) fn svg(name: &str) -> Option<String> {
    let shapes = MARKS.iter().find(|(known, _)| *known == name)?.1;
    Some(format!(
        "<svg class=\"icon mark\" viewBox=\"0 0 24 24\" width=\"20\" height=\"20\" fill=\"none\" aria-hidden=\"true\" \
         focusable=\"false\">{shapes}</svg>"
    ))
}

const MARKS: &[(&str, &str)] = &[
    (
        "mark-google",
        r##"<g stroke-width="4"><path stroke="#ea4335" d="M18.010 5.990A8.500 8.500 0 0 0 4.640 7.750"/><path stroke="#fbbc05" d="M4.640 7.750a8.500 8.500 0 0 0 0 8.500"/><path stroke="#34a853" d="M4.640 16.250a8.500 8.500 0 0 0 12.820 2.260"/><path stroke="#4285f4" d="M17.460 18.510A8.500 8.500 0 0 0 20.500 12H12"/></g>"##,
    ),
    (
        "mark-microsoft",
        r##"<path fill="#f25022" d="M3 3h8.500v8.500H3z"/><path fill="#7fba00" d="M12.500 3H21v8.500h-8.500z"/><path fill="#00a4ef" d="M3 12.500h8.500V21H3z"/><path fill="#ffb900" d="M12.500 12.500H21V21h-8.500z"/>"##,
    ),
    (
        "mark-apple",
        r#"<path fill="currentColor" d="M12.100 7.400c1-.7 2.200-1.100 3.500-.9 1.600.200 2.900.900 3.700 2.200-1.500.9-2.400 2.300-2.300 4 .1 1.800 1.100 3.200 2.800 3.900-.5 1.500-1.300 2.900-2.300 4-.9 1-1.900 1-3 .5-1.500-.6-3.200-.6-4.700 0-1.100.5-2.100.4-3-.5-2.200-2.300-3.500-5.700-2.900-8.900.5-2.700 2.500-4.900 5.100-5.100 1.100-.1 2.200.2 3.100.8zM11.900 6.300c-.1-2.100 1.400-4 3.500-4.400.3 2.200-1.300 4.300-3.500 4.400z"/>"#,
    ),
    (
        "mark-github",
        r#"<path fill="currentColor" fill-rule="evenodd" d="M12 2a10 10 0 0 0-3.200 19.500V18.700c-2 .4-3.300-.3-4-1.900-.3-.7-.8-1.200-1.300-1.500.9-.3 1.800.1 2.500 1.100.7 1 1.600 1.200 2.800.8.1-.7.4-1.300.8-1.600-2.700-.4-4.700-1.700-4.700-4.900 0-1.200.4-2.300 1.200-3.200-.3-1-.2-2 .2-2.900.9 0 1.900.4 2.800 1.100a10 10 0 0 1 5.800 0c.9-.7 1.900-1.100 2.800-1.100.4.9.5 1.900.2 2.900.8.9 1.200 2 1.200 3.200 0 3.200-2 4.500-4.700 4.900.5.5.8 1.300.8 2.400v3.500A10 10 0 0 0 12 2z"/>"#,
    ),
    (
        "mark-gitlab",
        r##"<path fill="#e24329" d="M12 21.500L7.700 9.500h8.600z"/><path fill="#fc6d26" d="M12 21.500L2.200 14.200 7.700 9.500zM12 21.500l9.800-7.300-5.500-4.700z"/><path fill="#fca326" d="M2.200 14.200L4.800 3.500l2.900 6zM21.800 14.200L19.200 3.500l-2.900 6z"/>"##,
    ),
    (
        "mark-linkedin",
        r##"<rect width="19" height="19" x="2.500" y="2.500" rx="2.500" fill="#0a66c2"/><circle cx="7.400" cy="7.500" r="1.600" fill="#fff"/><path fill="#fff" d="M6 10.200h2.800v8H6zM10.500 10.200h2.700v1.200c.5-.9 1.500-1.400 2.700-1.400 2.200 0 3.100 1.400 3.100 3.800v4.400h-2.800v-4c0-1.200-.4-1.900-1.300-1.900-1.100 0-1.600.8-1.600 2v3.900h-2.800z"/>"##,
    ),
    (
        "mark-facebook",
        r##"<circle cx="12" cy="12" r="10" fill="#0866ff"/><path fill="#fff" d="M10.500 22v-7.200H8.200v-2.900h2.300V10.200c0-2.500 1.400-3.900 3.600-3.900.7 0 1.400.1 1.900.2V9h-1.100c-1.100 0-1.400.6-1.400 1.400v1.500h2.500l-.4 2.900h-2.100V22z"/>"##,
    ),
    (
        "mark-discord",
        r##"<path fill="#5865f2" d="M8.700 4.500c-1.500.2-2.900.7-4.200 1.400C2.400 9 1.600 12.500 1.900 16.600c1.600 1.200 3.300 2 5.200 2.600l1.200-1.900c2.400.7 5 .7 7.400 0l1.200 1.900c1.900-.6 3.600-1.400 5.200-2.600.4-4.100-.5-7.600-2.600-10.700-1.300-.7-2.700-1.200-4.200-1.400l-.7 1.400a13 13 0 0 0-5.200 0z"/><ellipse cx="8.600" cy="12.700" rx="1.800" ry="2" fill="#fff"/><ellipse cx="15.400" cy="12.700" rx="1.800" ry="2" fill="#fff"/>"##,
    ),
    (
        "mark-slack",
        r##"<g stroke-width="3.600" stroke-linecap="round"><path stroke="#36c5f0" d="M4.500 9.300h5.800M9.300 4.200v.100"/><path stroke="#2eb67d" d="M14.700 4.500v5.800M19.700 9.300h.100"/><path stroke="#ecb22e" d="M19.500 14.700h-5.800M14.700 19.800v-.100"/><path stroke="#e01e5a" d="M9.300 19.500v-5.800M4.300 14.700h-.100"/></g>"##,
    ),
];

#[cfg(test)]
mod tests {
    use authflow_proto::upstream::Preset;

    use super::*;

    #[test]
    fn every_well_known_provider_has_a_mark() {
        for preset in Preset::ALL.iter().filter(|preset| preset.is_well_known()) {
            assert!(svg(&format!("mark-{preset}")).is_some(), "{preset}");
        }
        assert!(svg("mark-none").is_none());
    }
}
