### Pages hébergées et e-mails en français. Vouvoiement.

## Frame
dev-badge = Mode développement
skip = Aller au contenu
title-problem = Problème :
foot-help = Aide
foot-terms = Conditions d’utilisation
foot-privacy = Politique de confidentialité
foot-language = Langue :
foot-secured = Sécurisé par { $product }
continue = Continuer
save = Enregistrer
try-again = Réessayer
back-to-client = Retour à { $client }
switch-account = Changer de compte

## Time
ago-now = à l’instant
ago-minutes = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
}
ago-hours = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
}
ago-days = { $count ->
    [one] il y a { $count } jour
   *[other] il y a { $count } jours
}
date = { $day } { $month } { $year }
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre

## Fields
field-identifier = Adresse e-mail
field-email = Adresse e-mail
field-name = Nom complet
field-password = Mot de passe
field-current-password = Mot de passe actuel
field-new-password = Nouveau mot de passe
password-hint = Au moins { $min } caractères. Quelques mots sans lien entre eux conviennent bien.

## Sign-in
sign-in-title = Connexion
sign-in-again-title = Confirmez votre identité
sign-in-onward = pour continuer vers { $client }
sign-in-account = à votre compte { $tenant }
sign-in-or = ou
sign-in-forgot = Mot de passe oublié ?
sign-in-submit = Se connecter
sign-in-link = Se connecter
sign-in-no-account = Pas encore de compte ?

## Sign-up
sign-up-title = Créez votre compte
sign-up-account = Bienvenue chez { $tenant }
sign-up-submit = Créer un compte
sign-up-link = S’inscrire
sign-up-have-account = Vous avez déjà un compte ?
sign-up-agree = En créant un compte, vous acceptez les { $terms } et prenez connaissance de la { $privacy }.
sign-up-agree-one = En créant un compte, vous acceptez : { $document }.

## Choosing an account
select-title = Choisissez un compte
select-another = Utiliser un autre compte
select-last-active = Dernière utilisation : { $when }

## Consent
consent-title = Autoriser l’accès pour { $client }
consent-heading = { $client } souhaite accéder à votre compte
consent-lede = Vérifiez ce que vous partagez depuis votre compte { $tenant }.
consent-allows = { $client } pourra :
consent-caution = Continuez uniquement si vous faites confiance à { $client }. Vous pouvez retirer l’accès à tout moment sur la page de votre compte.
consent-allow = Autoriser l’accès
consent-deny = Ne pas autoriser
consent-redirect = Vous serez redirigé vers { $host }
consent-website = Site web
consent-client-links = À propos de { $client }
scope-openid = Savoir qui vous êtes
scope-openid-detail = Un identifiant qui reste le même à chaque connexion
scope-openid-short = Connexion
scope-profile = Voir votre profil
scope-profile-detail = Votre nom, votre photo et votre langue
scope-profile-short = Profil
scope-email = Voir votre adresse e-mail
scope-email-detail = Et si elle a été confirmée
scope-email-short = E-mail
scope-address = Voir votre adresse postale
scope-address-detail = Rue, ville, code postal et pays
scope-address-short = Adresse
scope-phone = Voir votre numéro de téléphone
scope-phone-detail = Et s’il a été confirmé
scope-phone-short = Téléphone
scope-offline_access = Rester connecté
scope-offline_access-detail = Conserver cet accès lorsque vous n’utilisez pas l’application
scope-offline_access-short = Reste connecté

## Signing out
sign-out-title = Se déconnecter ?
sign-out-lede = Vous êtes connecté chez { $tenant }.
sign-out-client = { $client } demande à vous déconnecter de { $tenant }.
sign-out-submit = Se déconnecter
sign-out-stay = Rester connecté
signed-out-title = Vous êtes déconnecté
signed-out-lede = Sur un ordinateur partagé, fermez aussi toutes les fenêtres du navigateur.
signed-out-again = Se reconnecter

## Account
account-title = Votre compte
account-since = Compte créé le { $date }
profile-title = À propos de vous
profile-lede = Ce que voient de vous les applications que vous utilisez.
profile-verified = Confirmée
profile-unverified = Non confirmée
profile-verify = Envoyer un lien
password-title = Mot de passe
password-lede = Choisissez-en un que vous n’utilisez nulle part ailleurs.
password-changed = Dernière modification le { $date }
password-submit = Modifier le mot de passe
sessions-title = Vos connexions actives
sessions-lede = Déconnectez ce que vous ne reconnaissez pas, puis changez de mot de passe.
sessions-revoke-others = Se déconnecter partout ailleurs
session-current = Cet appareil
session-active-now = Actif maintenant
session-since = connecté le { $date }
session-revoke = Déconnecter
session-unknown = Appareil inconnu
session-browser-on = { $browser } sur { $os }
applications-title = Applications connectées
applications-lede = Elles peuvent utiliser votre compte dans les limites indiquées.
applications-none = Aucune application n’a accès à votre compte.
application-since = Accès depuis le { $date }
application-scopes = Ce qu’elle peut faire
application-revoke = Retirer l’accès

## Confirming an address
check-mail-title = Consultez vos e-mails
check-mail-lede = Nous avons envoyé un lien à { $email }. Ouvrez-le pour continuer.
check-mail-spam = Rien reçu ? Regardez dans vos courriers indésirables ou attendez une minute.
check-mail-resend = Renvoyer
check-mail-outbox = Ouvrir les e-mails capturés
check-mail-wrong = Mauvaise adresse ?
check-mail-correct = Revenir
verify-title = Confirmez votre adresse e-mail
verify-lede = Un clic et votre adresse est confirmée.
verify-lede-address = Un clic et { $email } est confirmée.
verify-submit = Confirmer l’adresse
verify-not-you = Vous n’êtes pas à l’origine de cette demande ? Fermez cette page, il ne se passera rien.

