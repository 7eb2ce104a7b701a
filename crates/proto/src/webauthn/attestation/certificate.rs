//! The parts of an attestation certificate that the formats ask about (RFC 5280 4.1), read from DER without copying.
//!
//! Signature, validity and path are not judged here: `trust.rs` has rustls-webpki do that.

/// A DER element: its identifier octets as one number, and its contents (X.690 8.1).
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u32,
    pub(super) contents: &'a [u8],
}

pub(super) const BOOLEAN: u32 = 0x01;
pub(super) const INTEGER: u32 = 0x02;
pub(super) const BIT_STRING: u32 = 0x03;
pub(super) const OCTET_STRING: u32 = 0x04;
pub(super) const OID: u32 = 0x06;
pub(super) const SEQUENCE: u32 = 0x30;
pub(super) const SET: u32 = 0x31;
/// `[0]`, `[1]`, `[3]`, `[4]`, constructed.
const EXPLICIT_0: u32 = 0xa0;
pub(super) const EXPLICIT_1: u32 = 0xa1;
const EXPLICIT_3: u32 = 0xa3;
const EXPLICIT_4: u32 = 0xa4;

/// `[number]`, constructed, for numbers that do not fit one octet.
pub(super) const fn long_tag(number: u32) -> u32 {
    0xbf00_0000 | number
}

/// Elements that follow one another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Der<'a> {
    rest: &'a [u8],
}

impl<'a> Der<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    /// The next element; `None` at the end and for what is no DER.
    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let first = self.byte()?;
        let mut tag = u32::from(first);
        if first & 0x1f == 0x1f {
            let mut number = 0_u32;
            loop {
                let octet = self.byte()?;
                number = (number << 7) | u32::from(octet & 0x7f);
                if number > 0xffff {
                    return None;
                }
                if octet & 0x80 == 0 {
                    break;
                }
            }
            tag = (tag << 24) | number;
        }
        let length = match self.byte()? {
            short @ 0..=0x7f => usize::from(short),
            long @ 0x81..=0x83 => {
                let mut length = 0;
                for _ in 0..long & 0x7f {
                    length = (length << 8) | usize::from(self.byte()?);
                }
                length
            }
            _ => return None,
        };
        let (contents, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Element { tag, contents })
    }

    /// The contents of the next element, which must be a `tag`.
    pub(super) fn expect(&mut self, tag: u32) -> Option<&'a [u8]> {
        self.next()
            .filter(|element| element.tag == tag)
            .map(|element| element.contents)
    }

    /// The elements inside the next one, which must be a `tag`.
    pub(super) fn enter(&mut self, tag: u32) -> Option<Self> {
        self.expect(tag).map(Self::new)
    }

    /// The contents of the next element if it is a `tag`; nothing is read if it is not.
    pub(super) fn optional(&mut self, tag: u32) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let contents = ahead.expect(tag)?;
        *self = ahead;
        Some(contents)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Type and value of an attribute of a name.
type Attribute<'a> = (&'a [u8], &'a [u8]);
/// Identifier, criticality and value of an extension.
type Extension<'a> = (&'a [u8], bool, &'a [u8]);

/// A certificate's parts.
#[derive(Debug)]
pub(super) struct Certificate<'a> {
    /// 0 for version 1, 2 for version 3.
    pub(super) version: u8,
    /// The attributes of the subject: type and value.
    pub(super) subject: Vec<Attribute<'a>>,
    /// Contents of `subjectPublicKey`, unused bits removed.
    pub(super) key: &'a [u8],
    extensions: Vec<Extension<'a>>,
}

pub(super) const SUBJECT_C: &[u8] = &[0x55, 0x04, 0x06];
pub(super) const SUBJECT_O: &[u8] = &[0x55, 0x04, 0x0a];
pub(super) const SUBJECT_OU: &[u8] = &[0x55, 0x04, 0x0b];
pub(super) const SUBJECT_CN: &[u8] = &[0x55, 0x04, 0x03];
/// `id-ce-subjectAltName`.
pub(super) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
/// `id-ce-extKeyUsage`.
pub(super) const EXT_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
/// `id-fido-gen-ce-aaguid`, 1.3.6.1.4.1.45724.1.1.4.
pub(super) const FIDO_AAGUID: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04];

