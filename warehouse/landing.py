"""What was received, as it was received: bytes by sha256 and one manifest a return.

What belongs here: storing and listing receptions. What does not: what the bytes say (``etl.intake``).
Both folders are append-only; the sequence of the manifests is the order of reception. Many manifests may be
compacted into one file (``warehouse.compaction``), which then counts instead of theirs.

Of a file that holds what is never stored, a copy without it is landed, or nothing: the manifest says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse import storage
from warehouse.settings import Home
from warehouse.spans import Span, counting, span_name, spans

#: How long a reception waits for another one to finish, in seconds.
LOCK_TIMEOUT = 60

_CHUNK = 1 << 20
#: A manifest of its own, and many in one file.
_SUFFIXES = frozenset({".json", ".jsonl"})


@dataclass(frozen=True)
class Reception:
    """One file handed in for one unit and month; ``unit`` and ``period`` are what was found on reception.

    ``sha256`` and ``bytes`` are those of the file as it was handed in. Where it is ``redacted``, not that
    file was landed but a copy without personal data, with the digest ``landed_sha256``; or nothing, if that
    is None.
    """

    return_id: str
    sequence: int
    file_name: str
    sha256: str
    bytes: int
    received_at: str
    unit: str | None
    period: str | None
    unit_option: str | None = None
    period_option: str | None = None
    submitter: str | None = None
    redacted: bool = False
    landed_sha256: str | None = None

    @property
    def content_sha256(self) -> str | None:
        """The digest of the bytes that were landed; None where nothing was."""
        return self.landed_sha256 if self.redacted else self.sha256


@dataclass(frozen=True)
class Arrived:
    """A file as it was handed in."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Kept:
    """A file's bytes where they lie from now on."""

    sha256: str
    bytes: int
    path: Path


class Landing:
    """The landing folder of a home."""

    def __init__(self, home: Home) -> None:
        self.root = home.landing
        self.files = self.root / "files"
        self.manifests = self.root / "returns"

    def receptions(self) -> list[Reception]:
        """Every reception, in order."""
        try:
            texts = [*self.manifest_texts()]
        except FileNotFoundError:
            # What had been compacted away was removed after it was listed; what counts for it is there.
            texts = [*self.manifest_texts()]
        return [Reception(**json.loads(text)) for text in texts]

    def all_spans(self) -> list[Span]:
        """Every file of manifests, those that were compacted away too."""
        return spans(path for path in self.manifests.glob("[0-9]*.json*") if path.suffix in _SUFFIXES)

    def spans(self) -> list[Span]:
        """The files that count, in order: of one manifest, or of many, one a line."""
        return counting(self.all_spans())

    def manifest_texts(self, found: Iterable[Span] | None = None) -> Iterator[bytes]:
        """Each manifest of these files, or of all that count, as JSON, in order."""
        for span in self.spans() if found is None else found:
            content = span.path.read_bytes()
            if span.is_compacted:
                yield from content.splitlines()
            else:
                yield content

    def content_path(self, sha256: str) -> Path:
        return self.files / sha256[:2] / sha256

    def landed(self, reception: Reception) -> Path | None:
        """Where the bytes of a reception lie: as they were handed in, or without what is never stored."""
        digest = reception.content_sha256
        return self.content_path(digest) if digest is not None else None

    def content(self, reception: Reception) -> bytes:
        """The bytes of a reception that were landed.

        Raises:
            FileNotFoundError: nothing was, or it is gone.
        """
        path = self.landed(reception)
        if path is None:
            raise FileNotFoundError(f"of {reception.return_id} nothing was landed")
        return path.read_bytes()

    @contextmanager
    def receiving(self, is_turned_away: Callable[[Reception], bool] = lambda _: False) -> Iterator[Desk]:
        """The one place where receptions are added; holds the folder's lock.

        ``is_turned_away`` says of which receptions another sender, or another day, makes another return.

        Raises:
            storage.Busy: another process is receiving for too long.
        """
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            storage.remove_temporaries(self.root)
            yield Desk(self, self.receptions(), is_turned_away)


