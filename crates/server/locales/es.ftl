### Páginas alojadas y correos en español. Tratamiento: usted implícito, neutro entre regiones.

## Frame
dev-badge = Modo de desarrollo
skip = Ir al contenido
title-problem = Problema:
foot-help = Ayuda
foot-terms = Términos del servicio
foot-privacy = Política de privacidad
foot-language = Idioma:
foot-secured = Protegido por { $product }
continue = Continuar
save = Guardar
try-again = Intentar de nuevo
back-to-client = Volver a { $client }
switch-account = Cambiar de cuenta

## Time
ago-now = ahora mismo
ago-minutes = { $count ->
    [one] hace { $count } minuto
   *[other] hace { $count } minutos
}
ago-hours = { $count ->
    [one] hace { $count } hora
   *[other] hace { $count } horas
}
ago-days = { $count ->
    [one] hace { $count } día
   *[other] hace { $count } días
}
date = { $day } de { $month } de { $year }
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre

## Fields
field-identifier = Correo electrónico
field-email = Correo electrónico
field-name = Nombre completo
field-password = Contraseña
field-current-password = Contraseña actual
field-new-password = Contraseña nueva
password-hint = Al menos { $min } caracteres. Unas cuantas palabras sin relación funcionan bien.

## Sign-in
sign-in-title = Iniciar sesión
sign-in-again-title = Confirme su identidad
sign-in-onward = para continuar en { $client }
sign-in-account = en su cuenta de { $tenant }
sign-in-or = o
sign-in-forgot = ¿Olvidó su contraseña?
sign-in-submit = Iniciar sesión
sign-in-link = Iniciar sesión
sign-in-no-account = ¿No tiene una cuenta?

## Sign-up
sign-up-title = Cree su cuenta
sign-up-account = Le damos la bienvenida a { $tenant }
sign-up-submit = Crear cuenta
sign-up-link = Registrarse
sign-up-have-account = ¿Ya tiene una cuenta?
sign-up-agree = Al crear una cuenta, acepta los { $terms } y reconoce la { $privacy }.
sign-up-agree-one = Al crear una cuenta, acepta lo siguiente: { $document }.

## Choosing an account
select-title = Elija una cuenta
select-another = Usar otra cuenta
select-last-active = Último uso: { $when }

## Consent
consent-title = Permitir el acceso a { $client }
consent-heading = { $client } quiere acceder a su cuenta
consent-lede = Revise lo que comparte de su cuenta de { $tenant }.
consent-allows = { $client } podrá:
consent-caution = Continúe solo si confía en { $client }. Puede retirar el acceso en cualquier momento en la página de su cuenta.
consent-allow = Permitir acceso
consent-deny = No permitir
consent-redirect = Se le dirigirá a { $host }
consent-website = Sitio web
consent-client-links = Acerca de { $client }
scope-openid = Saber quién es usted
scope-openid-detail = Un identificador que no cambia entre inicios de sesión
scope-openid-short = Inicio de sesión
scope-profile = Ver su perfil
scope-profile-detail = Su nombre, imagen e idioma
scope-profile-short = Perfil
scope-email = Ver su correo electrónico
scope-email-detail = Y si está confirmado
scope-email-short = Correo
scope-address = Ver su dirección postal
scope-address-detail = Calle, ciudad, código postal y país
scope-address-short = Dirección
scope-phone = Ver su número de teléfono
scope-phone-detail = Y si está confirmado
scope-phone-short = Teléfono
scope-offline_access = Mantener la conexión
scope-offline_access-detail = Conservar este acceso cuando no esté usando la aplicación
scope-offline_access-short = Mantiene la conexión

## Signing out
sign-out-title = ¿Cerrar sesión?
sign-out-lede = Tiene una sesión abierta en { $tenant }.
sign-out-client = { $client } solicita cerrar su sesión en { $tenant }.
sign-out-submit = Cerrar sesión
sign-out-stay = Mantener la sesión
signed-out-title = Sesión cerrada
signed-out-lede = En un equipo compartido, cierre también todas las ventanas del navegador.
signed-out-again = Volver a iniciar sesión

## Account
account-title = Su cuenta
account-since = Cuenta creada el { $date }
profile-title = Sobre ti
profile-lede = Así aparece en las aplicaciones que usa.
profile-verified = Confirmado
profile-unverified = Sin confirmar
profile-verify = Enviar enlace
password-title = Contraseña
password-lede = Elija una que no use en ningún otro sitio.
password-changed = Último cambio: { $date }
password-submit = Cambiar contraseña
sessions-title = Dónde tiene sesión abierta
sessions-lede = Cierre lo que no reconozca y después cambie su contraseña.
sessions-revoke-others = Cerrar sesión en los demás dispositivos
session-current = Este dispositivo
session-active-now = Activo ahora
session-since = sesión iniciada el { $date }
session-revoke = Cerrar sesión
session-unknown = Dispositivo desconocido
session-browser-on = { $browser } en { $os }
applications-title = Aplicaciones conectadas
applications-lede = Pueden usar su cuenta dentro de los límites indicados.
applications-none = Ninguna aplicación tiene acceso a su cuenta.
application-since = Acceso desde el { $date }
application-scopes = Lo que puede hacer
application-revoke = Retirar acceso

