"""What the review page asks for and sends: versions, conflicts, refusals, and the same as the streams deliver."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mediaflow_assets.delivery.record import DeliveredVideo, DeliveryRecord, DeliveryRecords
from mediaflow_assets.formats.audio_json import read_audio_frames
from mediaflow_assets.formats.heard import HeardTurn
from mediaflow_assets.formats.tracking_boxes import read_box_frames
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.edits import ROOT_VERSION
from mediaflow_assets.review.reading import turns_in
from mediaflow_assets.review.streams import reviewed_audio_frames, reviewed_boxes
from mediaflow_assets.server.documents import project_of
from mediaflow_assets.server.lanes import face_lanes, voice_lanes
from mediaflow_assets.server.looking import Looked
from mediaflow_assets.server.tracks import CHUNK
from tests.server.conftest import Answer, Serve, Served
from tests.server.films import KEY, SIZE, VIDEO, Film, draw, place, speaker

FRAMES = 1800


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("video") / "film.mp4", FRAMES)


@pytest.fixture
def film(tmp_path: Path, video: Path) -> Film:
    return Film(tmp_path / "home", FRAMES, video)


@pytest.fixture
def served(film: Film, serve: Serve) -> Served:
    return serve(film.home)


def look(served: Served, film: Film) -> Any:
    return served.ask(f"/api/review/{film.sha256}?project={KEY}").json


def correct(served: Served, film: Film, *edits: dict[str, object], head: str | None = None, **headers: str) -> Answer:
    head = look(served, film)["head"] if head is None else head
    sent = {"if_match": f'"{head}"', **headers}
    return served.post(f"/api/corrections/{film.sha256}?project={KEY}", {"edits": edits}, **sent)


NAME = {"op": "name", "who": "obj_1", "name": "Anna"}


def test_a_correction_is_a_version(served: Served, film: Film) -> None:
    before = served.ask(f"/api/review/{film.sha256}")
    assert before.headers["ETag"] == f'"{ROOT_VERSION}"'
    answer = correct(served, film, NAME)
    assert answer.status == 201
    assert answer.headers["ETag"] == f'"{answer.json["head"]}"'
    (version,) = answer.json["versions"]
    assert (version["via"], version["edits"]) == (
        "review",
        [{"op": "name", "who": "obj_1", "name": "Anna", "person": None}],
    )
    assert [person["name"] for person in answer.json["review"]["people"]] == ["Anna"]
    assert look(served, film)["head"] == answer.json["head"]


def test_who_said_it(film: Film, serve: Serve) -> None:
    served = serve(film.home, REVIEW_USER_HEADER="X-Remote-User")
    answer = correct(served, film, NAME, x_remote_user="camille")
    assert answer.json["versions"][0]["by"] == "camille"


def test_a_correction_says_what_it_was_made_on(served: Served, film: Film) -> None:
    path = f"/api/corrections/{film.sha256}?project={KEY}"
    assert served.post(path, {"edits": [NAME]}).status == 428
    first = correct(served, film, NAME)
    late = correct(served, film, {**NAME, "name": "Ben"}, head=ROOT_VERSION)
    assert (late.status, late.json["head"]) == (412, first.json["head"])
    assert late.headers["ETag"] == f'"{first.json["head"]}"'
    assert len(look(served, film)["versions"]) == 1


def test_eight_at_once_and_one_is_first(served: Served, film: Film) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: correct(served, film, {**NAME, "name": f"N{n}"}, head=ROOT_VERSION).status, range(8))
        )
    assert sorted(answers) == [201, *[412] * 7]
    assert len(look(served, film)["versions"]) == 1


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"op": "name", "who": "obj_9", "name": "X"}, "obj_9"),
        ({"op": "name", "who": "obj_1", "name": "x" * 81}, "81"),
        ({"op": "name", "who": "obj_1", "name": "a\u202eb"}, "direction"),
        ({"op": "cut", "frame": FRAMES + 1}, str(FRAMES)),
        ({"op": "speaks", "who": "obj_1", "from": 9, "to": 3}, "frames 9-3"),
        ({"op": "merge", "who": ["obj_1"], "into": "obj_2"}, "side by side"),
        ({"op": "nothing"}, "no correction"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    served: Served, film: Film, edit: dict[str, object], words: str
) -> None:
    answer = correct(served, film, edit)
    assert answer.status == 422
    assert words in answer.json["sentence"]
    assert look(served, film)["versions"] == []


def test_undo_and_redo(served: Served, film: Film) -> None:
    path = f"/api/undo/{film.sha256}?project={KEY}"
    nothing = look(served, film)
    head = correct(served, film, NAME).json["head"]
    undone = served.post(path, {}, if_match=f'"{head}"')
    assert undone.status == 201
    assert (undone.json["review"], undone.json["may_undo"], undone.json["may_redo"]) == (None, False, True)
    assert undone.json["lanes"] == nothing["lanes"]
    assert served.post(path, {}, if_match=f'"{undone.json["head"]}"').status == 422
    again = served.post(path, {"redo": True}, if_match=f'"{undone.json["head"]}"')
    assert [person["name"] for person in again.json["review"]["people"]] == ["Anna"]


def test_review_off_writes_nothing(film: Film, serve: Serve) -> None:
    served = serve(film.home, REVIEW="off")
    assert correct(served, film, NAME).status == 403
    assert look(served, film)["versions"] == []


@pytest.mark.parametrize(
    "path", ["/api/review/abc", "/api/review/" + "0" * 64, "/api/tracks/" + "0" * 64 + "/0", "/p/nobody/review/x"]
)
def test_what_is_not_there(served: Served, path: str) -> None:
    assert served.ask(path).status in (404, 422)


def test_the_boxes_are_those_of_the_document(served: Served, film: Film) -> None:
    known = look(served, film)
    for frame in (1, 77, CHUNK, CHUNK + 1, FRAMES):
        answer = served.ask(f"/api/tracks/{known['tracking']}/{(frame - 1) // CHUNK}", accept_encoding="gzip")
        assert "immutable" in answer.headers["Cache-Control"]
        boxes = {}
        for item in json.loads(gzip.decompress(answer.body))["objects"]:
            for run in item["runs"]:
                offset = frame - run["first"]
                if 0 <= offset < len(run["x"]):
                    boxes[item["id"]] = [sum(run[axis][: offset + 1]) for axis in "xywh"]
        for person in range(3):
            x, y = place(person, frame)
            assert boxes[film.id_of(person, frame)] == [x - SIZE // 2, y - SIZE // 2, SIZE, SIZE]


def test_chip_and_wave(served: Served, film: Film) -> None:
    known = look(served, film)
    (lane,) = [lane for lane in known["lanes"] if lane["id"] == "obj_3"]
    chip = served.ask(f"/api/chips/{film.sha256}/{lane['chip']}.jpg?project={KEY}")
    picture = Image.open(io.BytesIO(chip.body)).convert("RGB")
    pixel = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    assert pixel[1] > pixel[0] and pixel[1] > pixel[2], "Cleo is green"
    wave = served.ask(f"/api/wave/{film.sha256}?project={KEY}").body
    assert abs(len(wave) - FRAMES) <= 3
    loud = [wave[n - 1] for n in range(5, FRAMES - 5) if speaker(n) is not None and speaker(n + 3) is not None]
    silent = [wave[n - 1] for n in range(5, FRAMES - 5) if speaker(n - 3) is None and speaker(n + 3) is None]
    assert min(loud) > max(silent)


def test_the_video_by_ranges(served: Served, video: Path) -> None:
    path, size = f"/media/{KEY}/{VIDEO}.mp4", video.stat().st_size
    part = served.ask(path, range="bytes=10-19")
    assert (part.status, part.body) == (206, video.read_bytes()[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{size}"
    assert part.headers["Cache-Control"] == "private, no-cache"
    assert served.ask(path, if_none_match=part.headers["ETag"]).status == 304


def test_it_is_delivered_when_the_delivery_has_what_was_said_last(served: Served, film: Film) -> None:
    """By the digest of what is said: the time alone would be wrong for what was said while a run was under way."""
    project = project_of(served.site, KEY)
    (video,) = project.videos
    assert video.master is not None
    said_first = correct(served, film, NAME).json
    record = DeliveryRecord(
        project=KEY,
        name="13 Camille",
        archive_name=project.archive_name,
        folder=str(film.home / "output"),
        delivered_at="2030-01-01T00:00:00+00:00",
        manifest_sha256="0" * 64,
        bytes=0,
        files=0,
        videos=(DeliveredVideo(master=video.master, paths={"video": "docs/interview.mp4"}),),
        review={VIDEO: said_first["review"]["corrections"]},
    )
    DeliveryRecords(film.layout.state).put(record)

    def delivered() -> Any:
        return served.ask(f"/api/news/{film.sha256}?project={KEY}").json["delivered"]

    assert delivered() is True
    assert correct(served, film, {**NAME, "name": "Ben"}).json["delivered"] is False
    assert delivered() is False


def said(review: Review | None, film: Film) -> Iterator[tuple[int, dict[str, bool], list[str]]]:
    """What the streams say, frame by frame: who is seen and speaks, who is heard."""
    boxes = reviewed_boxes(read_box_frames(film.folders.document("tracking", VIDEO)), review)
    sound = reviewed_audio_frames(read_audio_frames(film.folders.document("audio", VIDEO)), review)
    for seen, heard in zip(boxes, sound, strict=True):
        yield (
            seen.frame,
            {box.id: box.is_speaking for box in seen.tracked_objects},
            [*heard.audio_info.active_speaker_labels],
        )


def test_the_lanes_are_what_is_delivered(served: Served, film: Film) -> None:
    for edits in (
        [NAME, {"op": "name", "who": "SPEAKER_00", "name": "Anna"}],
        [{"op": "split", "who": "obj_1", "from": film.swapped_at}],
        [{"op": "ignore", "who": "obj_4"}, {"op": "ignore", "who": "obj_3", "from": 100, "to": 140}],
        [{"op": "speaks", "who": "obj_1", "from": 350, "to": 420}],
        [{"op": "speaks", "who": None, "from": 500, "to": 600, "value": False}],
        [{"op": "link", "voice": "SPEAKER_01", "face": "obj_3"}],
        [{"op": "link", "voice": "SPEAKER_02", "face": None}],
    ):
        assert correct(served, film, *edits).status == 201
    project = project_of(served.site, KEY)
    looked = Looked.at(served.site, project, project.videos[0])
    lanes = face_lanes(looked.tracks.tracks, looked.review)
    voices = voice_lanes(turns_in(film.folders.document("audio", VIDEO)), looked.review)
    for frame, seen, heard in said(looked.review, film):
        shown = {
            lane.id: any(first <= frame <= last for first, last in lane.speaking)
            for lane in lanes
            if any(first <= frame <= last for first, last in lane.seen)
        }
        assert shown == seen, frame
        assert [label for label, runs in voices.items() if any(a <= frame <= b for a, b in runs)] == heard, frame


def test_voices_are_those_that_faces_have_put_right(tmp_path: Path, video: Path, serve: Serve) -> None:
    """As in the delivered documents: the page names who is heard by the same labels."""
    turns = (HeardTurn(1, 50, "SPEAKER_00"), HeardTurn(60, 90, "SPEAKER_07"))
    film = Film(tmp_path / "home", FRAMES, video, put_right=turns)
    assert look(serve(film.home), film)["voices"] == {"SPEAKER_00": [[1, 50]], "SPEAKER_07": [[60, 90]]}


def test_what_is_doubtful(served: Served, film: Film) -> None:
    found = {(doubt["kind"], doubt["frame"], doubt["who"]) for doubt in look(served, film)["doubts"]}
    assert {("jump", film.swapped_at, "obj_1"), ("jump", film.swapped_at, "obj_2")} <= found
    assert ("cut", film.false_cut, "") in found
    assert {who for kind, _, who in found if kind == "unnamed"} == {"obj_1", "obj_2", "obj_3", "obj_4"}
    assert not [kind for kind, *_ in found if kind in ("speaker", "voice", "edit")]
    correct(served, film, {"op": "cut", "frame": film.false_cut, "value": False}, NAME)
    left = {(doubt["kind"], doubt["who"]) for doubt in look(served, film)["doubts"]}
    assert ("cut", "") not in left
    assert ("unnamed", "obj_1") not in left
    correct(served, film, {"op": "link", "voice": "SPEAKER_01", "face": None})
    assert not [doubt for doubt in look(served, film)["doubts"] if doubt["kind"] == "voice"], "it is off screen"
