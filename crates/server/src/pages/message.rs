//! What pages say, as identifiers: handlers name the condition, the catalogues have the words.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Declares an enum of conditions with the catalogue key of each and the numbers that go into its sentence.
macro_rules! messages {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident $({ $field:ident })? = $key:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant $({
                /// The number in the sentence.
                $field: u64
            })?,)*
        }

        impl $name {
            /// The key in the catalogues.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant $({ $field: _ })? => $key,)* }
            }

            fn is_good(self) -> bool {
                GOOD_NEWS.contains(&self.key())
            }

            fn number(self) -> Option<(&'static str, u64)> {
                match self { $(Self::$variant $({ $field })? => messages!(@number $($field)?),)* }
            }

            #[cfg(test)]
            pub(super) fn samples() -> Vec<Self> {
                vec![$(Self::$variant $({ $field: 8 })?,)*]
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(3))?;
                map.serialize_entry("key", self.key())?;
                map.serialize_entry("good", &self.is_good())?;
                let args: BTreeMap<&str, u64> = self.number().into_iter().collect();
                map.serialize_entry("args", &args)?;
                map.end()
            }
        }
    };
    (@number) => { None };
    (@number $field:ident) => { Some((stringify!($field), $field)) };
}

/// Messages that say that something worked; shown with a check mark.
const GOOD_NEWS: [&str; 23] = [
    "msg-account-created",
    "msg-application-revoked",
    "msg-code-sent",
    "msg-device-forgotten",
    "msg-email-change-begun",
    "msg-email-verified",
    "msg-factor-added",
    "msg-factor-removed",
    "msg-identity-linked",
    "msg-identity-unlinked",
    "msg-identifier-removed",
    "msg-other-sessions-revoked",
    "msg-passkey-added",
    "msg-passkey-removed",
    "msg-passkey-renamed",
    "msg-password-changed",
    "msg-phone-added",
    "msg-phone-changed",
    "msg-primary-changed",
    "msg-profile-saved",
    "msg-session-revoked",
    "msg-tokens-refreshed",
    "msg-verification-sent",
];