## Confirming an address
check-mail-title = Revise su correo
check-mail-lede = Hemos enviado un enlace a { $email }. Ábralo para continuar.
check-mail-spam = ¿No ha llegado? Mire en la carpeta de correo no deseado o espere un minuto.
check-mail-resend = Enviar de nuevo
check-mail-outbox = Abrir el correo capturado
check-mail-wrong = ¿Dirección equivocada?
check-mail-correct = Volver
verify-title = Confirme su correo electrónico
verify-lede = Un clic y su dirección quedará confirmada.
verify-lede-address = Un clic y { $email } quedará confirmado.
verify-submit = Confirmar correo
verify-not-you = Si no lo ha solicitado, cierre esta página. No ocurrirá nada.

## On to the client
form-post-title = Un momento
form-post-lede = Le llevamos de vuelta a la aplicación.
form-post-client = Le llevamos de vuelta a { $client }.

## Pages that tell something
page-email-verified-title = Correo confirmado
page-email-verified-body = Gracias. Ya puede continuar.
page-signed-in-title = Sesión iniciada
page-signed-in-body = Puede cerrar esta página y volver a su aplicación.
page-consent-denied-title = Acceso no concedido
page-consent-denied-body = No se ha compartido nada. Puede cerrar esta página.
page-account-deleted-title = Cuenta eliminada
page-account-deleted-body = Su cuenta y sus sesiones ya no existen.
page-done-title = Listo
page-done-body = Puede cerrar esta página.

## Too many requests
limited-title = Espere un momento
limited-what = Ha habido demasiados intentos en poco tiempo. Los frenamos para proteger las cuentas.
limited-seconds = { $seconds ->
    [one] Puede intentarlo de nuevo en { $seconds } segundo.
   *[other] Puede intentarlo de nuevo en { $seconds } segundos.
}
limited-minutes = { $minutes ->
    [one] Puede intentarlo de nuevo en { $minutes } minuto.
   *[other] Puede intentarlo de nuevo en { $minutes } minutos.
}

## Errors: what it is, what happened, what to do
error-code = Código de error
error-detail = Para desarrolladores
error-request = ID de solicitud
error-client-unknown-title = Aplicación desconocida
error-client-unknown-what = El enlace nombra una aplicación que no existe aquí.
error-client-unknown-do = Vuelva a la aplicación e inténtelo de nuevo. Si la desarrolla, compruebe su client_id.
error-client-disabled-title = Aplicación desactivada
error-client-disabled-what = Su administrador ha desactivado el inicio de sesión de esta aplicación.
error-client-disabled-do = Pregunte a los responsables de la aplicación.
error-redirect-uri-title = Este enlace no es de confianza
error-redirect-uri-what = La aplicación quiso enviarle a una dirección que no tiene registrada, así que nos detuvimos aquí.
error-redirect-uri-do = Vuelva a la aplicación e inténtelo de nuevo. Si la desarrolla, registre exactamente esa redirect_uri.
error-request-invalid-title = Esta solicitud no funciona
error-request-invalid-what = La aplicación ha enviado algo que no podemos procesar.
error-request-invalid-do = Vuelva a la aplicación e inténtelo de nuevo. Si se repite, avise a sus responsables.
error-unsupported-title = No disponible
error-unsupported-what = La aplicación pide una forma de iniciar sesión que no existe aquí.
error-unsupported-do = Avise a los responsables de la aplicación e incluya los datos de abajo.
error-sign-in-expired-title = Este inicio de sesión ha caducado
error-sign-in-expired-what = Ha tardado demasiado o ya se completó en otra pestaña.
error-sign-in-expired-do = Vuelva a la aplicación e inicie sesión de nuevo.
error-form-rejected-title = Inténtelo otra vez
error-form-rejected-what = No pudimos asociar este formulario con su navegador. Ocurre cuando una página queda abierta mucho tiempo o se borran las cookies.
error-form-rejected-do = Vuelva atrás, recargue la página y envíela de nuevo.
error-cookies-blocked-title = Las cookies están desactivadas
error-cookies-blocked-what = Para iniciar sesión hace falta una cookie y su navegador no la envió.
error-cookies-blocked-do = Permita las cookies de este sitio e inténtelo de nuevo.
error-link-expired-title = Este enlace ya no funciona
error-link-expired-what = Ya se usó, ha caducado o está incompleto.
error-link-expired-do = Pida uno nuevo y ábralo en los próximos minutos.
error-account-disabled-title = Cuenta no disponible
error-account-disabled-what = Esta cuenta no se puede usar en este momento.
error-account-disabled-do = Consulte a su administrador o a nuestro equipo de ayuda.
error-access-denied-title = Sin acceso
error-access-denied-what = Su cuenta no tiene permiso para usar esta aplicación.
error-access-denied-do = Pida acceso a su administrador o use otra cuenta.
error-logout-invalid-title = No se pudo cerrar la sesión
error-logout-invalid-what = El enlace para cerrar sesión no es válido. Su sesión sigue abierta.
error-logout-invalid-do = Cierre la sesión desde la página de su cuenta.
error-not-found-title = Página no encontrada
error-not-found-what = No hay nada en esta dirección.
error-not-found-do = Compruebe la dirección o vuelva al lugar de donde venía.
error-method-not-allowed-title = Así no funciona
error-method-not-allowed-what = Esta dirección no se puede usar de esta manera.
error-method-not-allowed-do = Vuelva atrás y empiece desde el principio.
error-body-invalid-title = No pudimos leerlo
error-body-invalid-what = Lo que envió su navegador es demasiado grande o no es un formulario.
error-body-invalid-do = Vuelva atrás, recargue la página e inténtelo de nuevo.
error-tenant-unavailable-title = No disponible
error-tenant-unavailable-what = No se puede iniciar sesión en esta dirección.
error-tenant-unavailable-do = Compruebe la dirección o pregunte a quien se la dio.
error-busy-title = Hay mucha actividad
error-busy-what = Estamos atendiendo más solicitudes de lo habitual.
error-busy-do = Espere unos segundos e inténtelo de nuevo.
error-internal-title = Algo salió mal
error-internal-what = El error es nuestro. No se ha perdido nada.
error-internal-do = Inténtelo de nuevo en un momento. Si se repite, indíquenos el ID de solicitud.

