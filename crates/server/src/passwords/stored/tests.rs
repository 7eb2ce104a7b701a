use super::*;

fn bounds() -> Argon2Bounds {
    Argon2Bounds::allowing(19_456, 2)
}

fn verify(hash: &str, password: &str) -> bool {
    let stored = StoredHash::parse(hash, bounds()).unwrap();
    stored
        .matches(password.as_bytes(), &mut Scratch::default())
        .unwrap()
}

fn error(hash: &str) -> StoredHashError {
    match StoredHash::parse(hash, bounds()) {
        Ok(_) => panic!("accepted {hash}"),
        Err(error) => error,
    }
}

/// Hashes that other implementations made, with the password.
const KNOWN: &[(&str, &str)] = &[
    // The reference implementation's own tests (argon2id and argon2i, both versions).
    (
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "password",
    ),
    (
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
        "password",
    ),
    (
        "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
        "password",
    ),
    // Openwall's tests of crypt_blowfish.
    (
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "U*U",
    ),
    (
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK",
        "U*U*",
    ),
    (
        "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a",
        "U*U*U",
    ),
    (
        "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "U*U",
    ),
    (
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "U*U",
    ),
    ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", ""),
    (
        "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
    ),
    // RFC 7914 12, as PHC strings.
    (
        "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
        "password",
    ),
    (
        "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw",
        "pleaseletmein",
    ),
    // RFC 6070 2 and RFC 7914 11, as PHC strings.
    (
        "$pbkdf2-sha1$i=4096,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE",
        "password",
    ),
    (
        "$pbkdf2-sha256$i=80000,l=64$TmFDbA$TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1ah1CWhIlgzVJrbhBtRybMXaicr3ruh0HhHj2Kzl/M8jQ",
        "Password",
    ),
    // Python's hashlib.
    (
        "$pbkdf2-sha512$i=1000,l=64$c2FsdFNBTFQ$9MxXuTf7VFCTqc8uC1F/QqIhPHn029WoCAXfGxObXPtCjoD+4LoURdxcNWqowyNEvloEPrgKX+DzMdcDBpzlcg",
        "password",
    ),
    ("$pbkdf2$4096$c2FsdA$SwB5AbdlSJq.rUnZJvch0GWkKcE", "password"),
    (
        "$pbkdf2-sha256$29000$./..AQIDBAU$xSTLKv9urLT.INEwVE4JWK6bJa9xFRaKYXZWZ19Fkhw",
        "password",
    ),
    (
        "$scrypt$ln=1024,r=8,p=1$TmFDbA==$J7QYxnTHadElAfux9TusMt9lFMDyjQQ4crFIs0iWGnk=",
        "password",
    ),
];

