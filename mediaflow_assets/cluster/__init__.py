"""Several machines: steps of a run as tasks of Celery workers.

``executor`` chooses who runs the steps, ``worker`` is the application that ``celery worker``
loads, ``lease`` sees to it that the steps of a dead worker are given to another one.
docs/deploy.md shows how they are put together.
"""