## Sentences next to forms
msg-credentials-wrong = El correo y la contraseña no coinciden. Inténtelo de nuevo.
msg-too-many-attempts = { $seconds ->
    [one] Demasiados intentos. Espere { $seconds } segundo e inténtelo de nuevo.
   *[other] Demasiados intentos. Espere { $seconds } segundos e inténtelo de nuevo.
}
msg-form-expired = Esta página estuvo abierta demasiado tiempo. Inténtelo de nuevo.
msg-account-disabled = Esta cuenta no se puede usar en este momento. Consulte a su administrador.
msg-busy = Hay mucha actividad. Inténtelo de nuevo en unos segundos.
msg-check-fields = Revise lo siguiente:
msg-identifier-missing = Escriba su correo electrónico.
msg-name-missing = Escriba su nombre.
msg-name-too-long = Acorte su nombre a { $max } caracteres.
msg-email-missing = Escriba su correo electrónico.
msg-email-invalid = Escriba un correo como nombre@example.com.
msg-password-missing = Escriba su contraseña.
msg-password-too-short = Use al menos { $min } caracteres en la contraseña.
msg-password-too-long = Use como máximo { $max } caracteres en la contraseña.
msg-password-breached = Esta contraseña apareció en una filtración de datos. Elija otra.
msg-password-guessable = Esta contraseña es fácil de adivinar. Hágala más larga o menos común.
msg-password-unchanged = La contraseña nueva es igual a la actual.
msg-current-password-wrong = La contraseña actual es incorrecta.
msg-text-invalid = Quite los caracteres que no se pueden escribir ni imprimir.
msg-sign-up-refused = No pudimos crear una cuenta con estos datos. Pruebe a iniciar sesión.
msg-sign-up-closed = Aquí no se pueden crear cuentas nuevas.
msg-sign-in-again = Escriba su contraseña para continuar.
msg-session-ended = Se cerró su sesión. Inicie sesión de nuevo.
msg-sign-in-expired = Ha tardado demasiado. Inicie sesión de nuevo.
msg-account-created = Su cuenta está lista. Inicie sesión para continuar.
msg-email-verified = Su correo está confirmado.
msg-verification-sent = Hemos enviado un enlace nuevo.
msg-link-expired = Este enlace ya no funciona. Pida uno nuevo.
msg-password-changed = Su contraseña ha cambiado. Se cerró la sesión en los demás dispositivos.
msg-profile-saved = Su perfil se ha guardado.
msg-session-revoked = Se cerró la sesión en ese dispositivo.
msg-other-sessions-revoked = { $count ->
    [one] Se cerró { $count } sesión más.
   *[other] Se cerraron { $count } sesiones más.
}
msg-application-revoked = La aplicación ya no tiene acceso.
msg-tokens-refreshed = Tokens nuevos, misma sesión.
msg-tokens-refused = El punto de acceso de tokens lo rechazó.

## Development pages
demo-title = Aplicación de demostración
demo-lede = Un pequeño cliente que inicia sesión con el flujo de código de autorización y PKCE, por los mismos puntos de acceso que usará su aplicación.
demo-submit = Iniciar sesión con Authflow
demo-issuer = Emisor
demo-client = ID de cliente
demo-signed-in = Sesión iniciada
demo-signed-in-lede = Esto es lo que recibe una aplicación.
demo-claims = Atributos
demo-claims-lede = Del token de identidad, tras verificar su firma.
demo-tokens = Tokens
demo-tokens-lede = Decodificados. En una aplicación real se quedan en el servidor.
demo-refresh = Renovar tokens
demo-expires = { $seconds } s
demo-header = Cabecera
demo-payload = Contenido
demo-raw = Tal como llegó
demo-userinfo = Userinfo
demo-userinfo-lede = La respuesta del punto de acceso userinfo.
outbox-title = Correo capturado
outbox-open = Abrir
outbox-lede = Los correos que un servidor de producción habría enviado.
outbox-none = Todavía no hay correo. Regístrese para recibir el primero.
outbox-mail = Correo
outbox-from = De
outbox-to = Para
outbox-html = Parte HTML
outbox-text = Parte de texto

## SMS
sms-code = { $code } es su clave para { $tenant }. Vale durante { $time }. No la comparta nunca.
sms-test = Mensaje de prueba de { $tenant }.

