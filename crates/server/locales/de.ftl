### Gehostete Seiten und Mails auf Deutsch. Anrede: Sie.

## Frame
dev-badge = Entwicklungsmodus
skip = Zum Inhalt springen
title-problem = Problem:
foot-help = Hilfe
foot-terms = Nutzungsbedingungen
foot-privacy = Datenschutzerklärung
foot-language = Sprache:
foot-secured = Gesichert durch { $product }
continue = Weiter
save = Speichern
try-again = Erneut versuchen
back-to-client = Zurück zu { $client }
switch-account = Konto wechseln

## Time
ago-now = gerade eben
ago-minutes = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
}
ago-hours = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
}
ago-days = { $count ->
    [one] vor { $count } Tag
   *[other] vor { $count } Tagen
}
date = { $day }. { $month } { $year }
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember

## Fields
field-identifier = E-Mail-Adresse
field-email = E-Mail-Adresse
field-name = Vor- und Nachname
field-password = Passwort
field-current-password = Aktuelles Passwort
field-new-password = Neues Passwort
password-hint = Mindestens { $min } Zeichen. Gut sind ein paar Wörter ohne Zusammenhang.

## Sign-in
sign-in-title = Anmelden
sign-in-again-title = Bitte bestätigen Sie, dass Sie es sind
sign-in-onward = weiter zu { $client }
sign-in-account = mit Ihrem Konto bei { $tenant }
sign-in-or = oder
sign-in-forgot = Passwort vergessen?
sign-in-submit = Anmelden
sign-in-link = Anmelden
sign-in-no-account = Noch kein Konto?

## Sign-up
sign-up-title = Konto erstellen
sign-up-account = Willkommen bei { $tenant }
sign-up-submit = Konto erstellen
sign-up-link = Registrieren
sign-up-have-account = Sie haben schon ein Konto?
sign-up-agree = Mit dem Erstellen eines Kontos stimmen Sie den { $terms } zu und nehmen die { $privacy } zur Kenntnis.
sign-up-agree-one = Mit dem Erstellen eines Kontos akzeptieren Sie: { $document }.

## Choosing an account
select-title = Konto auswählen
select-another = Anderes Konto verwenden
select-last-active = Zuletzt verwendet: { $when }

## Consent
consent-title = Zugriff für { $client } erlauben
consent-heading = { $client } möchte auf Ihr Konto zugreifen
consent-lede = Prüfen Sie, was Sie aus Ihrem Konto bei { $tenant } freigeben.
consent-allows = { $client } darf damit:
consent-caution = Fahren Sie nur fort, wenn Sie { $client } vertrauen. Sie können den Zugriff jederzeit auf Ihrer Kontoseite entziehen.
consent-allow = Zugriff erlauben
consent-deny = Nicht erlauben
consent-redirect = Sie werden zu { $host } weitergeleitet
consent-website = Website
consent-client-links = Über { $client }
scope-openid = Wissen, wer Sie sind
scope-openid-detail = Eine Kennung, die bei jeder Anmeldung gleich bleibt
scope-openid-short = Anmeldung
scope-profile = Ihr Profil sehen
scope-profile-detail = Name, Bild und Sprache
scope-profile-short = Profil
scope-email = Ihre E-Mail-Adresse sehen
scope-email-detail = Und ob sie bestätigt ist
scope-email-short = E-Mail
scope-address = Ihre Postanschrift sehen
scope-address-detail = Straße, Ort, Postleitzahl und Land
scope-address-short = Anschrift
scope-phone = Ihre Telefonnummer sehen
scope-phone-detail = Und ob sie bestätigt ist
scope-phone-short = Telefon
scope-offline_access = Verbunden bleiben
scope-offline_access-detail = Den Zugriff behalten, auch wenn Sie die Anwendung gerade nicht nutzen
scope-offline_access-short = Bleibt verbunden

## Signing out
sign-out-title = Abmelden?
sign-out-lede = Sie sind bei { $tenant } angemeldet.
sign-out-client = { $client } möchte Sie bei { $tenant } abmelden.
sign-out-submit = Abmelden
sign-out-stay = Angemeldet bleiben
signed-out-title = Sie sind abgemeldet
signed-out-lede = Schließen Sie an einem gemeinsam genutzten Computer auch alle Browserfenster.
signed-out-again = Wieder anmelden

## Account
account-title = Ihr Konto
account-since = Konto seit { $date }
profile-title = Über Sie
profile-lede = So erscheinen Sie in den Anwendungen, die Sie nutzen.
profile-verified = Bestätigt
profile-unverified = Nicht bestätigt
profile-verify = Link senden
password-title = Passwort
password-lede = Wählen Sie eines, das Sie sonst nirgends verwenden.
password-changed = Zuletzt geändert am { $date }
password-submit = Passwort ändern
sessions-title = Wo Sie angemeldet sind
sessions-lede = Melden Sie ab, was Sie nicht kennen, und ändern Sie danach Ihr Passwort.
sessions-revoke-others = Überall sonst abmelden
session-current = Dieses Gerät
session-active-now = Jetzt aktiv
session-since = angemeldet am { $date }
session-revoke = Abmelden
session-unknown = Unbekanntes Gerät
session-browser-on = { $browser } auf { $os }
applications-title = Verbundene Anwendungen
applications-lede = Sie dürfen Ihr Konto im angegebenen Umfang nutzen.
applications-none = Keine Anwendung hat Zugriff auf Ihr Konto.
application-since = Zugriff seit { $date }
application-scopes = Was sie darf
application-revoke = Zugriff entziehen

## Confirming an address
check-mail-title = Sehen Sie in Ihr Postfach
check-mail-lede = Wir haben einen Link an { $email } gesendet. Öffnen Sie ihn, um fortzufahren.
check-mail-spam = Nichts angekommen? Sehen Sie im Spam-Ordner nach oder warten Sie eine Minute.
check-mail-resend = Erneut senden
check-mail-outbox = Abgefangene E-Mails öffnen
check-mail-wrong = Falsche Adresse?
check-mail-correct = Zurück
verify-title = E-Mail-Adresse bestätigen
verify-lede = Ein Klick, und Ihre Adresse ist bestätigt.
verify-lede-address = Ein Klick, und { $email } ist bestätigt.
verify-submit = E-Mail-Adresse bestätigen
verify-not-you = Sie haben das nicht veranlasst? Dann schließen Sie diese Seite. Es passiert nichts.

