"""``mediaflow name, merge, split, ignore, speaks, cut, word``: what a person says about an analysis."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaflow_assets.cli.corrected_video import corrected_video, frame_of, span_of
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.review.persons import folded
from mediaflow_assets.review.wishes import (
    CutWish,
    IgnoreWish,
    LinkWish,
    MergeWish,
    NameWish,
    SpeaksWish,
    SplitWish,
    Wish,
    WordWish,
)

Project = Annotated[str, typer.Argument(help="Key, name, number or part of the name.", show_default=False)]
Video = Annotated[str, typer.Argument(help="Id, path, file name or stem.", show_default=False)]
First = Annotated[str | None, typer.Option("--from", help="First frame, or time as 00:01:02:04.", show_default=False)]
Last = Annotated[str | None, typer.Option("--to", help="Last frame, or time.", show_default=False)]
NOBODY = "nobody"


def name(
    project: Project,
    video: Video,
    names: Annotated[list[str], typer.Argument(help='obj_1="Camille Roux"; obj_1= takes the name back.')],
) -> None:
    """Say who a face or a voice is. The same name twice is one person."""
    chosen = corrected_video(project, video)
    wishes: list[Wish] = []
    known = {folded(person.name): person for person in chosen.review.people if person.name}
    for said in names:
        who, sign, text = said.partition("=")
        if not sign:
            raise BadInput(repr(said), "says no name", 'Write obj_1="Camille Roux"')
        wishes.append(NameWish(who=who, name=text))
        same = known.get(folded(text))
        if same is not None and who not in (*same.faces, *same.voices, same.id):
            others = ", ".join((*same.faces, *same.voices))
            typer.echo(f"{text} is {others} already: they are one person now")
    chosen.say(wishes)


def merge(
    project: Project,
    video: Video,
    who: Annotated[list[str], typer.Argument(help="Those who are one person; the last one's id is kept.")],
) -> None:
    """Say that several faces, or several voices, are one person."""
    if len(who) < 2:
        raise BadInput("mediaflow merge", "has one to merge", "Name two: mediaflow merge PROJECT VIDEO obj_3 obj_1")
    corrected_video(project, video).say([MergeWish(who=tuple(who[:-1]), into=who[-1])])


def split(
    project: Project,
    video: Video,
    who: Annotated[str, typer.Argument(help="A face or a voice.")],
    at: Annotated[str, typer.Option(help="First frame of somebody else, or time as 00:01:02:05.")],
    last: Last = None,
) -> None:
    """Say that from a frame on it is somebody else."""
    corrected_video(project, video).say([SplitWish(who=who, first=frame_of(at), last=frame_of(last) if last else None)])


def ignore(
    project: Project,
    video: Video,
    who: Annotated[list[str], typer.Argument(help="Faces or voices.")],
    first: First = None,
    last: Last = None,
) -> None:
    """Leave a poster, a passer-by, a false face or a radio out of the delivery."""
    start, end = span_of(first, last)
    corrected_video(project, video).say([IgnoreWish(who=one, first=start, last=end) for one in who])


def speaks(
    project: Project,
    video: Video,
    who: Annotated[
        str,
        typer.Argument(help="SPEAKER_00=obj_1 (its face), SPEAKER_00=off; with --from and --to: obj_1 or nobody."),
    ],
    first: First = None,
    last: Last = None,
    not_: Annotated[bool, typer.Option("--not", help="This one is not heard there.")] = False,
) -> None:
    """Say whose voice it is, everywhere, or who is heard in a span."""
    chosen = corrected_video(project, video)
    voice, sign, face = who.partition("=")
    start, end = span_of(first, last)
    if sign:
        if start or end:
            raise BadInput(who, "links a voice everywhere", "Without = to say who is heard in a span")
        chosen.say([LinkWish(voice=voice, face=None if face == "off" else face)])
        return
    if start is None or end is None:
        raise BadInput("mediaflow speaks", "needs a span", "Give --from and --to, or SPEAKER_00=obj_1")
    nobody = who == NOBODY
    chosen.say([SpeaksWish(who=None if nobody else who, first=start, last=end, value=not (nobody or not_))])


def cut(
    project: Project,
    video: Video,
    add: Annotated[list[str] | None, typer.Option(help="First frame of a new shot, or time.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="First frame after a cut that is none, or time.")] = None,
) -> None:
    """Add or remove cuts; nothing is tracked again."""
    wishes = [CutWish(frame=frame_of(one)) for one in add or ()]
    wishes += [CutWish(frame=frame_of(one), value=False) for one in remove or ()]
    if not wishes:
        raise BadInput("mediaflow cut", "says nothing", "Give --add or --remove")
    corrected_video(project, video).say(wishes)


def word(
    project: Project,
    video: Video,
    start: Annotated[float, typer.Argument(help="Seconds.")],
    end: Annotated[float, typer.Argument(help="Seconds.")],
    text: Annotated[str, typer.Argument(help="What is said there; empty: nothing.")],
) -> None:
    """Correct a word of the transcript; a new transcription does not lose it."""
    corrected_video(project, video).say([WordWish(start=start, end=end, text=text)])