/// Those of older systems and of web frameworks.
const FOREIGN: &[(&str, &str)] = &[
    // Drepper's specification of SHA-crypt.
    (
        "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "Hello world!",
    ),
    (
        "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
        "Hello world!",
    ),
    (
        "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5",
        "This is just a test",
    ),
    (
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        "Hello world!",
    ),
    (
        "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
        "a very much longer text to encrypt.  This one even stretches over morethan one line.",
    ),
    (
        "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0",
        "we have a short salt string but not a short password",
    ),
    // FreeBSD's and OpenSSL's md5crypt.
    ("$1$deadbeef$0Huu6KHrKLVWfqa4WljDE0", "0.s0.l33t"),
    ("$1$saltsalt$fwjUw9R2aXH8DabahEwyW.", "Passw0rd"),
    (
        "$1$ab$JkrGnZIYw8FNROQ9TL5un/",
        "a very much longer text to encrypt. \u{e4}\u{f6}\u{fc}",
    ),
    // phpass's own test, phpBB's form, and passlib's.
    ("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "test12345"),
    ("$H$9PE8jEklgZhgLmZl5.HYJAzfGCQtzi1", "123456"),
    ("$P$912345678LIjjb6PhecupozNBmDndU0", "thisisalongertestPW"),
    // Django's tests of its hashers.
    (
        "pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=",
        "l\u{e8}tmein",
    ),
    (
        "pbkdf2_sha1$26000$seasalt$E6OeG0TFYBPXsU+BQpVG+/GTtGI=",
        "l\u{e8}tmein",
    ),
    (
        "scrypt$seasalt$16384$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3Fbb7JEFPKGpuEf5vw==",
        "l\u{e8}tmein",
    ),
    (
        "argon2$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "password",
    ),
    (
        "bcrypt$$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "U*U",
    ),
    // Python's hashlib.
    ("{SSHA}2uGG8MkHIjoXmC5vH8zLLyifRZdzYWx0MTIzNA==", "testing123"),
    (
        "{SSHA256}tE5MaabV/9EmpeyyYVocaUwBdTmO4zp64VzQR4iCxfNzYWx0MTIzNA==",
        "testing123",
    ),
    (
        "{SSHA512}TjKaXEdNCHWfP2bMWewgYRVAGC9qbHEvkB2FkIzfdbn22DVLJMTxZVeUvZ2O0ieQuBzSkcVfT7l2CFS2dLAmf3NhbHQxMjM0",
        "testing123",
    ),
    ("{CRYPT}$1$saltsalt$fwjUw9R2aXH8DabahEwyW.", "Passw0rd"),
    // The example of Firebase's scrypt tool, its hash XOR its signer key.
    (
        "$firebase-scrypt$ln=14,r=8$42xEC+ixf3L2lwc=$GjH2+Jz+dglLj5NuFkZHgBvZnv8Z8VZE5sdIgEAbIgeXy+ZfSpJLu1A++pZcpx0OhX41mDwvu2Olmp+PnfLfyQ==",
        "user1password",
    ),
];

#[test]
fn hashes_of_other_implementations_verify() {
    for (hash, password) in KNOWN.iter().chain(FOREIGN) {
        assert!(verify(hash, password), "{hash}");
        assert!(!verify(hash, &format!("x{password}")), "{hash}");
    }
}

#[test]
fn bcrypt_reads_72_bytes_and_no_more() {
    let hash = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
    let first_72 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    assert_eq!(first_72.len(), 72);
    assert!(verify(hash, first_72));
    assert!(!verify(hash, &first_72[..71]));
}

#[test]
fn formats_are_told_apart() {
    let format = |hash: &str| StoredHash::parse(hash, bounds()).unwrap().format();
    assert_eq!(format(KNOWN[0].0), HashFormat::Argon2id);
    assert_eq!(format(KNOWN[1].0), HashFormat::Argon2Other);
    assert_eq!(format(KNOWN[3].0), HashFormat::Bcrypt);
    assert_eq!(format(KNOWN[10].0), HashFormat::Scrypt);
    assert_eq!(format(KNOWN[12].0), HashFormat::Pbkdf2);
}

#[test]
fn absurd_costs_are_refused_before_they_are_paid() {
    let (salt, out) = ("c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    for hash in [
        format!("$argon2id$v=19$m=4294967295,t=1,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=262145,t=1,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=19456,t=4294967295,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=262144,t=9,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=65536,t=3,p=65${salt}${out}"),
        format!("$scrypt$ln=18,r=8,p=1${salt}${out}"),
        format!("$scrypt$ln=17,r=9,p=1${salt}${out}"),
        format!("$scrypt$ln=17,r=8,p=3${salt}${out}"),
        format!("$scrypt$ln=63,r=1,p=1${salt}${out}"),
        format!("$scrypt$ln=1,r=4294967295,p=1${salt}${out}"),
        format!("$scrypt$ln=2147483648,r=8,p=1${salt}${out}"),
        format!("$pbkdf2-sha256$i=4000001${salt}${out}"),
        format!("$pbkdf2-sha256$4294967295${salt}${out}"),
        "$2b$16$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned(),
        "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned(),
        "$2b$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned(),
        "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned(),
    ] {
        assert!(
            matches!(error(&hash), StoredHashError::TooCostly { .. }),
            "{hash}"
        );
    }
    // The dearest that are allowed.
    for hash in [
        format!("$argon2id$v=19$m=262144,t=8,p=64${salt}${out}"),
        format!("$scrypt$ln=17,r=8,p=2${salt}${out}"),
        format!("$pbkdf2-sha512$i=4000000${salt}${out}"),
        "$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned(),
    ] {
        assert!(StoredHash::parse(&hash, bounds()).is_ok(), "{hash}");
    }
    // What is configured for new passwords is always allowed.
    let hash = format!("$argon2id$v=19$m=1048576,t=9,p=1${salt}${out}");
    assert!(StoredHash::parse(&hash, Argon2Bounds::allowing(1_048_576, 9)).is_ok());
}

#[test]
fn malformed_hashes_are_errors_never_panics() {
    let (salt, out) = ("c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    for hash in [
        format!("$argon2id$v=19$m=19456,t=2${salt}${out}"),
        format!("$argon2id$v=19$t=2,m=19456,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=19456,t=2,p=1,x=1${salt}${out}"),
        format!("$argon2id$v=18$m=19456,t=2,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=19456,t=2,p=1${salt}"),
        format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${out}$x"),
        format!("$argon2id$v=19$m=+19456,t=2,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=-1,t=2,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=99999999999,t=2,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=7,t=2,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=19456,t=0,p=1${salt}${out}"),
        format!("$argon2id$v=19$m=19456,t=2,p=0${salt}${out}"),
        format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${out}"),
        format!("$argon2id$v=19$m=19456,t=2,p=1${salt}$AAAA"),
        format!("$argon2id$v=19$m=19456,t=2,p=1${salt}$"),
        format!("$argon2id$v=19$m=19456,t=2,p=1${salt}$***"),
        format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${}", "A".repeat(400)),
        format!("$argon2id$v=19$m=19456,t=2,p=1${}${out}", "A".repeat(400)),
        format!("$argon2id$v=19$m=19456,t=2,p=1${salt}$é{out}"),
        format!("$scrypt$ln=0,r=8,p=1${salt}${out}"),
        format!("$scrypt$ln=14,r=0,p=1${salt}${out}"),
        format!("$scrypt$ln=14,r=8,p=0${salt}${out}"),
        format!("$scrypt$ln=1000,r=8,p=1${salt}${out}"),
        format!("$scrypt$ln=14${salt}${out}"),
        format!("$pbkdf2-sha256$i=0${salt}${out}"),
        format!("$pbkdf2-sha256$i=1000,l=31${salt}${out}"),
        format!("$pbkdf2-sha256$l=32,i=1000${salt}${out}"),
        format!("$pbkdf2-sha256$i=1000,l=${salt}${out}"),
        format!("$pbkdf2-sha256$1e3${salt}${out}"),
        format!("$pbkdf2-sha256${salt}${out}"),
        "$2b$05$".to_owned(),
        "$2b$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWx".to_owned(),
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe".to_owned(),
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe!".to_owned(),
        "$2b$05$éCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned(),
        "$2b$ab$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned(),
    ] {
        assert!(
            matches!(error(&hash), StoredHashError::Malformed { .. }),
            "{hash}"
        );
    }
    for hash in [
        "",
        "$",
        "$$",
        "password",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$3$salt$hash",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$argon2id",
        "$ARGON2ID$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAA",
    ] {
        assert_eq!(error(hash), StoredHashError::UnknownFormat, "{hash}");
    }
}

#[test]
fn every_prefix_and_every_damaged_byte_is_survived() {
    for (hash, _) in KNOWN {
        for end in 0..hash.len() {
            let _ = StoredHash::parse(&hash[..end], bounds());
        }
        for at in 0..hash.len() {
            for byte in [b'$', b',', b'=', b'\0', b'9', b'z'] {
                let mut bytes = hash.as_bytes().to_vec();
                bytes[at] = byte;
                let _ = StoredHash::parse(&String::from_utf8(bytes).unwrap(), bounds());
            }
        }
    }
}

#[test]
fn weaker_and_foreign_hashes_are_outdated() {
    let current = Params::new(19_456, 2, 1, Some(32)).unwrap();
    let salt = "AAAAAAAAAAAAAAAAAAAAAA";
    let out = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    for (params, outdated) in [
        ("$argon2id$v=19$m=19456,t=2,p=1", false),
        ("$argon2id$v=19$m=19456,t=3,p=1", false),
        ("$argon2id$v=19$m=47104,t=1,p=1", false),
        ("$argon2id$v=19$m=65536,t=3,p=4", false),
        ("$argon2id$v=19$m=12288,t=4,p=1", false),
        ("$argon2id$v=19$m=19456,t=1,p=1", true),
        ("$argon2id$v=19$m=19455,t=2,p=1", true),
        ("$argon2id$v=19$m=8192,t=9,p=1", true),
        ("$argon2id$v=16$m=65536,t=3,p=4", true),
        ("$argon2i$v=19$m=65536,t=3,p=4", true),
        ("$scrypt$ln=17,r=8,p=1", true),
    ] {
        let hash = StoredHash::parse(&format!("{params}${salt}${out}"), bounds()).unwrap();
        assert_eq!(hash.is_outdated(&current), outdated, "{params}");
    }
    let short_salt = format!("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ${out}");
    assert!(
        StoredHash::parse(&short_salt, bounds())
            .unwrap()
            .is_outdated(&current)
    );
}

#[test]
fn djangos_bcrypt_is_of_the_digest_in_hexadecimal() {
    let digits = "fad1a347ae49391f06afac56f3d83c990b362c92897cb19ec53e97693cb48ea1";
    let salt = *b"0123456789abcdef";
    let hash = bcrypt_of(digits.as_bytes(), 4, salt);
    let base64 = GeneralPurpose::new(&alphabet::BCRYPT, general_purpose::NO_PAD);
    let text = format!("$2b$04${}{}", base64.encode(salt), base64.encode(&hash[..23]));
    assert!(verify(&text, digits));
    assert!(verify(&format!("bcrypt_sha256${text}"), "U*U"));
    assert!(!verify(&format!("bcrypt_sha256${text}"), digits));
}

#[test]
fn hostile_hashes_of_other_systems_are_refused_before_they_cost_anything() {
    let sixty_four = "a".repeat(86);
    for costly in [
        format!("$6$rounds=999999999$salt${sixty_four}"),
        format!("$6$rounds=10$salt${sixty_four}"),
        format!("$P$z12345678{}", "a".repeat(22)),
        format!("$P$.12345678{}", "a".repeat(22)),
        "pbkdf2_sha256$4000001$salt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=".to_owned(),
        "scrypt$salt$1073741824$8$5$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=".to_owned(),
        "$firebase-scrypt$ln=30,r=8$c2FsdA$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=".to_owned(),
    ] {
        assert!(
            matches!(error(&costly), StoredHashError::TooCostly { .. }),
            "{costly}"
        );
    }
    for wrong in [
        "$6$salt$short".to_owned(),
        format!("$6$saltsaltsaltsalts${sixty_four}"),
        "$1$saltsalt$fwjUw9R2aXH8DabahEwyW".to_owned(),
        "$1$saltsaltx$fwjUw9R2aXH8DabahEwyW.".to_owned(),
        "$P$9IQRaTwmf\u{e9}Ro7ud9Fh4E2PdI0S3r.L".to_owned(),
        "{SSHA}c2hvcnQ=".to_owned(),
        "{SSHA}2uGG8MkHIjoXmC5vH8zLLyifRZc=".to_owned(),
        "pbkdf2_sha256$0$salt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=".to_owned(),
        "$firebase-scrypt$ln=14$c2FsdA$oBSd886ysm3A".to_owned(),
    ] {
        assert!(
            matches!(error(&wrong), StoredHashError::Malformed { .. }),
            "{wrong}"
        );
    }
    for unknown in ["{MD5}abc", "md5$salt$hash", "plain", "{SSHA", "$sha1$4$a$b", ""] {
        assert_eq!(error(unknown), StoredHashError::UnknownFormat, "{unknown}");
    }
    let long = "p".repeat(100_000);
    assert!(!verify("$1$saltsalt$fwjUw9R2aXH8DabahEwyW.", &long));
    assert!(!verify("$1$saltsalt$fwjUw9R2aXH8DabahEwyW.", ""));
}
