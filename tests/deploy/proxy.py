"""deploy/proxy on this machine, with a certificate and a password of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from support.deployment.engine import REPOSITORY
from support.deployment.stack import Stack
from support.servers import free_port, wait_for


@dataclass(frozen=True)
class Proxy:
    """A site that asks for a login."""

    url: str
    certificate: Path
    login: tuple[str, str]

    def get(self, path: str, login: tuple[str, str] | None = None) -> requests.Response:
        return requests.get(self.url + path, auth=login, verify=str(self.certificate), timeout=30)

    def graphql(self, query: str) -> dict[str, object]:
        """Answer of the UI behind it to somebody with a login."""
        answer = requests.post(
            f"{self.url}/graphql", json={"query": query}, auth=self.login, verify=str(self.certificate), timeout=60
        )
        data: dict[str, object] = answer.json()["data"]
        return data


@contextmanager
def proxy(stack: Stack, folder: Path) -> Iterator[Proxy]:
    """nginx with the site of deploy/proxy, for as long as the block runs."""
    site, certificate, key, passwords = (folder / name for name in ("site", "pem", "key", "htpasswd"))
    port, login = free_port(), ("camille", stack.passwords["postgres"])
    text = (REPOSITORY / "deploy/proxy/nginx.conf").read_text()
    for old, new in {"listen 443": f"listen 127.0.0.1:{port}", "127.0.0.1:3001": stack.address("viewer")}.items():
        assert old in text
        text = text.replace(old, new)
    site.write_text(text)
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    made += " -addext subjectAltName=DNS:localhost"
    subprocess.run([*made.split(), "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    hashed = subprocess.run(["openssl", "passwd", "-6", login[1]], check=True, capture_output=True, text=True).stdout
    passwords.write_text(f"{login[0]}:{hashed}")
    mounts = {
        site: "/etc/nginx/sites-enabled/default",
        certificate: "/etc/ssl/mediaflow.pem",
        key: "/etc/ssl/mediaflow.key",
        passwords: "/etc/nginx/mediaflow.htpasswd",
        stack.data / "reports": "/srv/mediaflow/reports",
    }
    volumes = [part for here, there in mounts.items() for part in ("--volume", f"{here}:{there}:ro")]
    name = "mediaflowtest_proxy"
    stack.engine.docker("rm", "--force", name, check=False)
    stack.engine.docker(
        *("run", "--detach", "--name", name, "--network", "host", *volumes),
        *(stack.images.nginx, "nginx", "-g", "daemon off;"),
    )
    site_of = Proxy(f"https://localhost:{port}", certificate, login)
    try:
        wait_for("the proxy", lambda: _answers(site_of))
        yield site_of
    except BaseException as error:
        error.add_note(stack.engine.docker("logs", name, check=False))
        raise
    finally:
        stack.engine.docker("rm", "--force", name)


def _answers(proxy: Proxy) -> bool:
    try:
        return proxy.get("/").status_code != 502
    except requests.ConnectionError:
        return False
