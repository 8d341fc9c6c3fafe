"""Face embedders by name: networks that make a vector of a face, by which people are told apart.

Each network wants the face cut out in its own way, and its distances mean something else, so an embedder brings both.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.detection import Detection


class Limits(NamedTuple):
    """Euclidean distances between the mean embeddings of two faces."""

    one_person: float
    """Up to it, two tracks are of one person."""
    two_people: float
    """Above it, a part of a track is not the person whom the tracker takes it for. Larger than ``one_person``: in doubt
    the tracker is right."""


class FaceEmbedder(Protocol):
    """A network. To make one says at once whether its library and its model are there.

    Raises:
        Unavailable: one of them is missing.
    """

    name: ClassVar[str]
    model: ClassVar[str]
    """In the model table."""
    library: ClassVar[str | None]
    """A package that not every installation has and this network needs."""
    limits: ClassVar[Limits]

    @staticmethod
    def chip(picture: NDArray[np.uint8], face: Detection) -> bytes | None:
        """The face as the network wants it, JPEG; None where it cannot be recognized.

        Args:
            picture: RGB, ``(height, width, 3)``.
            face: found in it.
        """
        ...

    def embed(self, chip: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The vector of a face, ``(values,)``.

        Args:
            chip: RGB, of the size that :meth:`chip` cuts.
        """
        ...