## On to the client
form-post-title = Einen Moment
form-post-lede = Wir bringen Sie zurück zur Anwendung.
form-post-client = Wir bringen Sie zurück zu { $client }.

## Pages that tell something
page-email-verified-title = E-Mail-Adresse bestätigt
page-email-verified-body = Vielen Dank. Sie können jetzt fortfahren.
page-signed-in-title = Sie sind angemeldet
page-signed-in-body = Sie können diese Seite schließen und zu Ihrer Anwendung zurückkehren.
page-consent-denied-title = Zugriff nicht erlaubt
page-consent-denied-body = Es wurde nichts freigegeben. Sie können diese Seite schließen.
page-account-deleted-title = Konto gelöscht
page-account-deleted-body = Ihr Konto und alle Sitzungen sind entfernt.
page-done-title = Fertig
page-done-body = Sie können diese Seite schließen.

## Too many requests
limited-title = Bitte warten Sie einen Moment
limited-what = Es gab in kurzer Zeit zu viele Versuche. Zum Schutz der Konten bremsen wir sie.
limited-seconds = { $seconds ->
    [one] Sie können es in { $seconds } Sekunde erneut versuchen.
   *[other] Sie können es in { $seconds } Sekunden erneut versuchen.
}
limited-minutes = { $minutes ->
    [one] Sie können es in { $minutes } Minute erneut versuchen.
   *[other] Sie können es in { $minutes } Minuten erneut versuchen.
}

## Errors: what it is, what happened, what to do
error-code = Fehlercode
error-detail = Für Entwickler
error-request = Anfrage-ID
error-client-unknown-title = Unbekannte Anwendung
error-client-unknown-what = Der Link nennt eine Anwendung, die es hier nicht gibt.
error-client-unknown-do = Gehen Sie zurück zur Anwendung und versuchen Sie es erneut. Wenn Sie sie entwickeln, prüfen Sie die client_id.
error-client-disabled-title = Anwendung abgeschaltet
error-client-disabled-what = Die Anmeldung für diese Anwendung wurde von der Administration abgeschaltet.
error-client-disabled-do = Fragen Sie die Betreiber der Anwendung.
error-redirect-uri-title = Diesem Link ist nicht zu trauen
error-redirect-uri-what = Die Anwendung wollte Sie zu einer Adresse schicken, die nicht für sie eingetragen ist. Deshalb haben wir hier angehalten.
error-redirect-uri-do = Gehen Sie zurück zur Anwendung und versuchen Sie es erneut. Wenn Sie sie entwickeln, tragen Sie genau diese redirect_uri ein.
error-request-invalid-title = Diese Anfrage funktioniert nicht
error-request-invalid-what = Die Anwendung hat etwas gesendet, das wir nicht verarbeiten können.
error-request-invalid-do = Gehen Sie zurück zur Anwendung und versuchen Sie es erneut. Wenn es wieder passiert, informieren Sie die Betreiber.
error-unsupported-title = Nicht unterstützt
error-unsupported-what = Die Anwendung verlangt eine Art der Anmeldung, die es hier nicht gibt.
error-unsupported-do = Informieren Sie die Betreiber der Anwendung und nennen Sie die Angaben unten.
error-sign-in-expired-title = Diese Anmeldung ist abgelaufen
error-sign-in-expired-what = Sie hat zu lange gedauert oder wurde schon in einem anderen Tab abgeschlossen.
error-sign-in-expired-do = Gehen Sie zurück zur Anwendung und melden Sie sich erneut an.
error-form-rejected-title = Bitte noch einmal
error-form-rejected-what = Wir konnten das Formular Ihrem Browser nicht zuordnen. Das kommt vor, wenn eine Seite lange offen ist oder Cookies gelöscht wurden.
error-form-rejected-do = Gehen Sie zurück, laden Sie die Seite neu und senden Sie sie erneut ab.
error-cookies-blocked-title = Cookies sind abgeschaltet
error-cookies-blocked-what = Für die Anmeldung ist ein Cookie nötig, und Ihr Browser hat es nicht gesendet.
error-cookies-blocked-do = Erlauben Sie Cookies für diese Website und versuchen Sie es erneut.
error-link-expired-title = Dieser Link gilt nicht mehr
error-link-expired-what = Er wurde schon verwendet, ist abgelaufen oder unvollständig.
error-link-expired-do = Fordern Sie einen neuen an und öffnen Sie ihn innerhalb weniger Minuten.
error-account-disabled-title = Konto nicht verfügbar
error-account-disabled-what = Dieses Konto kann zurzeit nicht verwendet werden.
error-account-disabled-do = Wenden Sie sich an Ihre Administration oder unseren Support.
error-access-denied-title = Kein Zugriff
error-access-denied-what = Ihr Konto darf diese Anwendung nicht verwenden.
error-access-denied-do = Bitten Sie Ihre Administration um Zugriff oder verwenden Sie ein anderes Konto.
error-logout-invalid-title = Abmeldung nicht möglich
error-logout-invalid-what = Der Link zum Abmelden ist ungültig. Sie sind noch angemeldet.
error-logout-invalid-do = Melden Sie sich stattdessen auf Ihrer Kontoseite ab.
error-not-found-title = Seite nicht gefunden
error-not-found-what = Unter dieser Adresse gibt es nichts.
error-not-found-do = Prüfen Sie die Adresse oder gehen Sie dorthin zurück, woher Sie kamen.
error-method-not-allowed-title = So geht es hier nicht
error-method-not-allowed-what = Diese Adresse kann nicht auf diese Weise verwendet werden.
error-method-not-allowed-do = Gehen Sie zurück und beginnen Sie von vorn.
error-body-invalid-title = Das konnten wir nicht lesen
error-body-invalid-what = Was Ihr Browser gesendet hat, ist zu groß oder kein Formular.
error-body-invalid-do = Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es erneut.
error-tenant-unavailable-title = Nicht verfügbar
error-tenant-unavailable-what = Unter dieser Adresse ist keine Anmeldung möglich.
error-tenant-unavailable-do = Prüfen Sie die Adresse oder fragen Sie, wer sie Ihnen gegeben hat.
error-busy-title = Gerade ist viel los
error-busy-what = Wir bearbeiten mehr Anfragen als sonst.
error-busy-do = Warten Sie ein paar Sekunden und versuchen Sie es erneut.
error-internal-title = Etwas ist schiefgegangen
error-internal-what = Der Fehler liegt bei uns. Es ist nichts verloren gegangen.
error-internal-do = Versuchen Sie es gleich noch einmal. Wenn es wieder passiert, nennen Sie uns die Anfrage-ID.

