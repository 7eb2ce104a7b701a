### Hosted pages and mails. English is the measure: every other language has the same keys and the same placeables.

## Frame
dev-badge = Development mode
skip = Skip to content
title-problem = Problem:
foot-help = Help
foot-terms = Terms of Service
foot-privacy = Privacy Policy
foot-language = Language:
foot-secured = Secured by { $product }
continue = Continue
save = Save
try-again = Try again
back-to-client = Back to { $client }
switch-account = Switch account

## Time
ago-now = just now
ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
date = { $month } { $day }, { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

## Fields
field-identifier = Email
field-email = Email
field-name = Full name
field-password = Password
field-current-password = Current password
field-new-password = New password
password-hint = At least { $min } characters. A few unrelated words work well.

## Sign-in
sign-in-title = Sign in
sign-in-again-title = Confirm it’s you
sign-in-onward = to continue to { $client }
sign-in-account = to your { $tenant } account
sign-in-or = or
sign-in-forgot = Forgot your password?
sign-in-submit = Sign in
sign-in-link = Sign in
sign-in-no-account = Don’t have an account?

## Sign-up
sign-up-title = Create your account
sign-up-account = Welcome to { $tenant }
sign-up-submit = Create account
sign-up-link = Sign up
sign-up-have-account = Already have an account?
sign-up-agree = By creating an account you agree to the { $terms } and acknowledge the { $privacy }.
sign-up-agree-one = By creating an account you accept our { $document }.

## Choosing an account
select-title = Choose an account
select-another = Use another account
select-last-active = Last used { $when }

## Consent
consent-title = Allow access for { $client }
consent-heading = { $client } wants to access your account
consent-lede = Review what you share from your { $tenant } account.
consent-allows = This will allow { $client } to:
consent-caution = Only continue if you trust { $client }. You can withdraw access at any time on your account page.
consent-allow = Allow access
consent-deny = Don’t allow
consent-redirect = You will be taken to { $host }
consent-website = Website
consent-client-links = About { $client }
scope-openid = Know who you are
scope-openid-detail = An identifier that stays the same each time you sign in
scope-openid-short = Sign-in
scope-profile = See your profile
scope-profile-detail = Your name, picture and language
scope-profile-short = Profile
scope-email = See your email address
scope-email-detail = And whether it has been confirmed
scope-email-short = Email
scope-address = See your postal address
scope-address-detail = Street, city, postal code and country
scope-address-short = Address
scope-phone = See your phone number
scope-phone-detail = And whether it has been confirmed
scope-phone-short = Phone
scope-offline_access = Stay connected
scope-offline_access-detail = Keep this access while you are not using the app
scope-offline_access-short = Stays connected

## Signing out
sign-out-title = Sign out?
sign-out-lede = You are signed in at { $tenant }.
sign-out-client = { $client } asks to sign you out of { $tenant }.
sign-out-submit = Sign out
sign-out-stay = Stay signed in
signed-out-title = You’re signed out
signed-out-lede = On a shared computer, close all browser windows as well.
signed-out-again = Sign in again

## Account
account-title = Your account
account-since = Account since { $date }
profile-title = About you
profile-lede = How you appear to the applications you use.
profile-verified = Confirmed
profile-unverified = Not confirmed
profile-verify = Send link
password-title = Password
password-lede = Choose one that you use nowhere else.
password-changed = Last changed on { $date }
password-submit = Change password
sessions-title = Where you’re signed in
sessions-lede = Sign out anything you don’t recognize, then change your password.
sessions-revoke-others = Sign out everywhere else
session-current = This device
session-active-now = Active now
session-since = signed in on { $date }
session-revoke = Sign out
session-unknown = Unknown device
session-browser-on = { $browser } on { $os }
applications-title = Connected applications
applications-lede = These can use your account within the limits shown.
applications-none = No application has access to your account.
application-since = Access since { $date }
application-scopes = What it may do
application-revoke = Remove access

## Confirming an address
check-mail-title = Check your email
check-mail-lede = We sent a link to { $email }. Open it to continue.
check-mail-spam = Nothing there? Look in your spam folder, or wait a minute.
check-mail-resend = Send again
check-mail-outbox = Open captured mail
check-mail-wrong = Wrong address?
check-mail-correct = Go back
verify-title = Confirm your email
verify-lede = One click and your address is confirmed.
verify-lede-address = One click and { $email } is confirmed.
verify-submit = Confirm email
verify-not-you = If you didn’t ask for this, close this page. Nothing will happen.

## On to the client
form-post-title = One moment
form-post-lede = We’re taking you back to the application.
form-post-client = We’re taking you back to { $client }.

## Pages that tell something
page-email-verified-title = Email confirmed
page-email-verified-body = Thank you. You can continue now.
page-signed-in-title = You’re signed in
page-signed-in-body = You can close this page and return to your application.
page-consent-denied-title = Access not given
page-consent-denied-body = Nothing was shared. You can close this page.
page-account-deleted-title = Account deleted
page-account-deleted-body = Your account and its sessions are gone.
page-done-title = All done
page-done-body = You can close this page.

## Too many requests
limited-title = Please wait a moment
limited-what = There were too many tries in a short time. We slow them down to protect accounts.
limited-seconds = { $seconds ->
    [one] You can try again in { $seconds } second.
   *[other] You can try again in { $seconds } seconds.
}
limited-minutes = { $minutes ->
    [one] You can try again in { $minutes } minute.
   *[other] You can try again in { $minutes } minutes.
}

## Errors: what it is, what happened, what to do
error-code = Error code
error-detail = For developers
error-request = Request ID
error-client-unknown-title = Unknown application
error-client-unknown-what = The link you followed names an application that doesn’t exist here.
error-client-unknown-do = Go back to the application and try again. If you develop it, check its client_id.
error-client-disabled-title = Application switched off
error-client-disabled-what = Sign-in for this application has been switched off by its administrator.
error-client-disabled-do = Ask the people who run the application.
error-redirect-uri-title = This link can’t be trusted
error-redirect-uri-what = The application asked to send you to an address that isn’t registered for it, so we stopped here.
error-redirect-uri-do = Go back to the application and try again. If you develop it, register the exact redirect_uri.
error-request-invalid-title = This request doesn’t work
error-request-invalid-what = The application sent something that we can’t process.
error-request-invalid-do = Go back to the application and try again. If it keeps happening, tell the people who run it.
error-unsupported-title = Not supported
error-unsupported-what = The application asked for a way to sign in that isn’t available here.
error-unsupported-do = Tell the people who run the application and include the details below.
error-sign-in-expired-title = This sign-in has expired
error-sign-in-expired-what = It took too long, or was already completed in another tab.
error-sign-in-expired-do = Go back to the application and sign in again.
error-form-rejected-title = Please try once more
error-form-rejected-what = We couldn’t match this form to your browser. That happens when a page stays open for long, or cookies were cleared.
error-form-rejected-do = Go back, reload the page and send it again.
error-cookies-blocked-title = Cookies are switched off
error-cookies-blocked-what = Signing in needs one cookie, and your browser didn’t send it.
error-cookies-blocked-do = Allow cookies for this site, then try again.
error-link-expired-title = This link no longer works
error-link-expired-what = It was used already, has expired, or is incomplete.
error-link-expired-do = Ask for a new one and open it within a few minutes.
error-account-disabled-title = Account not available
error-account-disabled-what = This account can’t be used at the moment.
error-account-disabled-do = Ask your administrator or our support.
error-access-denied-title = No access
error-access-denied-what = Your account isn’t allowed to use this application.
error-access-denied-do = Ask your administrator for access, or use another account.
error-logout-invalid-title = Couldn’t sign you out
error-logout-invalid-what = The sign-out link is not valid. You’re still signed in.
error-logout-invalid-do = Sign out on your account page instead.
error-not-found-title = Page not found
error-not-found-what = There’s nothing at this address.
error-not-found-do = Check the address, or go back to where you came from.
error-method-not-allowed-title = That doesn’t work here
error-method-not-allowed-what = This address can’t be used in this way.
error-method-not-allowed-do = Go back and start again from the beginning.
error-body-invalid-title = We couldn’t read that
error-body-invalid-what = What your browser sent is too large or not a form.
error-body-invalid-do = Go back, reload the page and try again.
error-tenant-unavailable-title = Not available
error-tenant-unavailable-what = Sign-in isn’t available at this address.
error-tenant-unavailable-do = Check the address, or ask the people who gave it to you.
error-busy-title = A lot is going on
error-busy-what = We’re handling more requests than usual.
error-busy-do = Wait a few seconds and try again.
error-internal-title = Something went wrong
error-internal-what = The mistake is on our side. Nothing was lost.
error-internal-do = Try again in a moment. If it keeps happening, tell us the request ID.

## Sentences next to forms
msg-credentials-wrong = That email and password don’t match. Try again.
msg-too-many-attempts = { $seconds ->
    [one] Too many tries. Wait { $seconds } second, then try again.
   *[other] Too many tries. Wait { $seconds } seconds, then try again.
}
msg-form-expired = This page was open for too long. Please try again.
msg-account-disabled = This account can’t be used at the moment. Ask your administrator.
msg-busy = We’re very busy right now. Try again in a few seconds.
msg-check-fields = Please check the following:
msg-identifier-missing = Enter your email.
msg-name-missing = Enter your name.
msg-name-too-long = Shorten your name to { $max } characters.
msg-email-missing = Enter your email.
msg-email-invalid = Enter an email address like name@example.com.
msg-password-missing = Enter your password.
msg-password-too-short = Use at least { $min } characters for the password.
msg-password-too-long = Use at most { $max } characters for the password.
msg-password-breached = This password has appeared in a data breach. Choose another one.
msg-password-guessable = This password is easy to guess. Make it longer or less common.
msg-password-unchanged = The new password is the same as the current one.
msg-current-password-wrong = The current password is wrong.
msg-text-invalid = Remove characters that can’t be typed or printed.
msg-sign-up-refused = We couldn’t create an account with this information. Try signing in instead.
msg-sign-up-closed = New accounts can’t be created here.
msg-sign-in-again = Please enter your password to continue.
msg-session-ended = You were signed out. Please sign in again.
msg-sign-in-expired = That took too long. Please sign in again.
msg-account-created = Your account is ready. Sign in to continue.
msg-email-verified = Your email is confirmed.
msg-verification-sent = We sent a new link.
msg-link-expired = This link no longer works. Ask for a new one.
msg-password-changed = Your password is changed. Other devices were signed out.
msg-profile-saved = Your profile is saved.
msg-session-revoked = That device is signed out.
msg-other-sessions-revoked = { $count ->
    [one] { $count } other session was signed out.
   *[other] { $count } other sessions were signed out.
}
msg-application-revoked = The application no longer has access.
msg-tokens-refreshed = New tokens, same session.
msg-tokens-refused = The token endpoint refused.

## Development pages
demo-title = Demo application
demo-lede = A small client that signs in with the authorization code flow and PKCE, through the same endpoints your application will use.
demo-submit = Sign in with Authflow
demo-issuer = Issuer
demo-client = Client ID
demo-signed-in = Signed in
demo-signed-in-lede = This is what an application receives.
demo-claims = Claims
demo-claims-lede = From the ID token, after its signature was verified.
demo-tokens = Tokens
demo-tokens-lede = Decoded. In a real application they stay on the server.
demo-refresh = Refresh tokens
demo-expires = { $seconds } s
demo-header = Header
demo-payload = Payload
demo-raw = As received
demo-userinfo = Userinfo
demo-userinfo-lede = The answer of the userinfo endpoint.
outbox-title = Captured mail
outbox-open = Open
outbox-lede = Mail that a production server would have sent.
outbox-none = No mail yet. Sign up to receive the first.
outbox-mail = Mail
outbox-from = From
outbox-to = To
outbox-html = HTML part
outbox-text = Text part

## Text messages: keep to the characters of GSM 03.38 where the language allows it; others halve what fits
sms-code = { $code } is your code for { $tenant }. It works for { $time }. Nobody will ask you for it.
sms-test = Test message from { $tenant }.

## Mails
mail-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
mail-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
mail-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
mail-moment = { $date }, { $time } UTC
mail-link-expires = The link works once, for { $time }.
mail-code-expires = The code works once, for { $time }.
mail-link-fallback = If the button doesn’t work, open this address:
mail-foot = { $tenant } sent this mail to { $email }.
mail-fact-when = When
mail-fact-device = Device
mail-fact-place = Place
mail-fact-factor = What
mail-factor-password = Password
mail-factor-passkey = Passkey
mail-factor-totp = Authenticator app
mail-factor-recovery-codes = Recovery codes
mail-factor-phone = Phone for text messages
mail-factor-provider = Account at { $name }
mail-verify-email-subject = Confirm your email for { $tenant }
mail-verify-email-heading = Confirm your email
mail-verify-email-body = Please confirm that { $email } is your address at { $tenant }.
mail-verify-email-action = Confirm email
mail-verify-email-note = If you didn’t ask for this mail, ignore it.
mail-magic-link-subject = Sign in to { $tenant }
mail-magic-link-heading = Sign in to { $tenant }
mail-magic-link-body = Press the button to sign in as { $email }.
mail-magic-link-action = Sign in
mail-magic-link-code = Or type this code where you began to sign in:
mail-magic-link-note = Don’t pass it on: whoever has it can sign in as you. If you didn’t try to sign in, ignore this mail.
mail-email-code-subject = { $code } is your code for { $tenant }
mail-email-code-heading = Your code
mail-email-code-body = Type this code to go on at { $tenant } as { $email }.
mail-email-code-note = Nobody from { $tenant } will ever ask you for it. If you didn’t need a code, ignore this mail.
mail-password-reset-subject = Reset your password for { $tenant }
mail-password-reset-heading = Reset your password
mail-password-reset-body = Someone asked to reset the password of { $email } at { $tenant }. If it was you, choose a new one.
mail-password-reset-action = Choose a new password
mail-password-reset-note = If it wasn’t you, ignore this mail: your password stays as it is.
mail-password-changed-subject = Your password for { $tenant } was changed
mail-password-changed-heading = Your password was changed
mail-password-changed-body = The password of { $email } at { $tenant } was changed.
mail-password-changed-action = Check your account
mail-password-changed-note = If it was you, there is nothing to do. If not, reset your password now and sign out devices that you don’t know.
mail-email-change-old-subject = Your email for { $tenant } is about to change
mail-email-change-old-heading = Change of email
mail-email-change-old-body = Someone signed in as { $email } wants to change the address to { $new_email }. It changes only if you agree.
mail-email-change-old-action = Allow or stop it
mail-email-change-old-note = If it wasn’t you, stop it and change your password.
mail-email-change-new-subject = Confirm your new email for { $tenant }
mail-email-change-new-heading = Confirm your new email
mail-email-change-new-body = Please confirm that { $email } is to be your new address at { $tenant }.
mail-email-change-new-action = Confirm email
mail-email-change-new-note = If you didn’t ask for this mail, ignore it: nothing changes.
mail-email-changed-subject = Your email for { $tenant } was changed
mail-email-changed-heading = Your email was changed
mail-email-changed-body = Your address at { $tenant } is now { $new_email }.
mail-email-changed-action = Check your account
mail-email-changed-note = If it was you, there is nothing to do. If not, get help at once: someone else may be using your account.
mail-new-device-subject = New sign-in to { $tenant }
mail-new-device-heading = New sign-in
mail-new-device-body = A device that hasn’t been used before signed in to { $tenant } as { $email }.
mail-new-device-action = Check your account
mail-new-device-note = If it was you, there is nothing to do. If not, sign that device out and change your password.
mail-invitation-subject = { $inviter } invites you to { $into }
mail-invitation-heading = You are invited to { $into }
mail-invitation-body = { $inviter } invites you to join { $into } with the address { $email }.
mail-invitation-action = Accept the invitation
mail-invitation-note = If you don’t know { $inviter }, ignore this mail.
mail-account-deletion-subject = Your account at { $tenant } will be deleted on { $date }
mail-account-deletion-heading = Your account will be deleted
mail-account-deletion-body = The account { $email } at { $tenant } will be deleted on { $date }, with everything in it. Until then you can change your mind.
mail-account-deletion-action = Keep my account
mail-account-deletion-note = If you want it to be deleted, there is nothing more to do.
mail-factor-added-subject = A way to sign in to { $tenant } was added
mail-factor-added-heading = New way to sign in
mail-factor-added-body = This was added to your account { $email } at { $tenant }.
mail-factor-added-action = Check your account
mail-factor-added-note = If it was you, there is nothing to do. If not, remove it and change your password.
mail-factor-removed-subject = A way to sign in to { $tenant } was removed
mail-factor-removed-heading = A way to sign in was removed
mail-factor-removed-body = This was removed from your account { $email } at { $tenant }.
mail-factor-removed-action = Check your account
mail-factor-removed-note = If it was you, there is nothing to do. If not, change your password and add it again.
mail-account-exists-subject = You already have an account at { $tenant }
mail-account-exists-heading = You already have an account
mail-account-exists-body = Someone, perhaps you, tried to sign up at { $tenant } with { $email }. There is an account with this address: sign in to it instead.
mail-account-exists-action = Sign in
mail-account-exists-note = If you don’t remember the password, you can reset it there. If it wasn’t you, there is nothing to do.
mail-test-subject = Test mail from { $tenant }
mail-test-heading = Your mail arrives
mail-test-body = This is the test mail that was asked for, from { $tenant } to { $email }.
mail-test-note = Look at its headers to see whether SPF, DKIM and DMARC pass.

# The account pages
account-nav-profile = Profile
account-nav-security = Security
account-nav-devices = Devices
account-nav-applications = Applications
account-nav-activity = Activity
identifiers-title = Email addresses
identifiers-lede = How you sign in and how we reach you.
identifier-primary = Primary
identifier-kind-email = Email address
identifier-kind-phone = Phone number
identifier-kind-username = User name
activity-title = Recent activity
activity-lede = Sign-ins and changes to your account. If you don’t recognize something, change your password.
activity-none = Nothing yet.
activity-login = Signed in
activity-login-failed = Sign-in failed
activity-logout = Signed out
activity-created = Account created
activity-email = Email address changed
activity-phone = Phone number changed
activity-deletion = Deletion requested
activity-deletion-cancelled = Deletion cancelled
activity-updated = Profile changed
activity-password = Password changed
activity-verified = Email address confirmed
activity-factor-added = Sign-in method added
activity-factor-removed = Sign-in method removed
activity-grant-revoked = Application access removed
activity-refresh-reuse = Application signed out: its access was used twice

### Codes, links and second factors
cancel = Cancel
field-code = Code
field-recovery-code = Recovery code
sign-in-with-email-code = Email me a code
sign-in-with-link = Email me a sign-in link
sign-in-with-sms-code = Text me a code
code-title = Check your email
code-title-sms = Check your phone
code-title-link = Check your email
code-lede = If { $identifier } has an account, a six-digit code is on its way.
code-lede-link = If { $identifier } has an account, a sign-in link is on its way. Open it in this browser.
code-hint-link = Only if you opened the link on another device: the code that it showed.
code-resend = Send again
code-back = Use another way to sign in
link-elsewhere-title = Are you signing in on another device?
link-elsewhere-lede = This sign-in began in another browser. We can show you a code to enter there.
link-show-code = Show the code
link-not-you = If you are not signing in right now, close this page. Nothing will happen.
link-code-title = Your code
link-code-lede = Enter it where you began to sign in.
link-code-caution = Never give this code to anybody, not even to people who say they work for us.
second-title = Two-step verification
second-lede-totp = Enter the code that your authenticator app shows.
second-lede-recovery-code = Enter one of the recovery codes that you saved. Each works once.
second-lede-email-code = Confirm it’s you with a code sent to your email address.
second-lede-sms-code = Confirm it’s you with a code sent to your phone.
second-lede-password = Enter your password as well.
second-send = Send the code
second-trust = { $days ->
    [one] Don’t ask again on this device for { $days } day
   *[other] Don’t ask again on this device for { $days } days
}
second-use-totp = Use an authenticator app
second-use-recovery-code = Use a recovery code
second-use-email-code = Email me a code
second-use-sms-code = Text me a code
second-use-password = Use your password
totp-title = Set up an authenticator app
totp-lede = Scan the code with an app such as Google Authenticator, 1Password or Aegis.
totp-lede-required = Your account needs a second step. Scan the code with an app such as Google Authenticator, 1Password or Aegis.
totp-manual = Can’t scan the code?
totp-manual-lede = Enter this key in the app.
totp-open-app = Open an app on this device
totp-code-hint = The six digits that the app shows now
totp-submit = Turn on
recovery-codes-title = Save your recovery codes
recovery-codes-lede = If you lose your phone, each of these codes signs you in once.
recovery-codes-once = They are shown only now. Keep them where only you can find them.
recovery-codes-done = I saved them
msg-code-missing = Enter the code.
msg-code-wrong = This code is wrong or no longer works. Check it, or ask for a new one.
msg-code-sent = The code is on its way.
msg-too-many-messages = We have sent several messages already. Wait a little before you ask for another.
msg-factor-added = Two-step verification is on.
msg-factor-removed = The second step was removed.
msg-device-forgotten = This device will be asked for the second step again.
error-second-factor-title = A second step is needed
error-second-factor-what = Your account must be confirmed in a second step, and none of yours can be used right now.
error-second-factor-do = Ask your administrator to help you back in.
error-link-browser-title = Open the link where you began
error-link-browser-what = This sign-in began in another browser, and the link works only there.
error-link-browser-do = Open the mail on that device, or sign in again here.
security-totp-title = Authenticator app
security-totp-lede = An app on your phone shows a code that you enter when you sign in.
security-totp-add = Set up an app
security-added = Added { $date }
security-remove = Remove
security-recovery-title = Recovery codes
security-recovery-left = { $count ->
    [one] { $count } code left
   *[other] { $count } codes left
}
security-recovery-renew = Make new codes
security-devices-title = Trusted devices
security-devices-lede = Here you are not asked for the second step.
security-until = Until { $date }
security-forget = Ask again

# Passkeys
passkey-sign-in = Sign in with a passkey
passkey-failed = That didn’t work. Try again, or sign in another way.
passkey-cancelled = No passkey was used. Try again, or sign in another way.
passkey-second = Use your passkey
passkey-second-noscript = To use a passkey, turn on JavaScript for this page.
second-lede-passkey = Use one of your passkeys to continue.
second-use-passkey = Use a passkey
passkeys-title = Passkeys
passkeys-lede = Sign in with your fingerprint, face or screen lock. A passkey can’t be guessed, and works on no other site than this one.
passkeys-none = You have no passkeys yet.
passkeys-add = Add a passkey
passkeys-add-failed = The passkey couldn’t be added. Please try again.
passkeys-add-cancelled = No passkey was added. Try again when you’re ready.
passkeys-add-known = This device already has a passkey for your account.
passkeys-unsupported = This browser can’t use passkeys.
passkeys-noscript = To add a passkey, turn on JavaScript for this page.
passkeys-off = New passkeys can’t be added here.
passkeys-synced = Synced
passkeys-elsewhere = Other address
passkeys-elsewhere-note = Works only at { $domain }. Add a new passkey to sign in here.
passkeys-created = added on { $date }
passkeys-used = used { $when }
passkeys-unused = not used yet
passkeys-edit = Edit
passkeys-name = Name
passkeys-remove = Remove
msg-passkey-added = The passkey is added. You can sign in with it from now on.
msg-passkey-renamed = The name is saved.
msg-passkey-removed = The passkey is removed. Delete it from your device or password manager too.
msg-passkey-wrong = That passkey wasn’t accepted. Try again, or sign in another way.
msg-passkey-known = This passkey is registered already.
msg-passkey-too-many = You have as many passkeys as an account can have. Remove one first.
msg-passkey-last = This passkey is your only way to sign in. Add another passkey or set a password first.
msg-passkey-name = Enter a name of at most { $max } characters.
msg-passkey-model = This kind of security key isn’t allowed here. Ask your administrator which ones are.
msg-passkey-not-made = The passkey couldn’t be added. Please try again.
## Connections to other providers
sign-in-with = Continue with { $provider }
connect-title = One more step
connect-lede = { $provider } has told us who you are. Create your account here, or connect the one you have.
connect-closed-lede = { $provider } has told us who you are, but no account here is connected to it. Sign in to your account to connect the two.
connect-exists-title = You already have an account
connect-exists-lede = An account here uses the address that { $provider } gave us. Sign in to it once, and { $provider } will open it from then on.
connect-email-hint = We’ll send a code to this address to confirm that it’s yours.
connect-create = Create account
connect-sign-in = Connect an account I have
connect-cancel = Sign in another way
connect-code-title = Confirm your email
connect-code-lede = We sent a six-digit code to { $email }.
connections-title = Connected accounts
connections-lede = Accounts elsewhere that sign you in here.
connections-used = Last used { $ago }
connections-linked = Connected
connections-none = Not connected
connections-unlink = Disconnect
connections-link = Connect
msg-identity-linked = The account is connected. You can sign in with it from now on.
msg-identity-unlinked = The account is disconnected.
msg-last-way-in = This is your only way to sign in. Set a password or connect another account first.
msg-connect-sign-in = Sign in to your account to connect the two.
error-connection-unavailable-title = The provider can’t be reached
error-connection-unavailable-what = The service that you wanted to sign in with doesn’t answer at the moment.
error-connection-unavailable-do = Wait a moment and try again, or sign in another way.
error-connection-answer-title = That sign-in didn’t work out
error-connection-answer-what = The answer of the service that you wanted to sign in with can’t be used.
error-connection-answer-do = Try again. If it happens again, tell the people who run this site the error code below.
error-connection-refused-title = You’re not signed in
error-connection-refused-what = The service that you wanted to sign in with says that the sign-in was cancelled or refused.
error-connection-refused-do = Try again, or sign in another way.
error-connection-used-title = This answer was used already
error-connection-used-what = Each sign-in with another service counts once. Reloading its last page doesn’t repeat it.
error-connection-used-do = Begin the sign-in again.
error-identity-taken-title = That account is taken
error-identity-taken-what = The account you chose is connected to somebody else’s account here.
error-identity-taken-do = Choose another one, or disconnect it there first.
error-identity-unlinked-title = That isn’t your connected account
error-identity-unlinked-what = To go on, please use an account that is connected to yours.
error-identity-unlinked-do = Go back and choose the account that you signed in with before, or use another way.


# Recovery
recover-title = Reset your password
recover-lede = Enter your email address, and we’ll send you a link to choose a new password.
recover-submit = Send link
recover-back = Back to sign-in
recover-sent-lede = If { $identifier } has an account here, a mail with a link is on its way. It works for 15 minutes.
recover-sent-note = Nothing there? Look in your spam folder. For your safety we don’t say whether an account exists.
recover-other = Use another address
new-password-title = Choose a new password
new-password-lede = For { $identifier }
new-password-submit = Save new password
new-password-ends-sessions = You’ll be signed out on all other devices.
page-password-reset-title = Password changed
page-password-reset-body = Your new password works from now on. Sign in with it to continue.

# Addresses, invitation, one’s own data
account-nav-data = Your data
identifier-make-primary = Make primary
identifier-remove = Remove
identifier-add-email = Add an email address
identifier-add-hint = We’ll send a link there. Nothing changes before you open it.
identifier-add-primary = Make it my primary address
identifier-add-submit = Add address
msg-email-change-begun = Check your mail: we sent a link to the new address, and a note to your present one.
msg-primary-changed = Your primary address is changed.
msg-identifier-removed = It is removed from your account.
msg-identifier-kept = This one can’t be removed yet: it is your primary one, or it may still object to a recent change.
msg-deletion-unconfirmed = Tick the box to confirm that you want to delete your account.
page-email-change-undone-title = Change undone
page-email-change-undone-body = The new address is removed and every device is signed out. If it wasn’t you, choose a new password now.
page-deletion-requested-title = Your account will be deleted
page-deletion-requested-body = You’re signed out everywhere. Changed your mind? Sign in again, or open the link that we sent you.
page-account-kept-title = Your account stays
page-account-kept-body = The deletion is called off. Sign in to continue.
page-invitation-accepted-title = Your account is ready
page-invitation-accepted-body = Sign in with your new password to continue.
link-confirm-email-title = Confirm this address
link-confirm-email-lede = Add { $email } to your account?
link-confirm-email-submit = Confirm address
link-object-email-title = Wasn’t it you?
link-object-email-lede = { $email } was added to your account, or is about to be. If that wasn’t you, undo it: every device is signed out.
link-object-email-submit = Undo the change
link-keep-account-title = Keep your account?
link-keep-account-lede = It is about to be deleted. You can keep it.
link-keep-account-submit = Keep my account
invitation-title = You’re invited
invitation-lede = Create your account at { $tenant } for { $email }
invitation-submit = Create account
export-title = A copy of your data
export-lede = Everything that we keep about your account, as a file in JSON. You may have to sign in again first.
export-submit = Download my data
delete-title = Delete account
delete-lede = You’re signed out everywhere at once. After { $days } days your account is gone for good; until then signing in calls it off.
delete-confirm = Yes, I want to delete my account
delete-submit = Delete my account

# A new password without a page
mail-password-reset-code-subject = Reset your password for { $tenant }
mail-password-reset-code-heading = Reset your password
mail-password-reset-code-body = Someone asked to reset the password of { $email } at { $tenant }. If it was you, type this code where you asked.
mail-password-reset-code-note = Nobody from { $tenant } will ever ask you for it. If it wasn’t you, ignore this mail: your password stays as it is.

# Links that reach somebody who did not ask for them
link-not-me = That wasn’t me
link-not-me-hint = You’re not signed in here: give the password of your account. If you have no part in this, say so, and nobody keeps a way in with your address.
page-email-disowned-title = Thank you for telling us
page-email-disowned-body = Your address opens no account that someone else prepared.
msg-second-factor-exhausted = Too many wrong codes were given for this account. Start over with a code by mail, or set a new password.

# The first operator
msg-email-has-account = Somebody has an account with this address
claim-title = Set up this installation
claim-lede = You become its first operator. Choose the email and password that you will sign in with.
claim-submit = Create operator account
page-claimed-title = The installation is yours
page-claimed-body = Sign in with your email and password. This link no longer works.

# Against abuse: proof of work, disposable mail
proof-title = One moment
proof-lede = To keep robots away, your browser does a short calculation first.
proof-progress = Progress of the calculation
proof-running = Checking. This takes a few seconds, and there is nothing for you to do.
proof-done = Done. Going on…
proof-failed = The calculation did not work out. Go back and try again.
proof-noscript = The calculation needs JavaScript. Without it, we can email you a code instead.
proof-noscript-only = The calculation needs JavaScript. Switch it on, or try again later.
proof-by-mail = Email me a code instead
proof-by-mail-hint = Choose this if your browser or device cannot do the calculation.
proof-back = Back to the form
proof-code-lede = If { $identifier } can receive email from us, a code is on its way. Type it to go on with what you entered.
msg-email-disposable = Addresses from disposable mail providers can’t be used here. Please use an address you will keep.

# Phones, notices, places
phones-title = Phone numbers
phones-lede = For codes by text message, when you sign in.
phones-none = You have no phone number here yet.
phones-add = Add a phone number
phones-add-hint = With the country code, such as +49 151 23456789. We’ll text a code there.
phones-add-submit = Add number
phones-new = New number
phones-change = Change number
phones-verify = Confirm number
phone-code-title = Confirm your number
phone-code-lede = We texted a six-digit code to { $number }.
phone-code-title-old = Confirm the change
phone-code-lede-old = The new number works. Now enter the code that we texted to your present number { $number }.
phone-code-lost = I no longer have this number
phone-code-lost-note = Then we rely on the way you signed in, and tell you about the change by mail.
msg-phone-missing = Enter a phone number.
msg-phone-invalid = This isn’t a phone number. Begin with + and the country code.
msg-phone-known = This number is already in your account.
msg-phone-taken = This number belongs to another account. Remove it there first.
msg-phone-refused = We can’t send text messages to this number. Use another one.
msg-phone-other-factor = You signed in with a code to this very number. Sign out, sign in another way, and try again.
msg-phone-added = The number is added.
msg-phone-changed = Your number is changed.
msg-identifiers-full = Your account has as many addresses and numbers as it can have. Remove one first.
activity-phone-added = Phone number added
activity-phone-removed = Phone number removed
activity-phone-verified = Phone number confirmed
activity-identity-linked = Account elsewhere connected
activity-identity-unlinked = Account elsewhere disconnected
activity-passkey-added = Passkey added
activity-passkey-removed = Passkey removed
activity-passkey-counter = A passkey was refused: it may have been copied
activity-recovery-codes = New recovery codes made
activity-consent-granted = Application access allowed
activity-consent-revoked = Application access withdrawn
mail-phone-changed-subject = Your phone number for { $tenant } was changed
mail-phone-changed-heading = Your phone number was changed
mail-phone-changed-body = The phone number of your account { $email } at { $tenant } is now { $number }.
mail-phone-changed-action = Check your account
mail-phone-changed-note = If it was you, there is nothing to do. If not, remove the number and change your password.
passkey-set-up-title = Create a passkey
passkey-set-up-lede = Your account needs a second step. Use your fingerprint, face or screen lock.
passkey-set-up-app = Use an authenticator app
passkey-set-up-instead = Use a passkey instead
passkey-offer-title = Sign in faster next time
passkey-offer-lede = With a passkey you sign in with your fingerprint, face or screen lock instead of your password.
passkey-offer-decline = No, thanks
identifier-bounced = Mail to this address came back { $when }. Check it, or try again.
identifier-retry = Send again
