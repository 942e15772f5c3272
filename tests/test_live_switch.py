"""Publications go live under a running server: no request fails, none is answered from before the switch."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.support.effort import LONG
from tests.support.examples import COUNTY, row
from tests.support.pipeline import hand_in, publish
from tests.support.returns import Return, Sheet
from tests.support.served import served
from warehouse.settings import Home

_PUBLICATIONS = 20 if LONG else 3
_CLIENTS = 3
#: Between two requests of a client, so that the clients leave the machine to the builds, in seconds.
_PAUSE = 0.02
_PATIENCE = 60
_LEDGER = "innovation_trainings"

#: Each publication has one more row than the one before: the figure is the publication's number.
_QUERY = """{
    publication { id rowCount }
    progress(year: 2024, through: "2024-03", indicators: ["innovation_trainings"]) { value }
}"""


class _Published:
    """The last publication of which ``publish`` has returned; written by one thread, read by all."""

    number = 0


def test_no_request_fails_and_none_is_stale_while_publications_go_live(home: Home, tmp_path: Path) -> None:
    published, finished = _Published(), threading.Event()

    def publish_next() -> None:
        number = published.number + 1
        rows = tuple(row(_LEDGER, f"第{place}期", dt.date(2024, 3, 5)) for place in range(number))
        correction = Return(COUNTY, "2024-03", (Sheet(_LEDGER, rows),))
        hand_in(home, [correction], tmp_path / f"{number}")
        published.number = int(publish(home))
        assert published.number == number

    publish_next()
    with served(home) as address, ThreadPoolExecutor(_CLIENTS) as pool:
        clients = [pool.submit(_ask_until, finished, address, published) for _ in range(_CLIENTS)]
        try:
            for _ in range(_PUBLICATIONS):
                publish_next()
        finally:
            finished.set()
        seen = [client.result() for client in clients]
    assert all(numbers[-1] == published.number for numbers in seen)
    assert len(set().union(*seen)) > _PUBLICATIONS // 2


def _ask_until(finished: threading.Event, address: str, published: _Published) -> list[int]:
    """Asks again and again, and once more in the end; gives the publications that have answered."""
    seen = []
    with httpx.Client(base_url=address, timeout=_PATIENCE) as client:
        last = False
        while not last:
            last = finished.wait(_PAUSE)
            at_least = published.number
            response = client.post("/graphql", json={"query": _QUERY})
            assert response.status_code == 200, response.text
            answer = response.json()
            assert "errors" not in answer, answer
            number = int(answer["data"]["publication"]["id"])
            [progress] = answer["data"]["progress"]
            assert number >= at_least
            assert answer["data"]["publication"]["rowCount"] == int(progress["value"]) == number
            seen.append(number)
    return seen