## Sentences next to forms
msg-credentials-wrong = E-Mail-Adresse und Passwort passen nicht zusammen. Versuchen Sie es erneut.
msg-too-many-attempts = { $seconds ->
    [one] Zu viele Versuche. Warten Sie { $seconds } Sekunde und versuchen Sie es erneut.
   *[other] Zu viele Versuche. Warten Sie { $seconds } Sekunden und versuchen Sie es erneut.
}
msg-form-expired = Diese Seite war zu lange offen. Bitte versuchen Sie es erneut.
msg-account-disabled = Dieses Konto kann zurzeit nicht verwendet werden. Fragen Sie Ihre Administration.
msg-busy = Gerade ist sehr viel los. Versuchen Sie es in ein paar Sekunden erneut.
msg-check-fields = Bitte prüfen Sie Folgendes:
msg-identifier-missing = Geben Sie Ihre E-Mail-Adresse ein.
msg-name-missing = Geben Sie Ihren Namen ein.
msg-name-too-long = Kürzen Sie Ihren Namen auf { $max } Zeichen.
msg-email-missing = Geben Sie Ihre E-Mail-Adresse ein.
msg-email-invalid = Geben Sie eine E-Mail-Adresse wie name@example.com ein.
msg-password-missing = Geben Sie Ihr Passwort ein.
msg-password-too-short = Das Passwort braucht mindestens { $min } Zeichen.
msg-password-too-long = Das Passwort darf höchstens { $max } Zeichen haben.
msg-password-breached = Dieses Passwort ist in einem Datenleck aufgetaucht. Wählen Sie ein anderes.
msg-password-guessable = Dieses Passwort ist leicht zu erraten. Machen Sie es länger oder ungewöhnlicher.
msg-password-unchanged = Das neue Passwort ist dasselbe wie das aktuelle.
msg-current-password-wrong = Das aktuelle Passwort ist falsch.
msg-text-invalid = Entfernen Sie Zeichen, die sich nicht tippen oder drucken lassen.
msg-sign-up-refused = Mit diesen Angaben konnten wir kein Konto erstellen. Versuchen Sie stattdessen, sich anzumelden.
msg-sign-up-closed = Hier können keine neuen Konten erstellt werden.
msg-sign-in-again = Bitte geben Sie Ihr Passwort ein, um fortzufahren.
msg-session-ended = Sie wurden abgemeldet. Bitte melden Sie sich erneut an.
msg-sign-in-expired = Das hat zu lange gedauert. Bitte melden Sie sich erneut an.
msg-account-created = Ihr Konto ist bereit. Melden Sie sich an, um fortzufahren.
msg-email-verified = Ihre E-Mail-Adresse ist bestätigt.
msg-verification-sent = Wir haben einen neuen Link gesendet.
msg-link-expired = Dieser Link gilt nicht mehr. Fordern Sie einen neuen an.
msg-password-changed = Ihr Passwort ist geändert. Andere Geräte wurden abgemeldet.
msg-profile-saved = Ihr Profil ist gespeichert.
msg-session-revoked = Das Gerät ist abgemeldet.
msg-other-sessions-revoked = { $count ->
    [one] { $count } weitere Sitzung wurde abgemeldet.
   *[other] { $count } weitere Sitzungen wurden abgemeldet.
}
msg-application-revoked = Die Anwendung hat keinen Zugriff mehr.
msg-tokens-refreshed = Neue Tokens, gleiche Sitzung.
msg-tokens-refused = Der Token-Endpunkt hat abgelehnt.

## Development pages
demo-title = Demo-Anwendung
demo-lede = Ein kleiner Client, der sich mit dem Authorization Code Flow und PKCE anmeldet – über dieselben Endpunkte wie später Ihre Anwendung.
demo-submit = Mit Authflow anmelden
demo-issuer = Issuer
demo-client = Client-ID
demo-signed-in = Angemeldet
demo-signed-in-lede = Das erhält eine Anwendung.
demo-claims = Claims
demo-claims-lede = Aus dem ID-Token, nach Prüfung der Signatur.
demo-tokens = Tokens
demo-tokens-lede = Dekodiert. In einer echten Anwendung bleiben sie auf dem Server.
demo-refresh = Tokens erneuern
demo-expires = { $seconds } s
demo-header = Kopf
demo-payload = Inhalt
demo-raw = Wie empfangen
demo-userinfo = Userinfo
demo-userinfo-lede = Die Antwort des Userinfo-Endpunkts.
outbox-title = Abgefangene E-Mails
outbox-open = Öffnen
outbox-lede = E-Mails, die ein produktiver Server versendet hätte.
outbox-none = Noch keine E-Mails. Registrieren Sie sich, um die erste zu erhalten.
outbox-mail = E-Mail
outbox-from = Von
outbox-to = An
outbox-html = HTML-Teil
outbox-text = Textteil

## SMS
sms-code = { $code } ist Ihr Code für { $tenant }. Er gilt { $time } lang. Geben Sie ihn nie weiter.
sms-test = Testnachricht von { $tenant }.

