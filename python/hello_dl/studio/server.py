"""Makes the studio's application of its parts, and serves it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles

from hello_dl.studio import drawing, hands, inside, lessons, photo_reading, photos, runs
from hello_dl.studio.limits import Limits
from hello_dl.studio.safety import Guard, refusal
from hello_dl.studio.workers import Workers

PAGE = Path(__file__).parent / "page"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Settings:
    """Where the studio is served and where it keeps what it is given.

    `host` and `port` as they were asked for (port 0: any that is free), `folder` for photos, drawings and
    logs, `logs` of other folders, `token` that requests must bring (None: none, for the loopback).
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8042
    logs: tuple[Path, ...] = ()
    token: str | None = None
    limits: Limits = field(default_factory=Limits)


def is_loopback(host: str) -> bool:
    """Whether only programs on this computer can reach an address."""
    return host in ("localhost", "::1") or host.startswith("127.")


def with_token(settings: Settings) -> Settings:
    """Return the settings with a token if others than this computer can reach the address."""
    if is_loopback(settings.host):
        return settings
    return replace(settings, token=secrets.token_urlsafe(24))


def make_app(settings: Settings) -> Guard:
    """Return the application; `settings.port` must be the one that it is served on."""
    workers = Workers(settings.limits.waiting)
    kept = photos.Photos(settings.folder, workers, settings.limits)
    written = hands.Hands(settings.folder, settings.limits)
    taught = lessons.Lessons(written)
    watched = runs.Runs(settings.folder, settings.logs, settings.limits)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warming = [
            asyncio.create_task(asyncio.to_thread(drawing.warm_up)),
            asyncio.create_task(workers.run(photo_reading.warm_up)),
        ]
        yield
        for task in warming:
            task.cancel()
        workers.stop()
        watched.stop_all()
        taught.stop_all()

    app = FastAPI(
        title="hello_dl studio", lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json",
        description="What the studio's page asks its server for.",
    )  # fmt: skip
    app.include_router(drawing.router(settings.limits))
    app.include_router(photos.router(kept, written))
    app.include_router(hands.router(written))
    app.include_router(lessons.router(taught))
    app.include_router(runs.router(watched))
    app.include_router(inside.router(workers))
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(OSError, lambda _, error: refusal(507, f"the disk refused: {error}"))

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    most = {"": settings.limits.json_bytes, "/api/photos": settings.limits.photo_bytes + 10_000}
    return Guard(app, _hosts(settings), settings.token, most)


async def _unfit(_: Request, error: Exception) -> Response:
    """Say in one sentence what of a request is not as it should be."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body") or "request"
    return refusal(422, f"{place[:200]}: {first['msg'][:300]}")


def _hosts(settings: Settings) -> frozenset[str]:
    """Return the values of the header Host by which the studio may be asked."""
    names = {*LOOPBACK, settings.host} if is_loopback(settings.host) else {settings.host, *LOOPBACK}
    if settings.host in ("0.0.0.0", "::"):
        names |= set(own_addresses())
    return frozenset(
        {f"{name}:{settings.port}" for name in names} | (names if settings.port == 80 else set())
    )


def own_addresses() -> list[str]:
    """Return this computer's name and its addresses in the local network, as far as they can be found."""
    name = socket.gethostname()
    found = {name, f"{name}.local"}
    with contextlib.suppress(OSError):
        found |= {str(info[4][0]) for info in socket.getaddrinfo(name, None, socket.AF_INET)}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent: it only chooses the address that leads outwards
        found.add(probe.getsockname()[0])
    return sorted(found)


def free_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address. OSError, which says what to do, if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise OSError(
            f"--port {port}: cannot be served at {host} ({error.strerror}); --port 0 takes any that is free"
        ) from None
    return listening


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve the studio until Ctrl-C; `ready` is called with its link when it can be opened.

    Raises OSError if the port is taken.
    """
    import uvicorn

    listening = free_socket(settings.host, settings.port)
    settings = with_token(replace(settings, port=listening.getsockname()[1]))
    config = uvicorn.Config(
        make_app(settings), log_level="error", timeout_graceful_shutdown=2, timeout_keep_alive=10,
        limit_concurrency=200, server_header=False, access_log=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    name = own_addresses()[0] if settings.host in ("0.0.0.0", "::") else settings.host
    link = f"http://{f'[{name}]' if ':' in name else name}:{settings.port}/"
    ready(link if settings.token is None else f"{link}?token={settings.token}")
    server.run(sockets=[listening])
