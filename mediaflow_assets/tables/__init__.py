"""Analyses as tables: a delivery, a project at work or the analysis store, opened as typed documents and DataFrames."""

from mediaflow_assets.tables.dataset import Dataset
from mediaflow_assets.tables.locations import open_delivery
from mediaflow_assets.tables.video import AnalysedVideo

__all__ = ["AnalysedVideo", "Dataset", "open_delivery"]