## Mails
mail-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
mail-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
mail-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
mail-moment = { $date }, { $time } Uhr UTC
mail-link-expires = Der Link gilt einmal, { $time } lang.
mail-code-expires = Der Code gilt einmal, { $time } lang.
mail-link-fallback = Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse:
mail-foot = { $tenant } hat diese E-Mail an { $email } gesendet.
mail-fact-when = Wann
mail-fact-device = Gerät
mail-fact-place = Ort
mail-fact-factor = Was
mail-factor-password = Passwort
mail-factor-passkey = Passkey
mail-factor-totp = Authenticator-App
mail-factor-recovery-codes = Wiederherstellungscodes
mail-factor-phone = Telefon für SMS
mail-factor-provider = Konto bei { $name }
mail-verify-email-subject = Bestätigen Sie Ihre E-Mail-Adresse für { $tenant }
mail-verify-email-heading = Bestätigen Sie Ihre E-Mail-Adresse
mail-verify-email-body = Bitte bestätigen Sie, dass { $email } Ihre Adresse bei { $tenant } ist.
mail-verify-email-action = E-Mail-Adresse bestätigen
mail-verify-email-note = Wenn Sie diese E-Mail nicht angefordert haben, ignorieren Sie sie.
mail-magic-link-subject = Anmelden bei { $tenant }
mail-magic-link-heading = Anmelden bei { $tenant }
mail-magic-link-body = Mit der Schaltfläche melden Sie sich als { $email } an.
mail-magic-link-action = Anmelden
mail-magic-link-code = Oder geben Sie diesen Code dort ein, wo Sie die Anmeldung begonnen haben:
mail-magic-link-note = Geben Sie ihn nicht weiter: Wer ihn hat, kann sich als Sie anmelden. Wenn Sie sich nicht anmelden wollten, ignorieren Sie diese E-Mail.
mail-email-code-subject = { $code } ist Ihr Code für { $tenant }
mail-email-code-heading = Ihr Code
mail-email-code-body = Geben Sie diesen Code ein, um bei { $tenant } als { $email } fortzufahren.
mail-email-code-note = Niemand von { $tenant } wird Sie je danach fragen. Wenn Sie keinen Code brauchten, ignorieren Sie diese E-Mail.
mail-password-reset-subject = Setzen Sie Ihr Passwort für { $tenant } zurück
mail-password-reset-heading = Setzen Sie Ihr Passwort zurück
mail-password-reset-body = Jemand möchte das Passwort von { $email } bei { $tenant } zurücksetzen. Wenn Sie das waren, wählen Sie ein neues.
mail-password-reset-action = Neues Passwort wählen
mail-password-reset-note = Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.
mail-password-changed-subject = Ihr Passwort für { $tenant } wurde geändert
mail-password-changed-heading = Ihr Passwort wurde geändert
mail-password-changed-body = Das Passwort von { $email } bei { $tenant } wurde geändert.
mail-password-changed-action = Konto prüfen
mail-password-changed-note = Wenn Sie das waren, ist nichts zu tun. Wenn nicht, setzen Sie Ihr Passwort jetzt zurück und melden Sie unbekannte Geräte ab.
mail-email-change-old-subject = Ihre E-Mail-Adresse für { $tenant } soll geändert werden
mail-email-change-old-heading = Änderung der E-Mail-Adresse
mail-email-change-old-body = Jemand, der als { $email } angemeldet ist, möchte die Adresse in { $new_email } ändern. Das geschieht nur, wenn Sie zustimmen.
mail-email-change-old-action = Erlauben oder stoppen
mail-email-change-old-note = Wenn Sie das nicht waren, stoppen Sie es und ändern Sie Ihr Passwort.
mail-email-change-new-subject = Bestätigen Sie Ihre neue E-Mail-Adresse für { $tenant }
mail-email-change-new-heading = Bestätigen Sie Ihre neue E-Mail-Adresse
mail-email-change-new-body = Bitte bestätigen Sie, dass { $email } Ihre neue Adresse bei { $tenant } werden soll.
mail-email-change-new-action = E-Mail-Adresse bestätigen
mail-email-change-new-note = Wenn Sie diese E-Mail nicht angefordert haben, ignorieren Sie sie: Es ändert sich nichts.
mail-email-changed-subject = Ihre E-Mail-Adresse für { $tenant } wurde geändert
mail-email-changed-heading = Ihre E-Mail-Adresse wurde geändert
mail-email-changed-body = Ihre Adresse bei { $tenant } ist jetzt { $new_email }.
mail-email-changed-action = Konto prüfen
mail-email-changed-note = Wenn Sie das waren, ist nichts zu tun. Wenn nicht, holen Sie sofort Hilfe: Vielleicht benutzt jemand anderes Ihr Konto.
mail-new-device-subject = Neue Anmeldung bei { $tenant }
mail-new-device-heading = Neue Anmeldung
mail-new-device-body = Ein bisher nicht benutztes Gerät hat sich bei { $tenant } als { $email } angemeldet.
mail-new-device-action = Konto prüfen
mail-new-device-note = Wenn Sie das waren, ist nichts zu tun. Wenn nicht, melden Sie das Gerät ab und ändern Sie Ihr Passwort.
mail-invitation-subject = { $inviter } lädt Sie zu { $into } ein
mail-invitation-heading = Sie sind zu { $into } eingeladen
mail-invitation-body = { $inviter } lädt Sie ein, { $into } mit der Adresse { $email } beizutreten.
mail-invitation-action = Einladung annehmen
mail-invitation-note = Wenn Sie { $inviter } nicht kennen, ignorieren Sie diese E-Mail.
mail-account-deletion-subject = Ihr Konto bei { $tenant } wird am { $date } gelöscht
mail-account-deletion-heading = Ihr Konto wird gelöscht
mail-account-deletion-body = Das Konto { $email } bei { $tenant } wird am { $date } mit allem, was darin ist, gelöscht. Bis dahin können Sie es sich anders überlegen.
mail-account-deletion-action = Konto behalten
mail-account-deletion-note = Wenn es gelöscht werden soll, brauchen Sie nichts weiter zu tun.
mail-factor-added-subject = Ein Anmeldeweg für { $tenant } wurde hinzugefügt
mail-factor-added-heading = Neuer Anmeldeweg
mail-factor-added-body = Ihrem Konto { $email } bei { $tenant } wurde dies hinzugefügt.
mail-factor-added-action = Konto prüfen
mail-factor-added-note = Wenn Sie das waren, ist nichts zu tun. Wenn nicht, entfernen Sie es und ändern Sie Ihr Passwort.
mail-factor-removed-subject = Ein Anmeldeweg für { $tenant } wurde entfernt
mail-factor-removed-heading = Ein Anmeldeweg wurde entfernt
mail-factor-removed-body = Aus Ihrem Konto { $email } bei { $tenant } wurde dies entfernt.
mail-factor-removed-action = Konto prüfen
mail-factor-removed-note = Wenn Sie das waren, ist nichts zu tun. Wenn nicht, ändern Sie Ihr Passwort und fügen Sie es wieder hinzu.
mail-account-exists-subject = Sie haben schon ein Konto bei { $tenant }
mail-account-exists-heading = Sie haben schon ein Konto
mail-account-exists-body = Jemand, vielleicht Sie selbst, wollte sich bei { $tenant } mit { $email } registrieren. Zu dieser Adresse gibt es schon ein Konto: Melden Sie sich damit an.
mail-account-exists-action = Anmelden
mail-account-exists-note = Wenn Sie das Passwort nicht mehr wissen, können Sie es dort zurücksetzen. Wenn Sie das nicht waren, ist nichts zu tun.
mail-test-subject = Test-E-Mail von { $tenant }
mail-test-heading = Ihre E-Mails kommen an
mail-test-body = Das ist die angeforderte Test-E-Mail von { $tenant } an { $email }.
mail-test-note = Ihre Kopfzeilen zeigen, ob SPF, DKIM und DMARC in Ordnung sind.

