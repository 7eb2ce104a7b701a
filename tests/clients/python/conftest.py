"""One server per database for the whole run; each test gets every tenant of it in turn."""

import secrets
from dataclasses import dataclass

import httpx
import pytest
from installation import DATABASES, PASSWORD, TENANTS, Installation

CALLBACK = "http://127.0.0.1:49152/callback"


@dataclass
class Place:
    """One tenant of a running installation, seen from outside."""

    installation: Installation
    tenant: str
    user: dict

    @property
    def issuer(self):
        return self.installation.issuer(self.tenant)

    @property
    def discovery(self):
        return f"{self.issuer}/.well-known/openid-configuration"

    def metadata(self):
        return httpx.get(self.discovery).raise_for_status().json()

    def client(self, kind="confidential", *more):
        """A client made with the command line."""
        return self.installation.json(
            "client", "create", "--tenant", self.tenant, "--name", "Authlib", "--type", kind,
            "--redirect-uri", CALLBACK, "--post-logout-redirect-uri", "http://127.0.0.1:49152/signed-out", *more,
        )  # fmt: skip


@pytest.fixture(scope="session", params=DATABASES)
def installation(request):
    running = Installation(request.param)
    try:
        running.command("migrate")
        for tenant in TENANTS:
            if tenant != "default":
                running.json("tenant", "create", "--slug", tenant, "--name", tenant)
        running.start()
        yield running
    finally:
        running.destroy()


@pytest.fixture(scope="session", params=TENANTS)
def place(request, installation):
    email = f"{secrets.token_hex(4)}@example.test"
    made = installation.json(
        "user", "create", "--tenant", request.param, "--email", email, "--password", PASSWORD, "--verified"
    )
    return Place(installation, request.param, {**made, "email": email, "password": PASSWORD})


@pytest.fixture
def anyio_backend():
    return "asyncio"
