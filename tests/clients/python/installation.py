"""Runs the real `authflow` binary: one-shot commands, and a server on free ports."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("AUTHFLOW_BIN", ROOT / "target/debug/authflow")).resolve()
ARTIFACTS = Path(os.environ.get("AUTHFLOW_TEST_ARTIFACTS", ROOT / "test-artifacts"))
CLUSTER = os.environ.get("AUTHFLOW_TEST_POSTGRES_URL")
DATABASES = ["sqlite", "postgres"] if CLUSTER else ["sqlite"]
TENANTS = ["default", "acme"]
PASSWORD = "correct horse battery staple 47"

if not BINARY.exists():
    raise SystemExit(f"no binary at `{BINARY}`: run `cargo build` or set AUTHFLOW_BIN")
if not CLUSTER and os.environ.get("AUTHFLOW_TEST_REQUIRE_POSTGRES"):
    raise SystemExit("PostgreSQL is required by this run: set AUTHFLOW_TEST_POSTGRES_URL")

# Tests come from one address, many times an hour; the limits themselves have tests of their own.
LIMITS = {
    "AUTHFLOW_LIMITS_SIGN_UPS_PER_SOURCE": "off",
    "AUTHFLOW_LIMITS_MESSAGES_PER_RECIPIENT": "off",
    "AUTHFLOW_LIMITS_UNPROVEN_PER_SOURCE": "off",
    "AUTHFLOW_LIMITS_PER_SOURCE_FREE_FAILURES": "1000000",
}


def free_ports(count):
    """Ports nobody listens on right now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def psql(statement):
    subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", statement, CLUSTER],
        check=True,
        capture_output=True,
    )


class Installation:
    """A data folder, a database of its own, and a running server."""

    def __init__(self, database):
        self.database = database
        self.data = tempfile.mkdtemp(prefix="authflow-test-")
        self.storage = ["--data", self.data]
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("AUTHFLOW_")}
        self.environment |= LIMITS
        if database == "postgres":
            self.name = f"authflow_test_{secrets.token_hex(6)}"
            psql(f"CREATE DATABASE {self.name}")
            self.storage += ["--database-url", urlunsplit(urlsplit(CLUSTER)._replace(path=f"/{self.name}"))]
        self.server = None

    def command(self, *arguments):
        done = subprocess.run(
            [BINARY, *arguments, *self.storage], env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"`authflow {' '.join(arguments)}` failed: {done.stderr}"
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.command(*arguments, "--json"))

    def start(self):
        port, admin_port = free_ports(2)
        self.base = f"http://localhost:{port}"
        (ARTIFACTS / "servers").mkdir(parents=True, exist_ok=True)
        self.log = open(ARTIFACTS / "servers" / f"python-{self.database}.log", "ab")
        self.server = subprocess.Popen(
            [BINARY, "serve", *self.storage, "--listen", f"127.0.0.1:{port}",
             "--admin-listen", f"127.0.0.1:{admin_port}", "--base-url", self.base],
            env=self.environment, stdout=self.log, stderr=self.log,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not self.ready(f"http://127.0.0.1:{admin_port}/readyz"):
            assert self.server.poll() is None, f"`authflow serve` ended: see {self.log.name}"
            assert time.monotonic() < deadline, f"`authflow serve` was not ready in a minute: see {self.log.name}"
            time.sleep(0.02)

    @staticmethod
    def ready(url):
        try:
            return httpx.get(url).status_code == 200
        except httpx.TransportError:
            return False

    def issuer(self, tenant):
        return self.base if tenant == "default" else f"{self.base}/t/{tenant}"

    def destroy(self):
        if self.server:
            self.server.kill()
            self.server.wait()
            self.log.close()
        shutil.rmtree(self.data, ignore_errors=True)
        if self.database == "postgres":
            psql(f"DROP DATABASE {self.name} WITH (FORCE)")