# The account pages
account-nav-profile = Profil
account-nav-security = Sicherheit
account-nav-devices = Geräte
account-nav-applications = Anwendungen
account-nav-activity = Aktivität
identifiers-title = E-Mail-Adressen
identifiers-lede = Womit Sie sich anmelden und wie wir Sie erreichen.
identifier-primary = Hauptadresse
identifier-kind-email = E-Mail-Adresse
identifier-kind-phone = Telefonnummer
identifier-kind-username = Benutzername
activity-title = Letzte Aktivität
activity-lede = Anmeldungen und Änderungen an Ihrem Konto. Wenn Sie etwas nicht wiedererkennen, ändern Sie Ihr Passwort.
activity-none = Noch nichts.
activity-login = Angemeldet
activity-login-failed = Anmeldung fehlgeschlagen
activity-logout = Abgemeldet
activity-created = Konto angelegt
activity-email = E-Mail-Adresse geändert
activity-phone = Telefonnummer geändert
activity-deletion = Löschung beantragt
activity-deletion-cancelled = Löschung abgebrochen
activity-updated = Profil geändert
activity-password = Passwort geändert
activity-verified = E-Mail-Adresse bestätigt
activity-factor-added = Anmeldemethode hinzugefügt
activity-factor-removed = Anmeldemethode entfernt
activity-grant-revoked = Zugriff einer Anwendung entfernt
activity-refresh-reuse = Anwendung abgemeldet: Ihr Zugriff wurde doppelt verwendet

### Codes, links and second factors
cancel = Abbrechen
field-code = Code
field-recovery-code = Wiederherstellungscode
sign-in-with-email-code = Code per E-Mail senden
sign-in-with-link = Anmeldelink per E-Mail senden
sign-in-with-sms-code = Code per SMS senden
code-title = E-Mails prüfen
code-title-sms = Nachrichten prüfen
code-title-link = E-Mails prüfen
code-lede = Wenn es für { $identifier } ein Konto gibt, ist ein sechsstelliger Code unterwegs.
code-lede-link = Wenn es für { $identifier } ein Konto gibt, ist ein Anmeldelink unterwegs. Öffnen Sie ihn in diesem Browser.
code-hint-link = Nur wenn Sie den Link auf einem anderen Gerät geöffnet haben: der Code, den es angezeigt hat.
code-resend = Erneut senden
code-back = Anders anmelden
link-elsewhere-title = Melden Sie sich auf einem anderen Gerät an?
link-elsewhere-lede = Diese Anmeldung hat in einem anderen Browser begonnen. Wir können Ihnen einen Code zeigen, den Sie dort eingeben.
link-show-code = Code anzeigen
link-not-you = Wenn Sie sich gerade nicht anmelden, schließen Sie diese Seite. Es passiert dann nichts.
link-code-title = Ihr Code
link-code-lede = Geben Sie ihn dort ein, wo Sie die Anmeldung begonnen haben.
link-code-caution = Geben Sie diesen Code niemandem, auch niemandem, der sich als Mitarbeiter ausgibt.
second-title = Bestätigung in zwei Schritten
second-lede-totp = Geben Sie den Code ein, den Ihre Authenticator-App anzeigt.
second-lede-recovery-code = Geben Sie einen Ihrer gespeicherten Wiederherstellungscodes ein. Jeder gilt einmal.
second-lede-email-code = Bestätigen Sie mit einem Code an Ihre E-Mail-Adresse, dass Sie es sind.
second-lede-sms-code = Bestätigen Sie mit einem Code an Ihr Telefon, dass Sie es sind.
second-lede-password = Geben Sie zusätzlich Ihr Passwort ein.
second-send = Code senden
second-trust = { $days ->
    [one] Auf diesem Gerät { $days } Tag lang nicht mehr fragen
   *[other] Auf diesem Gerät { $days } Tage lang nicht mehr fragen
}
second-use-totp = Authenticator-App verwenden
second-use-recovery-code = Wiederherstellungscode verwenden
second-use-email-code = Code per E-Mail senden
second-use-sms-code = Code per SMS senden
second-use-password = Passwort verwenden
totp-title = Authenticator-App einrichten
totp-lede = Scannen Sie den Code mit einer App wie Google Authenticator, 1Password oder Aegis.
totp-lede-required = Ihr Konto braucht einen zweiten Schritt. Scannen Sie den Code mit einer App wie Google Authenticator, 1Password oder Aegis.
totp-manual = Code lässt sich nicht scannen?
totp-manual-lede = Geben Sie diesen Schlüssel in der App ein.
totp-open-app = App auf diesem Gerät öffnen
totp-code-hint = Die sechs Ziffern, die die App jetzt anzeigt
totp-submit = Einschalten
recovery-codes-title = Wiederherstellungscodes sichern
recovery-codes-lede = Wenn Sie Ihr Telefon verlieren, meldet Sie jeder dieser Codes einmal an.
recovery-codes-once = Sie werden nur jetzt angezeigt. Bewahren Sie sie dort auf, wo nur Sie sie finden.
recovery-codes-done = Ich habe sie gesichert
msg-code-missing = Geben Sie den Code ein.
msg-code-wrong = Dieser Code ist falsch oder gilt nicht mehr. Prüfen Sie ihn oder fordern Sie einen neuen an.
msg-code-sent = Der Code ist unterwegs.
msg-too-many-messages = Wir haben schon mehrere Nachrichten gesendet. Warten Sie ein wenig, bevor Sie eine weitere anfordern.
msg-factor-added = Die Bestätigung in zwei Schritten ist eingeschaltet.
msg-factor-removed = Der zweite Schritt wurde entfernt.
msg-device-forgotten = Dieses Gerät wird wieder nach dem zweiten Schritt gefragt.
error-second-factor-title = Ein zweiter Schritt ist nötig
error-second-factor-what = Ihr Konto muss in einem zweiten Schritt bestätigt werden, und keiner der Ihren lässt sich gerade verwenden.
error-second-factor-do = Bitten Sie Ihre Administration um Hilfe.
error-link-browser-title = Öffnen Sie den Link dort, wo Sie begonnen haben
error-link-browser-what = Diese Anmeldung hat in einem anderen Browser begonnen, und der Link gilt nur dort.
error-link-browser-do = Öffnen Sie die E-Mail auf jenem Gerät, oder melden Sie sich hier neu an.
security-totp-title = Authenticator-App
security-totp-lede = Eine App auf Ihrem Telefon zeigt einen Code an, den Sie beim Anmelden eingeben.
security-totp-add = App einrichten
security-added = Hinzugefügt am { $date }
security-remove = Entfernen
security-recovery-title = Wiederherstellungscodes
security-recovery-left = { $count ->
    [one] Noch { $count } Code
   *[other] Noch { $count } Codes
}
security-recovery-renew = Neue Codes erstellen
security-devices-title = Vertraute Geräte
security-devices-lede = Hier werden Sie nicht nach dem zweiten Schritt gefragt.
security-until = Bis { $date }
security-forget = Wieder fragen

