//! Line icons, drawn on a 24 by 24 grid, in the colour of the text beside them. Decorative: never the only bearer of a meaning.

/// The markup of an icon.
pub(super) fn svg(name: &str) -> Option<String> {
    let shapes = ICONS.iter().find(|(known, _)| *known == name)?.1;
    Some(format!(
        "<svg class=\"icon\" viewBox=\"0 0 24 24\" width=\"20\" height=\"20\" fill=\"none\" stroke=\"currentColor\" \
         stroke-width=\"1.75\" stroke-linecap=\"round\" stroke-linejoin=\"round\" aria-hidden=\"true\" \
         focusable=\"false\">{shapes}</svg>"
    ))
}

const ICONS: &[(&str, &str)] = &[
    (
        "alert",
        r#"<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.25M12 16.25h.01"/>"#,
    ),
    ("arrow", r#"<path d="M5 12h14M13 6l6 6-6 6"/>"#),
    (
        "building",
        r#"<path d="M5 21V4.5A1.5 1.5 0 0 1 6.5 3h7A1.5 1.5 0 0 1 15 4.5V21M15 9h2.5A1.5 1.5 0 0 1 19 10.5V21M3 21h18M8.5 7.5h3M8.5 11.5h3M8.5 15.5h3"/>"#,
    ),
    ("check", r#"<path d="M5 12.5l4.5 4.5L19 7.5"/>"#),
    (
        "check-circle",
        r#"<circle cx="12" cy="12" r="9"/><path d="M8.25 12.25l2.5 2.5 5-5.25"/>"#,
    ),
    ("chevron", r#"<path d="M9.5 6l6 6-6 6"/>"#),
    (
        "clock",
        r#"<circle cx="12" cy="12" r="9"/><path d="M12 7v5.25l3.25 2"/>"#,
    ),
    (
        "computer",
        r#"<rect x="3.5" y="4.5" width="17" height="11.5" rx="1.75"/><path d="M9 20h6M12 16v4"/>"#,
    ),
    (
        "external",
        r#"<path d="M14 4.5h5.5V10M19 5l-8 8M10 5H6.5A1.5 1.5 0 0 0 5 6.5v11A1.5 1.5 0 0 0 6.5 19h11a1.5 1.5 0 0 0 1.5-1.5V14"/>"#,
    ),
    (
        "globe",
        r#"<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c2.6 2.5 3.75 5.5 3.75 9S14.6 18.500 12 21c-2.600-2.500-3.750-5.500-3.750-9S9.400 5.500 12 3z"/>"#,
    ),
    ("home", r#"<path d="M4 11l8-7 8 7M6 9.500V20h12V9.500"/>"#),
    (
        "id",
        r#"<rect x="3" y="5" width="18" height="14" rx="2"/><circle cx="8.750" cy="11" r="2"/><path d="M5.750 16c.5-1.500 1.600-2.250 3-2.250s2.500.75 3 2.250M14.500 10h3.500M14.500 14h3.500"/>"#,
    ),
    (
        "info",
        r#"<circle cx="12" cy="12" r="9"/><path d="M12 11.25v5M12 7.75h.01"/>"#,
    ),
    (
        "key",
        r#"<circle cx="8" cy="15.500" r="4"/><path d="M11 12.500L19.500 4M16 7.500l2.500 2.500"/>"#,
    ),
    (
        "lock",
        r#"<rect x="5" y="10.500" width="14" height="10" rx="2"/><path d="M8 10.500V7.750a4 4 0 0 1 8 0v2.750"/>"#,
    ),
    (
        "mail",
        r#"<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M3.750 7l8.250 6 8.250-6"/>"#,
    ),
    (
        "phone",
        r#"<rect x="7" y="3" width="10" height="18" rx="2"/><path d="M11 17.750h2"/>"#,
    ),
    ("plus", r#"<path d="M12 5v14M5 12h14"/>"#),
    (
        "refresh",
        r#"<path d="M20 11a8 8 0 0 0-14.250-4L4 9M4 4.500V9h4.500M4 13a8 8 0 0 0 14.250 4L20 15M20 19.500V15h-4.500"/>"#,
    ),
    (
        "shield",
        r#"<path d="M12 3l7.500 2.750V11.500c0 4.500-3 7.750-7.500 9.500-4.500-1.750-7.500-5-7.500-9.500V5.750z"/><path d="M9 12l2.250 2.250L15.250 10"/>"#,
    ),
    (
        "sign-out",
        r#"<path d="M14.500 7.500V5.500A1.500 1.500 0 0 0 13 4H6.500A1.500 1.500 0 0 0 5 5.500v13A1.500 1.500 0 0 0 6.500 20H13a1.500 1.500 0 0 0 1.500-1.500v-2M10 12h10.500M17.500 9l3 3-3 3"/>"#,
    ),
    (
        "tablet",
        r#"<rect x="5" y="3" width="14" height="18" rx="2"/><path d="M11 17.750h2"/>"#,
    ),
    (
        "unknown",
        r#"<circle cx="12" cy="12" r="9"/><path d="M9.500 9.500a2.500 2.500 0 1 1 3.500 2.250c-.75.4-1 .9-1 1.750M12 16.500h.01"/>"#,
    ),
    (
        "user",
        r#"<circle cx="12" cy="8.250" r="4"/><path d="M4.500 20.500c.75-4 3.500-6 7.500-6s6.750 2 7.500 6"/>"#,
    ),
];
