"""Tables: the same numbers from full and reduced documents, empty and typed where there is nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pandas as pd
import pytest

import mediaflow_assets
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.heard import HeardTurn
from mediaflow_assets.formats.tracking_json import TrackingFrame, write_tracking
from mediaflow_assets.tables.dataset import COLUMNS
from mediaflow_assets.tables.export import export_tables
from support.installation import Installation
from tests.tables.conftest import FRAMES


def test_who_speaks_how_long_over_the_whole_store(store: Path) -> None:
    speech = mediaflow_assets.open_delivery(store).speech
    seconds = speech[speech.speaker == "SPEAKER_00"].groupby("project").duration.sum()
    assert len(seconds) == 10
    assert seconds["4 Camille 2026-11-04_10-00-00"] == pytest.approx(0.4)
    assert seconds.sum() == pytest.approx(5.5)


def test_reduced_documents_give_what_full_ones_do(store: Path, delivery: Path) -> None:
    full = mediaflow_assets.open_delivery(store / "4 Camille 2026-11-04_10-00-00")
    reduced = mediaflow_assets.open_delivery(delivery)
    for name in ("scenes", "frames", "speaking"):
        ours, theirs = full.table(name), reduced.table(name)
        assert set(theirs.video) == {"sub/clip"}
        pd.testing.assert_frame_equal(ours.iloc[:, 2:], theirs.iloc[:, 2:])
    # Without segments speech is known to the frame.
    assert reduced.speech.duration.tolist() == pytest.approx([0.4, 0.25], abs=0.04)
    assert reduced.objects.x.isna().all()
    assert full.objects.x.tolist()[:2] == [80, 180]


def test_speaking_names_the_face_and_its_voice_frame_by_frame(store: Path) -> None:
    speaking = mediaflow_assets.open_delivery(store / "4 Camille 2026-11-04_10-00-00").speaking
    (row,) = speaking.itertuples()
    assert (row.face, row.speaker, row.first, row.last) == ("obj_1", "SPEAKER_00", 6, 15)
    assert (row.start, row.end) == pytest.approx((0.2, 0.6))


def test_voices_are_those_that_faces_have_put_right(store: Path) -> None:
    """As in the delivered documents: what diarization took for one voice is two people."""
    folder = store / "4 Camille 2026-11-04_10-00-00"
    (document,) = folder.glob("*/clip_tracking.json")
    turns = [HeardTurn(6, 10, "SPEAKER_00"), HeardTurn(11, 15, "SPEAKER_01"), HeardTurn(38, 44, "SPEAKER_01")]
    metadata = {"video_path": "clip.mp4", "tracking_engine": "made", "voices": msgspec.to_builtins(turns)}
    frames = [TrackingFrame(frame=number, tracked_objects=[]) for number in range(1, FRAMES + 1)]
    write_tracking(document, metadata, FRAMES, frames)
    dataset = mediaflow_assets.open_delivery(folder)
    heard = dataset.frames.set_index("frame").speakers
    assert (heard[6], heard[11], heard[38], heard[45]) == ("SPEAKER_00", "SPEAKER_01", "SPEAKER_01", "")
    speech = [(row.speaker, round(row.start, 2), round(row.end, 2)) for row in dataset.speech.itertuples()]
    assert speech == [("SPEAKER_00", 0.2, 0.4), ("SPEAKER_01", 0.4, 0.6), ("SPEAKER_01", 1.48, 1.76)]


def test_words_and_people(delivery: Path, store: Path) -> None:
    dataset = mediaflow_assets.open_delivery(delivery / "docs")
    assert dataset.words.text.tolist() == ["bonjour"]
    assert dataset.people[["name", "faces", "voices"]].values.tolist() == [["Camille", "obj_1", "SPEAKER_00"]]
    assert mediaflow_assets.open_delivery(store).words.empty


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_and_types_do_not_depend_on_what_is_there(name: str, store: Path) -> None:
    empty, full = mediaflow_assets.Dataset(()).table(name), mediaflow_assets.open_delivery(store).table(name)
    assert list(empty.columns) == list(full.columns) == list(COLUMNS[name])
    assert empty.dtypes.equals(full.dtypes)


def test_a_project_at_work_is_opened_too(processed: Installation) -> None:
    folders = processed.project()
    work = mediaflow_assets.open_delivery(folders.work)
    delivered = mediaflow_assets.open_delivery(processed.delivered())
    assert len(work.videos) == len(delivered.videos) >= 2
    assert len(work.frames) == len(delivered.frames) > 0
    assert work.scenes.iloc[:, 1:].equals(delivered.scenes.iloc[:, 1:])


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no analysed video"):
        mediaflow_assets.open_delivery(tmp_path)
    with pytest.raises(BadInput, match="is not a folder"):
        mediaflow_assets.open_delivery(tmp_path / "absent")


@pytest.mark.parametrize("format_", ["csv", "parquet", "xlsx"])
def test_exported_tables_are_read_back(format_: str, delivery: Path, tmp_path: Path) -> None:
    dataset = mediaflow_assets.open_delivery(delivery)
    files = export_tables(dataset, tmp_path / "tables", format_)
    read = {
        "csv": lambda name: pd.read_csv(tmp_path / "tables" / f"{name}.csv"),
        "parquet": lambda name: pd.read_parquet(tmp_path / "tables" / f"{name}.parquet"),
        "xlsx": lambda name: pd.read_excel(files[0], sheet_name=name),
    }[format_]
    for name in COLUMNS:
        assert len(read(name)) == len(dataset.table(name))
    assert read("frames").frame.tolist() == list(range(1, FRAMES + 1))
    assert read("speaking").face.tolist() == ["obj_1"]


def test_the_command_writes_tables_of_a_project_by_its_key(processed: Installation, tmp_path: Path) -> None:
    key = processed.project().key
    done = processed.mediaflow("export-tables", key, "--output", tmp_path / "tables")
    assert done.returncode == 0, done.stderr
    assert {Path(line).name for line in done.stdout.split("\n") if line} == {f"{name}.csv" for name in COLUMNS}
    assert len(pd.read_csv(tmp_path / "tables" / "scenes.csv")) > 1
    wrong = processed.mediaflow("export-tables", key, "--format", "ods")
    assert wrong.returncode == 2
    assert "csv, parquet or xlsx" in wrong.stderr
