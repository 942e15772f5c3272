"""Unified social credit codes (GB 32100) in Python, for the few that have the digits of a personal number.

What belongs here: the check character of one code. What does not: checking columns of them, which the macro
``is_credit_code`` of ``sql/macros.sql`` does.
"""

from __future__ import annotations

import unicodedata

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LENGTH = 18


def is_credit_code(text: str) -> bool:
    """Whether a text, as it was typed, is a code whose check character is right."""
    code = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if len(code) != _LENGTH or any(character not in _ALPHABET for character in code):
        return False
    weighted = sum(_ALPHABET.index(one) * pow(3, place, 31) for place, one in enumerate(code[:-1]))
    return _ALPHABET.index(code[-1]) == -weighted % 31