## On to the client
form-post-title = Un instant
form-post-lede = Nous vous ramenons à l’application.
form-post-client = Nous vous ramenons à { $client }.

## Pages that tell something
page-email-verified-title = Adresse e-mail confirmée
page-email-verified-body = Merci. Vous pouvez maintenant continuer.
page-signed-in-title = Vous êtes connecté
page-signed-in-body = Vous pouvez fermer cette page et revenir à votre application.
page-consent-denied-title = Accès non accordé
page-consent-denied-body = Rien n’a été partagé. Vous pouvez fermer cette page.
page-account-deleted-title = Compte supprimé
page-account-deleted-body = Votre compte et ses sessions ont disparu.
page-done-title = C’est fait
page-done-body = Vous pouvez fermer cette page.

## Too many requests
limited-title = Veuillez patienter
limited-what = Il y a eu trop de tentatives en peu de temps. Nous les ralentissons pour protéger les comptes.
limited-seconds = { $seconds ->
    [one] Vous pourrez réessayer dans { $seconds } seconde.
   *[other] Vous pourrez réessayer dans { $seconds } secondes.
}
limited-minutes = { $minutes ->
    [one] Vous pourrez réessayer dans { $minutes } minute.
   *[other] Vous pourrez réessayer dans { $minutes } minutes.
}

## Errors: what it is, what happened, what to do
error-code = Code d’erreur
error-detail = Pour les développeurs
error-request = ID de requête
error-client-unknown-title = Application inconnue
error-client-unknown-what = Le lien que vous avez suivi désigne une application qui n’existe pas ici.
error-client-unknown-do = Revenez à l’application et réessayez. Si vous la développez, vérifiez son client_id.
error-client-disabled-title = Application désactivée
error-client-disabled-what = La connexion à cette application a été désactivée par son administrateur.
error-client-disabled-do = Adressez-vous aux responsables de l’application.
error-redirect-uri-title = Ce lien n’est pas fiable
error-redirect-uri-what = L’application a voulu vous envoyer vers une adresse qui n’est pas enregistrée pour elle. Nous nous sommes donc arrêtés ici.
error-redirect-uri-do = Revenez à l’application et réessayez. Si vous la développez, enregistrez exactement cette redirect_uri.
error-request-invalid-title = Cette demande ne fonctionne pas
error-request-invalid-what = L’application a envoyé quelque chose que nous ne pouvons pas traiter.
error-request-invalid-do = Revenez à l’application et réessayez. Si cela se reproduit, prévenez ses responsables.
error-unsupported-title = Non pris en charge
error-unsupported-what = L’application demande un mode de connexion qui n’est pas disponible ici.
error-unsupported-do = Prévenez les responsables de l’application en joignant les détails ci-dessous.
error-sign-in-expired-title = Cette connexion a expiré
error-sign-in-expired-what = Elle a duré trop longtemps ou a déjà été terminée dans un autre onglet.
error-sign-in-expired-do = Revenez à l’application et connectez-vous de nouveau.
error-form-rejected-title = Veuillez réessayer
error-form-rejected-what = Nous n’avons pas pu associer ce formulaire à votre navigateur. Cela arrive quand une page reste longtemps ouverte ou que les cookies ont été effacés.
error-form-rejected-do = Revenez en arrière, rechargez la page et renvoyez le formulaire.
error-cookies-blocked-title = Les cookies sont désactivés
error-cookies-blocked-what = La connexion nécessite un cookie, et votre navigateur ne l’a pas envoyé.
error-cookies-blocked-do = Autorisez les cookies pour ce site, puis réessayez.
error-link-expired-title = Ce lien ne fonctionne plus
error-link-expired-what = Il a déjà été utilisé, a expiré ou est incomplet.
error-link-expired-do = Demandez-en un nouveau et ouvrez-le dans les minutes qui suivent.
error-account-disabled-title = Compte indisponible
error-account-disabled-what = Ce compte ne peut pas être utilisé pour le moment.
error-account-disabled-do = Adressez-vous à votre administrateur ou à notre assistance.
error-access-denied-title = Accès refusé
error-access-denied-what = Votre compte n’est pas autorisé à utiliser cette application.
error-access-denied-do = Demandez l’accès à votre administrateur ou utilisez un autre compte.
error-logout-invalid-title = Déconnexion impossible
error-logout-invalid-what = Le lien de déconnexion n’est pas valide. Vous êtes toujours connecté.
error-logout-invalid-do = Déconnectez-vous plutôt sur la page de votre compte.
error-not-found-title = Page introuvable
error-not-found-what = Il n’y a rien à cette adresse.
error-not-found-do = Vérifiez l’adresse ou revenez d’où vous venez.
error-method-not-allowed-title = Impossible de cette manière
error-method-not-allowed-what = Cette adresse ne peut pas être utilisée ainsi.
error-method-not-allowed-do = Revenez en arrière et recommencez depuis le début.
error-body-invalid-title = Nous n’avons pas pu lire cela
error-body-invalid-what = Ce que votre navigateur a envoyé est trop volumineux ou n’est pas un formulaire.
error-body-invalid-do = Revenez en arrière, rechargez la page et réessayez.
error-tenant-unavailable-title = Indisponible
error-tenant-unavailable-what = La connexion n’est pas disponible à cette adresse.
error-tenant-unavailable-do = Vérifiez l’adresse ou demandez à la personne qui vous l’a donnée.
error-busy-title = Beaucoup d’activité
error-busy-what = Nous traitons plus de demandes que d’habitude.
error-busy-do = Attendez quelques secondes et réessayez.
error-internal-title = Une erreur s’est produite
error-internal-what = L’erreur vient de nous. Rien n’a été perdu.
error-internal-do = Réessayez dans un instant. Si cela se reproduit, communiquez-nous l’ID de requête.

