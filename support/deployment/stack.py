"""What deploy/ describes, brought up as a user would, with one difference: the network.

The engine may have no bridge and no registry, so every service shares this machine's network on
free loopback ports, and the images are the test's own. Everything else is deploy/'s.
"""

from __future__ import annotations

import copy
import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import requests
import yaml

from support.deployment.engine import REPOSITORY, Engine, Images
from support.installation import Installation
from support.servers import free_port, wait_for

SERVERS = ("postgres", "redis", "code", "webserver", "viewer")
USER = 1000
"""UID in the image."""
BASE = "compose/compose.yaml"
CELERY = ("celery/redis.yaml", "celery/workers.yaml")
SAMPLE, SMALL = "13_Camille", "21_Camille"
"""How the keys of the two projects begin."""
LEASE = 20
"""Seconds; short, so that a test does not wait long for a dead worker's step."""


@dataclass(frozen=True)
class OneProject(Installation):
    """An installation as if it had no other project."""

    key: str

    @property
    def projects(self) -> list[str]:
        return [self.key]


@dataclass
class Stack:
    """A deployment on this machine."""

    engine: Engine
    images: Images
    folder: Path
    files: tuple[str, ...]
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in SERVERS})
    passwords: dict[str, str] = field(
        default_factory=lambda: {name: secrets.token_hex(16) for name in ("postgres", "redis")}
    )

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def project(self, start: str) -> OneProject:
        """The project whose key starts with a text, as the tests of one machine know it."""
        installation = Installation(self.data, self.data / "models")
        (key,) = [key for key in installation.projects if key.startswith(start)]
        return OneProject(self.data, self.data / "models", key)

    def address(self, server: str) -> str:
        """Host and port of a server of it."""
        return f"127.0.0.1:{self.ports[server]}"

    @property
    def variables(self) -> dict[str, str]:
        """What a user writes into ``.env``."""
        celery = len(self.files) > 1
        return {
            "COMPOSE_PROJECT_NAME": "mediaflowtest",
            "COMPOSE_PROFILES": "viewer",
            "MEDIAFLOW_IMAGE": self.images.app,
            "MEDIAFLOW_DATA": str(self.data),
            "MEDIAFLOW_NETWORK": "host",
            "POSTGRES_IMAGE": self.images.postgres,
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(self.ports["postgres"]),
            "POSTGRES_PASSWORD": self.passwords["postgres"],
            "DOCKER_GID": str(self.engine.socket.stat().st_gid),
            "DOCKER_SOCKET": str(self.engine.socket),
            "REDIS_IMAGE": self.images.redis,
            "REDIS_PASSWORD": self.passwords["redis"],
            "MEDIAFLOW_EXECUTOR": "celery" if celery else "in_process",
            "CELERY_BROKER_URL": f"redis://:{self.passwords['redis']}@127.0.0.1:{self.ports['redis']}/0"
            if celery
            else "",
            "CELERY_LEASE": str(LEASE),
        }

    def prepare(self, models: Path) -> None:
        """The folder of the data, the models, and the files of deploy/."""
        shutil.copytree(models, self.data / "models")
        give_away(self.data)
        for name in ("compose", "celery"):
            shutil.copytree(REPOSITORY / "deploy" / name, self.folder / name)
        for path in [self.folder / "compose/workspace.yaml", *(self.folder / file for file in self.files)]:
            path.write_text(self._on_this_network(path))
        (self.folder / "compose/.env").write_text("".join(f"{k}={v}\n" for k, v in self.variables.items()))

    def _on_this_network(self, path: Path) -> str:
        document: dict[str, Any] = yaml.safe_load(path.read_text())
        services = document.get("services", {})
        if "inference" in services:
            services["inference-2"] = copy.deepcopy(services["inference"])
        for name, service in services.items():
            service.pop("ports", None)
            service["network_mode"] = "host"
            service["extra_hosts"] = ["code:127.0.0.1"]
            if name == "postgres":
                service.setdefault("environment", {})["POSTGRES_PORT"] = self.ports["postgres"]
            if isinstance(service.get("command"), str):
                # All containers share this machine's name.
                service["command"] = service["command"].replace("@%h", f"@{name}")
        document.pop("networks", None)
        text = yaml.safe_dump(document, width=1000)
        for port, server in {4000: "code", 3000: "webserver", 3001: "viewer"}.items():
            text = re.sub(rf"\b{port}\b", str(self.ports[server]), text)
        text = text.replace("-h 0.0.0.0", "-h 127.0.0.1")
        redis = "exec redis-server -"
        return text.replace(redis, f"{redis} --bind 127.0.0.1 --port {self.ports['redis']}")

    def compose(self, *arguments: str) -> str:
        """Output of ``docker compose``, whichever of its two forms is installed."""
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
        command = ["docker", "compose"] if plugin else ["docker-compose"]
        command += [part for file in self.files for part in ("-f", str(self.folder / file))]
        command += ["--project-directory", str(self.folder / "compose"), *arguments]
        environment = {**self.engine.environment, **self.variables}
        done = subprocess.run(command, env=environment, cwd=self.folder / "compose", capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        return done.stdout

    def remove(self) -> None:
        """Remove every container and volume of it, also those of a test that was killed."""
        for container in self.containers("label=dagster/run_id", everything=True):
            self.engine.docker("rm", "--force", container)
        self.compose("down", "--timeout", "10", "--volumes", "--remove-orphans")

    def containers(self, *filters: str, everything: bool = False) -> list[str]:
        """Names of containers; running ones only, unless ``everything`` is asked for."""
        options = [part for item in filters for part in ("--filter", item)]
        listing = self.engine.docker("ps", *(["--all"] if everything else []), "--format", "{{.Names}}", *options)
        return sorted(listing.split())

    def container_of(self, service: str) -> str:
        (name,) = self.containers(
            "label=com.docker.compose.project=mediaflowtest", f"label=com.docker.compose.service={service}"
        )
        return name

    def run_container(self, run_id: str) -> str:
        (name,) = self.containers(f"label=dagster/run_id={run_id}")
        return name

    def kill(self, container: str) -> None:
        """Kill a container as the kernel or a power failure would: without a signal that it can see."""
        self.engine.docker("kill", "--signal", "KILL", container)

    def crash(self, service: str) -> None:
        """Let the process of a service die as of a fault of its own: the engine starts its container again."""
        pid = self.engine.docker("inspect", "--format", "{{.State.Pid}}", self.container_of(service))
        os.kill(int(pid), signal.SIGKILL)

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The deployment's Dagster instance, as an operator's own script would open it."""
        before = dict(os.environ)
        os.environ.update(self.variables, POSTGRES_DB="mediaflow", POSTGRES_USER="mediaflow")
        try:
            with dg.DagsterInstance.from_config(str(self.data / "dagster")) as instance:
                yield instance
        finally:
            os.environ.clear()
            os.environ.update(before)

    def drop(self, archive: Path) -> None:
        """Put an archive into the inbox."""
        shutil.copy(archive, self.data / "inbox")

    def leaks(self) -> list[str]:
        """Names of the passwords that are in runs or events."""
        with self.instance() as instance:
            stored = "".join(str(run) + "".join(map(str, instance.all_logs(run.run_id))) for run in instance.get_runs())
        return [name for name, word in self.passwords.items() if word in stored]

    def logs(self) -> str:
        """The end of what each container said."""
        names = self.containers("label=com.docker.compose.project=mediaflowtest", everything=True)
        names += self.containers("label=dagster/run_id", everything=True)
        parts = []
        for name in names:
            done = subprocess.run(
                ["docker", "logs", "--tail", "40", name],
                env=self.engine.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            parts.append(f"== {name}\n{done.stdout}{done.stderr}")
        return "\n".join(parts)


def give_away(folder: Path) -> None:
    """Make a folder belong to the user of the image."""
    subprocess.run(["chown", "-R", f"{USER}:{USER}", str(folder)], check=True)


@contextmanager
def running(engine: Engine, images: Images, folder: Path, models: Path, *overlays: str) -> Iterator[Stack]:
    """A deployment that is up, and is gone afterwards with its volumes."""
    stack = Stack(engine, images, folder, (BASE, *overlays))
    stack.prepare(models)
    stack.remove()
    try:
        stack.compose("up", "-d")
        wait_for("the webserver", lambda: _answers(f"http://{stack.address('webserver')}/server_info"))
        yield stack
    except BaseException as error:
        error.add_note(stack.logs()[-30000:])
        raise
    finally:
        stack.remove()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False