# Passkeys
passkey-sign-in = Mit Passkey anmelden
passkey-failed = Das hat nicht geklappt. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
passkey-cancelled = Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
passkey-second = Passkey verwenden
passkey-second-noscript = Um einen Passkey zu verwenden, schalten Sie JavaScript für diese Seite ein.
second-lede-passkey = Verwenden Sie einen Ihrer Passkeys, um fortzufahren.
second-use-passkey = Passkey verwenden
passkeys-title = Passkeys
passkeys-lede = Melden Sie sich mit Fingerabdruck, Gesicht oder Bildschirmsperre an. Ein Passkey lässt sich nicht erraten und funktioniert auf keiner anderen Website.
passkeys-none = Sie haben noch keine Passkeys.
passkeys-add = Passkey hinzufügen
passkeys-add-failed = Der Passkey konnte nicht hinzugefügt werden. Bitte versuchen Sie es noch einmal.
passkeys-add-cancelled = Es wurde kein Passkey hinzugefügt. Versuchen Sie es noch einmal, wenn Sie so weit sind.
passkeys-add-known = Dieses Gerät hat schon einen Passkey für Ihr Konto.
passkeys-unsupported = Dieser Browser kann keine Passkeys verwenden.
passkeys-noscript = Um einen Passkey hinzuzufügen, schalten Sie JavaScript für diese Seite ein.
passkeys-off = Hier können keine neuen Passkeys hinzugefügt werden.
passkeys-synced = Synchronisiert
passkeys-elsewhere = Andere Adresse
passkeys-elsewhere-note = Funktioniert nur unter { $domain }. Fügen Sie einen neuen Passkey hinzu, um sich hier anzumelden.
passkeys-created = hinzugefügt am { $date }
passkeys-used = verwendet { $when }
passkeys-unused = noch nicht verwendet
passkeys-edit = Bearbeiten
passkeys-name = Name
passkeys-remove = Entfernen
msg-passkey-added = Der Passkey ist hinzugefügt. Ab jetzt können Sie sich damit anmelden.
msg-passkey-renamed = Der Name ist gespeichert.
msg-passkey-removed = Der Passkey ist entfernt. Löschen Sie ihn auch auf Ihrem Gerät oder in Ihrem Passwortmanager.
msg-passkey-wrong = Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
msg-passkey-known = Dieser Passkey ist schon registriert.
msg-passkey-too-many = Sie haben so viele Passkeys, wie ein Konto haben kann. Entfernen Sie zuerst einen.
msg-passkey-last = Dieser Passkey ist Ihre einzige Möglichkeit, sich anzumelden. Fügen Sie zuerst einen weiteren hinzu, oder legen Sie ein Passwort fest.
msg-passkey-name = Geben Sie einen Namen mit höchstens { $max } Zeichen ein.
msg-passkey-model = Diese Art von Sicherheitsschlüssel ist hier nicht erlaubt. Ihre Administration weiß, welche es sind.
msg-passkey-not-made = Der Passkey konnte nicht hinzugefügt werden. Bitte versuchen Sie es noch einmal.
## Connections to other providers
sign-in-with = Weiter mit { $provider }
connect-title = Noch ein Schritt
connect-lede = { $provider } hat uns gesagt, wer Sie sind. Erstellen Sie hier Ihr Konto oder verbinden Sie ein vorhandenes.
connect-closed-lede = { $provider } hat uns gesagt, wer Sie sind, aber damit ist hier kein Konto verbunden. Melden Sie sich bei Ihrem Konto an, um beide zu verbinden.
connect-exists-title = Sie haben bereits ein Konto
connect-exists-lede = Ein Konto verwendet hier die Adresse, die wir von { $provider } erhalten haben. Melden Sie sich einmal dort an, danach öffnet es { $provider }.
connect-email-hint = Wir senden einen Code an diese Adresse, um zu bestätigen, dass sie Ihnen gehört.
connect-create = Konto erstellen
connect-sign-in = Vorhandenes Konto verbinden
connect-cancel = Anders anmelden
connect-code-title = E-Mail-Adresse bestätigen
connect-code-lede = Wir haben einen sechsstelligen Code an { $email } gesendet.
connections-title = Verbundene Konten
connections-lede = Konten bei anderen Diensten, mit denen Sie sich hier anmelden.
connections-used = Zuletzt verwendet { $ago }
connections-linked = Verbunden
connections-none = Nicht verbunden
connections-unlink = Trennen
connections-link = Verbinden
msg-identity-linked = Das Konto ist verbunden. Sie können sich ab jetzt damit anmelden.
msg-identity-unlinked = Das Konto ist getrennt.
msg-last-way-in = Dies ist Ihr einziger Weg, sich anzumelden. Legen Sie zuerst ein Passwort fest oder verbinden Sie ein weiteres Konto.
msg-connect-sign-in = Melden Sie sich bei Ihrem Konto an, um beide zu verbinden.
error-connection-unavailable-title = Der Dienst ist nicht erreichbar
error-connection-unavailable-what = Der Dienst, mit dem Sie sich anmelden wollten, antwortet gerade nicht.
error-connection-unavailable-do = Warten Sie einen Moment und versuchen Sie es erneut, oder melden Sie sich anders an.
error-connection-answer-title = Die Anmeldung hat nicht geklappt
error-connection-answer-what = Die Antwort des Dienstes, mit dem Sie sich anmelden wollten, ist nicht verwendbar.
error-connection-answer-do = Versuchen Sie es erneut. Geschieht es wieder, nennen Sie den Betreibern dieser Website den Fehlercode unten.
error-connection-refused-title = Sie sind nicht angemeldet
error-connection-refused-what = Der Dienst, mit dem Sie sich anmelden wollten, meldet, dass die Anmeldung abgebrochen oder abgelehnt wurde.
error-connection-refused-do = Versuchen Sie es erneut oder melden Sie sich anders an.
error-connection-used-title = Diese Antwort wurde schon verwendet
error-connection-used-what = Jede Anmeldung mit einem anderen Dienst gilt einmal. Ein Neuladen der letzten Seite wiederholt sie nicht.
error-connection-used-do = Beginnen Sie die Anmeldung von vorn.
error-identity-taken-title = Dieses Konto ist vergeben
error-identity-taken-what = Das gewählte Konto ist hier mit dem Konto einer anderen Person verbunden.
error-identity-taken-do = Wählen Sie ein anderes, oder trennen Sie es zuerst dort.
error-identity-unlinked-title = Das ist nicht Ihr verbundenes Konto
error-identity-unlinked-what = Verwenden Sie bitte ein Konto, das mit Ihrem verbunden ist.
error-identity-unlinked-do = Gehen Sie zurück und wählen Sie das Konto, mit dem Sie sich zuvor angemeldet haben, oder einen anderen Weg.


