"""Settings of work on several machines."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from mediaflow_assets.core.options import OptionGroup, env


class ClusterSettings(OptionGroup):
    """One machine or several."""

    executor: Literal["in_process", "celery"] = env(
        "MEDIAFLOW_EXECUTOR", default="in_process", doc="in_process: a run is one process; celery: steps go to workers."
    )
    broker: SecretStr | None = env(
        "CELERY_BROKER_URL", default=None, doc="Redis that holds the queues and the results, redis:// or rediss://."
    )
    lease: int = env(
        "CELERY_LEASE",
        default=120,
        ge=10,
        doc="Seconds without a sign of life after which the step of a worker is given to another one.",
    )

    @property
    def lock_timeout(self) -> float:
        """Seconds that a step waits for another one that is at work on the same files.

        One machine runs a project once at a time, so waiting would hide a mistake. Among several,
        a worker that was believed dead or whose run is gone may still be at work; whoever comes
        after it waits, and finds everything done.
        """
        return 12 * 3600 if self.executor == "celery" else 0
