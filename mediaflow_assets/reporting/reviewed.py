"""Corrections of a video, wherever its documents are: what the page, the commands and the assets begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.reporting.sources import Document, ProjectSource, VideoSource, content_sha256, project_source
from mediaflow_assets.review.document import Review, read_review
from mediaflow_assets.review.edits import Made
from mediaflow_assets.review.journal import Journal
from mediaflow_assets.review.present import FILE, KINDS, Present, known_review, review_of
from mediaflow_assets.review.state import State, fold


def journal_of(layout: Layout, video: str) -> Journal:
    """The journal of a received video.

    Args:
        video: SHA-256 of the received file.

    Raises:
        BadInput: it is no SHA-256.
    """
    return Journal(layout.archives, layout.state, video)


def present_of(video: VideoSource) -> Present | None:
    """The documents that people look at; None for a video that has no 25-fps video or nothing that was analysed."""
    if video.master is None or not video.documents.keys() & set(KINDS):
        return None
    return present_with(video.master, video.documents)


def present_with(master: Master, documents: Mapping[str, Document]) -> Present:
    """A video with those of its documents that corrections are about."""
    read = {kind: documents[kind] for kind in KINDS if kind in documents}
    made = {kind: _made(kind, document) for kind, document in read.items()}
    return Present(master, {kind: document.path for kind, document in read.items()}, made)


def presents(layout: Layout, store: AnalysisStore, key: str) -> list[Present]:
    """All videos of a project that can be corrected.

    Raises:
        BadInput: it is not registered, or no video of it is known.
    """
    return [found for video in project_source(layout, store, key).videos if (found := present_of(video)) is not None]


def state_of(layout: Layout, video: str) -> State:
    """What counts of what people said about a received video.

    Raises:
        BadInput: its journal is damaged.
    """
    return fold(journal_of(layout, video).versions())


def review_now(layout: Layout, project: ProjectSource, video: VideoSource) -> Review | None:
    """What is said means for the documents that are there, as of now; None where nothing was analysed.

    The document of ``review_json`` where it is up to date, else made here, which takes seconds for an hour.

    Raises:
        BadInput: the journal is damaged, or a document cannot be read.
    """
    present = present_of(video)
    if present is None:
        return None
    state = state_of(layout, video.sha256)
    known = known_review(layout.project(project.key).review / FILE.format(id=video.id), present, state)
    return known or review_of(present, state)


def with_reviews(layout: Layout, project: ProjectSource) -> ProjectSource:
    """The project with what people corrected, for those of its videos that they did correct.

    The documents of ``review_json`` are taken while they are of the present documents, also when somebody said more
    since: the delivery is of the same. Without any of them what is said now is found again here.
    """
    return replace(project, videos=tuple(_with_review(layout, project, video) for video in project.videos))


def _with_review(layout: Layout, project: ProjectSource, video: VideoSource) -> VideoSource:
    present = present_of(video)
    if present is None:
        return video
    try:
        made = layout.project(project.key).review / FILE.format(id=video.id)
        review = read_review(made) if made.is_file() else None
        if review is None or review.inputs != present.inputs:
            state = state_of(layout, video.sha256)
            review = review_of(present, state) if state.said else None
    except BadInput as error:
        return replace(video, failures={**video.failures, "review": error.sentence})
    return replace(video, review=review)


def _made(kind: str, document: Document) -> Made:
    recipe = document.record.recipe if document.record else None
    return Made(
        sha256=content_sha256(kind, document),
        engine=recipe.engine if recipe else "",
        code_version=recipe.code_version if recipe else "",
    )
