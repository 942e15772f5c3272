"""Unified social credit codes (GB 32100-2015): eighteen capitals and digits, the last one a check character.

What belongs here: the check of one code and of a whole column of them. What does not: what becomes of a code
that fails it (``conditions``).
"""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa

#: Without I, O, S, V and Z.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
#: The check character makes the sum of all places, so weighted, divisible by 31. Floats of this size are
#: exact, and a product with them is the fastest that numpy has.
_WEIGHTS = np.array([*(pow(3, place, 31) for place in range(LENGTH - 1)), 1], np.float32)
#: The value of each byte; one that stands for no character of the alphabet makes any sum negative.
_VALUES = np.full(256, -(2**20), np.float32)
_VALUES[np.frombuffer(ALPHABET.encode(), np.uint8)] = np.arange(len(ALPHABET))


def is_credit_code(text: str) -> bool:
    """Whether a text, as it was typed, is a code whose check character is right."""
    code = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    return bool(are_credit_codes(pa.array([code], pa.string()))[0].as_py())


def are_credit_codes(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """For each text whether it is, as it stands, a code whose check character is right; false for null.

    A column of codes is one table of bytes: looked up and added up without an object for each of them.
    """
    array = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    array = array.cast(pa.large_string())
    _, ends, characters = array.buffers()
    ends = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    right = np.zeros(len(array), bool)
    places = np.flatnonzero(np.diff(ends) == LENGTH)
    if len(places):
        first, every = int(ends[0]), len(places) == len(array)
        found = np.frombuffer(characters, np.uint8)[first : int(ends[-1])]
        if not every:
            found = found[(ends[places] - first)[:, None] + np.arange(LENGTH)]
        sums = _VALUES.take(found.reshape(-1, LENGTH)) @ _WEIGHTS
        right[places] = (sums >= 0) & (sums.astype(np.int32) % len(ALPHABET) == 0)
    return pa.array(right)
