"""Files to take away: exports of figures, forms to fill in, receipts.

What belongs here: paths, parameters, headers, who may have a receipt. What does not: what stands in an export
(``warehouse.reading.exports``), formats (``export_formats``), forms and receipts (``etl``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import quote

import duckdb
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from graphql_api.authentication import Authentication, Unauthenticated
from graphql_api.errors import failed, input_error, request_error
from graphql_api.export_formats import FORMATS, Format
from graphql_api.generations import Generations, StoppableSource, Stopped
from graphql_api.http.finished import codes_of, is_known
from graphql_api.observing.observer import Observer
from graphql_api.running import Runner, new_request_id
from graphql_api.throttle import Rate, TooMany, address_of, client_of
from warehouse.catalog import load_catalog
from warehouse.landing import Landing, Reception
from warehouse.publications import NoPublication, PublicationNotFound
from warehouse.reading import Forbidden, InputProblem, Viewer, exports, today
from warehouse.settings import Home

_logger = logging.getLogger(__name__)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_CHUNK = 1 << 16
#: What is larger than this while it is made lies on disk.
_IN_MEMORY = 8 << 20
_FORMS_KEPT = 64
_PARAMETERS = ("year", "through", "measure", "unit", "publication")
_RETURN_ID = re.compile(r"R[0-9]{6,18}")


class NotFound(LookupError):
    """There is no such file: status 404; the message says what there is."""


class Downloads:
    """The routes of files; work is done in threads."""

    def __init__(
        self,
        generations: Generations,
        runner: Runner,
        authentication: Authentication,
        rate: Rate,
        observer: Observer,
    ) -> None:
        self._generations = generations
        self._runner = runner
        self._authentication = authentication
        self._rate = rate
        self._observer = observer
        self._home: Home = generations.home

    @property
    def routes(self) -> list[Route]:
        """Their paths."""
        return [
            Route("/export/{name}.{suffix}", self._export),
            Route("/templates/{unit}/{period}.xlsx", self._template),
            Route("/receipts/{return_id}.xlsx", self._receipt),
        ]

    async def _export(self, request: Request) -> Response:
        async def answer(viewer: Viewer) -> Response:
            name, suffix = request.path_params["name"], request.path_params["suffix"]
            if name not in exports.EXPORTS or suffix not in FORMATS:
                names, suffixes = ", ".join(exports.EXPORTS), ", ".join(FORMATS)
                raise NotFound(f"there is no export {name}.{suffix}; there are {names}, each as {suffixes}")
            asked = _parameters(request)
            current = self._generations.current_id()
            etag = _etag(
                asked.get("publication") or current, viewer, today(), request.url.path, sorted(asked.items())
            )
            if is_known(request.scope, etag.encode("ascii")):
                return Response(status_code=304, headers=_headers(viewer, etag))
            file, file_name, read_id = await self._runner.in_thread(
                lambda started: self._exported(name, FORMATS[suffix], asked, viewer, started)
            )
            if asked.get("publication") is None and read_id != current:
                etag = _etag(read_id, viewer, today(), request.url.path, sorted(asked.items()))
            return _sent(
                request, file, f"{file_name}.{suffix}", FORMATS[suffix].media_type, _headers(viewer, etag)
            )

        return await self._answered(request, answer)

    def _exported(
        self,
        name: str,
        form: Format,
        parameters: Mapping[str, str],
        viewer: Viewer,
        started: Any,
    ) -> tuple[IO[bytes], str, str]:
        """The export as a file, its name, and the publication that was read."""
        with self._generations.open(viewer, parameters.get("publication")) as opened:
            source: StoppableSource = opened.source
            started(source)
            which = exports.asked(
                opened.reading,
                _number(parameters, "year", "a year, for example 2024"),
                _month(parameters, "through"),
                _number(parameters, "measure", "the number of a measure, for example 1"),
                parameters.get("unit"),
            )
            table = exports.EXPORTS[name](opened.reading, which)
        file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it is sent
        kept = [each for each in table.column_names if each not in exports.ORDERING]
        form.write(table.select(kept), file)
        parts = [name, str(which.year), *([which.unit] if which.unit else [])]
        return file, "_".join(parts), source.publication_id

    async def _template(self, request: Request) -> Response:
        async def answer(viewer: Viewer) -> Response:
            unit, period = request.path_params["unit"], request.path_params["period"]
            content, name = await self._runner.in_thread(lambda _: _form(unit, period))
            etag = _etag(content)
            if is_known(request.scope, etag.encode("ascii")):
                return Response(status_code=304, headers=_headers(viewer, etag))
            return Response(content, media_type=_XLSX, headers=_headers(viewer, etag) | _attached(name))

        return await self._answered(request, answer)

    async def _receipt(self, request: Request) -> Response:
        async def answer(viewer: Viewer) -> Response:
            return_id = request.path_params["return_id"]
            content, name = await self._runner.in_thread(lambda _: self._receipt_of(return_id, viewer))
            media_type = _ODS if name.endswith(".ods") else _XLSX
            return Response(content, media_type=media_type, headers=_headers(viewer, None) | _attached(name))

        return await self._answered(request, answer)

    def _receipt_of(self, return_id: str, viewer: Viewer) -> tuple[bytes, str]:
        """The receipt workbook of a return, and its name."""
        # The intake is heavy, and most servers are asked for figures.
        from etl.receipts import read_receipt, receipt_workbook, stored_workbook, workbook_name

        reception = _reception(self._home, return_id)
        if reception is None:
            # Whoever may not see receipts is told the same of every id.
            viewer.require_contents(None)
            raise NotFound(f"there is no return {return_id}; `returns` lists them")
        viewer.require_contents(reception.unit)
        try:
            document = read_receipt(self._home, return_id)
        except FileNotFoundError:
            raise NotFound(f"{return_id} has landed and was not checked yet; ask again later") from None
        stored = stored_workbook(self._home, return_id)
        if stored is not None:
            content = stored.read_bytes()
        else:
            landed = Landing(self._home).landed(reception)
            content = receipt_workbook(document, landed, reception.file_name, load_catalog())
        return content, workbook_name(reception.file_name, content)

    async def _answered(self, request: Request, answer: Any) -> Response:
        """What ``answer`` gives to the viewer, or in words why there is nothing."""
        begun, request_id = time.perf_counter(), new_request_id()
        response: Response
        codes: tuple[str, ...] = ()
        try:
            viewer = await self._authentication.viewer(request)
            self._rate.count(client_of(request.headers.get("authorization"), address_of(request)))
            response = await answer(viewer)
        except Exception as error:  # noqa: BLE001 - whatever happens, the client is told
            status, payload, headers = _refusal(error, request_id)
            response, codes = _refused(status, payload, headers), codes_of(payload)
        response.headers["X-Request-Id"] = request_id
        seconds = time.perf_counter() - begun
        self._observer.file(request_id, request.url.path, response.status_code, codes, seconds)
        return response


def _refusal(error: Exception, request_id: str) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
    """Status, answer and headers for what went wrong."""
    match error:
        case Unauthenticated():
            return error.status, error.payload, error.headers
        case Forbidden():
            return 403, request_error(str(error), "FORBIDDEN"), {}
        case InputProblem():
            return 400, input_error(error), {}
        case PublicationNotFound() | NotFound():
            return 404, request_error(str(error), "NOT_FOUND"), {}
        case NoPublication():
            return 503, request_error(str(error), "NO_PUBLICATION"), {}
        case TooMany():
            return error.status, request_error(str(error), error.code), {"Retry-After": str(error.seconds)}
        case Stopped() | duckdb.InterruptException():
            return 503, request_error("the export took too long and was stopped", "TIMEOUT"), {}
    _logger.error("request %s failed", request_id, exc_info=error)
    return 500, failed(request_id), {}


# Parameters


def _parameters(request: Request) -> dict[str, str]:
    """Raises: InputProblem: a parameter that does not exist, is given twice, or is empty."""
    given = request.query_params.multi_items()
    for name, value in given:
        if name not in _PARAMETERS:
            raise InputProblem(name, value, f"one of the parameters {', '.join(_PARAMETERS)}")
        if not value or len([one for one, _ in given if one == name]) > 1:
            raise InputProblem(name, value, "one value")
    return dict(given)


def _number(parameters: Mapping[str, str], name: str, expected: str) -> int | None:
    text = parameters.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise InputProblem(name, text, expected)
    return int(text)


def _month(parameters: Mapping[str, str], name: str) -> dt.date | None:
    text = parameters.get(name)
    if text is None:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
            return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        pass
    raise InputProblem(name, text, "a month written YYYY-MM, for example 2024-03")


# Files


@lru_cache(_FORMS_KEPT)
def _form(unit_code: str, period: str) -> tuple[bytes, str]:
    """The form of a unit and month, and its name."""
    from etl.template import TemplateError, file_name, template_workbook

    catalog = load_catalog()
    unit = catalog.unit_by_code.get(unit_code)
    if unit is None:
        known = catalog.units[0].unit
        raise NotFound(f"there is no unit {unit_code}; `units` lists the codes, for example {known}")
    try:
        month = _month({"period": period}, "period")
    except InputProblem as problem:
        raise NotFound(str(problem)) from None
    assert month is not None  # noqa: S101 - it was given
    try:
        return template_workbook(catalog, unit, month), file_name(unit, month)
    except TemplateError as error:
        raise NotFound(str(error)) from None


def _reception(home: Home, return_id: str) -> Reception | None:
    if not _RETURN_ID.fullmatch(return_id):
        return None
    return next((one for one in Landing(home).receptions() if one.return_id == return_id), None)


# Answers


def _etag(*parts: object) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part if isinstance(part, bytes) else repr(part).encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return f'"{digest.hexdigest()}"'


def _headers(viewer: Viewer, etag: str | None) -> dict[str, str]:
    """A cache may keep what everybody may see; it always asks whether it still holds."""
    scope = "public" if viewer == Viewer.PUBLIC else "private"
    headers = {
        "Cache-Control": f"{scope}, no-cache" if etag else "no-store",
        "Vary": "Authorization",
        "X-Content-Type-Options": "nosniff",
    }
    return headers | ({"ETag": etag} if etag else {})


def _attached(name: str) -> dict[str, str]:
    """The name under which a browser saves it; of a Chinese one a plain one besides."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"}


def _sent(request: Request, file: IO[bytes], name: str, media_type: str, headers: dict[str, str]) -> Response:
    size = file.seek(0, 2)
    headers = {**headers, **_attached(name), "Content-Length": str(size)}
    if request.method == "HEAD":
        file.close()
        return Response(status_code=200, media_type=media_type, headers=headers)
    return StreamingResponse(_chunks(file), media_type=media_type, headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _refused(status: int, payload: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    said = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    return JSONResponse(payload, status, said)