## Sentences next to forms
msg-credentials-wrong = L’adresse e-mail et le mot de passe ne correspondent pas. Réessayez.
msg-too-many-attempts = { $seconds ->
    [one] Trop de tentatives. Attendez { $seconds } seconde, puis réessayez.
   *[other] Trop de tentatives. Attendez { $seconds } secondes, puis réessayez.
}
msg-form-expired = Cette page est restée ouverte trop longtemps. Veuillez réessayer.
msg-account-disabled = Ce compte ne peut pas être utilisé pour le moment. Adressez-vous à votre administrateur.
msg-busy = Nous sommes très sollicités. Réessayez dans quelques secondes.
msg-check-fields = Veuillez vérifier les points suivants :
msg-identifier-missing = Saisissez votre adresse e-mail.
msg-name-missing = Saisissez votre nom.
msg-name-too-long = Raccourcissez votre nom à { $max } caractères.
msg-email-missing = Saisissez votre adresse e-mail.
msg-email-invalid = Saisissez une adresse e-mail comme nom@example.com.
msg-password-missing = Saisissez votre mot de passe.
msg-password-too-short = Utilisez au moins { $min } caractères pour le mot de passe.
msg-password-too-long = Utilisez au plus { $max } caractères pour le mot de passe.
msg-password-breached = Ce mot de passe figure dans une fuite de données. Choisissez-en un autre.
msg-password-guessable = Ce mot de passe est facile à deviner. Choisissez-le plus long ou moins courant.
msg-password-unchanged = Le nouveau mot de passe est identique à l’actuel.
msg-current-password-wrong = Le mot de passe actuel est incorrect.
msg-text-invalid = Supprimez les caractères qui ne peuvent être ni saisis ni imprimés.
msg-sign-up-refused = Nous n’avons pas pu créer de compte avec ces informations. Essayez plutôt de vous connecter.
msg-sign-up-closed = Il n’est pas possible de créer un compte ici.
msg-sign-in-again = Saisissez votre mot de passe pour continuer.
msg-session-ended = Vous avez été déconnecté. Veuillez vous reconnecter.
msg-sign-in-expired = Cela a pris trop de temps. Veuillez vous reconnecter.
msg-account-created = Votre compte est prêt. Connectez-vous pour continuer.
msg-email-verified = Votre adresse e-mail est confirmée.
msg-verification-sent = Nous avons envoyé un nouveau lien.
msg-link-expired = Ce lien ne fonctionne plus. Demandez-en un nouveau.
msg-password-changed = Votre mot de passe est modifié. Les autres appareils ont été déconnectés.
msg-profile-saved = Votre profil est enregistré.
msg-session-revoked = Cet appareil est déconnecté.
msg-other-sessions-revoked = { $count ->
    [one] { $count } autre session a été déconnectée.
   *[other] { $count } autres sessions ont été déconnectées.
}
msg-application-revoked = L’application n’a plus accès.
msg-tokens-refreshed = Nouveaux jetons, même session.
msg-tokens-refused = Le point de terminaison des jetons a refusé.

## Development pages
demo-title = Application de démonstration
demo-lede = Un petit client qui se connecte avec le flux de code d’autorisation et PKCE, par les mêmes points de terminaison que votre application.
demo-submit = Se connecter avec Authflow
demo-issuer = Émetteur
demo-client = ID client
demo-signed-in = Connecté
demo-signed-in-lede = Voici ce que reçoit une application.
demo-claims = Revendications
demo-claims-lede = Issues du jeton d’identité, une fois sa signature vérifiée.
demo-tokens = Jetons
demo-tokens-lede = Décodés. Dans une vraie application, ils restent sur le serveur.
demo-refresh = Renouveler les jetons
demo-expires = { $seconds } s
demo-header = En-tête
demo-payload = Contenu
demo-raw = Tel que reçu
demo-userinfo = Userinfo
demo-userinfo-lede = La réponse du point de terminaison userinfo.
outbox-title = E-mails capturés
outbox-open = Ouvrir
outbox-lede = Les e-mails qu’un serveur de production aurait envoyés.
outbox-none = Aucun e-mail pour l’instant. Inscrivez-vous pour recevoir le premier.
outbox-mail = E-mail
outbox-from = De
outbox-to = À
outbox-html = Partie HTML
outbox-text = Partie texte

## SMS
sms-code = { $code } est votre code pour { $tenant }. Il est valable { $time }. Ne le donnez jamais.
sms-test = Message de test de { $tenant }.