## Mails
mail-minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
mail-hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
mail-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
mail-moment = { $date }, { $time } UTC
mail-link-expires = El enlace funciona una sola vez, durante { $time }.
mail-code-expires = El código funciona una sola vez, durante { $time }.
mail-link-fallback = Si el botón no funciona, abra esta dirección:
mail-foot = { $tenant } ha enviado este correo a { $email }.
mail-fact-when = Cuándo
mail-fact-device = Dispositivo
mail-fact-place = Lugar
mail-fact-factor = Elemento
mail-factor-password = Contraseña
mail-factor-passkey = Llave de acceso
mail-factor-totp = Aplicación de autenticación
mail-factor-recovery-codes = Códigos de recuperación
mail-factor-phone = Teléfono para SMS
mail-factor-provider = Cuenta de { $name }
mail-verify-email-subject = Confirme su correo electrónico para { $tenant }
mail-verify-email-heading = Confirme su correo electrónico
mail-verify-email-body = Confirme que { $email } es su dirección en { $tenant }.
mail-verify-email-action = Confirmar correo
mail-verify-email-note = Si no ha solicitado este correo, ignórelo.
mail-magic-link-subject = Inicio de sesión en { $tenant }
mail-magic-link-heading = Inicio de sesión en { $tenant }
mail-magic-link-body = Pulse el botón para iniciar sesión como { $email }.
mail-magic-link-action = Iniciar sesión
mail-magic-link-code = O escriba este código donde empezó a iniciar sesión:
mail-magic-link-note = No lo comparta: quien lo tenga puede iniciar sesión en su lugar. Si no ha intentado iniciar sesión, ignore este correo.
mail-email-code-subject = { $code } es su código para { $tenant }
mail-email-code-heading = Su código
mail-email-code-body = Escriba este código para continuar en { $tenant } como { $email }.
mail-email-code-note = Nadie de { $tenant } se lo pedirá nunca. Si no necesitaba un código, ignore este correo.
mail-password-reset-subject = Restablezca su contraseña de { $tenant }
mail-password-reset-heading = Restablezca su contraseña
mail-password-reset-body = Alguien ha pedido restablecer la contraseña de { $email } en { $tenant }. Si ha sido usted, elija una nueva.
mail-password-reset-action = Elegir una contraseña nueva
mail-password-reset-note = Si no ha sido usted, ignore este correo: su contraseña no cambia.
mail-password-changed-subject = Su contraseña de { $tenant } ha cambiado
mail-password-changed-heading = Su contraseña ha cambiado
mail-password-changed-body = Se ha cambiado la contraseña de { $email } en { $tenant }.
mail-password-changed-action = Revisar su cuenta
mail-password-changed-note = Si ha sido usted, no tiene que hacer nada. Si no, restablezca su contraseña ahora y cierre la sesión de los dispositivos que no conozca.
mail-email-change-old-subject = Su correo electrónico de { $tenant } está a punto de cambiar
mail-email-change-old-heading = Cambio de correo electrónico
mail-email-change-old-body = Alguien que ha iniciado sesión como { $email } quiere cambiar la dirección a { $new_email }. Solo cambiará si usted lo acepta.
mail-email-change-old-action = Permitirlo o detenerlo
mail-email-change-old-note = Si no ha sido usted, deténgalo y cambie su contraseña.
mail-email-change-new-subject = Confirme su nuevo correo electrónico para { $tenant }
mail-email-change-new-heading = Confirme su nuevo correo electrónico
mail-email-change-new-body = Confirme que { $email } será su nueva dirección en { $tenant }.
mail-email-change-new-action = Confirmar correo
mail-email-change-new-note = Si no ha solicitado este correo, ignórelo: nada cambia.
mail-email-changed-subject = Su correo electrónico de { $tenant } ha cambiado
mail-email-changed-heading = Su correo electrónico ha cambiado
mail-email-changed-body = Su dirección en { $tenant } es ahora { $new_email }.
mail-email-changed-action = Revisar su cuenta
mail-email-changed-note = Si ha sido usted, no tiene que hacer nada. Si no, pida ayuda cuanto antes: puede que otra persona esté usando su cuenta.
mail-new-device-subject = Nuevo inicio de sesión en { $tenant }
mail-new-device-heading = Nuevo inicio de sesión
mail-new-device-body = Un dispositivo que no se había usado antes ha iniciado sesión en { $tenant } como { $email }.
mail-new-device-action = Revisar su cuenta
mail-new-device-note = Si ha sido usted, no tiene que hacer nada. Si no, cierre la sesión de ese dispositivo y cambie su contraseña.
mail-invitation-subject = { $inviter } le invita a { $into }
mail-invitation-heading = Tiene una invitación a { $into }
mail-invitation-body = { $inviter } le invita a unirse a { $into } con la dirección { $email }.
mail-invitation-action = Aceptar la invitación
mail-invitation-note = Si no conoce a { $inviter }, ignore este correo.
mail-account-deletion-subject = Su cuenta de { $tenant } se eliminará el { $date }
mail-account-deletion-heading = Su cuenta se va a eliminar
mail-account-deletion-body = La cuenta { $email } de { $tenant } se eliminará el { $date } con todo lo que contiene. Hasta entonces puede cambiar de opinión.
mail-account-deletion-action = Conservar mi cuenta
mail-account-deletion-note = Si quiere que se elimine, no tiene que hacer nada más.
mail-factor-added-subject = Se ha añadido una forma de iniciar sesión en { $tenant }
mail-factor-added-heading = Nueva forma de iniciar sesión
mail-factor-added-body = Se ha añadido lo siguiente a su cuenta { $email } de { $tenant }.
mail-factor-added-action = Revisar su cuenta
mail-factor-added-note = Si ha sido usted, no tiene que hacer nada. Si no, elimínelo y cambie su contraseña.
mail-factor-removed-subject = Se ha eliminado una forma de iniciar sesión en { $tenant }
mail-factor-removed-heading = Se ha eliminado una forma de iniciar sesión
mail-factor-removed-body = Se ha eliminado lo siguiente de su cuenta { $email } de { $tenant }.
mail-factor-removed-action = Revisar su cuenta
mail-factor-removed-note = Si ha sido usted, no tiene que hacer nada. Si no, cambie su contraseña y añádalo de nuevo.
mail-account-exists-subject = Ya tiene una cuenta en { $tenant }
mail-account-exists-heading = Ya tiene una cuenta
mail-account-exists-body = Alguien, quizá usted, ha intentado registrarse en { $tenant } con { $email }. Ya existe una cuenta con esta dirección: inicie sesión con ella.
mail-account-exists-action = Iniciar sesión
mail-account-exists-note = Si no recuerda la contraseña, puede restablecerla allí mismo. Si no ha sido usted, no tiene que hacer nada.
mail-test-subject = Correo de prueba de { $tenant }
mail-test-heading = Sus correos llegan
mail-test-body = Este es el correo de prueba solicitado, de { $tenant } a { $email }.
mail-test-note = Sus cabeceras muestran si SPF, DKIM y DMARC son correctos.

