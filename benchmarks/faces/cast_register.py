"""Proposals of the cast register on many people: right, wrong or nothing, by limit and margin.

    python -m benchmarks faces.cast_register FOLDER [--learned 2] [--probes 2] [--people 400] [--vectors FILE]

FOLDER has a sub-folder of pictures for each person; the face nearest to the middle of a picture is theirs. The first
``--learned`` pictures of a person are learned, each as a video of its own; for each of the next ``--probes`` somebody
is proposed, by the same functions that ``mediaflow cast`` uses. People with fewer pictures, and those for whom a small
register has no place, are strangers: one picture each, and every proposal is wrong. People are in two halves that have
nobody in common: limits are chosen on one, the other is for reporting. ``--vectors`` keeps what was measured, which is
biometric data.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.cast.person import CastPerson, FaceVector
from mediaflow_assets.cast.proposals import FACE_MARGIN, Measured, face_distance, propose
from mediaflow_assets.cast.settings import CastSettings
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.engines.opencv_yunet import OpencvYunet
from mediaflow_assets.faces.identity.alignment import decoded
from mediaflow_assets.faces.identity.embedders.dlib import DlibEmbedder
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.settings import Settings

_LIMITS = (0.35, 0.4, 0.42, 0.45, 0.5, 0.55, 0.6)
_MARGINS = (0.0, 0.08, 0.15)
_LISTED = 0.5
_SIZES = (30,)
_MODEL = "measured"

People = dict[str, list[NDArray[np.float64]]]


@dataclass(frozen=True)
class Probe:
    """A picture for which somebody was looked for."""

    who: str
    known: bool
    nearest: str
    distance: float
    second: float

    def outcome(self, limit: float, margin: float) -> str:
        if self.distance > limit or self.second - self.distance < margin:
            return "nothing"
        return "right" if self.nearest == self.who else "wrong"


def measured(folder: Path, most: int, enough: int) -> People:
    """Vectors of ``most`` people with ``enough`` pictures, and of as many with fewer."""
    settings = Settings.load()
    store = ModelStore(store_folder(settings.models, Layout(settings.folders).home))
    detector, embedder = OpencvYunet(settings.faces, store, settings.compute), DlibEmbedder(store)
    detector.load()
    pictures = {path.name: sorted(path.iterdir())[:enough] for path in sorted(folder.iterdir()) if path.is_dir()}
    known = [name for name, files in pictures.items() if len(files) == enough]
    strangers = [name for name, files in pictures.items() if 0 < len(files) < enough]
    chosen = {name: pictures[name] for name in _spread(known, most)}
    chosen |= {name: pictures[name][:1] for name in _spread(strangers, most)}
    found = {
        name: [vector for file in files for vector in _vector(file, detector, embedder)]
        for name, files in chosen.items()
    }
    return {name: vectors for name, vectors in found.items() if vectors}


def _vector(file: Path, detector: OpencvYunet, embedder: DlibEmbedder) -> Iterator[NDArray[np.float64]]:
    image = cv2.imread(str(file))
    if image is None:
        return
    picture = np.ascontiguousarray(image[:, :, ::-1], np.uint8)
    middle = np.array(picture.shape[1::-1]) / 2

    def off(face: Detection) -> float:
        return float(np.linalg.norm(np.array(face.centroid) - middle))

    face = min(detector.detect(picture, 0), key=off, default=None)
    chip = embedder.chip(picture, face) if face is not None else None
    if chip is not None:
        yield embedder.embed(decoded(chip))


def probes(people: People, learned: int, size: int | None = None) -> list[Probe]:
    """What is found for everybody's other pictures, with ``size`` people in the register (default: all)."""
    names = _spread([name for name in people if len(people[name]) > learned], size or len(people))
    register = [_person(name, people[name][:learned]) for name in names]
    usual, found = CastSettings(), []
    for name, vectors in people.items():
        for vector in vectors[learned:] if name in names else vectors[:1]:
            probe = Measured(face=tuple(vector.tolist()), face_model=_MODEL)
            distances = {person.id: face_distance(person, probe) or 0.0 for person in register}
            first, second = sorted(distances, key=lambda key: distances[key])[:2]
            one = Probe(name, name in names, first, distances[first], distances[second])
            proposal = propose(register, probe, usual)
            expected = one.outcome(usual.face_distance, FACE_MARGIN) != "nothing"
            assert (proposal is not None) == expected and (proposal is None or proposal.person.id == first)
            found.append(one)
    return found


def _person(name: str, vectors: Sequence[NDArray[np.float64]]) -> CastPerson:
    faces = tuple(
        FaceVector(video=str(number), model=_MODEL, looks=1, values=tuple(vector.tolist()))
        for number, vector in enumerate(vectors)
    )
    return CastPerson(id=name, name=name, created_at="", learned_at="", by="", faces=faces)


def _spread(names: Sequence[str], count: int) -> list[str]:
    """Some of them, evenly."""
    count = min(count, len(names))
    return [names[(2 * place + 1) * len(names) // (2 * count)] for place in range(count)]


def report(title: str, found: Sequence[Probe]) -> None:
    known, strangers = ([one for one in found if one.known is kind] for kind in (True, False))
    people = len({one.who for one in known})
    print(f"\n### {title}: {people} people remembered, {len(known)} pictures of them, {len(strangers)} strangers\n")
    print("| limit | margin | right | wrong person | nothing | a stranger is proposed |\n|" + " --- |" * 6)
    for limit in _LIMITS:
        for margin in _MARGINS:
            said = [one.outcome(limit, margin) for one in known]
            wrong = sum(one.outcome(limit, margin) == "wrong" for one in strangers)
            counts = (
                f"{said.count(kind)} ({said.count(kind) / len(said):.1%})" for kind in ("right", "wrong", "nothing")
            )
            print(f"| {limit} | {margin} | {' | '.join(counts)} | {wrong} ({wrong / max(1, len(strangers)):.1%}) |")


def wrong_ones(found: Sequence[Probe], limit: float) -> None:
    print(f"\nWrong at {limit} without a margin:\n")
    for one in sorted(found, key=lambda one: one.distance):
        if one.outcome(limit, 0.0) == "wrong":
            print(f"- {one.who} as {one.nearest}: {one.distance:.3f}, second {one.second:.3f}")


def kept(file: Path | None, folder: Path, most: int, enough: int) -> People:
    if file is not None and file.exists():
        with np.load(file) as saved:
            return {name: list(saved[name]) for name in saved.files}
    people = measured(folder, most, enough)
    if file is not None:
        stacks: Mapping[str, NDArray[np.float64]] = {name: np.array(vectors) for name, vectors in people.items()}
        np.savez(file, **stacks)  # type: ignore[arg-type]
    return people


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--learned", type=int, default=2, help="pictures of each person that are learned")
    parser.add_argument("--probes", type=int, default=2, help="pictures of each person that are looked for")
    parser.add_argument("--people", type=int, default=400, help="most people that are remembered, and most strangers")
    parser.add_argument("--vectors", type=Path, help="file to keep what was measured in (.npz)")
    arguments = parser.parse_args()
    people = kept(arguments.vectors, arguments.folder, arguments.people, arguments.learned + arguments.probes)
    names = sorted(people)
    for title, half in (("for choosing", names[::2]), ("for reporting", names[1::2])):
        chosen = {name: people[name] for name in half}
        for size in (*_SIZES, None):
            found = probes(chosen, arguments.learned, size)
            report(title, found)
        wrong_ones(found, _LISTED)


if __name__ == "__main__":
    main()