## Mails
mail-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
mail-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
mail-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
mail-moment = { $date } à { $time } UTC
mail-link-expires = Le lien fonctionne une seule fois, pendant { $time }.
mail-code-expires = Le code fonctionne une seule fois, pendant { $time }.
mail-link-fallback = Si le bouton ne fonctionne pas, ouvrez cette adresse :
mail-foot = { $tenant } a envoyé cet e-mail à { $email }.
mail-fact-when = Quand
mail-fact-device = Appareil
mail-fact-place = Lieu
mail-fact-factor = Élément
mail-factor-password = Mot de passe
mail-factor-passkey = Clé d’accès
mail-factor-totp = Application d’authentification
mail-factor-recovery-codes = Codes de secours
mail-factor-phone = Téléphone pour les SMS
mail-factor-provider = Compte chez { $name }
mail-verify-email-subject = Confirmez votre adresse e-mail pour { $tenant }
mail-verify-email-heading = Confirmez votre adresse e-mail
mail-verify-email-body = Veuillez confirmer que { $email } est bien votre adresse chez { $tenant }.
mail-verify-email-action = Confirmer l’adresse e-mail
mail-verify-email-note = Si vous n’avez pas demandé cet e-mail, ignorez-le.
mail-magic-link-subject = Connexion à { $tenant }
mail-magic-link-heading = Connexion à { $tenant }
mail-magic-link-body = Appuyez sur le bouton pour vous connecter en tant que { $email }.
mail-magic-link-action = Se connecter
mail-magic-link-code = Ou saisissez ce code là où vous avez commencé la connexion :
mail-magic-link-note = Ne le transmettez à personne : il permet de se connecter à votre place. Si vous n’avez pas essayé de vous connecter, ignorez cet e-mail.
mail-email-code-subject = { $code } est votre code pour { $tenant }
mail-email-code-heading = Votre code
mail-email-code-body = Saisissez ce code pour continuer chez { $tenant } en tant que { $email }.
mail-email-code-note = Personne chez { $tenant } ne vous le demandera jamais. Si vous n’avez pas besoin d’un code, ignorez cet e-mail.
mail-password-reset-subject = Réinitialisez votre mot de passe pour { $tenant }
mail-password-reset-heading = Réinitialisez votre mot de passe
mail-password-reset-body = Quelqu’un a demandé à réinitialiser le mot de passe de { $email } chez { $tenant }. Si c’était vous, choisissez-en un nouveau.
mail-password-reset-action = Choisir un nouveau mot de passe
mail-password-reset-note = Si ce n’était pas vous, ignorez cet e-mail : votre mot de passe reste le même.
mail-password-changed-subject = Votre mot de passe pour { $tenant } a été modifié
mail-password-changed-heading = Votre mot de passe a été modifié
mail-password-changed-body = Le mot de passe de { $email } chez { $tenant } a été modifié.
mail-password-changed-action = Vérifier votre compte
mail-password-changed-note = Si c’était vous, il n’y a rien à faire. Sinon, réinitialisez votre mot de passe sans attendre et déconnectez les appareils inconnus.
mail-email-change-old-subject = Votre adresse e-mail pour { $tenant } va changer
mail-email-change-old-heading = Changement d’adresse e-mail
mail-email-change-old-body = Une personne connectée en tant que { $email } souhaite remplacer l’adresse par { $new_email }. Rien ne change sans votre accord.
mail-email-change-old-action = Autoriser ou arrêter
mail-email-change-old-note = Si ce n’était pas vous, arrêtez ce changement et modifiez votre mot de passe.
mail-email-change-new-subject = Confirmez votre nouvelle adresse e-mail pour { $tenant }
mail-email-change-new-heading = Confirmez votre nouvelle adresse e-mail
mail-email-change-new-body = Veuillez confirmer que { $email } doit devenir votre adresse chez { $tenant }.
mail-email-change-new-action = Confirmer l’adresse e-mail
mail-email-change-new-note = Si vous n’avez pas demandé cet e-mail, ignorez-le : rien ne change.
mail-email-changed-subject = Votre adresse e-mail pour { $tenant } a été modifiée
mail-email-changed-heading = Votre adresse e-mail a été modifiée
mail-email-changed-body = Votre adresse chez { $tenant } est désormais { $new_email }.
mail-email-changed-action = Vérifier votre compte
mail-email-changed-note = Si c’était vous, il n’y a rien à faire. Sinon, demandez de l’aide sans attendre : quelqu’un d’autre utilise peut-être votre compte.
mail-new-device-subject = Nouvelle connexion à { $tenant }
mail-new-device-heading = Nouvelle connexion
mail-new-device-body = Un appareil jamais utilisé auparavant s’est connecté à { $tenant } en tant que { $email }.
mail-new-device-action = Vérifier votre compte
mail-new-device-note = Si c’était vous, il n’y a rien à faire. Sinon, déconnectez cet appareil et modifiez votre mot de passe.
mail-invitation-subject = { $inviter } vous invite à rejoindre { $into }
mail-invitation-heading = Vous êtes invité à rejoindre { $into }
mail-invitation-body = { $inviter } vous invite à rejoindre { $into } avec l’adresse { $email }.
mail-invitation-action = Accepter l’invitation
mail-invitation-note = Si vous ne connaissez pas { $inviter }, ignorez cet e-mail.
mail-account-deletion-subject = Votre compte chez { $tenant } sera supprimé le { $date }
mail-account-deletion-heading = Votre compte va être supprimé
mail-account-deletion-body = Le compte { $email } chez { $tenant } sera supprimé le { $date }, avec tout ce qu’il contient. D’ici là, vous pouvez changer d’avis.
mail-account-deletion-action = Garder mon compte
mail-account-deletion-note = Si vous voulez qu’il soit supprimé, vous n’avez rien d’autre à faire.
mail-factor-added-subject = Un moyen de connexion à { $tenant } a été ajouté
mail-factor-added-heading = Nouveau moyen de connexion
mail-factor-added-body = Ceci a été ajouté à votre compte { $email } chez { $tenant }.
mail-factor-added-action = Vérifier votre compte
mail-factor-added-note = Si c’était vous, il n’y a rien à faire. Sinon, supprimez-le et modifiez votre mot de passe.
mail-factor-removed-subject = Un moyen de connexion à { $tenant } a été supprimé
mail-factor-removed-heading = Un moyen de connexion a été supprimé
mail-factor-removed-body = Ceci a été supprimé de votre compte { $email } chez { $tenant }.
mail-factor-removed-action = Vérifier votre compte
mail-factor-removed-note = Si c’était vous, il n’y a rien à faire. Sinon, modifiez votre mot de passe et ajoutez-le de nouveau.
mail-account-exists-subject = Vous avez déjà un compte chez { $tenant }
mail-account-exists-heading = Vous avez déjà un compte
mail-account-exists-body = Quelqu’un, peut-être vous, a essayé de s’inscrire chez { $tenant } avec { $email }. Un compte existe déjà avec cette adresse : connectez-vous plutôt.
mail-account-exists-action = Se connecter
mail-account-exists-note = Si vous avez oublié le mot de passe, vous pouvez le réinitialiser au même endroit. Si ce n’était pas vous, il n’y a rien à faire.
mail-test-subject = E-mail de test de { $tenant }
mail-test-heading = Vos e-mails arrivent
mail-test-body = Voici l’e-mail de test demandé, envoyé par { $tenant } à { $email }.
mail-test-note = Ses en-têtes indiquent si SPF, DKIM et DMARC sont valides.

