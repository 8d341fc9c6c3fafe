"""The pictures of README.md, made from a processed sample.

    python -m support.readme_pictures mediaflow_home

Writes ``docs/images/frame.jpg``, a frame of ``mediaflow preview``, and ``docs/images/report.png``, a shot of the
page of a video (needs Chromium).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import av

from mediaflow_assets import open_delivery
from support.installation import REPOSITORY, Installation

IMAGES = REPOSITORY / "docs" / "images"
VIDEO = "interview"


def shown_frame(installation: Installation) -> int:
    """A frame in the middle of the longest stretch in which somebody is seen to speak, else of the first shot."""
    dataset = open_delivery(installation.project().work)
    table = dataset.speaking if len(dataset.speaking) else dataset.scenes
    rows = table[table.video.str.endswith(VIDEO)]
    longest = rows.loc[rows.duration.idxmax()]
    return int(longest["first"] + longest["last"]) // 2


def frame_of(video: Path, number: int) -> av.VideoFrame:
    """Frame ``number``, counted from 1."""
    with av.open(str(video)) as container:
        for index, frame in enumerate(container.decode(video=0), start=1):
            if index == number:
                return frame
    raise ValueError(f"{video} has no frame {number}")


def main(home: Path) -> None:
    installation = Installation(home.resolve(), home.resolve() / "models")
    key = installation.project().key
    with tempfile.TemporaryDirectory() as folder:
        preview = Path(folder) / "preview.mp4"
        done = installation.mediaflow("preview", key, VIDEO, "--output", preview)
        if done.returncode:
            sys.exit(done.stderr)
        frame_of(preview, shown_frame(installation)).to_image().save(IMAGES / "frame.jpg", quality=80)
    (page,) = (home.resolve() / "reports" / key).glob(f"{VIDEO}-*.html")
    command = ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1100,760"]
    subprocess.run([*command, f"--screenshot={IMAGES / 'report.png'}", page.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
