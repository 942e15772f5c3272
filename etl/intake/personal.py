"""Personal identity numbers and mobile numbers: what they look like, and how a text is quoted without them.

What belongs here: the one pattern, for Python and SQL alike, and the mark that stands for what was removed.
What does not: what happens to a cell that holds one (rule R211, ``conditions``), whether a file holds any
(``privacy``), copies of files without them (``redaction``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

#: Stands where something personal stood. Wherever it is found, it is refused as that would be (R211), so a
#: copy without numbers is judged as its original. It may stand in the names of files and sheets, too.
MARKER = "〔个人信息已删除〕"

#: Marks that part a number where it is usually parted (138.0013.8000); elsewhere they make a decimal of it.
_MARKS = "._/·"
_PARTED = f"[{_MARKS}]"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_MOBILE = rf"(?:(?:\+|00)?86)?1[3-9][0-9](?:[0-9]{{8}}|{_PARTED}[0-9]{{4}}{_PARTED}[0-9]{{4}})"
#: GB 11643: six digits of the place, the date of birth, a serial number, a check character; 15 until 1999.
_LAST = "[0-9Xx×ХхＸ]"
_IDENTITY = (
    rf"[1-8][0-9]{{5}}{_PARTED}?(?:18|19|20)[0-9]{{2}}{_DAY}{_PARTED}?[0-9]{{3}}{_LAST}"
    rf"|[1-8][0-9]{{7}}{_DAY}[0-9]{{3}}"
)
#: Of letters only words that announce a number (TEL138…): what is behind others is another number's rest.
_ANNOUNCED = "(?i:tel|phone|mobile|id|no|wx|vx)"
_BEFORE, _BEHIND = f"(?:^|[^0-9A-Za-z]|{_ANNOUNCED})", "(?:$|[^0-9A-Za-z])"
#: What a division leaves behind the point (12.345678011225123) is no identity number.
_BEFORE_IDENTITY = rf"(?:^|[^0-9A-Za-z.]|(?:^|[^0-9])\.|{_ANNOUNCED})"

#: A number in a text after NFKC. Understood alike by Python's ``re`` and RE2 (DuckDB, Arrow).
NUMBER = rf"(?:{_BEFORE}({_MOBILE})|{_BEFORE_IDENTITY}({_IDENTITY})){_BEHIND}"
#: A number, or the mark where one stood.
PERSONAL_NUMBER = f"{NUMBER}|{MARKER}"

#: Dashes beside the ASCII one, and what takes no room.
_DASHES = "\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff"
#: Stands between digits of one number, as in 138 0013-8000. No ``\s``: Python and RE2 differ about that.
_SEPARATORS = rf"[\t\n\v\f\r {_DASHES}-]"
#: Replaced by ``JOINED_AS``, twice since digits may stand alone, it takes out what stands between digits.
JOINED, JOINED_AS = rf"([0-9]){_SEPARATORS}+([0-9])", r"\1\2"
#: No shorter text, in bytes, holds a personal number.
SHORTEST = 11

#: What NFKC makes ASCII digits of.
_OTHER_DIGITS = (
    "\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2473\u24ea\u3251-\u325f\u32b1-\u32bf"
    "\uff10-\uff19\U0001d7ce-\U0001d7ff\U0001fbf0-\U0001fbf9"
)
_HIDDEN = "***"
_number = re.compile(NUMBER)
_between_digits = re.compile(rf"(?<=[0-9]){_SEPARATORS}+(?=[0-9])")


def suspicion(*, across_lines: bool) -> str:
    """A pattern over many texts at once, as they were typed, that misses no number; commas part the texts.

    It finds some that are none, too. Without ``across_lines`` no number goes on in another line.
    """
    breaks = r"\n\r" if across_lines else ""
    between = rf"[\t\v\f {breaks}{_DASHES}{_MARKS}-]*"
    digit = f"(?:{between}[0-9])"
    mobile = rf"(?:(?:\+|0{between}0{between})?8{between}6{between})?1{between}[3-9]{digit}{{9}}"
    day = f"{between}[01]{digit}{between}[0-3]{digit}"
    identity = f"[1-8]{digit}{{5}}{between}[12]{digit}{{3}}{day}{digit}{{3}}{between}{_LAST}"
    former = f"[1-8]{digit}{{7}}{day}{digit}{{3}}"
    other, any_digit = f"[{_OTHER_DIGITS}]", f"[0-9{_OTHER_DIGITS}]"
    mixed = f"{other}{between}{any_digit}|{any_digit}{between}{other}"
    return f"{_BEFORE}(?:{mobile}|{identity}|{former}){_BEHIND}|{mixed}"


def holds_number(text: str) -> bool:
    """Whether a personal number stands in a text, however its digits are written."""
    plain = unicodedata.normalize("NFKC", text)
    if len(plain) < SHORTEST:
        return False
    return any(_number.search(one) for one in (plain, _between_digits.sub("", plain)))


def masked(text: str) -> str:
    """``text`` as it may be quoted: whole as it is, or hidden whole where it holds a personal number."""
    return _HIDDEN if MARKER in text or holds_number(text) else text


def without_numbers(text: str) -> str:
    """``text`` with the mark in the place of each personal number; its other words stay."""
    if not holds_number(text):
        return text
    parts: list[str] = []
    end = 0
    for first, behind in _merged(_places(text)):
        before = text[end:first]
        # A word before a number is told from it by a blank, as a digit tells it (``row_marks``).
        glue = " " if before and not before[-1].isspace() else ""
        parts += [before, glue, MARKER]
        end = behind
    result = "".join([*parts, text[end:]])
    return MARKER if not parts or holds_number(result) else result


def masked_names(names: Sequence[str | None]) -> list[str | None]:
    """Names of sheets without numbers; two that were told apart by a number still differ."""
    plain = [without_numbers(name) if name is not None else None for name in names]
    taken = {name.lower() for name, old in zip(plain, names, strict=True) if name is not None and name == old}
    result: list[str | None] = []
    for name, old in zip(plain, names, strict=True):
        chosen, number = name, 2
        while chosen is not None and chosen != old and chosen.lower() in taken:
            chosen, number = f"{name}{number}", number + 1
        if chosen is not None:
            taken.add(chosen.lower())
        result.append(chosen)
    return result


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers stand in a text: the first character of each, and the one behind it."""
    plain: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        for one in unicodedata.normalize("NFKC", character):
            plain.append(one)
            origins.append(index)
    whole = "".join(plain)
    dropped = {index for gap in _between_digits.finditer(whole) for index in range(*gap.span())}
    kept = [index for index in range(len(whole)) if index not in dropped]
    for form, where in ((whole, origins), ("".join(plain[i] for i in kept), [origins[i] for i in kept])):
        start = 0
        while (match := _number.search(form, start)) is not None:
            first, behind = match.span(1) if match[1] else match.span(2)
            yield where[first], where[behind - 1] + 1
            start = behind


def _merged(places: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in their order, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for first, behind in sorted(places):
        if merged and first < merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], behind)
        else:
            merged.append((first, behind))
    return merged
