"""Where the code of each node is, shown on its page: a file here, or a line in the repository."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import dagster as dg

PACKAGE = Path(__file__).resolve().parents[1]


def with_code_references(
    assets: Sequence[dg.AssetsDefinition], repository: str | None, branch: str = "main"
) -> list[dg.AssetsDefinition]:
    """The same assets with references to their code.

    Args:
        repository: address of this code on GitHub or GitLab; None: files on this machine.
        branch: of the repository.
    """
    referenced = dg.with_source_code_references(assets)
    if repository is not None:
        here = dg.AnchorBasedFilePathMapping(local_file_anchor=PACKAGE, file_anchor_path_in_repository=PACKAGE.name)
        referenced = dg.link_code_references_to_git(referenced, repository, branch, here)
    return [asset for asset in referenced if isinstance(asset, dg.AssetsDefinition)]
