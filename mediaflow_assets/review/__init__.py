"""What people said about an analysis, kept and applied: the machines' documents never change.

:mod:`~mediaflow_assets.review.record` takes what a person says about the documents that are there;
:mod:`~mediaflow_assets.review.journal` keeps it beside the analysis store, by the content of the received video;
:mod:`~mediaflow_assets.review.resolve` finds what it means for the present documents, whichever engine made them;
:mod:`~mediaflow_assets.review.streams` applies that while a document is read.
"""
