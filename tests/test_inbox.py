"""The inbox: which files are whole, that none is lost and none lands twice, and the answer to each.

What belongs here: taking over and landing, without Dagster. What does not: when it happens
(``test_automation``, ``test_dagster_dev``).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl import inbox
from etl.inbox import Claim, Inbox, digest, take_in
from etl.outbox import Outbox
from etl.receiving import Received, receive_files
from tests.intake.workbooks import ledger
from warehouse.catalog import load_catalog
from warehouse.landing import Landing
from warehouse.settings import Home


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "STABLE_SECONDS", 0.01)


def drop(home: Home, name: str, content: bytes) -> Path:
    path = home.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def take_over(home: Home) -> list[Claim]:
    box = Inbox(home)
    assert box.claim(box.look().whole) == ()
    return box.claims()


def names(home: Home) -> list[str]:
    return [one.file_name for one in Landing(home).receptions()]


def test_a_file_is_whole_when_nothing_of_it_changes_between_two_looks(home: Home) -> None:
    for name in ("于都县/三月.xlsx", "宁都县.csv", "空.csv"):
        drop(home, name, b"" if name == "空.csv" else name.encode())
    for name in (
        ".隐藏.xlsx",
        "~$宁都县.xlsx",
        "下载.xlsx.crdownload",
        "传输.part",
        "~备份/旧.xlsx",
        "Thumbs.db",
    ):
        drop(home, name, b"x")
    growing = drop(home, "还在写.xlsx", b"begin")
    (home.inbox / "链接.xlsx").symlink_to(home.inbox / "宁都县.csv")
    gone = drop(home, "收回.xlsx", b"x")

    def meanwhile(_seconds: float) -> None:
        growing.write_bytes(b"beginning")
        gone.unlink()
        drop(home, "刚到.xlsx", b"x")

    look = Inbox(home).look(meanwhile)
    assert {str(seen.path.relative_to(home.inbox)) for seen in look.whole} == {
        *("于都县/三月.xlsx", "宁都县.csv", "空.csv"),
    }
    assert look.still_changing == 2
    assert look.stays == ()


def test_an_empty_inbox_is_watched_for_the_first_file(home: Home) -> None:
    waited = list[float]()

    def later(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            drop(home, "于都县.csv", b"x")

    assert Inbox(home).look(later, patience=2 * inbox.GLANCE_SECONDS).whole == ()
    assert [seen.path.name for seen in Inbox(home).look(later, patience=9).whole] == ["于都县.csv"]
    assert waited == [inbox.GLANCE_SECONDS] * 3 + [inbox.STABLE_SECONDS]


def test_names_of_a_chinese_windows_and_long_ones_are_answered_under_readable_names(home: Home) -> None:
    home.inbox.mkdir(parents=True)
    (home.inbox / os.fsdecode("于都县_2024-03.csv".encode("gb18030"))).write_bytes(b"x")
    long = "很" * 80
    drop(home, f"{long}.csv", b"y")
    take_over(home)
    list(take_in(home, load_catalog()))
    assert sorted(names(home)) == ["于都县_2024-03.csv", f"{long}.csv"]
    assert sorted(path.name.partition("_R")[0] for path in home.outbox.glob("*.txt")) == [
        "于都县_2024-03",
        "很" * 60,
    ]


def test_a_batch_is_bounded_and_the_oldest_file_goes_first(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_FILES", 2)
    for name in ("c", "a", "b"):
        drop(home, f"{name}.csv", name.encode())
    claims = take_over(home)
    assert [claim.path.name for claim in claims] == ["c.csv", "a.csv"]
    assert digest(claims) == digest(claims[::-1])
    assert [path.name for path in home.inbox.glob("*.csv")] == ["b.csv"]


def test_what_cannot_be_moved_stays_and_is_told_in_words(home: Home) -> None:
    drop(home, "a.csv", b"a")
    box = Inbox(home)
    whole = box.look().whole

    def refused(_path: Path, _target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", refused)
        stays = box.claim(whole)
    assert stays == ("1 cannot be moved inside the inbox: Invalid cross-device link",)
    assert (box.claims(), [path.name for path in home.inbox.glob("*.csv")]) == ([], ["a.csv"])


def test_killed_between_landing_and_removing_nothing_is_lost_or_lands_twice(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    march, april = ledger("师带徒", name="于都县_2024-03.xlsx"), ledger("师带徒", {"师傅": "李强"})
    drop(home, f"于都县/{march.name}", march.content)
    take_over(home)

    def killed(_claim: Claim) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Claim, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            list(take_in(home, load_catalog()))
    assert names(home) == [march.name]

    # Another file under the same name came meanwhile, and one that cannot be read.
    drop(home, f"于都县/{march.name}", april.content)
    drop(home, "报表.xlsx", b"no workbook")
    take_over(home)
    taken = list(take_in(home, load_catalog()))
    assert [(one.received.reception.file_name, one.received.duplicate, one.whole) for one in taken] == [
        (march.name, True, True),
        (march.name, False, True),
        ("报表.xlsx", False, True),
    ]
    assert names(home) == [march.name, march.name, "报表.xlsx"]
    assert Inbox(home).claims() == []
    assert not [*(home.inbox / ".taken").iterdir()]
    # Each sender is told at once, in the folder of his file; two files are the same return.
    assert [(owed.return_id, owed.folder) for _, owed in Outbox(home).owed()] == [
        ("R000001", "于都县"),
        ("R000002", "于都县"),
        ("R000003", "."),
    ]
    told = (home.outbox / "于都县" / "于都县_2024-03_R000001.txt").read_text(encoding="utf-8-sig")
    assert "已收到 received: 于都县_2024-03.xlsx" in told


def test_a_file_whose_sender_goes_on_writing_lands_once_more(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(home, "于都县_2024-03.csv", "师傅\n".encode())
    take_over(home)

    def meanwhile(*arguments: object) -> Iterator[Received]:
        for received in receive_files(*arguments):  # type: ignore[arg-type]
            with received.path.open("ab") as stream:
                stream.write("张三\n".encode())
            yield received

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "receive_files", meanwhile)
        [first] = take_in(home, load_catalog())
    assert not first.whole
    [second] = take_in(home, load_catalog())
    assert second.whole
    assert [one.bytes for one in Landing(home).receptions()] == [7, 14]
    assert [owed.return_id for _, owed in Outbox(home).owed()] == ["R000002"]