# Recovery
recover-title = Passwort zurücksetzen
recover-lede = Geben Sie Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen.
recover-submit = Link senden
recover-back = Zurück zur Anmeldung
recover-sent-lede = Wenn { $identifier } hier ein Konto hat, ist eine E-Mail mit einem Link unterwegs. Er gilt 15 Minuten.
recover-sent-note = Nichts angekommen? Sehen Sie im Spam-Ordner nach. Zu Ihrer Sicherheit sagen wir nicht, ob es ein Konto gibt.
recover-other = Andere Adresse verwenden
new-password-title = Neues Passwort wählen
new-password-lede = Für { $identifier }
new-password-submit = Neues Passwort speichern
new-password-ends-sessions = Sie werden auf allen anderen Geräten abgemeldet.
page-password-reset-title = Passwort geändert
page-password-reset-body = Ihr neues Passwort gilt ab sofort. Melden Sie sich damit an, um fortzufahren.

# Addresses, invitation, one’s own data
account-nav-data = Ihre Daten
identifier-make-primary = Als Hauptadresse
identifier-remove = Entfernen
identifier-add-email = E-Mail-Adresse hinzufügen
identifier-add-hint = Wir senden einen Link dorthin. Bis Sie ihn öffnen, ändert sich nichts.
identifier-add-primary = Zur Hauptadresse machen
identifier-add-submit = Adresse hinzufügen
msg-email-change-begun = Sehen Sie in Ihre E-Mails: Ein Link ging an die neue Adresse, ein Hinweis an Ihre bisherige.
msg-primary-changed = Ihre Hauptadresse ist geändert.
msg-identifier-removed = Der Eintrag ist aus Ihrem Konto entfernt.
msg-identifier-kept = Dieser Eintrag kann noch nicht entfernt werden: Er ist Ihre Hauptadresse oder kann einer kürzlichen Änderung noch widersprechen.
msg-deletion-unconfirmed = Setzen Sie das Häkchen, um die Löschung zu bestätigen.
page-email-change-undone-title = Änderung rückgängig gemacht
page-email-change-undone-body = Die neue Adresse ist entfernt, alle Geräte sind abgemeldet. Wenn Sie das nicht waren, wählen Sie jetzt ein neues Passwort.
page-deletion-requested-title = Ihr Konto wird gelöscht
page-deletion-requested-body = Sie sind überall abgemeldet. Doch anders überlegt? Melden Sie sich wieder an oder öffnen Sie den Link, den wir Ihnen gesendet haben.
page-account-kept-title = Ihr Konto bleibt
page-account-kept-body = Die Löschung ist abgebrochen. Melden Sie sich an, um fortzufahren.
page-invitation-accepted-title = Ihr Konto ist bereit
page-invitation-accepted-body = Melden Sie sich mit Ihrem neuen Passwort an, um fortzufahren.
link-confirm-email-title = Adresse bestätigen
link-confirm-email-lede = { $email } zu Ihrem Konto hinzufügen?
link-confirm-email-submit = Adresse bestätigen
link-object-email-title = Waren Sie das nicht?
link-object-email-lede = { $email } wurde oder wird Ihrem Konto hinzugefügt. Wenn Sie das nicht waren, machen Sie es rückgängig: Alle Geräte werden abgemeldet.
link-object-email-submit = Änderung rückgängig machen
link-keep-account-title = Konto behalten?
link-keep-account-lede = Es soll gelöscht werden. Sie können es behalten.
link-keep-account-submit = Mein Konto behalten
invitation-title = Sie sind eingeladen
invitation-lede = Legen Sie Ihr Konto bei { $tenant } für { $email } an
invitation-submit = Konto anlegen
export-title = Eine Kopie Ihrer Daten
export-lede = Alles, was wir zu Ihrem Konto speichern, als JSON-Datei. Eventuell müssen Sie sich vorher noch einmal anmelden.
export-submit = Meine Daten herunterladen
delete-title = Konto löschen
delete-lede = Sie werden sofort überall abgemeldet. Nach { $days } Tagen ist Ihr Konto endgültig gelöscht; bis dahin bricht eine Anmeldung die Löschung ab.
delete-confirm = Ja, ich möchte mein Konto löschen
delete-submit = Mein Konto löschen

# Neues Passwort ohne Seite
mail-password-reset-code-subject = Setzen Sie Ihr Passwort für { $tenant } zurück
mail-password-reset-code-heading = Setzen Sie Ihr Passwort zurück
mail-password-reset-code-body = Jemand möchte das Passwort von { $email } bei { $tenant } zurücksetzen. Wenn Sie das waren, geben Sie diesen Code dort ein, wo Sie danach gefragt haben.
mail-password-reset-code-note = Niemand von { $tenant } wird Sie je danach fragen. Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.

