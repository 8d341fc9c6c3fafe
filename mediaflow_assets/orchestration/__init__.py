"""How runs are organised by Dagster: pools, partitions, backfills, the instance, the executor and Celery workers."""