# The account pages
account-nav-profile = Perfil
account-nav-security = Seguridad
account-nav-devices = Dispositivos
account-nav-applications = Aplicaciones
account-nav-activity = Actividad
identifiers-title = Correo electrónico
identifiers-lede = Con qué inicia sesión y cómo le contactamos.
identifier-primary = Principal
identifier-kind-email = Correo electrónico
identifier-kind-phone = Número de teléfono
identifier-kind-username = Nombre de usuario
activity-title = Actividad reciente
activity-lede = Inicios de sesión y cambios en su cuenta. Si no reconoce algo, cambie su contraseña.
activity-none = Nada todavía.
activity-login = Inicio de sesión
activity-login-failed = Inicio de sesión fallido
activity-logout = Cierre de sesión
activity-created = Cuenta creada
activity-email = Correo electrónico cambiado
activity-phone = Número de teléfono cambiado
activity-deletion = Eliminación solicitada
activity-deletion-cancelled = Eliminación cancelada
activity-updated = Perfil cambiado
activity-password = Contraseña cambiada
activity-verified = Correo electrónico confirmado
activity-factor-added = Método de acceso añadido
activity-factor-removed = Método de acceso quitado
activity-grant-revoked = Acceso de una aplicación retirado
activity-refresh-reuse = Aplicación desconectada: su acceso se usó dos veces

### Codes, links and second factors
cancel = Cancelar
field-code = Código
field-recovery-code = Código de recuperación
sign-in-with-email-code = Enviarme un código por correo
sign-in-with-link = Enviarme un enlace de acceso
sign-in-with-sms-code = Enviarme un código por SMS
code-title = Revise su correo
code-title-sms = Revise su teléfono
code-title-link = Revise su correo
code-lede = Si { $identifier } tiene una cuenta, un código de seis cifras está en camino.
code-lede-link = Si { $identifier } tiene una cuenta, un enlace de acceso está en camino. Ábralo en este navegador.
code-hint-link = Solo si abrió el enlace en otro dispositivo: el código que mostró.
code-resend = Enviar de nuevo
code-back = Iniciar sesión de otra forma
link-elsewhere-title = ¿Está iniciando sesión en otro dispositivo?
link-elsewhere-lede = Este inicio de sesión empezó en otro navegador. Podemos mostrarle un código para introducirlo allí.
link-show-code = Mostrar el código
link-not-you = Si no está iniciando sesión ahora, cierre esta página. No pasará nada.
link-code-title = Su código
link-code-lede = Introdúzcalo donde empezó a iniciar sesión.
link-code-caution = No dé este código a nadie, ni siquiera a quien diga que trabaja con nosotros.
second-title = Verificación en dos pasos
second-lede-totp = Introduzca el código que muestra su aplicación de autenticación.
second-lede-recovery-code = Introduzca uno de los códigos de recuperación que guardó. Cada uno sirve una vez.
second-lede-email-code = Confirme que es usted con un código enviado a su correo.
second-lede-sms-code = Confirme que es usted con un código enviado a su teléfono.
second-lede-password = Introduzca también su contraseña.
second-send = Enviar el código
second-trust = { $days ->
    [one] No volver a preguntar en este dispositivo durante { $days } día
   *[other] No volver a preguntar en este dispositivo durante { $days } días
}
second-use-totp = Usar una aplicación de autenticación
second-use-recovery-code = Usar un código de recuperación
second-use-email-code = Enviarme un código por correo
second-use-sms-code = Enviarme un código por SMS
second-use-password = Usar su contraseña
totp-title = Configurar una aplicación de autenticación
totp-lede = Escanee el código con una aplicación como Google Authenticator, 1Password o Aegis.
totp-lede-required = Su cuenta necesita un segundo paso. Escanee el código con una aplicación como Google Authenticator, 1Password o Aegis.
totp-manual = ¿No puede escanear el código?
totp-manual-lede = Introduzca esta clave en la aplicación.
totp-open-app = Abrir una aplicación en este dispositivo
totp-code-hint = Las seis cifras que la aplicación muestra ahora
totp-submit = Activar
recovery-codes-title = Guarde sus códigos de recuperación
recovery-codes-lede = Si pierde su teléfono, cada uno de estos códigos le permite entrar una vez.
recovery-codes-once = Solo se muestran ahora. Guárdelos donde solo usted pueda encontrarlos.
recovery-codes-done = Los he guardado
msg-code-missing = Introduzca el código.
msg-code-wrong = Este código es incorrecto o ya no sirve. Revíselo o pida uno nuevo.
msg-code-sent = El código está en camino.
msg-too-many-messages = Ya hemos enviado varios mensajes. Espere un poco antes de pedir otro.
msg-factor-added = La verificación en dos pasos está activada.
msg-factor-removed = Se ha eliminado el segundo paso.
msg-device-forgotten = En este dispositivo se volverá a pedir el segundo paso.
error-second-factor-title = Hace falta un segundo paso
error-second-factor-what = Su cuenta debe confirmarse en un segundo paso y ninguno de los suyos se puede usar ahora.
error-second-factor-do = Pida ayuda a su administrador.
error-link-browser-title = Abra el enlace donde empezó
error-link-browser-what = Este inicio de sesión empezó en otro navegador y el enlace solo funciona allí.
error-link-browser-do = Abra el correo en aquel dispositivo o vuelva a iniciar sesión aquí.
security-totp-title = Aplicación de autenticación
security-totp-lede = Una aplicación de su teléfono muestra un código que introduce al iniciar sesión.
security-totp-add = Configurar una aplicación
security-added = Añadida el { $date }
security-remove = Eliminar
security-recovery-title = Códigos de recuperación
security-recovery-left = { $count ->
    [one] Queda { $count } código
   *[other] Quedan { $count } códigos
}
security-recovery-renew = Crear códigos nuevos
security-devices-title = Dispositivos de confianza
security-devices-lede = Aquí no se le pide el segundo paso.
security-until = Hasta el { $date }
security-forget = Volver a preguntar

