"""Where the code of each node is, shown on its page: a file here, or a line in the repository.

Dagster finds the function that it runs, which for our assets is a wrapper (``each_project``). An asset is in the
module of its name, so this points to where it is written.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

PACKAGE = Path(__file__).resolve().parents[1]


def with_code_references(
    assets: Sequence[dg.AssetsDefinition | dg.AssetSpec], repository: str | None, branch: str = "main"
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The same assets with references to their code.

    Args:
        repository: address of this code on GitHub or GitLab; None: files on this machine.
        branch: of the repository.
    """

    def referenced(spec: dg.AssetSpec) -> dg.AssetSpec:
        reference = _reference(spec.key.to_user_string(), repository, branch)
        value = dg.CodeReferencesMetadataValue(code_references=[reference])
        return spec.merge_attributes(metadata={"dagster/code_references": value})

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # of the pinned release: a change of it is a change of ours
        return [
            referenced(asset) if isinstance(asset, dg.AssetSpec) else asset.map_asset_specs(referenced)
            for asset in assets
        ]


def _reference(name: str, repository: str | None, branch: str) -> dg.LocalFileCodeReference | dg.UrlCodeReference:
    file = PACKAGE / "assets" / f"{name}.py"
    line = 1 + re.split(
        rf"^(?:def {name}\(|{name} = )", file.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE
    )[0].count("\n")
    if repository is None:
        return dg.LocalFileCodeReference(file_path=str(file), line_number=line)
    tree = "-/blob" if "gitlab" in repository else "blob"
    return dg.UrlCodeReference(url=f"{repository.rstrip('/')}/{tree}/{branch}/{PACKAGE.name}/assets/{name}.py#L{line}")
