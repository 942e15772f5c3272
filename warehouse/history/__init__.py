"""The history of a home: what publications were built from, who moved CURRENT, what may go, what is wrong.

What belongs here: manifests, the log of moves and removals, who reads a file, removing, verifying, comparing.
What does not: going live and opening for reading (``warehouse.publications``, which uses ``in_use``, ``log``
and ``manifest`` from here), the figures of one publication (``warehouse.reading``).
"""