messages! {
    /// A sentence next to a form or one of its fields.
    Message {
        /// Unknown identifier or wrong password: one sentence for both, so that it says nothing about who has an account.
        CredentialsWrong = "msg-credentials-wrong",
        /// Too many tries for this account or address.
        TooManyAttempts { seconds } = "msg-too-many-attempts",
        /// Too many wrong second factors after the password: a code by mail or a new password leads on.
        SecondFactorExhausted = "msg-second-factor-exhausted",
        /// The form's token was missing or old: the browser lost its cookie, or the page was open for very long.
        FormExpired = "msg-form-expired",
        /// The account exists and the password was right, but the account may not be used.
        AccountDisabled = "msg-account-disabled",
        /// The password service is full; try again in a moment.
        Busy = "msg-busy",
        /// Several fields need attention; shown above the list of them.
        CheckFields = "msg-check-fields",
        /// An identifier is needed.
        IdentifierMissing = "msg-identifier-missing",
        /// A name is needed.
        NameMissing = "msg-name-missing",
        /// The name is too long.
        NameTooLong { max } = "msg-name-too-long",
        /// An e-mail address is needed.
        EmailMissing = "msg-email-missing",
        /// Not an e-mail address.
        EmailInvalid = "msg-email-invalid",
        /// Another user has the address.
        EmailTaken = "msg-email-has-account",
        /// A code is needed.
        CodeMissing = "msg-code-missing",
        /// The code is wrong, was used before, or is too old.
        CodeWrong = "msg-code-wrong",
        /// A code is on its way.
        CodeSent = "msg-code-sent",
        /// Too many messages were sent to this address already.
        TooManyMessages = "msg-too-many-messages",
        /// A second factor was set up.
        FactorAdded = "msg-factor-added",
        /// A second factor was removed.
        FactorRemoved = "msg-factor-removed",
        /// Mails went to the new address and to the present one.
        EmailChangeBegun = "msg-email-change-begun",
        /// Another identifier is the primary one.
        PrimaryChanged = "msg-primary-changed",
        /// An identifier was removed.
        IdentifierRemoved = "msg-identifier-removed",
        /// An identifier must stay.
        IdentifierKept = "msg-identifier-kept",
        /// A phone number is needed.
        PhoneMissing = "msg-phone-missing",
        /// Not a phone number.
        PhoneInvalid = "msg-phone-invalid",
        /// The account has this number.
        PhoneKnown = "msg-phone-known",
        /// Another account has this number; told only to who holds it.
        PhoneTaken = "msg-phone-taken",
        /// No code can be sent to this number.
        PhoneRefused = "msg-phone-refused",
        /// The session rests on a code to the very number that is gone.
        PhoneNeedsOtherFactor = "msg-phone-other-factor",
        /// A number was added.
        PhoneAdded = "msg-phone-added",
        /// A number took the place of another.
        PhoneChanged = "msg-phone-changed",
        /// The account has as many addresses and numbers as one may have.
        IdentifiersFull = "msg-identifiers-full",
        /// The box that confirms a deletion was not ticked.
        DeletionUnconfirmed = "msg-deletion-unconfirmed",
        /// A browser is no longer trusted.
        DeviceForgotten = "msg-device-forgotten",
        /// A password is needed.
        PasswordMissing = "msg-password-missing",
        /// Fewer characters than required.
        PasswordTooShort { min } = "msg-password-too-short",
        /// More characters than allowed.
        PasswordTooLong { max } = "msg-password-too-long",
        /// On the list of passwords known from breaches.
        PasswordBreached = "msg-password-breached",
        /// The address belongs to a provider of disposable mail.
        EmailDisposable = "msg-email-disposable",
        /// Made of the person's own name or address, or easily guessed.
        PasswordGuessable = "msg-password-guessable",
        /// The new password is the current one.
        PasswordUnchanged = "msg-password-unchanged",
        /// The current password is wrong.
        CurrentPasswordWrong = "msg-current-password-wrong",
        /// Contains characters that cannot be used here.
        TextInvalid = "msg-text-invalid",
        /// The account could not be created with this data; says nothing about whether it exists.
        SignUpRefused = "msg-sign-up-refused",
        /// Sign-up is closed at this tenant.
        SignUpClosed = "msg-sign-up-closed",
        /// An account at another provider was linked.
        IdentityLinked = "msg-identity-linked",
        /// An account at another provider was unlinked.
        IdentityUnlinked = "msg-identity-unlinked",
        /// It is the only way in that is left.
        LastWayIn = "msg-last-way-in",
        /// Signing in links an account at another provider.
        ConnectSignIn = "msg-connect-sign-in",
        /// A fresh sign-in is needed (`prompt=login`, `max_age`, or a sensitive change).
        SignInAgain = "msg-sign-in-again",
        /// The session ended by expiry or revocation.
        SessionEnded = "msg-session-ended",
        /// The sign-in took too long and starts over.
        SignInExpired = "msg-sign-in-expired",
        /// The account was made; sign in now.
        AccountCreated = "msg-account-created",
        /// The address is confirmed.
        EmailVerified = "msg-email-verified",
        /// A new confirmation mail is on its way.
        VerificationSent = "msg-verification-sent",
        /// The link was used before, is too old or is incomplete.
        LinkExpired = "msg-link-expired",
        /// The password was changed; other sessions were signed out.
        PasswordChanged = "msg-password-changed",
        /// The profile was saved.
        ProfileSaved = "msg-profile-saved",
        /// One session was signed out.
        SessionRevoked = "msg-session-revoked",
        /// All other sessions were signed out.
        OtherSessionsRevoked { count } = "msg-other-sessions-revoked",
        /// An application lost its access.
        ApplicationRevoked = "msg-application-revoked",
        /// A passkey was added.
        PasskeyAdded = "msg-passkey-added",
        /// A passkey has a new name.
        PasskeyRenamed = "msg-passkey-renamed",
        /// A passkey was removed.
        PasskeyRemoved = "msg-passkey-removed",
        /// A passkey did not sign anybody in; one sentence for every reason.
        PasskeyWrong = "msg-passkey-wrong",
        /// The credential is registered already.
        PasskeyKnown = "msg-passkey-known",
        /// The user has as many as one may have.
        PasskeyTooMany = "msg-passkey-too-many",
        /// Without it the user could not sign in.
        PasskeyLast = "msg-passkey-last",
        /// The name cannot be used.
        PasskeyName { max } = "msg-passkey-name",
        /// The tenant does not allow this model, or wants an attestation that it does not give.
        PasskeyModel = "msg-passkey-model",
        /// The passkey was not registered.
        PasskeyNotMade = "msg-passkey-not-made",
        /// New tokens were fetched (demo page).
        TokensRefreshed = "msg-tokens-refreshed",
        /// The token endpoint refused (demo page).
        TokensRefused = "msg-tokens-refused",
    }
}

