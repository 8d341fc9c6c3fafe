"""Reading the 25-fps video that the stages share."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.decode import decoded_frames


def test_a_video_that_went_away_meanwhile_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as said:
        next(decoded_frames(tmp_path / "a.mp4"))
    assert said.value.sentence == "a.mp4: is not there any more. Run it again: what is missing is made first."


def test_a_damaged_one_is_made_again_and_never_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"not a video" * 1000)
    with pytest.raises(BadInput, match=r"a\.mp4: cannot be decoded to its end .*Materialize video_25fps again"):
        next(decoded_frames(path))
