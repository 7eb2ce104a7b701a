"""Mail over real SMTP: aiosmtpd takes what the binary sends, with TLS by an authority made for this run."""

import email
import email.policy
import json
import re
import ssl
import subprocess
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from installation import BINARY, DATABASES, PASSWORD, Installation, free_ports
from person import Forms, origin, values

USER, SECRET = "authflow", "hunter2 \u00e9"


class Mailbox:
    """Keeps what arrives; answers RCPT as told."""

    def __init__(self):
        self.mails = []
        self.refuse = {}
        self.seen = threading.Condition()
        self.attempts = []
        self.sessions = set()

    async def handle_RCPT(self, _server, session, envelope, address, _options):
        self.attempts.append(address)
        self.sessions.add(session.peer)
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        with self.seen:
            self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), bytes(envelope.content), session.ssl is not None))
            self.seen.notify_all()
        return "250 taken"

    def wait(self, count=1, timeout=45):
        with self.seen:
            assert self.seen.wait_for(lambda: len(self.mails) >= count, timeout), f"{len(self.mails)} of {count} mails came"
            return [email.message_from_bytes(mail[2], policy=email.policy.default) for mail in self.mails]


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate authority that nobody else trusts, and its file."""
    made = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    return made, path


def tls_of(authority, name="localhost"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert(name).configure_cert(context)
    return context


def check_password(_server, _session, _envelope, _mechanism, data):
    good = data.login == USER.encode() and data.password == SECRET.encode()
    return AuthResult(success=good, handled=False)


def starttls(authority):
    return {
        "tls_context": tls_of(authority),
        "require_starttls": True,
        "authenticator": check_password,
        "auth_required": True,
        "auth_require_tls": True,
    }


class Server:
    """A mail server on a free port that can be away and come back."""

    def __init__(self, port=None, **options):
        self.mailbox = Mailbox()
        self.port = port or free_ports(1)[0]
        self.options = options
        self.controller = None

    def __enter__(self):
        self.controller = Controller(self.mailbox, hostname="127.0.0.1", port=self.port, **self.options)
        self.controller.start()
        return self

    def __exit__(self, *_):
        if self.controller:
            self.controller.stop()


def settings(port, tls, authority=None, user=None, password=None, host="localhost"):
    chosen = {
        "MAIL_TRANSPORT": "smtp",
        "MAIL_FROM": "no-reply@mail.acme.example",
        "MAIL_REPLY_TO": "support@acme.example",
        "MAIL_SMTP_HOST": host,
        "MAIL_SMTP_PORT": str(port),
        "MAIL_SMTP_TLS": tls,
        "MAIL_SMTP_TIMEOUT": "5s",
    }
    if authority:
        chosen["MAIL_SMTP_CA_FILE"] = str(authority[1])
    if user:
        chosen |= {"MAIL_SMTP_USERNAME": user, "MAIL_SMTP_PASSWORD": password}
    return {f"AUTHFLOW_{name}": value for name, value in chosen.items()}


@pytest.fixture(params=DATABASES)
def place(request):
    made = Installation(request.param)
    try:
        made.command("migrate")
        yield made
    finally:
        made.destroy()


def run(place, *arguments):
    """A command that may fail: its answer and whether it was a success."""
    done = subprocess.run(
        [BINARY, *arguments, *place.storage, "--json"], env=place.environment, capture_output=True, text=True
    )
    return done.returncode == 0, json.loads(done.stdout or "{}"), done.stdout + done.stderr


def sign_up(place, address, name="Nora New"):
    """Makes an account on the hosted page: the mail that confirms its address is queued with it."""
    with httpx.Client(follow_redirects=True, headers={"accept": "text/html"}) as browser:
        page = browser.get(f"{place.base}/sign-up")
        form = next(form for form in Forms(page.text).all if "sign-up" in form["tag"].get("action", ""))
        sent = values(form) | {"name": [name], "email": [address], "password": [PASSWORD]}
        url = httpx.URL(str(page.url)).join(form["tag"]["action"])
        answer = browser.post(url, data=sent, headers={"origin": origin(page.url)})
        assert answer.status_code == 200, answer.text
        return answer, browser.get(f"{place.base}/account").url.path.startswith("/account")


def test_mail_arrives_by_starttls_with_authentication_and_its_link_works(place, authority):
    with Server(**starttls(authority)) as server:
        place.environment |= settings(server.port, "starttls", authority, USER, SECRET)
        place.start()
        sign_up(place, "Nora@example.test", name="N\u00f6ra")
        (mail,) = server.mailbox.wait()
        sender, recipients, raw, is_secure = server.mailbox.mails[0]
        assert (sender, recipients) == ("no-reply@mail.acme.example", ["Nora@example.test"])
        assert is_secure
        assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
        assert mail["From"].addresses[0].addr_spec == "no-reply@mail.acme.example"
        assert mail["From"].addresses[0].display_name == "Authflow"
        assert mail["Reply-To"] == "support@acme.example"
        assert re.fullmatch(r"<mai_[0-9a-z]{26}@mail\.acme\.example>", mail["Message-ID"])
        assert abs(mail["Date"].datetime.timestamp() - time.time()) < 120
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        text = mail.get_body(("plain",)).get_content()
        link = re.search(r"http://\S+/verify\?token=\S+", text)[0]
        assert urlsplit(link).netloc == urlsplit(place.base).netloc
        assert link.replace("&", "&amp;") in mail.get_body(("html",)).get_content()
        assert httpx.get(link).status_code == 200


def test_connections_are_used_again(place, authority):
    with Server(**starttls(authority)) as server:
        place.environment |= settings(server.port, "starttls", authority, USER, SECRET)
        place.environment["AUTHFLOW_MAIL_SMTP_MAX_CONNECTIONS"] = "1"
        place.start()
        for number in range(3):
            sign_up(place, f"user{number}@example.test")
            server.mailbox.wait(number + 1)
        assert len(server.mailbox.sessions) == 1


def test_implicit_tls(place, authority):
    with Server(ssl_context=tls_of(authority)) as server:
        place.environment |= settings(server.port, "implicit", authority)
        done, answer, said = run(place, "mail", "test", "--to", "ops@example.test", "--locale", "de")
        assert done and answer["sent"], said
        (mail,) = server.mailbox.wait()
        assert mail["Subject"] == "Test-E-Mail von Authflow"
        done, answer, said = run(place, "doctor")
        assert done and {"check": "mail", "status": "ok", "detail": "the mail server answers"} in answer["checks"], said


@pytest.mark.parametrize(
    ("tls", "options", "trusted"),
    [
        ("starttls", {}, True),  # a server that does not offer STARTTLS gets nothing
        ("starttls", {"name": "localhost"}, False),  # an authority that nobody named
        ("starttls", {"name": "elsewhere.example"}, True),  # a certificate for somebody else
    ],
)
def test_nothing_is_sent_without_the_security_that_is_configured(place, authority, tls, options, trusted):
    extra = {"tls_context": tls_of(authority, options["name"])} if options else {}
    with Server(**extra) as server:
        place.environment |= settings(server.port, tls, authority if trusted else None)
        done, _, said = run(place, "mail", "test", "--to", "ops@example.test")
        assert not done, said
        healthy, answer, _ = run(place, "doctor")
        assert not healthy
        assert next(check for check in answer["checks"] if check["check"] == "mail")["status"] == "error"
        assert server.mailbox.attempts == []


def test_wrong_password_is_named_and_never_shown(place, authority):
    with Server(**starttls(authority)) as server:
        place.environment |= settings(server.port, "starttls", authority, USER, "swordfish")
        done, _, said = run(place, "mail", "test", "--to", "ops@example.test")
        assert not done and "credentials" in said and "swordfish" not in said
        assert "swordfish" not in place.command("config", "show")


def test_password_is_not_sent_in_clear_text_to_another_machine(place):
    place.environment |= settings(25, "none", None, USER, "swordfish", host="mail.acme.example")
    done, _, said = run(place, "doctor")
    assert not done and "clear text" in said and "swordfish" not in said


def test_server_that_is_away_gets_the_mail_once_when_it_is_back(place, authority):
    port = free_ports(1)[0]
    place.environment |= settings(port, "starttls", authority, USER, SECRET)
    place.start()
    _, signed_in = sign_up(place, "nora@example.test")
    assert signed_in, "nobody waits for the mail server"
    time.sleep(2)  # the first attempt has failed by now
    with Server(port=port, **starttls(authority)) as server:
        (mail,) = server.mailbox.wait()
        assert mail["To"] == "nora@example.test"
        time.sleep(4)
        assert len(server.mailbox.mails) == 1


def test_refused_recipient_delays_nobody_and_is_not_tried_again(place, authority):
    with Server(**starttls(authority)) as server:
        server.mailbox.refuse["gone@example.test"] = "550 5.1.1 no such user"
        server.mailbox.refuse["busy@example.test"] = "451 4.3.0 try later"
        place.environment |= settings(server.port, "starttls", authority, USER, SECRET)
        place.start()
        _, signed_in = sign_up(place, "gone@example.test")
        assert signed_in, "a bounce keeps nobody from signing in"
        sign_up(place, "busy@example.test")
        sign_up(place, "nora@example.test")
        (mail,) = server.mailbox.wait()
        assert mail["To"] == "nora@example.test"
        del server.mailbox.refuse["gone@example.test"], server.mailbox.refuse["busy@example.test"]
        mails = server.mailbox.wait(2)
        assert mails[1]["To"] == "busy@example.test"
        time.sleep(3)
        assert server.mailbox.attempts.count("gone@example.test") == 1
        with open(place.log.name) as log:
            text = log.read()
        assert "the mail server refused: recipient (550)" in text
        assert "gone@example.test" not in text
        (bounce,) = place.json("user", "show", "--tenant", "default", "gone@example.test")["mail_bounces"]
        assert (bounce["email"], bounce["reason"], bounce["count"]) == ("gone@example.test", "recipient", 1)
        assert place.json("user", "show", "--tenant", "default", "nora@example.test")["mail_bounces"] == []
        check_account_page_after_bounce(place, server)


def check_account_page_after_bounce(place, server):
    """The account page says that mail came back; sending again clears that once the mail is taken."""
    with httpx.Client(follow_redirects=True, headers={"accept": "text/html"}) as browser:
        page = browser.get(f"{place.base}/sign-in")
        form = next(form for form in Forms(page.text).all if form["tag"].get("action", "").endswith("/sign-in"))
        sent = values(form) | {"identifier": ["gone@example.test"], "password": [PASSWORD]}
        page = browser.post(f"{place.base}/sign-in", data=sent, headers={"origin": origin(page.url)})
        assert page.url.path == "/account" and "came back" in page.text, page.text
        form = next(form for form in Forms(page.text).all if form["tag"].get("action", "").endswith("/identifiers/retry"))
        identifier = re.search(r'/identifiers/retry".*?name="identifier" value="([^"]+)"', page.text, re.S).group(1)
        sent = values(form) | {"identifier": [identifier]}
        page = browser.post(f"{place.base}/account/identifiers/retry", data=sent, headers={"origin": origin(page.url)})
        assert page.status_code == 200 and "came back" not in page.text
        server.mailbox.wait(3)
    assert place.json("user", "show", "--tenant", "default", "gone@example.test")["mail_bounces"] == []


@pytest.mark.parametrize(
    "address",
    ["nora@example.test\r\nBcc: eve@evil.example", "nora@example.test, eve@evil.example", "nora@example.test>\r\nRCPT TO:<eve@evil.example"],
)
def test_no_header_or_recipient_can_be_injected_by_an_address(place, authority, address):
    with Server(**starttls(authority)) as server:
        place.environment |= settings(server.port, "starttls", authority, USER, SECRET)
        done, _, said = run(place, "mail", "test", "--to", address)
        assert not done, said
        assert server.mailbox.attempts == []


def test_no_header_can_be_injected_by_a_name(place, authority):
    with Server(**starttls(authority)) as server:
        place.environment |= settings(server.port, "starttls", authority, USER, SECRET)
        name = "Acme\r\nBcc: eve@evil.example\r\n\r\nHello"
        run(place, "tenant", "create", "--slug", "evil", "--name", name)
        done, _, said = run(place, "mail", "test", "--to", "nora@example.test", "--tenant", "evil")
        if not done:
            assert server.mailbox.attempts == [], said
            return
        (mail,) = server.mailbox.wait()
        assert mail["Bcc"] is None and server.mailbox.mails[0][1] == ["nora@example.test"]
        assert "\n" not in mail["Subject"]


def test_previews_speak_every_language(place):
    place.json("tenant", "create", "--slug", "acme", "--name", "Acme Rockets")
    templates = place.json("mail", "templates")["data"]
    assert len(templates) >= 15
    for template in templates:
        seen = {
            place.json("mail", "preview", "--tenant", "acme", "--template", template, "--locale", locale)["subject"]
            for locale in ("en", "ja")
        }
        assert len(seen) == 2 and all("Acme Rockets" in subject for subject in seen - {None}) or template == "invitation"