messages! {
    /// Why a request cannot go on, on a page of its own. Texts: `{key}-title`, `{key}-what`, `{key}-do`.
    ErrorKind {
        /// No such client at this tenant (RFC 6749 4.1.2.1: never redirected).
        ClientUnknown = "error-client-unknown",
        /// The client exists but is switched off.
        ClientDisabled = "error-client-disabled",
        /// The redirect URI is missing or not registered (RFC 6749 4.1.2.1: never redirected).
        RedirectUriInvalid = "error-redirect-uri",
        /// The authorization request is malformed in another way that may not be redirected.
        RequestInvalid = "error-request-invalid",
        /// The response type, mode or another feature is not supported.
        Unsupported = "error-unsupported",
        /// The sign-in is unknown, finished or too old.
        SignInExpired = "error-sign-in-expired",
        /// The CSRF check failed.
        FormRejected = "error-form-rejected",
        /// The browser sends no cookies.
        CookiesBlocked = "error-cookies-blocked",
        /// A one-time link was used, is too old or is incomplete.
        LinkExpired = "error-link-expired",
        /// The account may not be used.
        AccountDisabled = "error-account-disabled",
        /// A second factor is required, and none of the account's can be used.
        SecondFactorOutOfReach = "error-second-factor",
        /// The link was opened in another browser than the sign-in began in.
        LinkOfOtherBrowser = "error-link-browser",
        /// Another provider does not answer.
        ConnectionUnavailable = "error-connection-unavailable",
        /// Another provider's answer does not hold.
        ConnectionAnswer = "error-connection-answer",
        /// Another provider, or the person there, said no.
        ConnectionRefused = "error-connection-refused",
        /// Another provider's answer was used before.
        ConnectionUsed = "error-connection-used",
        /// The account at another provider opens somebody else's account.
        IdentityTaken = "error-identity-taken",
        /// The account at another provider does not open this account.
        IdentityUnlinked = "error-identity-unlinked",
        /// The account may not use this client.
        AccessDenied = "error-access-denied",
        /// The logout request's hint or address is not valid (OpenID Connect RP-Initiated Logout 1.0, 4).
        LogoutInvalid = "error-logout-invalid",
        /// No page at this address.
        NotFound = "error-not-found",
        /// The page exists, the method does not.
        MethodNotAllowed = "error-method-not-allowed",
        /// The request body is too large or not a form.
        BodyInvalid = "error-body-invalid",
        /// The tenant is suspended or unknown.
        TenantUnavailable = "error-tenant-unavailable",
        /// Too busy; try again in a moment.
        Busy = "error-busy",
        /// Something failed here.
        Internal = "error-internal",
    }
}

messages! {
    /// A page that only tells something. Texts: `{key}-title`, `{key}-body`.
    MessageKind {
        /// The e-mail address is confirmed.
        EmailVerified = "page-email-verified",
        /// Signed in, but nothing to go on to.
        SignedIn = "page-signed-in",
        /// The person refused consent and there is nowhere to return to.
        ConsentDenied = "page-consent-denied",
        /// The account was deleted.
        AccountDeleted = "page-account-deleted",
        /// The password was replaced in a browser that did not ask for it: sign in now.
        PasswordReset = "page-password-reset",
        /// Whoever reads the mailbox has no part in the account.
        EmailDisowned = "page-email-disowned",
        /// A change of address was undone.
        EmailChangeUndone = "page-email-change-undone",
        /// The account will be deleted; its owner is signed out.
        DeletionRequested = "page-deletion-requested",
        /// The account stays.
        AccountKept = "page-account-kept",
        /// The account that somebody was invited to is made.
        InvitationAccepted = "page-invitation-accepted",
        /// The installation has its first operator.
        Claimed = "page-claimed",
        /// Close this window.
        Done = "page-done",
    }
}

/// A form field that can be wrong; named as in HTML. Ordered as people meet them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Full name.
    Name,
    /// Identifier of an account: e-mail address, phone number or user name.
    Identifier,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Password.
    Password,
    /// The password in force, asked before a change.
    CurrentPassword,
    /// The password to be.
    NewPassword,
    /// A code that was sent, or that an app shows.
    Code,
    /// A code that was sent in place of a calculation.
    ProofCode,
}

/// Why a form came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    /// What is wrong with the form as a whole.
    pub summary: Message,
    /// What is wrong with single fields, linked from the summary.
    pub fields: BTreeMap<Field, Message>,
}

impl FormError {
    /// A problem of the form as a whole.
    pub const fn form(summary: Message) -> Self {
        Self {
            summary,
            fields: BTreeMap::new(),
        }
    }

    /// Problems of single fields.
    pub fn fields(fields: impl IntoIterator<Item = (Field, Message)>) -> Self {
        Self {
            summary: Message::CheckFields,
            fields: fields.into_iter().collect(),
        }
    }
}

impl Serialize for FormError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let list: Vec<(&Field, &Message)> = self.fields.iter().collect(); // a list keeps the order of the form
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("summary", &self.summary)?;
        map.serialize_entry("list", &list)?;
        map.serialize_entry("fields", &self.fields)?;
        map.end()
    }
}