# The account pages
account-nav-profile = Profil
account-nav-security = Sécurité
account-nav-devices = Appareils
account-nav-applications = Applications
account-nav-activity = Activité
identifiers-title = Adresses e-mail
identifiers-lede = Ce qui vous sert à vous connecter et à être joint.
identifier-primary = Principal
identifier-kind-email = Adresse e-mail
identifier-kind-phone = Numéro de téléphone
identifier-kind-username = Nom d’utilisateur
activity-title = Activité récente
activity-lede = Connexions et modifications de votre compte. Si quelque chose vous est inconnu, changez votre mot de passe.
activity-none = Rien pour l’instant.
activity-login = Connexion
activity-login-failed = Échec de connexion
activity-logout = Déconnexion
activity-created = Compte créé
activity-email = Adresse e-mail modifiée
activity-phone = Numéro de téléphone modifié
activity-deletion = Suppression demandée
activity-deletion-cancelled = Suppression annulée
activity-updated = Profil modifié
activity-password = Mot de passe modifié
activity-verified = Adresse e-mail confirmée
activity-factor-added = Méthode de connexion ajoutée
activity-factor-removed = Méthode de connexion retirée
activity-grant-revoked = Accès d’une application retiré
activity-refresh-reuse = Application déconnectée : son accès a été utilisé deux fois

### Codes, links and second factors
cancel = Annuler
field-code = Code à six chiffres
field-recovery-code = Code de secours
sign-in-with-email-code = M’envoyer un code par e-mail
sign-in-with-link = M’envoyer un lien de connexion
sign-in-with-sms-code = M’envoyer un code par SMS
code-title = Consultez vos e-mails
code-title-sms = Consultez votre téléphone
code-title-link = Consultez vos e-mails
code-lede = Si { $identifier } correspond à un compte, un code à six chiffres est en route.
code-lede-link = Si { $identifier } correspond à un compte, un lien de connexion est en route. Ouvrez-le dans ce navigateur.
code-hint-link = Seulement si vous avez ouvert le lien sur un autre appareil : le code qu’il a affiché.
code-resend = Renvoyer
code-back = Se connecter autrement
link-elsewhere-title = Vous connectez-vous sur un autre appareil ?
link-elsewhere-lede = Cette connexion a commencé dans un autre navigateur. Nous pouvons vous montrer un code à y saisir.
link-show-code = Afficher le code
link-not-you = Si vous n’êtes pas en train de vous connecter, fermez cette page. Il ne se passera rien.
link-code-title = Votre code
link-code-lede = Saisissez-le là où vous avez commencé à vous connecter.
link-code-caution = Ne donnez ce code à personne, pas même à quelqu’un qui dit travailler pour nous.
second-title = Validation en deux étapes
second-lede-totp = Saisissez le code affiché par votre application d’authentification.
second-lede-recovery-code = Saisissez l’un des codes de secours que vous avez conservés. Chacun sert une fois.
second-lede-email-code = Confirmez que c’est bien vous avec un code envoyé à votre adresse e-mail.
second-lede-sms-code = Confirmez que c’est bien vous avec un code envoyé à votre téléphone.
second-lede-password = Saisissez aussi votre mot de passe.
second-send = Envoyer le code
second-trust = { $days ->
    [one] Ne plus demander sur cet appareil pendant { $days } jour
   *[other] Ne plus demander sur cet appareil pendant { $days } jours
}
second-use-totp = Utiliser une application d’authentification
second-use-recovery-code = Utiliser un code de secours
second-use-email-code = M’envoyer un code par e-mail
second-use-sms-code = M’envoyer un code par SMS
second-use-password = Utiliser votre mot de passe
totp-title = Configurer une application d’authentification
totp-lede = Scannez le code avec une application comme Google Authenticator, 1Password ou Aegis.
totp-lede-required = Votre compte exige une deuxième étape. Scannez le code avec une application comme Google Authenticator, 1Password ou Aegis.
totp-manual = Impossible de scanner le code ?
totp-manual-lede = Saisissez cette clé dans l’application.
totp-open-app = Ouvrir une application sur cet appareil
totp-code-hint = Les six chiffres que l’application affiche maintenant
totp-submit = Activer
recovery-codes-title = Conservez vos codes de secours
recovery-codes-lede = Si vous perdez votre téléphone, chacun de ces codes vous connecte une fois.
recovery-codes-once = Ils ne sont affichés que maintenant. Gardez-les là où vous seul pouvez les trouver.
recovery-codes-done = Je les ai conservés
msg-code-missing = Saisissez le code.
msg-code-wrong = Ce code est faux ou ne sert plus. Vérifiez-le ou demandez-en un nouveau.
msg-code-sent = Le code est en route.
msg-too-many-messages = Nous avons déjà envoyé plusieurs messages. Attendez un peu avant d’en demander un autre.
msg-factor-added = La validation en deux étapes est activée.
msg-factor-removed = La deuxième étape a été supprimée.
msg-device-forgotten = La deuxième étape sera de nouveau demandée sur cet appareil.
error-second-factor-title = Une deuxième étape est nécessaire
error-second-factor-what = Votre compte doit être confirmé en deux étapes, et aucune des vôtres n’est utilisable en ce moment.
error-second-factor-do = Demandez à votre administrateur de vous aider.
error-link-browser-title = Ouvrez le lien là où vous avez commencé
error-link-browser-what = Cette connexion a commencé dans un autre navigateur, et le lien ne fonctionne que là.
error-link-browser-do = Ouvrez l’e-mail sur cet appareil-là, ou reconnectez-vous ici.
security-totp-title = Application d’authentification
security-totp-lede = Une application de votre téléphone affiche un code que vous saisissez à la connexion.
security-totp-add = Configurer une application
security-added = Ajoutée le { $date }
security-remove = Supprimer
security-recovery-title = Codes de secours
security-recovery-left = { $count ->
    [one] { $count } code restant
   *[other] { $count } codes restants
}
security-recovery-renew = Créer de nouveaux codes
security-devices-title = Appareils de confiance
security-devices-lede = Ici, la deuxième étape ne vous est pas demandée.
security-until = Jusqu’au { $date }
security-forget = Demander à nouveau

