"""``mediaflow run`` loads its engines while ffmpeg converts, which leaves a part of the cores idle."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from threading import Event, Thread
from typing import Protocol

from mediaflow_assets.execution.devices import uses_gpu
from mediaflow_assets.settings import Settings

_AT_WORK = 1.0
"""Seconds after which a conversion is one: before, it may turn out that nothing changed, and no engine is needed."""


class Loadable(Protocol):
    """What every engine of a stage is."""

    def load(self) -> None:
        """Bring the models into memory; does nothing the second time."""
        ...


class EnginesMeanwhile:
    """Loads the engines of a default run once, beside the first conversion that takes its time.

    Not where there is a GPU: its memory is for the one step at a time that has its turn.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread: Thread | None = None
        self._converted = Event()

    def at_stage(self, stage: str) -> None:
        """To be called when a stage begins: the conversion begins the loading, what comes later waits for its end."""
        if self._thread is not None:
            if stage != "video_25fps":
                self._converted.set()
                self._thread.join()
        elif stage == "video_25fps" and not uses_gpu(self._settings.compute):
            self._thread = Thread(target=_load, args=(self._engines(), self._converted), daemon=True)
            self._thread.start()

    def _engines(self) -> Sequence[Loadable]:
        """Those that the stages will ask for; made here, so that no two threads make the same one."""
        from mediaflow_assets.core.layout import Layout
        from mediaflow_assets.modelstore import ModelStore, store_folder
        from mediaflow_assets.resources.engines import Engines

        settings, layout = self._settings, Layout(self._settings.folders)
        store, compute = ModelStore(store_folder(settings.models, layout.home)), settings.compute
        engines = Engines()
        return (
            engines.speech(settings.speech.with_replies_in(layout.state), store, compute),
            engines.scenes(settings.scenes, store, compute),
            engines.faces(settings.faces, store, compute),
        )


def _load(engines: Sequence[Loadable], converted: Event) -> None:
    if converted.wait(_AT_WORK):
        return
    for engine in engines:
        with contextlib.suppress(Exception):  # its stage meets the same and says it
            engine.load()
