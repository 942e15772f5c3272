"""Going live, going back, reading: numbers, the pointer, readers never disturbed and never behind."""

from __future__ import annotations

import hashlib
import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from tests.support.publications import candidate
from warehouse import storage
from warehouse.history.manifest import Audit
from warehouse.publications import (
    CannotRollBack,
    NoPublication,
    PublicationNotFound,
    PublicationStore,
    Readers,
)
from warehouse.settings import Home


@pytest.fixture
def store(tmp_path: Path) -> PublicationStore:
    return PublicationStore(Home(tmp_path))


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
        assert reader.query("SELECT publication_id, inputs FROM meta.publication") == [
            {"publication_id": "000002", "inputs": "b"}
        ]
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


# The manifest and its sidecar


def test_a_publication_has_a_sidecar_with_its_digest(store: PublicationStore) -> None:
    store.publish(candidate(store, "a"))
    store.publish(candidate(store, "b", tables={"core.units": 22}, audits={"codes_known": 0}))
    path = store.path("2")
    manifest = store.manifest("2")
    assert (manifest.id, manifest.inputs, manifest.follows) == ("000002", "b", "000001")
    assert manifest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest.bytes == path.stat().st_size
    assert manifest.tables == {"core.units": 22}
    assert manifest.audits == (Audit("codes_known", passed=True, offending=0),)
    assert json.loads((store.root / "warehouse-000002.json").read_bytes())["sha256"] == manifest.sha256
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


@pytest.mark.parametrize("sidecar", [None, b"", b"[]", b'{"id": "000001"}', b"\xff"])
def test_without_a_sidecar_the_file_tells(store: PublicationStore, sidecar: bytes | None) -> None:
    store.publish(candidate(store, "a"))
    told = store.manifest("1")
    path = store.root / "warehouse-000001.json"
    if sidecar is None:
        path.unlink()
    else:
        path.write_bytes(sidecar)
    manifest = store.manifest("1")
    assert (manifest.id, manifest.inputs, manifest.built_at) == ("000001", "a", told.built_at)
    assert (manifest.bytes, manifest.sha256, manifest.follows) == (None, None, None)
    assert (store.ids(), store.current_fingerprint()) == (["000001"], "a")


def test_the_sidecar_is_there_before_the_file_and_the_file_before_the_pointer(
    store: PublicationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.publish(candidate(store, "a"))
    seen: list[tuple[str, list[str], str | None]] = []

    def watched(name: str) -> None:
        real = getattr(storage, name)

        def watch(*arguments: Path | bytes) -> None:
            real(*arguments)
            files = sorted(path.name for path in store.root.glob("warehouse-000002*"))
            seen.append((name, files, store.current_id()))

        monkeypatch.setattr(storage, name, watch)

    watched("write_file")
    watched("move_into_place")
    store.publish(candidate(store, "b"))
    both = ["warehouse-000002.duckdb", "warehouse-000002.json"]
    assert seen == [
        ("write_file", both[1:], "000001"),
        ("move_into_place", both, "000001"),
        ("write_file", both, "000002"),
    ]


@pytest.mark.parametrize("place", ["write_file", "move_into_place"])
def test_a_publish_that_is_killed_leaves_nothing_wrong_and_its_number_is_not_given_again(
    store: PublicationStore, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    store.publish(candidate(store, "a"))

    def killed(*arguments: Path | bytes) -> None:
        real(*arguments)
        raise SystemExit

    real = getattr(storage, place)
    next_one = candidate(store, "b")
    with monkeypatch.context() as patch:
        patch.setattr(storage, place, killed)
        with pytest.raises(SystemExit):
            store.publish(next_one)
    assert (store.current_id(), store.current_fingerprint(), store.is_answered("b")) == ("000001", "a", False)
    assert store.publish(candidate(store, "c")) == "000003"
    assert store.current_fingerprint() == "c"


# Going back


def test_going_back_moves_the_pointer_and_is_logged(store: PublicationStore) -> None:
    for name in "abc":
        store.publish(candidate(store, name))
    entry = store.roll_back("1", by="王", note="错报")
    assert (store.current_id(), store.current_fingerprint()) == ("000001", "a")
    assert (entry.left, entry.entered, entry.by, entry.note) == ("000003", "000001", "王", "错报")
    [logged] = store.log.entries()
    assert logged == entry == store.rollback_in_force()
    assert store.ids() == ["000001", "000002", "000003"]


def test_what_a_rollback_set_aside_is_not_published_again(store: PublicationStore) -> None:
    for name in "abc":
        store.publish(candidate(store, name))
    assert [name for name in "abcd" if store.is_answered(name)] == ["c"]
    store.roll_back("2")
    assert [name for name in "abcd" if store.is_answered(name)] == ["b", "c"]
    store.roll_back("1")
    assert [name for name in "abcd" if store.is_answered(name)] == ["a", "b", "c"]
    # Forward again: what is older than the current one is not set aside.
    store.roll_back("2")
    assert [name for name in "abcd" if store.is_answered(name)] == ["b", "c"]
    store.roll_back("3")
    assert (store.rollback_in_force(), [name for name in "abcd" if store.is_answered(name)]) == (None, ["c"])


def test_the_next_publication_comes_on_top_and_ends_the_rollback(store: PublicationStore) -> None:
    for name in "ab":
        store.publish(candidate(store, name))
    store.roll_back("1")
    assert store.publish(candidate(store, "c")) == "000003"
    assert (store.rollback_in_force(), store.manifest("3").follows) == (None, "000001")
    assert [name for name in "abc" if store.is_answered(name)] == ["c"]


def test_no_number_comes_twice(store: PublicationStore) -> None:
    for name in "abc":
        store.publish(candidate(store, name))
    store.roll_back("1")
    for publication_id in ("2", "3"):
        store.path(publication_id).unlink()
        (store.root / f"warehouse-00000{publication_id}.json").unlink()
    assert store.publish(candidate(store, "d")) == "000004"


def test_a_crash_between_the_log_and_the_pointer_is_no_rollback(
    store: PublicationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        store.publish(candidate(store, name))
    with monkeypatch.context() as patch:
        patch.setattr(store, "_point_to", lambda _: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            store.roll_back("1")
    assert (store.current_id(), store.rollback_in_force()) == ("000002", None)
    assert [name for name in "ab" if store.is_answered(name)] == ["b"]
    store.roll_back("1")
    assert (store.current_id(), [entry.number for entry in store.log.entries()]) == ("000001", [1, 2])


def test_what_cannot_be_gone_back_to_leaves_the_pointer(store: PublicationStore) -> None:
    for name in "abc":
        store.publish(candidate(store, name))
    with pytest.raises(PublicationNotFound):
        store.roll_back("9")
    with pytest.raises(CannotRollBack, match="000003 is the current one already"):
        store.roll_back("3")
    store.path("1").unlink()
    store.path("2").rename(store.root / "warehouse-000001.duckdb")
    with pytest.raises(CannotRollBack, match="the file of publication 000001 holds publication 000002"):
        store.roll_back("1")
    (store.root / "warehouse-000002.duckdb").write_bytes(b"no database")
    with pytest.raises(CannotRollBack, match=r"cannot be read.*union7510 verify 000002"):
        store.roll_back("2")
    assert (store.current_id(), store.log.entries()) == ("000003", [])


# Reading


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
    candidates = [candidate(store, f"{number + 1}") for number in range(20)]

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
            for each in candidates:
                published = int(store.publish(each))
        finally:
            finished.set()
        assert all(each.result() > 0 for each in running)
    with readers.open():
        assert list(readers._generations) == ["000021"]