# Passkeys
passkey-sign-in = Se connecter avec une clé d’accès
passkey-failed = Cela n’a pas fonctionné. Réessayez, ou connectez-vous autrement.
passkey-cancelled = Aucune clé d’accès n’a été utilisée. Réessayez, ou connectez-vous autrement.
passkey-second = Utiliser votre clé d’accès
passkey-second-noscript = Pour utiliser une clé d’accès, activez JavaScript pour cette page.
second-lede-passkey = Utilisez l’une de vos clés d’accès pour continuer.
second-use-passkey = Utiliser une clé d’accès
passkeys-title = Clés d’accès
passkeys-lede = Connectez-vous par empreinte, visage ou verrouillage de l’écran. Une clé d’accès ne se devine pas et ne fonctionne sur aucun autre site.
passkeys-none = Vous n’avez pas encore de clé d’accès.
passkeys-add = Ajouter une clé d’accès
passkeys-add-failed = La clé d’accès n’a pas pu être ajoutée. Veuillez réessayer.
passkeys-add-cancelled = Aucune clé d’accès n’a été ajoutée. Réessayez quand vous serez prêt.
passkeys-add-known = Cet appareil a déjà une clé d’accès pour votre compte.
passkeys-unsupported = Ce navigateur ne prend pas en charge les clés d’accès.
passkeys-noscript = Pour ajouter une clé d’accès, activez JavaScript pour cette page.
passkeys-off = Il n’est pas possible d’ajouter de clé d’accès ici.
passkeys-synced = Synchronisée
passkeys-elsewhere = Autre adresse
passkeys-elsewhere-note = Ne fonctionne que sur { $domain }. Ajoutez une nouvelle clé d’accès pour vous connecter ici.
passkeys-created = ajoutée le { $date }
passkeys-used = utilisée { $when }
passkeys-unused = pas encore utilisée
passkeys-edit = Modifier
passkeys-name = Nom
passkeys-remove = Supprimer
msg-passkey-added = La clé d’accès est ajoutée. Vous pouvez désormais vous connecter avec elle.
msg-passkey-renamed = Le nom est enregistré.
msg-passkey-removed = La clé d’accès est supprimée. Effacez-la aussi de votre appareil ou de votre gestionnaire de mots de passe.
msg-passkey-wrong = Cette clé d’accès n’a pas été acceptée. Réessayez, ou connectez-vous autrement.
msg-passkey-known = Cette clé d’accès est déjà enregistrée.
msg-passkey-too-many = Votre compte a atteint le nombre maximal de clés d’accès. Supprimez-en une d’abord.
msg-passkey-last = Cette clé d’accès est votre seul moyen de vous connecter. Ajoutez-en une autre ou définissez un mot de passe d’abord.
msg-passkey-name = Saisissez un nom de { $max } caractères au plus.
msg-passkey-model = Ce type de clé de sécurité n’est pas autorisé ici. Demandez à votre administrateur lesquels le sont.
msg-passkey-not-made = La clé d’accès n’a pas pu être ajoutée. Veuillez réessayer.
## Connections to other providers
sign-in-with = Continuer avec { $provider }
connect-title = Encore une étape
connect-lede = { $provider } nous a dit qui vous êtes. Créez votre compte ici, ou associez celui que vous avez déjà.
connect-closed-lede = { $provider } nous a dit qui vous êtes, mais aucun compte ici n’y est associé. Connectez-vous à votre compte pour associer les deux.
connect-exists-title = Vous avez déjà un compte
connect-exists-lede = Un compte utilise ici l’adresse que { $provider } nous a donnée. Connectez-vous-y une fois ; ensuite { $provider } l’ouvrira.
connect-email-hint = Nous enverrons un code à cette adresse pour confirmer qu’elle est à vous.
connect-create = Créer un compte
connect-sign-in = Associer mon compte existant
connect-cancel = Se connecter autrement
connect-code-title = Confirmez votre adresse e-mail
connect-code-lede = Nous avons envoyé un code à six chiffres à { $email }.
connections-title = Comptes associés
connections-lede = Des comptes ailleurs qui vous connectent ici.
connections-used = Dernière utilisation { $ago }
connections-linked = Associé
connections-none = Non associé
connections-unlink = Dissocier
connections-link = Associer
msg-identity-linked = Le compte est associé. Vous pouvez désormais l’utiliser pour vous connecter.
msg-identity-unlinked = Le compte est dissocié.
msg-last-way-in = C’est votre seul moyen de vous connecter. Choisissez d’abord un mot de passe ou associez un autre compte.
msg-connect-sign-in = Connectez-vous à votre compte pour associer les deux.
error-connection-unavailable-title = Le service est injoignable
error-connection-unavailable-what = Le service avec lequel vous vouliez vous connecter ne répond pas pour le moment.
error-connection-unavailable-do = Attendez un instant et réessayez, ou connectez-vous autrement.
error-connection-answer-title = La connexion n’a pas abouti
error-connection-answer-what = La réponse du service avec lequel vous vouliez vous connecter est inutilisable.
error-connection-answer-do = Réessayez. Si cela se reproduit, communiquez le code d’erreur ci-dessous aux responsables de ce site.
error-connection-refused-title = Vous n’êtes pas connecté
error-connection-refused-what = Le service avec lequel vous vouliez vous connecter indique que la connexion a été annulée ou refusée.
error-connection-refused-do = Réessayez, ou connectez-vous autrement.
error-connection-used-title = Cette réponse a déjà servi
error-connection-used-what = Chaque connexion par un autre service compte une fois. Recharger sa dernière page ne la répète pas.
error-connection-used-do = Recommencez la connexion.
error-identity-taken-title = Ce compte est déjà pris
error-identity-taken-what = Le compte choisi est associé ici au compte de quelqu’un d’autre.
error-identity-taken-do = Choisissez-en un autre, ou dissociez-le d’abord là-bas.
error-identity-unlinked-title = Ce n’est pas votre compte associé
error-identity-unlinked-what = Pour continuer, utilisez un compte associé au vôtre.
error-identity-unlinked-do = Revenez en arrière et choisissez le compte avec lequel vous vous êtes connecté, ou un autre moyen.


