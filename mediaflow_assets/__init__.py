"""From received video archives to After Effects ready analysis files, as a Dagster asset graph.

The package is layered and dependencies point one way::

    cli, sensors -> assets -> resources -> domain packages -> formats, files, timebase

Domain packages (``intake``, ``archives``, ``video``, ``scenes``, ``speech``, ``faces``,
``delivery``, ``reporting``, ``modelstore``) are plain Python: they never import Dagster, and
they meet each other only through the file contracts in ``formats``.
"""

__version__ = "0.1.0"
