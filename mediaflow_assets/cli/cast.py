"""``mediaflow cast``: people who are remembered by face and voice, if that is wanted at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from mediaflow_assets.cast.register import CastRegister, write_private
from mediaflow_assets.cli.correct import Project, Video
from mediaflow_assets.cli.corrected_video import corrected_video, user
from mediaflow_assets.cli.installation import Installation, installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.reporting.reviewed import present_of, review_now
from mediaflow_assets.reporting.sources import VideoSource, find_project
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.present import Present

if TYPE_CHECKING:
    from mediaflow_assets.cast.proposals import Proposal
    from mediaflow_assets.cast.vectors import FaceMeasure

Name = Annotated[str, typer.Argument(help="Of somebody who is remembered.", show_default=False)]
OneVideo = Annotated[str | None, typer.Argument(help="Id, path, file name or stem.", show_default=False)]

app = typer.Typer(
    help="People remembered by face and voice: biometric data, off by default (docs/privacy.md).", no_args_is_help=True
)


@app.command("list")
def list_() -> None:
    """Who is remembered, from how many videos, since when."""
    people = _register(installation()).people()
    for person in people:
        typer.echo(person.name)
        known = f"faces of {len(person.faces)} videos, {len(person.voices)} voices, {len(person.refusals)} refusals"
        typer.echo(f"    {known}  since {person.created_at}  last learned {person.learned_at} by {person.by}")
    if not people:
        typer.echo("nobody is remembered")


@app.command()
def learn(
    project: Project,
    video: OneVideo = None,
    same: Annotated[bool, typer.Option("--same", help="It is the same person, although the faces differ.")] = False,
) -> None:
    """Remember the people who are named in a project by their faces and voices. Nothing else ever does."""
    from mediaflow_assets.cast.learning import learn as remember

    here = _switched_on()
    measure, count = _measure(here), 0
    for source, present, review in _videos(here, project, video):
        learned = remember(_register(here), present, review, source.picture, measure, by=user(), same=same)
        for one in learned:
            typer.echo(f"{source.path}  {one.name}: {one.looks} pictures of the face, {one.voices} voices")
        count += len(learned)
    if not count:
        typer.echo(f"nobody is named there yet: mediaflow name {project} VIDEO obj_1=NAME")


@app.command()
def propose(project: Project, video: OneVideo = None) -> None:
    """Say whom those without a name might be. Nobody is named by it."""
    from mediaflow_assets.cast.recognition import suggestions

    here = _switched_on()
    people = _register(here).people()
    measure, count = _measure(here), 0
    for source, present, review in _videos(here, project, video):
        if source.picture is None:
            typer.echo(f"{source.path}: has no 25-fps picture any more; only voices are compared", err=True)
        for one in suggestions(people, present, review, source.picture, measure, here.settings.cast):
            count += 1
            name = one.proposal.person.name
            typer.echo(f"{source.path}  {one.who}: {name}? {_evidence(one.proposal)}")
            typer.echo(f"    yes: mediaflow name {quote(project)} {source.id} {one.who}={quote(name)}")
            typer.echo(f"    no:  mediaflow cast not-her {quote(project)} {source.id} {one.who} {quote(name)}")
    if not count:
        typer.echo("nobody without a name is clearly somebody who is remembered")


@app.command("not-her")
def not_her(
    project: Project,
    video: Video,
    who: Annotated[str, typer.Argument(help="A face or a voice: obj_3, SPEAKER_01.", show_default=False)],
    name: Name,
) -> None:
    """Say that it is not this person; it is not proposed there again."""
    from mediaflow_assets.cast.recognition import refuse

    chosen = corrected_video(project, video)
    refuse(_register(chosen.here), name, chosen.present, chosen.review, who)
    typer.echo(f"{name} is not proposed for {who} of {chosen.video.path} again")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="JSON file to write; only you may read it.", show_default=False)],
    name: Annotated[str | None, typer.Option("--name", help="This person only.", show_default=False)] = None,
) -> None:
    """Write everything that is kept of a person, or of all, vectors too: for the person who asks for it."""
    register = _register(installation())
    people = [register.named(name)] if name else register.people()
    write_private(file.resolve(), msgspec.json.format(msgspec.json.encode(people)))
    typer.echo(f"{file}: {len(people)} people; it holds biometric data")


@app.command()
def forget(
    name: Annotated[str | None, typer.Argument(help="Of somebody who is remembered.", show_default=False)] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody.")] = False,
) -> None:
    """Delete everything the register has of a person, or of all."""
    if (name is None) != everybody:
        raise BadInput("mediaflow cast forget", "needs a name or --all", "See: mediaflow cast list")
    register = _register(installation())
    if name is None:
        register.forget_all()
        typer.echo("everybody is forgotten")
    else:
        register.forget(name)
        typer.echo(f"{name} is forgotten; names that people gave in videos stay (docs/privacy.md)")


def _register(here: Installation) -> CastRegister:
    return CastRegister(here.layout.state, here.settings.cast.days)


def _switched_on() -> Installation:
    here = installation()
    if here.settings.cast.enabled != "on":
        raise BadInput(
            "CAST", "is off: nobody is remembered by face or voice", "Read docs/privacy.md, then set CAST=on"
        )
    return here


def _videos(here: Installation, project: str, video: str | None) -> list[tuple[VideoSource, Present, Review]]:
    source = find_project(here.layout, here.store, choose_project(here, project))
    found = []
    for one in [source.video(video)] if video else source.videos:
        present, review = present_of(one), review_now(here.layout, source, one)
        if present is not None and review is not None:
            found.append((one, present, review))
    return found


def _measure(here: Installation) -> Callable[[], FaceMeasure]:
    """What measures faces, loaded when the first one is there, once."""

    @cache
    def loaded() -> FaceMeasure:
        from mediaflow_assets.cast.vectors import FaceMeasure

        store = ModelStore(store_folder(here.settings.models, here.layout.home))
        return FaceMeasure(store, here.settings.compute)

    return loaded


def _evidence(proposal: Proposal) -> str:
    parts = [
        f"face {proposal.distance:.2f}" if proposal.distance is not None else "",
        f"voice {proposal.cosine:.2f}" if proposal.cosine is not None else "",
    ]
    return f"({', '.join(part for part in parts if part)})"