# Recovery
recover-title = Réinitialiser votre mot de passe
recover-lede = Saisissez votre adresse e-mail : nous vous enverrons un lien pour choisir un nouveau mot de passe.
recover-submit = Envoyer le lien
recover-back = Retour à la connexion
recover-sent-lede = Si { $identifier } a un compte ici, un e-mail avec un lien est en route. Il est valable 15 minutes.
recover-sent-note = Rien reçu ? Regardez dans vos indésirables. Pour votre sécurité, nous ne disons pas si un compte existe.
recover-other = Utiliser une autre adresse
new-password-title = Choisir un nouveau mot de passe
new-password-lede = Pour { $identifier }
new-password-submit = Enregistrer le mot de passe
new-password-ends-sessions = Vous serez déconnecté de tous vos autres appareils.
page-password-reset-title = Mot de passe modifié
page-password-reset-body = Votre nouveau mot de passe est actif. Connectez-vous pour continuer.

# Addresses, invitation, one’s own data
account-nav-data = Vos données
identifier-make-primary = Définir comme principal
identifier-remove = Retirer
identifier-add-email = Ajouter une adresse e-mail
identifier-add-hint = Nous y enverrons un lien. Rien ne change avant que vous l’ouvriez.
identifier-add-primary = En faire mon adresse principale
identifier-add-submit = Ajouter l’adresse
msg-email-change-begun = Consultez vos e-mails : un lien est parti vers la nouvelle adresse, et un avis vers l’actuelle.
msg-primary-changed = Votre adresse principale est modifiée.
msg-identifier-removed = L’élément est retiré de votre compte.
msg-identifier-kept = Impossible de le retirer pour l’instant : c’est votre adresse principale, ou elle peut encore s’opposer à un changement récent.
msg-deletion-unconfirmed = Cochez la case pour confirmer la suppression de votre compte.
page-email-change-undone-title = Changement annulé
page-email-change-undone-body = La nouvelle adresse est retirée et tous les appareils sont déconnectés. Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe.
page-deletion-requested-title = Votre compte sera supprimé
page-deletion-requested-body = Vous êtes déconnecté partout. Vous avez changé d’avis ? Reconnectez-vous ou ouvrez le lien que nous vous avons envoyé.
page-account-kept-title = Votre compte est conservé
page-account-kept-body = La suppression est annulée. Connectez-vous pour continuer.
page-invitation-accepted-title = Votre compte est prêt
page-invitation-accepted-body = Connectez-vous avec votre nouveau mot de passe pour continuer.
link-confirm-email-title = Confirmer cette adresse
link-confirm-email-lede = Ajouter { $email } à votre compte ?
link-confirm-email-submit = Confirmer l’adresse
link-object-email-title = Ce n’était pas vous ?
link-object-email-lede = { $email } a été ou va être ajoutée à votre compte. Si ce n’était pas vous, annulez : tous les appareils seront déconnectés.
link-object-email-submit = Annuler le changement
link-keep-account-title = Conserver votre compte ?
link-keep-account-lede = Il doit être supprimé. Vous pouvez le conserver.
link-keep-account-submit = Conserver mon compte
invitation-title = Vous êtes invité
invitation-lede = Créez votre compte chez { $tenant } pour { $email }
invitation-submit = Créer le compte
export-title = Une copie de vos données
export-lede = Tout ce que nous conservons sur votre compte, dans un fichier JSON. Il faudra peut-être vous reconnecter d’abord.
export-submit = Télécharger mes données
delete-title = Supprimer le compte
delete-lede = Vous êtes aussitôt déconnecté partout. Après { $days } jours, votre compte disparaît définitivement ; d’ici là, une connexion annule la suppression.
delete-confirm = Oui, je veux supprimer mon compte
delete-submit = Supprimer mon compte

# Nouveau mot de passe sans page
mail-password-reset-code-subject = Réinitialisez votre mot de passe pour { $tenant }
mail-password-reset-code-heading = Réinitialisez votre mot de passe
mail-password-reset-code-body = Quelqu’un a demandé à réinitialiser le mot de passe de { $email } chez { $tenant }. Si c’était vous, saisissez ce code là où vous en avez fait la demande.
mail-password-reset-code-note = Personne chez { $tenant } ne vous le demandera jamais. Si ce n’était pas vous, ignorez cet e-mail : votre mot de passe reste le même.

