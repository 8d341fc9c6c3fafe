"""Whom of the cast register those without a name might be. It is shown; a name is only what a person says."""

from __future__ import annotations

from mediaflow_assets.cast.recognition import suggestions
from mediaflow_assets.cast.register import CastRegister
from mediaflow_assets.cast.vectors import FaceMeasure
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.review.present import review_of
from mediaflow_assets.review.state import fold
from mediaflow_assets.server.looking import Looked


def proposed(looked: Looked) -> list[dict[str, object]]:
    """Face or voice, name, and distance or likeness of each proposal; none while ``CAST=off``. Nothing is kept.

    Raises:
        BadInput: a document or the register cannot be read.
        Unavailable: there are faces to measure, and dlib or a model is missing.
    """
    settings, layout = looked.site.settings, looked.site.layout
    if settings.cast.enabled != "on":
        return []
    people = CastRegister(layout.state, settings.cast.days).people()
    review = looked.review or review_of(looked.present, fold(looked.versions))

    def measure() -> FaceMeasure:
        return FaceMeasure(ModelStore(store_folder(settings.models, layout.home)), settings.compute)

    found = suggestions(people, looked.present, review, looked.video.picture, measure, settings.cast)
    return [
        {
            "who": one.who,
            "name": one.proposal.person.name,
            "distance": one.proposal.distance,
            "cosine": one.proposal.cosine,
        }
        for one in found
    ]