# Passkeys
passkey-sign-in = Iniciar sesión con una llave de acceso
passkey-failed = No ha funcionado. Vuelva a intentarlo o inicie sesión de otra forma.
passkey-cancelled = No se usó ninguna llave de acceso. Vuelva a intentarlo o inicie sesión de otra forma.
passkey-second = Usar su llave de acceso
passkey-second-noscript = Para usar una llave de acceso, active JavaScript en esta página.
second-lede-passkey = Use una de sus llaves de acceso para continuar.
second-use-passkey = Usar una llave de acceso
passkeys-title = Llaves de acceso
passkeys-lede = Inicie sesión con su huella, su cara o el bloqueo de pantalla. Una llave de acceso no se puede adivinar y no funciona en ningún otro sitio.
passkeys-none = Aún no tiene llaves de acceso.
passkeys-add = Añadir una llave de acceso
passkeys-add-failed = No se pudo añadir la llave de acceso. Vuelva a intentarlo.
passkeys-add-cancelled = No se añadió ninguna llave de acceso. Vuelva a intentarlo cuando quiera.
passkeys-add-known = Este dispositivo ya tiene una llave de acceso para su cuenta.
passkeys-unsupported = Este navegador no admite llaves de acceso.
passkeys-noscript = Para añadir una llave de acceso, active JavaScript en esta página.
passkeys-off = Aquí no se pueden añadir llaves de acceso.
passkeys-synced = Sincronizada
passkeys-elsewhere = Otra dirección
passkeys-elsewhere-note = Solo funciona en { $domain }. Añada una llave de acceso nueva para iniciar sesión aquí.
passkeys-created = añadida el { $date }
passkeys-used = usada { $when }
passkeys-unused = sin usar todavía
passkeys-edit = Editar
passkeys-name = Nombre
passkeys-remove = Quitar
msg-passkey-added = La llave de acceso está añadida. Ya puede iniciar sesión con ella.
msg-passkey-renamed = El nombre está guardado.
msg-passkey-removed = La llave de acceso está quitada. Bórrela también de su dispositivo o gestor de contraseñas.
msg-passkey-wrong = Esa llave de acceso no se aceptó. Vuelva a intentarlo o inicie sesión de otra forma.
msg-passkey-known = Esta llave de acceso ya está registrada.
msg-passkey-too-many = Su cuenta ya tiene el máximo de llaves de acceso. Quite una primero.
msg-passkey-last = Esta llave de acceso es su única forma de iniciar sesión. Añada otra o cree una contraseña primero.
msg-passkey-name = Escriba un nombre de { $max } caracteres como máximo.
msg-passkey-model = Este tipo de llave de seguridad no está permitido aquí. Pregunte a su administrador cuáles lo están.
msg-passkey-not-made = No se pudo añadir la llave de acceso. Vuelva a intentarlo.
## Connections to other providers
sign-in-with = Continuar con { $provider }
connect-title = Un paso más
connect-lede = { $provider } nos ha dicho quién es. Cree su cuenta aquí o vincule la que ya tiene.
connect-closed-lede = { $provider } nos ha dicho quién es, pero ninguna cuenta de aquí está vinculada. Inicie sesión en su cuenta para vincular ambas.
connect-exists-title = Ya tiene una cuenta
connect-exists-lede = Una cuenta de aquí usa la dirección que nos dio { $provider }. Inicie sesión en ella una vez y después { $provider } la abrirá.
connect-email-hint = Enviaremos un código a esta dirección para confirmar que es suya.
connect-create = Crear cuenta
connect-sign-in = Vincular una cuenta que tengo
connect-cancel = Iniciar sesión de otra forma
connect-code-title = Confirme su correo
connect-code-lede = Hemos enviado un código de seis cifras a { $email }.
connections-title = Cuentas vinculadas
connections-lede = Cuentas de otros servicios con las que inicia sesión aquí.
connections-used = Último uso { $ago }
connections-linked = Vinculada
connections-none = No vinculada
connections-unlink = Desvincular
connections-link = Vincular
msg-identity-linked = La cuenta está vinculada. Desde ahora puede iniciar sesión con ella.
msg-identity-unlinked = La cuenta está desvinculada.
msg-last-way-in = Es su única forma de iniciar sesión. Ponga antes una contraseña o vincule otra cuenta.
msg-connect-sign-in = Inicie sesión en su cuenta para vincular ambas.
error-connection-unavailable-title = No se puede contactar con el servicio
error-connection-unavailable-what = El servicio con el que quería iniciar sesión no responde en este momento.
error-connection-unavailable-do = Espere un momento y vuelva a intentarlo, o inicie sesión de otra forma.
error-connection-answer-title = El inicio de sesión no ha funcionado
error-connection-answer-what = La respuesta del servicio con el que quería iniciar sesión no se puede usar.
error-connection-answer-do = Vuelva a intentarlo. Si se repite, comunique el código de error de abajo a los responsables de este sitio.
error-connection-refused-title = No ha iniciado sesión
error-connection-refused-what = El servicio con el que quería iniciar sesión indica que se canceló o se rechazó.
error-connection-refused-do = Vuelva a intentarlo o inicie sesión de otra forma.
error-connection-used-title = Esta respuesta ya se ha usado
error-connection-used-what = Cada inicio de sesión con otro servicio vale una vez. Recargar su última página no lo repite.
error-connection-used-do = Comience de nuevo el inicio de sesión.
error-identity-taken-title = Esa cuenta está ocupada
error-identity-taken-what = La cuenta elegida está vinculada aquí a la cuenta de otra persona.
error-identity-taken-do = Elija otra, o desvincúlela allí primero.
error-identity-unlinked-title = Esa no es su cuenta vinculada
error-identity-unlinked-what = Para continuar, use una cuenta vinculada a la suya.
error-identity-unlinked-do = Vuelva y elija la cuenta con la que inició sesión antes, o use otra forma.


