"""How the built page is served: caching, its policy, and what is said where it is not built. No browser."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from starlette.applications import Starlette

from graphql_api.http.page import BUILT as GRAPHIQL
from graphql_api.page import BUILT, DashboardPage
from tests.graphql_client import Client

ROOT = Path(__file__).parent.parent.parent
SCRIPT = "assets/index-1a2b3c4d.js"
_BROWSER_FILES = "graphql_api/dashboard/", "graphql_api/graphiql/"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><p>总览", encoding="utf-8")
    (folder / SCRIPT).write_text("export {};" * 100, encoding="utf-8")
    return folder


def client(folder: Path) -> Client:
    return Client(Starlette(routes=DashboardPage(folder).routes()))


def test_the_page_is_asked_for_again_and_may_load_from_this_server_only(built: Path) -> None:
    page = client(built).request("GET", "/")
    assert page.text == "<!doctype html><p>总览"
    assert page.headers["Cache-Control"] == "no-cache"
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    known = client(built).request("GET", "/", headers={"If-None-Match": page.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_assets_are_kept_for_ever_and_sent_compressed(built: Path) -> None:
    asset = client(built).request("GET", f"/{SCRIPT}", headers={"Accept-Encoding": "gzip"})
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert asset.headers["Content-Type"].startswith("text/javascript")
    assert asset.headers["Content-Encoding"] == "gzip"
    assert int(asset.headers["Content-Length"]) < len(asset.content) == 1000
    plain = client(built).request("GET", f"/{SCRIPT}", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == asset.content


@pytest.mark.parametrize("name", ["index-00000000.js", "..%2Findex.html", "..%2F..%2Fpage.py"])
def test_nothing_else_is_served(built: Path, name: str) -> None:
    answer = client(built).request("GET", f"/assets/{name}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path: Path, built: Path) -> None:
    folder = tmp_path / "later"
    server = client(folder)
    answer = server.request("GET", "/")
    assert answer.status_code == 503
    assert "make dashboard" in answer.text
    assert "执行" in answer.text
    built.rename(folder)
    assert server.request("GET", "/").status_code == 200


def test_the_page_is_small_and_has_nothing_inline() -> None:
    if not (BUILT / "index.html").exists():
        pytest.skip("the page is not built: `make dashboard` builds it, with Node and npm")
    files = [path for path in BUILT.rglob("*") if path.is_file()]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 500_000
    html = (BUILT / "index.html").read_text(encoding="utf-8")
    assert "style=" not in html
    assert "<style" not in html
    assert all(tag.startswith(' type="module" crossorigin src="/') for tag in html.split("<script")[1:])


def test_the_wheel_has_the_built_page_and_not_its_source(tmp_path: Path) -> None:
    if not (BUILT / "index.html").exists():
        pytest.skip("the page is not built: `make dashboard` builds it, with Node and npm")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = [name for name in opened.namelist() if name.startswith(_BROWSER_FILES)]
    assert "graphql_api/dashboard/dist/index.html" in names
    assert [name for name in names if name.split("/")[2] != "dist"] == []
    copied = [name.rpartition("/")[2] for name in names if name.startswith("graphql_api/graphiql/")]
    assert {*copied} == ({path.name for path in GRAPHIQL.iterdir()} if GRAPHIQL.is_dir() else set())
