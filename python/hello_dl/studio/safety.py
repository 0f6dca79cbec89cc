"""Lets in what the studio's own page asks for, and nothing else.

A page of another site can make a browser send requests to 127.0.0.1. It cannot choose the Origin header, and
cannot read answers; but with a name of its own that it leads to 127.0.0.1 (DNS rebinding), it could. So Host
must be an address that the studio was started with, and Origin, if there is one, the same. On other addresses
than the loopback, each request needs a token as well, which only the printed link has.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "hello_dl_studio"
HEADERS = {
    b"content-security-policy": b"default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}


def refusal(status: int, message: str) -> JSONResponse:
    """Return an answer that says why a request is refused."""
    return JSONResponse({"detail": message}, status)


class Guard:
    """ASGI middleware that refuses requests of other hosts, other pages, without the token, or too large.

    `hosts` are the values of the header Host that are let in, `token` what requests must bring (None: no
    token). `most` is the largest body in bytes of a path.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], token: str | None, most: dict[str, int]) -> None:
        self.app, self.hosts, self.token, self.most = app, hosts, token, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refused(headers, scope)
        if refused is not None:
            await refused(scope, receive, with_headers(send))
            return
        most = self.most.get(scope["path"], self.most[""])
        await self.app(scope, _limited(receive, most), with_headers(send))

    def _refused(self, headers: Headers, scope: Scope) -> JSONResponse | RedirectResponse | None:
        """Return the answer to a request that is not let in, None to one that is."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self.hosts:
            return refusal(403, f"the studio is not at {host or 'an unnamed host'}; open the link it printed")
        if origin is not None and origin.partition("://")[2] != host:
            return refusal(403, "requests of other pages are refused")
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return refusal(403, "requests of other sites are refused")
        most = self.most.get(scope["path"], self.most[""])
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return refusal(400, "Content-Length needs to be a number")
        if int(length) > most:
            return refusal(413, f"needs at most {most:,} bytes, got {int(length):,}")
        return None if self.token is None else self._without_token(headers, scope)

    def _without_token(self, headers: Headers, scope: Scope) -> JSONResponse | RedirectResponse | None:
        """Return the answer to a request without the token; the link's token is put into a cookie."""
        assert self.token is not None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[-1]
        if scope["path"] == "/" and secrets.compare_digest(given.encode(), self.token.encode()):
            answer = RedirectResponse("/", 303)
            answer.set_cookie(COOKIE, self.token, httponly=True, samesite="strict")
            return answer
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            cookie = None
        if cookie is None or not secrets.compare_digest(cookie.value.encode(), self.token.encode()):
            return refusal(401, "open the link with its token that the studio printed")
        return None


def too_large(most: int) -> HTTPException:
    """Return the error of a body that is larger than its path allows."""
    return HTTPException(413, f"needs at most {most:,} bytes, got more")


def _limited(receive: Receive, most: int) -> Receive:
    """Return a `receive` that refuses more than so many bytes: a body may not say its length."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise too_large(most)
        return message

    return counted


def with_headers(send: Send) -> Send:
    """Return a `send` that adds HEADERS to each answer."""

    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *((n, v) for n, v in HEADERS.items() if n not in own)]
        await send(message)

    return adding