# Recovery
recover-title = Restablezca su contraseña
recover-lede = Escriba su correo electrónico y le enviaremos un enlace para elegir una contraseña nueva.
recover-submit = Enviar enlace
recover-back = Volver al inicio de sesión
recover-sent-lede = Si { $identifier } tiene una cuenta aquí, va en camino un correo con un enlace. Sirve durante 15 minutos.
recover-sent-note = ¿No llega nada? Mire en la carpeta de spam. Por su seguridad no decimos si existe una cuenta.
recover-other = Usar otra dirección
new-password-title = Elija una contraseña nueva
new-password-lede = Para { $identifier }
new-password-submit = Guardar la contraseña
new-password-ends-sessions = Se cerrará su sesión en todos los demás dispositivos.
page-password-reset-title = Contraseña cambiada
page-password-reset-body = Su nueva contraseña ya funciona. Inicie sesión con ella para continuar.

# Addresses, invitation, one’s own data
account-nav-data = Sus datos
identifier-make-primary = Hacer principal
identifier-remove = Quitar
identifier-add-email = Añadir un correo electrónico
identifier-add-hint = Enviaremos un enlace allí. Nada cambia hasta que lo abra.
identifier-add-primary = Que sea mi dirección principal
identifier-add-submit = Añadir dirección
msg-email-change-begun = Revise su correo: enviamos un enlace a la nueva dirección y un aviso a la actual.
msg-primary-changed = Su dirección principal ha cambiado.
msg-identifier-removed = Se ha quitado de su cuenta.
msg-identifier-kept = Aún no se puede quitar: es su dirección principal o todavía puede oponerse a un cambio reciente.
msg-deletion-unconfirmed = Marque la casilla para confirmar que quiere eliminar su cuenta.
page-email-change-undone-title = Cambio deshecho
page-email-change-undone-body = La nueva dirección se ha quitado y se ha cerrado la sesión en todos los dispositivos. Si no fue usted, elija ahora una contraseña nueva.
page-deletion-requested-title = Su cuenta se eliminará
page-deletion-requested-body = Se ha cerrado su sesión en todas partes. ¿Ha cambiado de idea? Inicie sesión de nuevo o abra el enlace que le enviamos.
page-account-kept-title = Su cuenta se conserva
page-account-kept-body = La eliminación se ha cancelado. Inicie sesión para continuar.
page-invitation-accepted-title = Su cuenta está lista
page-invitation-accepted-body = Inicie sesión con su nueva contraseña para continuar.
link-confirm-email-title = Confirme esta dirección
link-confirm-email-lede = ¿Añadir { $email } a su cuenta?
link-confirm-email-submit = Confirmar dirección
link-object-email-title = ¿No fue usted?
link-object-email-lede = { $email } se ha añadido o se va a añadir a su cuenta. Si no fue usted, deshágalo: se cerrará la sesión en todos los dispositivos.
link-object-email-submit = Deshacer el cambio
link-keep-account-title = ¿Conservar su cuenta?
link-keep-account-lede = Está a punto de eliminarse. Puede conservarla.
link-keep-account-submit = Conservar mi cuenta
invitation-title = Tiene una invitación
invitation-lede = Cree su cuenta en { $tenant } para { $email }
invitation-submit = Crear cuenta
export-title = Una copia de sus datos
export-lede = Todo lo que guardamos sobre su cuenta, en un archivo JSON. Puede que antes tenga que volver a iniciar sesión.
export-submit = Descargar mis datos
delete-title = Eliminar cuenta
delete-lede = Se cierra su sesión en todas partes al momento. Pasados { $days } días, su cuenta desaparece para siempre; hasta entonces, iniciar sesión lo cancela.
delete-confirm = Sí, quiero eliminar mi cuenta
delete-submit = Eliminar mi cuenta

# Contraseña nueva sin página
mail-password-reset-code-subject = Restablezca su contraseña de { $tenant }
mail-password-reset-code-heading = Restablezca su contraseña
mail-password-reset-code-body = Alguien ha pedido restablecer la contraseña de { $email } en { $tenant }. Si ha sido usted, escriba este código donde la pidió.
mail-password-reset-code-note = Nadie de { $tenant } se lo pedirá nunca. Si no ha sido usted, ignore este correo: su contraseña no cambia.

