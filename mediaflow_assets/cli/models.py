"""``mediaflow models``: what model files there are, fetching them, verifying them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from mediaflow_assets.cli.entries import entry
from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.modelstore import Model, ModelStore, Status, load_catalog, store_folder
from mediaflow_assets.modelstore.catalog import Source, UrlSource, default_names, find
from mediaflow_assets.modelstore.document import markdown
from mediaflow_assets.modelstore.export import export_models
from mediaflow_assets.modelstore.fetch import LocalSource, fetch_models
from mediaflow_assets.settings import Settings

app = typer.Typer(help="Model files: list, fetch, verify.", no_args_is_help=True)

FAILED = 1
WRONG_USAGE = 2

_COLOURS = {
    "present": "green",
    "fetched": "green",
    "unpinned": "yellow",
    "missing": "dim",
    "wrong": "red",
    "failed": "red",
}


@app.command("list")
def list_models(
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The page docs/models.md instead.")] = False,
) -> None:
    """Show every model with its licence and whether it is in the store."""
    if as_markdown:
        typer.echo(markdown(load_catalog()), nl=False)
        return
    with _explained():
        store = _store()
        typer.echo(f"Models in {store.folder}; those with * are fetched by --default")
        for name, model in store.catalog.items():
            status = store.status(name)
            state = typer.style(status.explanation, fg=_COLOURS[status.state] if status.state != "missing" else None)
            facts = [f"used by {', '.join(model.used_by)}"] if model.used_by else []
            facts.append(f"first source {_first_source(model)}")
            heading = f"{name}{' *' if model.default else ''}  {_size(status)}  {state}"
            typer.echo(entry(heading, f"licence {model.terms}", "; ".join(facts)))


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Models to fetch.", show_default=False)] = None,
    default: Annotated[bool, typer.Option("--default", help="The models of the default engines.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every model that has a source.")] = False,
    place: Annotated[
        Path | None,
        typer.Option("--from", help="A folder or ZIP archive with the files: nothing is downloaded.", exists=True),
    ] = None,
) -> None:
    """Download models that are not in the store, each checked against its pinned hash."""
    with _explained():
        store = _store()
        wanted = _wanted(store, names, default, everything)
        if not wanted:
            raise BadInput("mediaflow models fetch", "no model is named", "Name models, or use --default or --all")
        with _Bars() as bars:
            results = fetch_models(store, find(store.catalog, wanted), bars, place)
    console = Console(soft_wrap=True)
    for result in results:
        origin = f" from {result.source}" if result.source else ""
        colour = _COLOURS[result.state]
        console.print(f"[{colour}]{result.state}[/] {result.model.name}{origin}; licence {result.model.terms}")
        for reason in result.refused if result.error is None else ():
            console.print(f"  not from {reason}", markup=False)
        if result.error is not None:
            typer.echo(f"  {result.error}", err=True)
    console.print(f"Model store: {store.folder}", markup=False)
    if any(result.error for result in results):
        raise typer.Exit(FAILED)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="The ZIP archive to write.")],
    names: Annotated[list[str] | None, typer.Argument(help="Models to take.", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every model that is here.")] = False,
) -> None:
    """Write models into one ZIP archive for a machine without network: mediaflow models fetch --from ZIP.

    Without names: those of the default engines.
    """
    with _explained():
        store = _store()
        taken = export_models(store, _wanted(store, names, not names and not everything, everything), target)
    for name in taken:
        typer.echo(f"{name}; licence {store.catalog[name].terms}")
    typer.echo(f"Written: {target}")


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models that must be there and right.", show_default=False)
    ] = None,
) -> None:
    """Read model files again and compare their hashes.

    Without names: those of the default engines, which must be there, and whatever else is there.
    """
    with _explained():
        store = _store()
        if names:
            statuses = list(store.verify(names))
        else:
            required = set(default_names(store.catalog))
            statuses = [s for s in store.verify(store.catalog) if s.state != "missing" or s.model.name in required]
    console = Console(soft_wrap=True)
    for status in statuses:
        colour = _COLOURS[status.state]
        console.print(f"[{colour}]{status.explanation}[/] {status.model.name} {status.sha256 or ''}".rstrip())
        try:
            status.require()
        except MediaflowError as error:
            typer.echo(f"  {error}", err=True)
    if not all(status.usable for status in statuses):
        raise typer.Exit(FAILED)


def _wanted(store: ModelStore, names: list[str] | None, default: bool, everything: bool) -> list[str]:
    wanted = list(names or [])
    if default:
        wanted += default_names(store.catalog)
    if everything:
        wanted += [name for name, model in store.catalog.items() if model.pinned]
    return wanted


def _store() -> ModelStore:
    settings = Settings.load()
    return ModelStore(store_folder(settings.models, Layout(settings.folders).home))


def _size(status: Status) -> str:
    """Pinned size, or that of the user's file."""
    if status.model.pinned:
        return decimal(status.model.bytes)
    return decimal(status.path.stat().st_size) if status.usable else "–"


def _first_source(model: Model) -> str:
    """Where it comes from, short enough for a column."""
    source = model.sources[0] if model.sources else UrlSource(url=model.origin)
    return urlsplit(source.url).netloc if isinstance(source, UrlSource) else str(source)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Errors as one sentence: status 2 for a wrong name or setting, 1 for the rest."""
    try:
        yield
    except MediaflowError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USAGE if isinstance(error, BadInput) else FAILED) from None


class _Bars:
    """One progress bar per model and source, on the error stream."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bars: dict[tuple[str, str], TaskID] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def waiting(self, folder: Path) -> None:
        self._progress.console.print(f"Waiting for another fetch into {folder}", markup=False)

    def advance(self, model: Model, source: Source | LocalSource, done: int, total: int | None) -> None:
        key = model.name, str(source)
        if key not in self._bars:
            self._bars[key] = self._progress.add_task(f"{model.name} from {source}", total=total)
        self._progress.update(self._bars[key], completed=done, total=total)
