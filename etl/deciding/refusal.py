"""Why a decision is not taken."""

from __future__ import annotations


class Refused(Exception):
    """The decision is not taken, and nothing is written; says why, and what would pass."""