# Links that reach somebody who did not ask for them
link-not-me = No fui yo
link-not-me-hint = Aquí no ha iniciado sesión: escriba la contraseña de su cuenta. Si no tiene nada que ver con esto, díganoslo y nadie conservará acceso con su dirección.
page-email-disowned-title = Gracias por avisarnos
page-email-disowned-body = Su dirección no abre ninguna cuenta que haya preparado otra persona.
msg-second-factor-exhausted = Se han introducido demasiados códigos incorrectos para esta cuenta. Vuelva a empezar con un código por correo o establezca una contraseña nueva.

# The first operator
msg-email-has-account = Ya existe una cuenta con esta dirección
claim-title = Configurar esta instalación
claim-lede = Será su primer operador. Elija el correo y la contraseña con los que iniciará sesión.
claim-submit = Crear cuenta de operador
page-claimed-title = La instalación es suya
page-claimed-body = Inicie sesión con su correo y su contraseña. Este enlace ya no funciona.

# Contra el abuso: prueba de trabajo, correo desechable
proof-title = Un momento
proof-lede = Para mantener alejados a los robots, su navegador hace primero un breve cálculo.
proof-progress = Progreso del cálculo
proof-running = Comprobando. Tarda unos segundos y no tiene que hacer nada.
proof-done = Listo. Continuamos…
proof-failed = El cálculo no ha funcionado. Vuelva atrás e inténtelo de nuevo.
proof-noscript = El cálculo necesita JavaScript. Sin él, podemos enviarle un código por correo.
proof-noscript-only = El cálculo necesita JavaScript. Actívelo o inténtelo más tarde.
proof-by-mail = Enviarme un código por correo
proof-by-mail-hint = Elija esta opción si su navegador o dispositivo no puede hacer el cálculo.
proof-back = Volver al formulario
proof-code-lede = Si { $identifier } puede recibir nuestros correos, hay un código en camino. Escríbalo para continuar con lo que había introducido.
msg-email-disposable = Aquí no se pueden usar direcciones de correo desechable. Use una dirección que vaya a conservar.

# Phones, notices, places
phones-title = Números de teléfono
phones-lede = Para códigos por SMS al iniciar sesión.
phones-none = Aún no tiene ningún número de teléfono aquí.
phones-add = Añadir un número de teléfono
phones-add-hint = Con el prefijo del país, por ejemplo +34 612 345 678. Enviaremos un código.
phones-add-submit = Añadir número
phones-new = Número nuevo
phones-change = Cambiar número
phones-verify = Confirmar número
phone-code-title = Confirme su número
phone-code-lede = Hemos enviado un código de seis cifras al { $number }.
phone-code-title-old = Confirme el cambio
phone-code-lede-old = El número nuevo funciona. Introduzca ahora el código que enviamos a su número actual { $number }.
phone-code-lost = Ya no tengo este número
phone-code-lost-note = Entonces contará cómo ha iniciado sesión y le avisaremos del cambio por correo.
msg-phone-missing = Introduzca un número de teléfono.
msg-phone-invalid = Esto no es un número de teléfono. Empiece por + y el prefijo del país.
msg-phone-known = Este número ya está en su cuenta.
msg-phone-taken = Este número pertenece a otra cuenta. Quítelo allí primero.
msg-phone-refused = No podemos enviar SMS a este número. Use otro.
msg-phone-other-factor = Ha iniciado sesión con un código enviado a este mismo número. Cierre la sesión, entre de otra forma e inténtelo de nuevo.
msg-phone-added = El número se ha añadido.
msg-phone-changed = Su número se ha cambiado.
msg-identifiers-full = Su cuenta tiene tantas direcciones y números como puede tener. Quite uno primero.
activity-phone-added = Número de teléfono añadido
activity-phone-removed = Número de teléfono eliminado
activity-phone-verified = Número de teléfono confirmado
activity-identity-linked = Cuenta externa vinculada
activity-identity-unlinked = Cuenta externa desvinculada
activity-passkey-added = Llave de acceso añadida
activity-passkey-removed = Llave de acceso eliminada
activity-passkey-counter = Se rechazó una llave de acceso: puede que la hayan copiado
activity-recovery-codes = Nuevos códigos de recuperación creados
activity-consent-granted = Acceso de una aplicación permitido
activity-consent-revoked = Acceso de una aplicación retirado
mail-phone-changed-subject = Se ha cambiado su número de teléfono de { $tenant }
mail-phone-changed-heading = Se ha cambiado su número de teléfono
mail-phone-changed-body = El número de teléfono de su cuenta { $email } en { $tenant } es ahora { $number }.
mail-phone-changed-action = Revisar su cuenta
mail-phone-changed-note = Si ha sido usted, no tiene que hacer nada. Si no, quite el número y cambie su contraseña.
passkey-set-up-title = Crear una llave de acceso
passkey-set-up-lede = Su cuenta necesita un segundo paso. Use su huella, su cara o el bloqueo de pantalla.
passkey-set-up-app = Usar una aplicación de autenticación
passkey-set-up-instead = Usar una llave de acceso
passkey-offer-title = Entre más rápido la próxima vez
passkey-offer-lede = Con una llave de acceso entra con su huella, su cara o el bloqueo de pantalla en lugar de la contraseña.
passkey-offer-decline = No, gracias
identifier-bounced = Un correo a esta dirección fue devuelto ({ $when }). Compruébela o inténtelo de nuevo.
identifier-retry = Enviar de nuevo
