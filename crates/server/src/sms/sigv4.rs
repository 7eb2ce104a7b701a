//! AWS Signature Version 4, as far as one signed POST needs it. Pure: the caller gives the date.

use authflow_types::Timestamp;
use aws_lc_rs::{digest, hmac};
use time::OffsetDateTime;
use time::macros::format_description;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who signs, and for which service.
pub(super) struct Credentials<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) secret_access_key: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// What is signed.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    /// As it is sent.
    pub(super) path: &'a str,
    /// In canonical order and encoding.
    pub(super) query: &'a str,
    /// Names in lower case and in order.
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

/// The value of `X-Amz-Date`.
pub(super) fn amz_date(now: Timestamp) -> String {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    OffsetDateTime::from_unix_timestamp(now.as_secs())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .format(format)
        .unwrap_or_default()
}

/// The value of `Authorization`.
pub(super) fn authorization(credentials: &Credentials<'_>, request: &Request<'_>, date: &str) -> String {
    let day = date.get(..8).unwrap_or_default();
    let scope = format!(
        "{day}/{}/{}/aws4_request",
        credentials.region, credentials.service
    );
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let canonical = canonical(request, &names);
    let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let mut key = mac(format!("AWS4{}", credentials.secret_access_key).as_bytes(), day);
    for part in [credentials.region, credentials.service, "aws4_request"] {
        key = mac(key.as_ref(), part);
    }
    let signature = hex(mac(key.as_ref(), &to_sign).as_ref());
    format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        credentials.access_key_id
    )
}

fn canonical(request: &Request<'_>, names: &str) -> String {
    let mut text = format!("{}\n{}\n{}\n", request.method, request.path, request.query);
    for (name, value) in request.headers {
        text.push_str(name);
        text.push(':');
        text.push_str(value.trim());
        text.push('\n');
    }
    text.push('\n');
    text.push_str(names);
    text.push('\n');
    text.push_str(&sha256(request.body));
    text
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "20150830T123600Z";

    fn signature(service: &str, request: &Request<'_>) -> String {
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE",
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            region: "us-east-1",
            service,
        };
        let header = authorization(&credentials, request, DATE);
        let start = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, SignedHeaders="
        );
        assert!(header.starts_with(&start), "{header}");
        header.split_once("Signature=").unwrap().1.to_owned()
    }

    /// `post-x-www-form-urlencoded`, `post-vanilla` and `get-vanilla` of the suite that AWS published.
    #[test]
    fn signatures_are_those_of_the_published_suite() {
        let base = [("host", "example.amazonaws.com"), ("x-amz-date", DATE)];
        let with_type = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("host", "example.amazonaws.com"),
            ("x-amz-date", DATE),
        ];
        let request = |method, headers, body| Request {
            method,
            path: "/",
            query: "",
            headers,
            body,
        };
        for (request, expected) in [
            (
                request("POST", &with_type[..], b"Param1=value1".as_slice()),
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
            (
                request("POST", &base[..], b""),
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                request("GET", &base[..], b""),
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
        ] {
            assert_eq!(signature("service", &request), expected);
        }
    }

    /// The IAM `ListUsers` example of AWS's documentation.
    #[test]
    fn signature_is_that_of_the_documented_example() {
        let request = Request {
            method: "GET",
            path: "/",
            query: "Action=ListUsers&Version=2010-05-08",
            headers: &[
                ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
                ("host", "iam.amazonaws.com"),
                ("x-amz-date", DATE),
            ],
            body: b"",
        };
        assert_eq!(
            signature("iam", &request),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn date_is_written_as_amazon_reads_it() {
        assert_eq!(amz_date(Timestamp::from_secs(1_440_938_160)), DATE);
    }
}
