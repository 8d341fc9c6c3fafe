"""A small project archive with known truth, made by code: no media is shipped.

``build_sample(folder)`` is the whole of it for most users. Tests of single stages may take the
pieces: a real face with its box (``faces``), one drawn frame (``camera``), a film in memory
(``encode``), the sound with its speakers (``sound``), the truth of any film (``truth``).
"""

from mediaflow_assets.sample.build import Sample, build_sample
from mediaflow_assets.sample.truth import Truth, VideoTruth

__all__ = ["Sample", "Truth", "VideoTruth", "build_sample"]
