"""From received video archives to After Effects ready analysis files, as a Dagster asset graph.

Dependencies point one way, which ``docs/architecture.md`` draws and ``tests/test_import_order.py`` holds::

    cli -> definitions -> sensors -> jobs -> assets -> resources -> orchestration -> settings
        -> domain packages -> execution, formats -> core

Domain packages (``intake``, ``archives``, ``video``, ``scenes``, ``speech``, ``faces``, ``delivery``,
``reporting``, ``modelstore`` and so on) are plain Python: they never import Dagster.
"""

__version__ = "0.1.0"