# Links that reach somebody who did not ask for them
link-not-me = Das war ich nicht
link-not-me-hint = Sie sind hier nicht angemeldet: Geben Sie das Passwort Ihres Kontos ein. Wenn Sie damit nichts zu tun haben, sagen Sie es uns – dann behält niemand mit Ihrer Adresse einen Zugang.
page-email-disowned-title = Danke für den Hinweis
page-email-disowned-body = Mit Ihrer Adresse lässt sich kein Konto öffnen, das jemand anderes vorbereitet hat.
msg-second-factor-exhausted = Für dieses Konto wurden zu viele falsche Codes eingegeben. Beginne neu mit einem Code per E-Mail oder lege ein neues Passwort fest.

# The first operator
msg-email-has-account = Mit dieser Adresse gibt es schon ein Konto
claim-title = Diese Installation einrichten
claim-lede = Sie werden ihr erster Betreiber. Wählen Sie E-Mail-Adresse und Passwort, mit denen Sie sich künftig anmelden.
claim-submit = Betreiberkonto anlegen
page-claimed-title = Die Installation gehört Ihnen
page-claimed-body = Melden Sie sich mit E-Mail-Adresse und Passwort an. Dieser Link funktioniert nicht mehr.

# Gegen Missbrauch: Rechenaufgabe, Wegwerfadressen
proof-title = Einen Moment
proof-lede = Um Roboter fernzuhalten, löst Ihr Browser zuerst eine kurze Rechenaufgabe.
proof-progress = Fortschritt der Berechnung
proof-running = Wird geprüft. Das dauert ein paar Sekunden, Sie müssen nichts tun.
proof-done = Fertig. Es geht weiter …
proof-failed = Die Berechnung ist nicht gelungen. Gehen Sie zurück und versuchen Sie es noch einmal.
proof-noscript = Die Berechnung braucht JavaScript. Ohne JavaScript können wir Ihnen stattdessen einen Code per E-Mail senden.
proof-noscript-only = Die Berechnung braucht JavaScript. Schalten Sie es ein oder versuchen Sie es später noch einmal.
proof-by-mail = Stattdessen Code per E-Mail senden
proof-by-mail-hint = Wählen Sie das, wenn Ihr Browser oder Gerät die Berechnung nicht ausführen kann.
proof-back = Zurück zum Formular
proof-code-lede = Wenn { $identifier } E-Mails von uns empfangen kann, ist ein Code unterwegs. Geben Sie ihn ein, um mit Ihren Eingaben fortzufahren.
msg-email-disposable = Wegwerfadressen können hier nicht verwendet werden. Bitte nehmen Sie eine Adresse, die Sie behalten.

# Phones, notices, places
phones-title = Telefonnummern
phones-lede = Für Codes per SMS bei der Anmeldung.
phones-none = Hier ist noch keine Telefonnummer hinterlegt.
phones-add = Telefonnummer hinzufügen
phones-add-hint = Mit Ländervorwahl, zum Beispiel +49 151 23456789. Wir senden einen Code dorthin.
phones-add-submit = Nummer hinzufügen
phones-new = Neue Nummer
phones-change = Nummer ändern
phones-verify = Nummer bestätigen
phone-code-title = Nummer bestätigen
phone-code-lede = Wir haben einen sechsstelligen Code an { $number } gesendet.
phone-code-title-old = Änderung bestätigen
phone-code-lede-old = Die neue Nummer funktioniert. Geben Sie jetzt den Code ein, den wir an Ihre bisherige Nummer { $number } gesendet haben.
phone-code-lost = Ich habe diese Nummer nicht mehr
phone-code-lost-note = Dann zählt, wie Sie sich angemeldet haben, und wir melden Ihnen die Änderung per E-Mail.
msg-phone-missing = Geben Sie eine Telefonnummer ein.
msg-phone-invalid = Das ist keine Telefonnummer. Beginnen Sie mit + und der Ländervorwahl.
msg-phone-known = Diese Nummer gehört schon zu Ihrem Konto.
msg-phone-taken = Diese Nummer gehört zu einem anderen Konto. Entfernen Sie sie zuerst dort.
msg-phone-refused = An diese Nummer können wir keine SMS senden. Verwenden Sie eine andere.
msg-phone-other-factor = Sie haben sich mit einem Code an genau diese Nummer angemeldet. Melden Sie sich ab, auf anderem Weg wieder an und versuchen Sie es erneut.
msg-phone-added = Die Nummer ist hinzugefügt.
msg-phone-changed = Ihre Nummer ist geändert.
msg-identifiers-full = Ihr Konto hat so viele Adressen und Nummern, wie es haben kann. Entfernen Sie zuerst eine.
activity-phone-added = Telefonnummer hinzugefügt
activity-phone-removed = Telefonnummer entfernt
activity-phone-verified = Telefonnummer bestätigt
activity-identity-linked = Anderes Konto verbunden
activity-identity-unlinked = Anderes Konto getrennt
activity-passkey-added = Passkey hinzugefügt
activity-passkey-removed = Passkey entfernt
activity-passkey-counter = Ein Passkey wurde abgelehnt: Er wurde vielleicht kopiert
activity-recovery-codes = Neue Wiederherstellungscodes erstellt
activity-consent-granted = Zugriff einer Anwendung erlaubt
activity-consent-revoked = Zugriff einer Anwendung zurückgenommen
mail-phone-changed-subject = Ihre Telefonnummer bei { $tenant } wurde geändert
mail-phone-changed-heading = Ihre Telefonnummer wurde geändert
mail-phone-changed-body = Die Telefonnummer Ihres Kontos { $email } bei { $tenant } ist jetzt { $number }.
mail-phone-changed-action = Konto prüfen
mail-phone-changed-note = Wenn Sie das waren, ist nichts zu tun. Wenn nicht, entfernen Sie die Nummer und ändern Sie Ihr Passwort.
passkey-set-up-title = Passkey erstellen
passkey-set-up-lede = Ihr Konto braucht einen zweiten Schritt. Verwenden Sie Fingerabdruck, Gesicht oder Displaysperre.
passkey-set-up-app = Authenticator-App verwenden
passkey-set-up-instead = Stattdessen einen Passkey verwenden
passkey-offer-title = Nächstes Mal schneller anmelden
passkey-offer-lede = Mit einem Passkey melden Sie sich mit Fingerabdruck, Gesicht oder Displaysperre an statt mit dem Passwort.
passkey-offer-decline = Nein, danke
identifier-bounced = Post an diese Adresse kam zurück ({ $when }). Prüfen Sie sie, oder versuchen Sie es erneut.
identifier-retry = Erneut senden
