//! The fuzz targets' bodies over seeded, mutated inputs: the stable stand-in for `cargo fuzz` (see `fuzz/README.md`).
#![allow(clippy::indexing_slicing, reason = "test code")]

use authflow_proto::fuzzing::TARGETS;

/// Mutations per target and seed.
const ROUNDS: usize = 400;

/// One good or nearly good input per shape that a target reads.
const SEEDS: &[(&str, &[&[u8]])] = &[
    ("authorization_request", &[
        b"response_type=code&client_id=c&redirect_uri=https%3A%2F%2Fa.example%2Fcb&scope=openid+email&state=s&nonce=n",
        b"response_type=code&prompt=login+consent&max_age=60&ui_locales=fr-CA+de&acr_values=1+2&display=popup&login_hint=a",
        b"response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        b"response_type=code&claims=%7B%22userinfo%22%3A%7B%22email%22%3A%7B%22essential%22%3Atrue%7D%7D%7D&resource=urn%3Aa",
        b"response_type=code&response_mode=form_post&state=%C3%A9%26%3D&resource=https://api.example/&resource=urn:b",
    ]),
    ("redirect_uri", &[
        b"https://app.example/cb?x=y\nhttps://app.example/cb?x=y",
        b"http://127.0.0.1:1234/cb\nhttp://127.0.0.1:4321/cb",
        b"http://[::1]/cb\nhttp://[::1]:9/cb",
        b"com.example.app:/cb\ncom.example.app:/cb",
        b"https://user:pw@[2001:db8::1]:8443/a/%2e%2e/b?c=d#e",
    ]),
    ("jwt", &[
        b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        br#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
        br#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#,
    ]),
    ("basic_header", &[b"Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", b"client:secret", b"a%3Ab:s%2B%25+x", b"Bearer mF_9.B5f-4.1JqM"]),
    ("form_body", &[
        b"grant_type=authorization_code&code=abc&redirect_uri=https%3A%2F%2Fa.example&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        b"grant_type=refresh_token&refresh_token=r&scope=a+b&resource=urn%3Ax&client_id=c&client_secret=s",
        b"token=abc&token_type_hint=refresh_token&access_token=x&client_assertion=a.b.c",
        b"a=%C3%A9&&b&=c&d==",
    ]),
    ("pkce", &[
        b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\nE9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        b"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    ]),
    ("registration", &[
        br#"{"redirect_uris":["https://a.example/cb"],"client_name":"A","client_name#fr":"B","scope":"openid email","contacts":["a@b.example"]}"#,
        br#"{"grant_types":["client_credentials"],"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://a.example/jwks"}"#,
        br#"{"application_type":"native","redirect_uris":["com.example.app:/cb","http://127.0.0.1/cb"],"token_endpoint_auth_method":"none","subject_type":"pairwise","sector_identifier_uri":"https://a.example/s"}"#,
        br#"{"redirect_uris":["https://a.example/"],"logo_uri":"https://a.example/l.png","default_max_age":60,"require_auth_time":true,"backchannel_logout_uri":"http://127.0.0.1:9/"}"#,
    ]),
    ("api_key", &[
        b"af_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf0iGIM5",
        b"af_pk_test_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp14S7CBA",
        b"Bearer af_test_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1A6jSL",
    ]),
    ("webauthn", &[
        b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58\x25\xd9\xc8\xd1\x13\x02\x74\x4c\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x45\x00\x00\x00\x00",
        b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x22\x58\x20\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01",
        br#"{"type":"webauthn.get","challenge":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","origin":"https://a.example","crossOrigin":false}"#,
    ]),
];

/// Bytes that parsers stumble over more often than random ones.
const SPICE: &[&[u8]] = &[
    b"%",
    b"%00",
    b"%ff",
    b"&",
    b"=",
    b"+",
    b"#",
    b"?",
    b"\\",
    b"@",
    b":",
    b"//",
    b"..",
    b"%2e",
    b"\0",
    b"\n",
    b"\r\n",
    b" ",
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"null",
    b"\\u0000",
    b"\\ud800",
    b".",
    b"==",
    b"\xff",
    b"\xc3\xa9",
    b"*",
    b"localhost",
    b"9999999999999999999",
];

/// xorshift64*: seeded, so that a failure repeats.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(mixed).unwrap_or(0) % below.max(1)
    }
}

fn mutate(random: &mut Random, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..=random.next(4) {
        let at = random.next(data.len() + 1);
        let end = (at + random.next(8)).min(data.len());
        match random.next(5) {
            0 => drop(data.splice(at..end, SPICE[random.next(SPICE.len())].iter().copied())),
            1 => drop(data.drain(at..end)),
            2 => data
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|b| *b = b.wrapping_add(1 << random.next(8))),
            3 => drop(data.splice(at..at, other.iter().copied().skip(random.next(other.len())))),
            _ => {
                let copy = data[at..end].to_vec();
                drop(data.splice(at..at, copy));
            }
        }
    }
    data
}

#[test]
fn fuzz_corpus_smoke() {
    for (name, target) in TARGETS {
        let (_, seeds) = SEEDS
            .iter()
            .find(|(n, _)| n == name)
            .unwrap_or_else(|| panic!("no seeds for {name}"));
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for seed in *seeds {
            target(seed);
            for _ in 0..ROUNDS {
                let other = seeds[random.next(seeds.len())];
                target(&mutate(&mut random, seed, other));
            }
        }
        for input in [
            &b""[..],
            b"\0",
            b"\xff\xfe",
            &b"a".repeat(70_000),
            &[b'['; 5_000],
            &[b'&'; 5_000],
            &[b'%'; 300],
        ] {
            target(input);
        }
    }
    assert_eq!(TARGETS.len(), SEEDS.len());
}