# Links that reach somebody who did not ask for them
link-not-me = Ce n’était pas moi
link-not-me-hint = Vous n’êtes pas connecté ici : saisissez le mot de passe de votre compte. Si vous n’y êtes pour rien, dites-le-nous : personne ne gardera d’accès avec votre adresse.
page-email-disowned-title = Merci de nous l’avoir signalé
page-email-disowned-body = Votre adresse n’ouvre aucun compte préparé par quelqu’un d’autre.
msg-second-factor-exhausted = Trop de codes erronés ont été saisis pour ce compte. Recommencez avec un code par e-mail ou choisissez un nouveau mot de passe.

# The first operator
msg-email-has-account = Un compte existe déjà avec cette adresse
claim-title = Configurer cette installation
claim-lede = Vous en devenez le premier opérateur. Choisissez l’adresse e-mail et le mot de passe avec lesquels vous vous connecterez.
claim-submit = Créer le compte opérateur
page-claimed-title = L’installation est à vous
page-claimed-body = Connectez-vous avec votre adresse e-mail et votre mot de passe. Ce lien ne fonctionne plus.

# Contre les abus : preuve de travail, adresses jetables
proof-title = Un instant
proof-lede = Pour tenir les robots à distance, votre navigateur effectue d’abord un court calcul.
proof-progress = Progression du calcul
proof-running = Vérification en cours. Cela prend quelques secondes, vous n’avez rien à faire.
proof-done = Terminé. On continue…
proof-failed = Le calcul n’a pas abouti. Revenez en arrière et réessayez.
proof-noscript = Le calcul nécessite JavaScript. Sans lui, nous pouvons vous envoyer un code par e-mail.
proof-noscript-only = Le calcul nécessite JavaScript. Activez-le ou réessayez plus tard.
proof-by-mail = M’envoyer plutôt un code par e-mail
proof-by-mail-hint = Choisissez cette option si votre navigateur ou votre appareil ne peut pas effectuer le calcul.
proof-back = Retour au formulaire
proof-code-lede = Si { $identifier } peut recevoir nos e-mails, un code est en route. Saisissez-le pour continuer avec ce que vous avez indiqué.
msg-email-disposable = Les adresses jetables ne sont pas acceptées ici. Utilisez une adresse que vous conserverez.

# Phones, notices, places
phones-title = Numéros de téléphone
phones-lede = Pour les codes par SMS à la connexion.
phones-none = Vous n’avez pas encore de numéro de téléphone ici.
phones-add = Ajouter un numéro de téléphone
phones-add-hint = Avec l’indicatif du pays, par exemple +33 6 12 34 56 78. Nous y enverrons un code.
phones-add-submit = Ajouter le numéro
phones-new = Nouveau numéro
phones-change = Changer de numéro
phones-verify = Confirmer le numéro
phone-code-title = Confirmez votre numéro
phone-code-lede = Nous avons envoyé un code à six chiffres au { $number }.
phone-code-title-old = Confirmez le changement
phone-code-lede-old = Le nouveau numéro fonctionne. Saisissez maintenant le code envoyé à votre numéro actuel { $number }.
phone-code-lost = Je n’ai plus ce numéro
phone-code-lost-note = Nous nous fions alors à votre mode de connexion et vous signalons le changement par e-mail.
msg-phone-missing = Saisissez un numéro de téléphone.
msg-phone-invalid = Ce n’est pas un numéro de téléphone. Commencez par + et l’indicatif du pays.
msg-phone-known = Ce numéro figure déjà dans votre compte.
msg-phone-taken = Ce numéro appartient à un autre compte. Supprimez-le d’abord là-bas.
msg-phone-refused = Nous ne pouvons pas envoyer de SMS à ce numéro. Utilisez-en un autre.
msg-phone-other-factor = Vous vous êtes connecté avec un code envoyé à ce même numéro. Déconnectez-vous, reconnectez-vous autrement et réessayez.
msg-phone-added = Le numéro est ajouté.
msg-phone-changed = Votre numéro est changé.
msg-identifiers-full = Votre compte a autant d’adresses et de numéros que possible. Supprimez-en d’abord un.
activity-phone-added = Numéro de téléphone ajouté
activity-phone-removed = Numéro de téléphone supprimé
activity-phone-verified = Numéro de téléphone confirmé
activity-identity-linked = Compte externe associé
activity-identity-unlinked = Compte externe dissocié
activity-passkey-added = Clé d’accès ajoutée
activity-passkey-removed = Clé d’accès supprimée
activity-passkey-counter = Une clé d’accès a été refusée : elle a peut-être été copiée
activity-recovery-codes = Nouveaux codes de secours créés
activity-consent-granted = Accès d’une application autorisé
activity-consent-revoked = Accès d’une application retiré
mail-phone-changed-subject = Votre numéro de téléphone pour { $tenant } a été changé
mail-phone-changed-heading = Votre numéro de téléphone a été changé
mail-phone-changed-body = Le numéro de téléphone de votre compte { $email } chez { $tenant } est désormais { $number }.
mail-phone-changed-action = Vérifier votre compte
mail-phone-changed-note = Si c’était vous, vous n’avez rien à faire. Sinon, supprimez le numéro et changez votre mot de passe.
passkey-set-up-title = Créer une clé d’accès
passkey-set-up-lede = Votre compte exige une deuxième étape. Utilisez votre empreinte, votre visage ou le verrouillage de l’écran.
passkey-set-up-app = Utiliser une application d’authentification
passkey-set-up-instead = Utiliser plutôt une clé d’accès
passkey-offer-title = Connectez-vous plus vite la prochaine fois
passkey-offer-lede = Avec une clé d’accès, vous vous connectez avec votre empreinte, votre visage ou le verrouillage de l’écran au lieu du mot de passe.
passkey-offer-decline = Non merci
identifier-bounced = Un e-mail envoyé à cette adresse nous est revenu ({ $when }). Vérifiez-la ou réessayez.
identifier-retry = Renvoyer
