"""The Dagster assets: coarse ones, that run one after the other in one process.

What belongs here: what Dagster shows and schedules. What does not: the work itself, which ``etl.processing``,
``warehouse.building`` and ``warehouse.publications`` do and which knows nothing of Dagster.
"""