impl<'a> Certificate<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Option<Self> {
        let mut outer = Der::new(der);
        let mut certificate = outer.enter(SEQUENCE)?;
        if !outer.is_empty() {
            return None;
        }
        let mut tbs = certificate.enter(SEQUENCE)?;
        let version = match tbs.optional(EXPLICIT_0) {
            Some(version) => *Der::new(version).expect(INTEGER)?.first()?,
            None => 0,
        };
        tbs.expect(INTEGER)?; // serial number
        tbs.expect(SEQUENCE)?; // signature algorithm
        tbs.expect(SEQUENCE)?; // issuer
        tbs.expect(SEQUENCE)?; // validity
        let subject = attributes(tbs.enter(SEQUENCE)?)?;
        let mut info = tbs.enter(SEQUENCE)?;
        info.expect(SEQUENCE)?; // algorithm
        let (0, key) = info.expect(BIT_STRING)?.split_first()? else {
            return None;
        };
        let mut extensions = Vec::new();
        while let Some(element) = tbs.next() {
            if element.tag == EXPLICIT_3 {
                extensions = read_extensions(Der::new(element.contents).enter(SEQUENCE)?)?;
            }
        }
        Some(Self {
            version,
            subject,
            key,
            extensions,
        })
    }

    /// The value of an extension.
    pub(super) fn extension(&self, oid: &[u8]) -> Option<&'a [u8]> {
        self.find(oid).map(|(_, value)| value)
    }

    fn find(&self, oid: &[u8]) -> Option<(bool, &'a [u8])> {
        let found = self.extensions.iter().find(|(id, ..)| *id == oid);
        found.map(|(_, critical, value)| (*critical, *value))
    }

    /// Whether the basic constraints are there and say that this is no authority.
    pub(super) fn is_no_authority(&self) -> bool {
        let constraints = self.extension(BASIC_CONSTRAINTS).map(Der::new);
        let inside = constraints.and_then(|mut constraints| constraints.enter(SEQUENCE));
        inside.is_some_and(|mut inside| inside.optional(BOOLEAN).is_none_or(|ca| ca == [0]))
    }

    /// Whether the extension with the AAGUID, if there is one, names `aaguid` and is not critical
    /// (WebAuthn L3 8.2.1: one OCTET STRING inside another).
    pub(super) fn agrees_on_aaguid(&self, aaguid: &[u8; 16]) -> bool {
        self.find(FIDO_AAGUID).is_none_or(|(critical, value)| {
            !critical && Der::new(value).expect(OCTET_STRING) == Some(aaguid.as_slice())
        })
    }

    /// The attributes of the directory name among the alternative names.
    pub(super) fn alternative_directory_name(&self) -> Option<Vec<Attribute<'a>>> {
        let mut names = Der::new(self.extension(SUBJECT_ALT_NAME)?).enter(SEQUENCE)?;
        while let Some(name) = names.next() {
            if name.tag == EXPLICIT_4 {
                return attributes(Der::new(name.contents).enter(SEQUENCE)?);
            }
        }
        None
    }

    /// Whether the extended key usage names `oid`.
    pub(super) fn has_key_purpose(&self, oid: &[u8]) -> bool {
        let purposes = self.extension(EXT_KEY_USAGE).map(Der::new);
        let Some(mut purposes) = purposes.and_then(|mut purposes| purposes.enter(SEQUENCE)) else {
            return false;
        };
        std::iter::from_fn(|| purposes.optional(OID)).any(|purpose| purpose == oid)
    }
}

/// The attributes of a distinguished name.
fn attributes(mut name: Der<'_>) -> Option<Vec<Attribute<'_>>> {
    let mut attributes = Vec::new();
    while !name.is_empty() {
        let mut set = name.enter(SET)?;
        while !set.is_empty() {
            let mut attribute = set.enter(SEQUENCE)?;
            attributes.push((attribute.expect(OID)?, attribute.next()?.contents));
        }
    }
    Some(attributes)
}

fn read_extensions(mut list: Der<'_>) -> Option<Vec<Extension<'_>>> {
    let mut extensions: Vec<Extension<'_>> = Vec::new();
    while !list.is_empty() {
        let mut extension = list.enter(SEQUENCE)?;
        let oid = extension.expect(OID)?;
        let critical = extension.optional(BOOLEAN).is_some_and(|value| value != [0]);
        let value = extension.expect(OCTET_STRING)?;
        if extensions.iter().any(|(other, ..)| *other == oid) {
            return None;
        }
        extensions.push((oid, critical, value));
    }
    Some(extensions)
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 A.1.1), without leading zeros.
pub(in crate::webauthn) fn rsa_components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut key = Der::new(der).enter(SEQUENCE)?;
    let trim = crate::webauthn::cose::trim;
    Some((trim(key.expect(INTEGER)?), trim(key.expect(INTEGER)?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Certificate::parse(&bytes);
            let _ = rsa_components(&bytes);
        }
    }
}
