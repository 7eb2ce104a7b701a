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
profile-title = Profile
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

## Mails
mail-hello = Hello,
mail-hello-name = Hello { $name },
mail-verify-subject = Confirm your email for { $tenant }
mail-verify-heading = Confirm your email
mail-verify-body = Please confirm that { $email } is your address at { $tenant }.
mail-verify-expires = { $minutes ->
    [one] The link works once, for { $minutes } minute.
   *[other] The link works once, for { $minutes } minutes.
}
mail-verify-not-you = If you didn’t ask for this mail, ignore it.
mail-link-fallback = If the button doesn’t work, open this address:
