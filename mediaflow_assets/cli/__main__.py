"""``python -m mediaflow_assets.cli`` is ``mediaflow``."""

from mediaflow_assets.cli import main

main()
