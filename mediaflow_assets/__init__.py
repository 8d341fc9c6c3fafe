"""From received video archives to After Effects ready analysis files, as a Dagster asset graph.

Dependencies point one way, which ``docs/architecture.md`` draws and ``tests/test_import_order.py`` holds::

    cli -> definitions -> sensors -> jobs -> assets -> resources -> orchestration -> settings
        -> domain packages -> execution, formats -> core

Domain packages (``intake``, ``archives``, ``video``, ``scenes``, ``speech``, ``faces``, ``delivery``,
``reporting``, ``modelstore`` and so on) are plain Python: they never import Dagster.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mediaflow_assets.tables import Dataset, open_delivery

__version__ = "0.1.0"
__all__ = ["Dataset", "__version__", "open_delivery"]


def __getattr__(name: str) -> object:
    """``open_delivery`` and its answer, imported when somebody asks for them."""
    if name in ("open_delivery", "Dataset"):
        from mediaflow_assets import tables

        return getattr(tables, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
