"""ASC MHL for film people: the media hash list of the American Society of Cinematographers.

The reference implementation (``ascmhl``) reads the delivery again and writes ``ascmhl/`` into its
folder, with xxHash sums: SHA-256 is not in the standard, so our own manifest stays the proof.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

from mediaflow_assets.core.errors import Interrupted
from mediaflow_assets.delivery.bag import MHL


def write_mhl(folder: Path, project: str) -> Path:
    """Write the first generation of a history of ``folder``; returns the history's folder.

    Args:
        project: name of the folder once it is delivered; the history's files carry it.

    Raises:
        Interrupted: the library failed; says how.
    """
    import click

    # Not through ascmhl.cli: that asks the network for a newer version of itself.
    from ascmhl.commands import create

    said = io.StringIO()
    with tempfile.TemporaryDirectory() as names, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        # The copy still has a hidden name, and the library names its files after the folder.
        alias = Path(names) / project
        alias.symlink_to(folder, target_is_directory=True)
        try:
            create.main(args=[str(alias)], standalone_mode=False)
        except (click.ClickException, click.Abort, OSError) as error:
            why = str(error) or said.getvalue().strip().splitlines()[-1:]
            raise Interrupted(folder, f"ascmhl failed ({why})", "Run it again, or unset DELIVERY_ASC_MHL") from error
    history = folder / MHL
    if not (history / "ascmhl_chain.xml").is_file():
        raise Interrupted(folder, "ascmhl wrote no history", "Run it again, or unset DELIVERY_ASC_MHL")
    return history