class Desk:
    """Takes in files, one after the other, while the landing folder is locked."""

    def __init__(
        self,
        landing: Landing,
        receptions: Iterable[Reception],
        is_turned_away: Callable[[Reception], bool] = lambda _: False,
    ) -> None:
        self._landing = landing
        self._is_turned_away = is_turned_away
        self._seen = {self._identity(reception): reception for reception in reversed(list(receptions))}
        self._handed_in = {
            _handed_in(reception): reception
            for reception in self._seen.values()
            if not is_turned_away(reception)
        }
        self._next = max((reception.sequence for reception in self._seen.values()), default=0) + 1

    def known(
        self, path: Path, file_name: str, unit_option: str | None, period_option: str | None
    ) -> Reception | None:
        """The reception of the same bytes under the same name and options: nobody need read them again."""
        return self._handed_in.get((_sha256(path), file_name, unit_option, period_option))

    def keep(self, path: Path) -> Kept:
        """Copies a file among the landed ones, durably; without a manifest it belongs to no return yet."""
        temporary = storage.temporary_path(self._landing.files)
        arrived = copied(path, temporary)
        content_path = self._landing.content_path(arrived.sha256)
        if content_path.exists():
            temporary.unlink()
        else:
            content_path.parent.mkdir(parents=True, exist_ok=True)
            storage.move_into_place(temporary, content_path)
        return Kept(arrived.sha256, arrived.bytes, content_path)

    def receive(
        self,
        arrived: Arrived,
        kept: Kept | None,
        *,
        file_name: str,
        unit: str | None,
        period: str | None,
        unit_option: str | None = None,
        period_option: str | None = None,
        submitter: str | None = None,
    ) -> tuple[Reception, bool]:
        """Writes a file's manifest; returns its reception, and whether it had been received before.

        ``kept`` is what was landed of it: another digest is that of a copy without personal data.
        The same bytes for the same unit and month are the same return, under whatever file name; unless they
        were turned away then, and are not now.
        """
        redacted = kept is None or kept.sha256 != arrived.sha256
        reception = Reception(
            return_id=f"R{self._next:06d}",
            sequence=self._next,
            file_name=file_name,
            sha256=arrived.sha256,
            bytes=arrived.bytes,
            received_at=dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
            unit=unit,
            period=period,
            unit_option=unit_option,
            period_option=period_option,
            submitter=submitter,
            redacted=redacted,
            landed_sha256=kept.sha256 if redacted and kept is not None else None,
        )
        identity = self._identity(reception)
        earlier = self._seen.get(identity)
        if earlier is not None:
            return earlier, True
        facts = asdict(reception)
        if not redacted:
            del facts["redacted"], facts["landed_sha256"]
        manifest = json.dumps(facts, ensure_ascii=False, indent=1).encode()
        storage.write_file(self._landing.manifests / _manifest_name(reception.sequence), manifest)
        self._seen[identity] = reception
        if not self._is_turned_away(reception):
            self._handed_in[_handed_in(reception)] = reception
        self._next += 1
        return reception, False

    def _identity(self, reception: Reception) -> tuple[str | None, ...]:
        """What makes a return: bytes, unit and month; of one turned away, that it was, and who sent it."""
        same = (reception.sha256, reception.unit, reception.period)
        return (*same, "turned away", reception.submitter) if self._is_turned_away(reception) else same


def _manifest_name(sequence: int) -> str:
    return f"{span_name(sequence, sequence)}.json"


def copied(path: Path, target: Path) -> Arrived:
    """Copies a file, in pieces, and says what was copied: the file may change meanwhile."""
    digest = hashlib.sha256()
    with path.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
        return Arrived(digest.hexdigest(), copy.tell())


def _sha256(path: Path) -> str:
    """The name of a file's bytes, in 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _handed_in(reception: Reception) -> tuple[str | None, ...]:
    return (reception.sha256, reception.file_name, reception.unit_option, reception.period_option)
