"""What was received, as it was received: bytes by sha256 and one manifest a return.

What belongs here: storing and listing receptions. What does not: what the bytes say (``etl.intake``).
Both folders are append-only; the sequence of the manifests is the order of reception.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse import storage
from warehouse.settings import Home

#: How long a reception waits for another one to finish, in seconds.
LOCK_TIMEOUT = 60


@dataclass(frozen=True)
class Reception:
    """One file handed in for one unit and month; ``unit`` and ``period`` are what was found on reception."""

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


class Landing:
    """The landing folder of a home."""

    def __init__(self, home: Home) -> None:
        self.root = home.landing
        self.files = self.root / "files"
        self.manifests = self.root / "returns"

    def receptions(self) -> list[Reception]:
        """Every reception, in order."""
        return [Reception(**json.loads(path.read_bytes())) for path in sorted(self.manifests.glob("*.json"))]

    def content_path(self, sha256: str) -> Path:
        return self.files / sha256[:2] / sha256

    def content(self, reception: Reception) -> bytes:
        return self.content_path(reception.sha256).read_bytes()

    @contextmanager
    def receiving(self) -> Iterator[Desk]:
        """The one place where receptions are added; holds the folder's lock.

        Raises:
            storage.Busy: another process is receiving for too long.
        """
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            storage.remove_temporaries(self.root)
            yield Desk(self, self.receptions())


class Desk:
    """Takes in files, one after the other, while the landing folder is locked."""

    def __init__(self, landing: Landing, receptions: Iterable[Reception]) -> None:
        self._landing = landing
        self._seen = {_identity(reception): reception for reception in reversed(list(receptions))}
        self._handed_in = {_handed_in(reception): reception for reception in self._seen.values()}
        self._next = max((reception.sequence for reception in self._seen.values()), default=0) + 1

    def known(
        self, content: bytes, file_name: str, unit_option: str | None, period_option: str | None
    ) -> Reception | None:
        """The reception of the same bytes under the same name and options: nobody need read them again."""
        return self._handed_in.get((sha256(content), file_name, unit_option, period_option))

    def receive(
        self,
        content: bytes,
        *,
        file_name: str,
        unit: str | None,
        period: str | None,
        unit_option: str | None = None,
        period_option: str | None = None,
        submitter: str | None = None,
    ) -> tuple[Reception, bool]:
        """Lands a file; returns its reception, and whether it had been received before.

        The same bytes for the same unit and month are the same return, under whatever file name.
        """
        reception = Reception(
            return_id=f"R{self._next:06d}",
            sequence=self._next,
            file_name=file_name,
            sha256=sha256(content),
            bytes=len(content),
            received_at=dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
            unit=unit,
            period=period,
            unit_option=unit_option,
            period_option=period_option,
            submitter=submitter,
        )
        earlier = self._seen.get(_identity(reception))
        if earlier is not None:
            return earlier, True
        content_path = self._landing.content_path(reception.sha256)
        if not content_path.exists():
            storage.write_file(content_path, content)
        manifest = json.dumps(asdict(reception), ensure_ascii=False, indent=1).encode()
        storage.write_file(self._landing.manifests / f"{reception.sequence:06d}.json", manifest)
        self._seen[_identity(reception)] = reception
        self._handed_in[_handed_in(reception)] = reception
        self._next += 1
        return reception, False


def sha256(content: bytes) -> str:
    """The name of some bytes, in 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _handed_in(reception: Reception) -> tuple[str | None, ...]:
    return (reception.sha256, reception.file_name, reception.unit_option, reception.period_option)


def _identity(reception: Reception) -> tuple[str | None, ...]:
    return (reception.sha256, reception.unit, reception.period)
