//! The CBOR that authenticators write (CTAP 2.1, section 8: definite lengths, no tags), read without copying.
//!
//! Not a general decoder: indefinite lengths and tags are refused, depth and item counts are bounded by what the input
//! holds. Keys out of order and integers longer than needed are accepted, because authenticators in use write them;
//! a key that occurs twice is not, because two readers could then see two values.

/// Deepest nesting that is read; the canonical form allows four.
const MAX_DEPTH: u8 = 8;

/// A data item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item<'a> {
    /// An integer of either sign (major types 0 and 1).
    Int(i64),
    /// A byte string.
    Bytes(&'a [u8]),
    /// A text string.
    Text(&'a str),
    /// An array.
    Array(Vec<Item<'a>>),
    /// A map, in the order written.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// `true` or `false`.
    Bool(bool),
    /// `null`, `undefined`, and numbers that nothing here needs.
    Other,
}

/// The input is not one data item of the accepted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not CBOR as authenticators write it")]
pub struct CborError;

impl<'a> Item<'a> {
    /// Reads one item and returns what follows it.
    pub(crate) fn read_prefix(input: &'a [u8]) -> Result<(Self, &'a [u8]), CborError> {
        let mut reader = Reader { rest: input };
        let item = reader.item(MAX_DEPTH)?;
        Ok((item, reader.rest))
    }

    /// Reads one item that is all of the input.
    pub(crate) fn read(input: &'a [u8]) -> Result<Self, CborError> {
        match Self::read_prefix(input)? {
            (item, []) => Ok(item),
            _ => Err(CborError),
        }
    }

    /// The value under an integer key.
    pub(crate) fn at(&self, key: i64) -> Option<&Self> {
        self.find(|item| *item == Item::Int(key))
    }

    /// The value under a text key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.find(|item| *item == Item::Text(key))
    }

    fn find(&self, is: impl Fn(&Self) -> bool) -> Option<&Self> {
        let Item::Map(pairs) = self else { return None };
        pairs.iter().find(|(key, _)| is(key)).map(|(_, value)| value)
    }

    pub(crate) fn int(&self) -> Option<i64> {
        if let Item::Int(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    pub(crate) fn bytes(&self) -> Option<&'a [u8]> {
        if let Item::Bytes(value) = self {
            Some(value)
        } else {
            None
        }
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        if let Item::Text(value) = self {
            Some(value)
        } else {
            None
        }
    }

    pub(crate) fn array(&self) -> Option<&[Self]> {
        if let Item::Array(items) = self {
            Some(items)
        } else {
            None
        }
    }

    pub(crate) fn len_of_map(&self) -> Option<usize> {
        if let Item::Map(pairs) = self {
            Some(pairs.len())
        } else {
            None
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], CborError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(CborError)?;
        self.rest = rest;
        Ok(taken)
    }

    fn uint(&mut self, count: usize) -> Result<u64, CborError> {
        let bytes = self.take(count)?;
        Ok(bytes
            .iter()
            .fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    /// The argument of an initial byte (RFC 8949 3).
    fn argument(&mut self, additional: u8) -> Result<u64, CborError> {
        match additional {
            0..=23 => Ok(u64::from(additional)),
            24 => self.uint(1),
            25 => self.uint(2),
            26 => self.uint(4),
            27 => self.uint(8),
            _ => Err(CborError),
        }
    }

    /// A length or count: never more than what is left, so that no allocation follows a claim.
    fn length(&mut self, additional: u8) -> Result<usize, CborError> {
        let length = usize::try_from(self.argument(additional)?).map_err(|_| CborError)?;
        if length <= self.rest.len() {
            Ok(length)
        } else {
            Err(CborError)
        }
    }

    fn item(&mut self, depth: u8) -> Result<Item<'a>, CborError> {
        let depth = depth.checked_sub(1).ok_or(CborError)?;
        let initial = *self.take(1)?.first().ok_or(CborError)?;
        let additional = initial & 0x1f;
        match initial >> 5 {
            0 => {
                let value = self.argument(additional)?;
                Ok(Item::Int(i64::try_from(value).map_err(|_| CborError)?))
            }
            1 => {
                let value = i64::try_from(self.argument(additional)?).map_err(|_| CborError)?;
                Ok(Item::Int(-1 - value))
            }
            2 => {
                let length = self.length(additional)?;
                Ok(Item::Bytes(self.take(length)?))
            }
            3 => {
                let length = self.length(additional)?;
                let text = std::str::from_utf8(self.take(length)?).map_err(|_| CborError)?;
                Ok(Item::Text(text))
            }
            4 => {
                let count = self.length(additional)?;
                let items: Result<_, _> = (0..count).map(|_| self.item(depth)).collect();
                Ok(Item::Array(items?))
            }
            5 => self.map(additional, depth),
            7 => self.simple(additional),
            _ => Err(CborError),
        }
    }

    fn map(&mut self, additional: u8, depth: u8) -> Result<Item<'a>, CborError> {
        /// More members than any structure here has; also keeps the search for doubles cheap.
        const MAX_MEMBERS: usize = 64;
        let count = self.length(additional)?;
        if count > MAX_MEMBERS {
            return Err(CborError);
        }
        let mut pairs: Vec<(Item<'a>, Item<'a>)> = Vec::with_capacity(count);
        for _ in 0..count {
            let key = self.item(depth)?;
            if !matches!(key, Item::Int(_) | Item::Text(_)) || pairs.iter().any(|(other, _)| *other == key) {
                return Err(CborError);
            }
            pairs.push((key, self.item(depth)?));
        }
        Ok(Item::Map(pairs))
    }

    fn simple(&mut self, additional: u8) -> Result<Item<'a>, CborError> {
        match additional {
            20 => Ok(Item::Bool(false)),
            21 => Ok(Item::Bool(true)),
            0..=19 | 22 | 23 => Ok(Item::Other),
            24..=27 => {
                self.argument(additional)?;
                Ok(Item::Other)
            }
            _ => Err(CborError),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn items_of_every_kind_are_read() {
        let bytes = [
            0xa4, 0x01, 0x20, 0x63, b'f', b'm', b't', 0x82, 0x18, 0xff, 0xf5, 0x39, 0x01, 0x00, 0x42, 1, 2,
            0x02, 0xf6,
        ];
        let item = Item::read(&bytes).unwrap();
        assert_eq!(item.at(1).and_then(Item::int), Some(-1));
        assert_eq!(
            item.get("fmt").unwrap().array().unwrap(),
            [Item::Int(255), Item::Bool(true)]
        );
        assert_eq!(item.at(-257).and_then(Item::bytes), Some([1, 2].as_slice()));
        assert_eq!(item.at(2), Some(&Item::Other));
        assert_eq!(item.len_of_map(), Some(4));
    }

    #[test]
    fn what_follows_is_returned_or_refused() {
        assert_eq!(
            Item::read_prefix(&[0x01, 0x02]).unwrap(),
            (Item::Int(1), [2].as_slice())
        );
        assert!(Item::read(&[0x01, 0x02]).is_err());
    }

    #[test]
    fn doubled_keys_tags_indefinite_lengths_and_false_claims_are_refused() {
        for bad in [
            &[0xa2, 1, 1, 1, 2][..],
            &[0xc0, 0x61, b'a'],
            &[0x5f, 0x41, 1, 0xff],
            &[0x9f, 1, 0xff],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9a, 0xff, 0xff, 0xff, 0xff, 1],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x01],
            &[0x61, 0xff],
            &[0xa1, 0x41, 1, 1],
            &[],
        ] {
            assert!(Item::read(bad).is_err(), "{bad:02x?}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Item::read_prefix(&bytes);
        }
    }
}
