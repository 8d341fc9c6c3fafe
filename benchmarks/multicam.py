"""Several cameras of one take: how exactly made recordings are synced, and what an hour costs.

    python -m benchmarks.multicam

The voices are made (``support/voices.py``), so offset and drift are known.
"""

from __future__ import annotations

import argparse
import itertools
import time

import numpy as np

from mediaflow_assets.multicam.cuts import choose
from mediaflow_assets.multicam.sync import align
from support.voices import recorded, talk

ROOMS = {"dry": 0.0, "room": 0.4, "hall": 1.5}
NOISES = {"quiet": 0.001, "street (20 dB)": 0.005, "street (0 dB)": 0.05}
"""Standard deviation; the voices have about 0.05 while they sound."""


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(
        "| room | noise | takes | refused | off by more than a frame | largest error, ms |\n|---|---|---|---|---|---|"
    )
    for (room, echo), (noise, level) in itertools.product(ROOMS.items(), NOISES.items()):
        errors, refused = [], 0
        for seed in range(12):
            random = np.random.default_rng(seed)
            take, offset = talk(60, seed), float(random.uniform(-20, 40))
            other = recorded(take, offset=offset, seconds=40, room=echo, level=0.3, noise=0.3 * level, seed=seed)
            found = align(recorded(take, room=0.2, noise=0.001, seed=99), other)
            if found is None or not found.sure:
                refused += 1
            else:
                errors.append(abs(found.offset - offset))
        late = sum(error > 0.04 for error in errors)
        print(f"| {room} | {noise} | 12 | {refused} | {late} | {1000 * max(errors, default=0):.1f} |", flush=True)
    wrong = [align(talk(60, seed), talk(60, seed + 50)) for seed in range(20)]
    print(f"\nTwenty pairs of different takes: {sum(one is not None and one.sure for one in wrong)} taken for the same")
    hour = np.tile(talk(600, 5), 6) + talk(3600, 8) * np.float32(0.6)
    other = recorded(hour, offset=31.0, seconds=3500, drift=60, room=0.3, level=0.3, noise=0.01)
    start = time.process_time()
    found = align(hour, other)
    assert found is not None
    spent = time.process_time() - start
    print(f"An hour, drift 60 ppm: {spent:.1f} s of one core; offset {found.offset:.4f} s, drift {found.drift:.2f} ppm")
    worth = np.random.default_rng(1).random((4, 90_000)).astype(np.float32)
    start = time.process_time()
    choose(worth, np.ones(worth.shape, bool), 50, 500)
    print(f"A cut list of an hour from four angles: {time.process_time() - start:.1f} s of one core")


if __name__ == "__main__":
    main()
