"""Going live and reading: numbers, the pointer, and readers that are never disturbed and never behind."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from warehouse.publications import NoPublication, PublicationNotFound, PublicationStore, Readers
from warehouse.settings import Home


@pytest.fixture
def store(tmp_path: Path) -> PublicationStore:
    return PublicationStore(Home(tmp_path))


def candidate(store: PublicationStore, fingerprint: str = "f") -> Path:
    store.root.mkdir(exist_ok=True)
    path = store.root / f".tmp-{fingerprint}"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE SCHEMA meta")
        connection.execute(
            "CREATE TABLE meta.publication AS SELECT CAST(NULL AS VARCHAR) AS publication_id, ? AS inputs",
            [fingerprint],
        )
    return path


def test_before_the_first_publication_there_is_nothing_to_read(store: PublicationStore) -> None:
    assert (store.current_id(), store.ids(), store.current_fingerprint()) == (None, [], None)
    with pytest.raises(NoPublication, match="no publication yet"), Readers(store).open():
        pass


def test_a_publication_gets_the_next_number_and_knows_it(store: PublicationStore) -> None:
    assert [store.publish(candidate(store, name)) for name in "ab"] == ["000001", "000002"]
    assert (store.current_id(), store.ids(), store.current_fingerprint()) == (
        "000002",
        ["000001", "000002"],
        "b",
    )
    with Readers(store).open() as reader:
        assert reader.query("FROM meta.publication") == [{"publication_id": "000002", "inputs": "b"}]
        assert reader.arrow("SELECT inputs FROM meta.publication").to_pylist() == [{"inputs": "b"}]


def test_a_crash_before_the_pointer_leaves_the_earlier_one_serving(
    store: PublicationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.publish(candidate(store, "a"))
    with monkeypatch.context() as patch:
        patch.setattr(store, "_point_to", lambda _: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            store.publish(candidate(store, "b"))
    assert store.current_fingerprint() == "a"
    assert store.publish(candidate(store, "c")) == "000003"


@pytest.mark.parametrize("given", ["1", "01", "000001"])
def test_leading_zeros_may_be_left_out(store: PublicationStore, given: str) -> None:
    store.publish(candidate(store))
    with Readers(store).open(given) as reader:
        assert (reader.publication_id, reader.is_current) == ("000001", True)


@pytest.mark.parametrize("given", ["2", "0", "-1", "1.0", "x", "../1", "１", "9" * 5000, " 1", "1\n"])
def test_an_unknown_id_is_told_in_words(store: PublicationStore, given: str) -> None:
    store.publish(candidate(store))
    with pytest.raises(PublicationNotFound, match="there is no publication") as raised:
        store.path(given)
    assert len(str(raised.value)) < 120
    with pytest.raises(PublicationNotFound), Readers(store).open(given):
        pass


def test_an_earlier_publication_can_be_made_current_and_no_number_comes_twice(
    store: PublicationStore,
) -> None:
    for name in "ab":
        store.publish(candidate(store, name))
    assert store.make_current("1") == "000001"
    assert (store.current_id(), store.current_fingerprint()) == ("000001", "a")
    assert store.publish(candidate(store, "c")) == "000003"
    store.path("3").unlink()
    assert store.publish(candidate(store, "d")) == "000004"
    with pytest.raises(PublicationNotFound):
        store.make_current("9")


def test_a_reader_can_neither_write_nor_leave_the_file(store: PublicationStore, tmp_path: Path) -> None:
    store.publish(candidate(store))
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    for sql in (
        f"FROM read_csv('{secret}')",
        f"COPY meta.publication TO '{tmp_path / 'out.csv'}'",
        f"ATTACH '{tmp_path / 'other.duckdb'}'",
        "SET memory_limit = '9GB'",
        "DELETE FROM meta.publication",
    ):
        with Readers(store).open() as reader, pytest.raises(duckdb.Error):
            reader.query(sql)


def test_an_open_reader_keeps_its_publication(store: PublicationStore) -> None:
    readers = Readers(store)
    store.publish(candidate(store, "a"))
    with readers.open() as earlier:
        store.publish(candidate(store, "b"))
        store.path("1").unlink()
        with readers.open() as later:
            assert earlier.query("SELECT inputs FROM meta.publication") == [{"inputs": "a"}]
            assert later.query("SELECT inputs FROM meta.publication") == [{"inputs": "b"}]
    assert list(readers._generations) == ["000002"]
    readers.close()
    assert list(readers._generations) == []


def test_readers_are_never_disturbed_and_never_behind(store: PublicationStore) -> None:
    readers = Readers(store)
    published = int(store.publish(candidate(store, "0")))
    finished = threading.Event()

    def read() -> int:
        reads = 0
        while not finished.is_set():
            at_least = published
            with readers.open() as reader:
                (row,) = reader.query("SELECT publication_id FROM meta.publication")
            assert row["publication_id"] == reader.publication_id
            assert int(reader.publication_id) >= at_least
            reads += 1
        return reads

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(read) for _ in range(8)]
        try:
            for number in range(20):
                published = int(store.publish(candidate(store, f"{number}")))
        finally:
            finished.set()
        assert all(each.result() > 0 for each in running)
    with readers.open():
        assert list(readers._generations) == ["000021"]
