"""One stage, one file: read inputs, call the domain, report a materialization.

Modules here do not postpone the evaluation of annotations: Dagster inspects the real types.
"""
