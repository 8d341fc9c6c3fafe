"""The Docker engine of this machine, or one of the test's own, and the images that are tested."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
IMAGES = Path(__file__).parent / "images"
CACHE = REPOSITORY / "build" / "docker"
"""Where an engine of the test's own keeps its images for the next time."""
RELEASE = "bookworm"


@dataclass(frozen=True)
class Engine:
    """A Docker engine at a Unix socket."""

    socket: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DOCKER_HOST": f"unix://{self.socket}"}

    def docker(self, *arguments: object, check: bool = True) -> str:
        """Output of a ``docker`` command."""
        command = ["docker", *map(str, arguments)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not check, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout.strip()

    @property
    def answers(self) -> bool:
        return bool(self.docker("version", "--format", "{{.Server.Version}}", check=False))

    def has(self, image: str) -> bool:
        return bool(self.docker("images", "--quiet", image))

    def build(self, tag: str, context: Path, file: Path, **arguments: str) -> str:
        """Build an image with the network of this machine; what has not changed is not built again."""
        options = [part for name, value in arguments.items() for part in ("--build-arg", f"{name}={value}")]
        self.docker("build", "--network", "host", "--tag", tag, "--file", file, *options, context)
        return tag


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """The engine that answers here, else one that is started for as long as the block runs."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    present = Engine(Path(address.removeprefix("unix://")))
    if present.answers:
        yield present
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    own = Engine(folder / "docker.sock")
    command = ["dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none", "--host", f"unix://{own.socket}"]
    command += ["--data-root", str(CACHE), "--exec-root", str(folder / "exec"), "--pidfile", str(folder / "pid")]
    log = folder / "dockerd.log"
    with log.open("wb") as stream, subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT) as process:
        try:
            while not own.answers:
                assert process.poll() is None, log.read_text()[-4000:]
                time.sleep(0.5)
            yield own
        finally:
            process.terminate()
            process.wait()
            # It leaves the name of its network behind, and with it a folder that cannot be removed.
            subprocess.run(["umount", str(folder / "exec/netns/default")], check=False, capture_output=True)


def base_image(engine: Engine, folder: Path) -> str:
    """A minimal Debian without a registry: made by debootstrap once."""
    tag = f"mediaflow-test/debian:{RELEASE}"
    if not engine.has(tag):
        root = folder / "debian"
        subprocess.run(["debootstrap", "--variant=minbase", RELEASE, str(root)], check=True, capture_output=True)
        with subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as archive:
            subprocess.run(
                ["docker", "import", "-", tag],
                stdin=archive.stdout,
                env=engine.environment,
                check=True,
                capture_output=True,
            )
        subprocess.run(["rm", "-rf", str(root)], check=True)
    return tag


@dataclass(frozen=True)
class Images:
    """Tags of what a stack is made of."""

    app: str
    postgres: str
    redis: str
    nginx: str


def build_images(engine: Engine, folder: Path) -> Images:
    """The image of this repository, from the wheels of ``make wheels``, and stand-ins for the servers."""
    base = base_image(engine, folder)

    def server(name: str) -> str:
        return engine.build(f"mediaflow-test/{name}", IMAGES, IMAGES / f"{name}.Dockerfile", BASE=base)

    return Images(
        app=engine.build("mediaflow-test/app", REPOSITORY, REPOSITORY / "Dockerfile", BASE=base),
        postgres=server("postgres"),
        redis=server("redis"),
        nginx=server("nginx"),
    )
