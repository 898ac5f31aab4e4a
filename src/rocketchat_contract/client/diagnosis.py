"""Why a target does not answer as a Rocket.Chat, told as what it is, with the step that helps.

A proxy that wants a login, a firewall, a port that speaks TLS: each has its own signs, and another remedy.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from rocketchat_contract.client.address import Address
from rocketchat_contract.errors import TargetError
from rocketchat_contract.judge.answered import GATEWAY
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.exchange import Failure, Response

_NEXT_STEPS = {
    "refused": "Start the server, or correct host and port.",
    "unresolved": "Correct the host name.",
    "timeout": "Check that the server is up and reachable from here, or raise --timeout.",
    "closed": "Check the address: something accepts connections there but does not answer in HTTP.",
    "malformed": "Check the scheme and the port: what answers there does not speak HTTP.",
    "too-large": "Check the address: a Rocket.Chat answers /api/info with a few hundred bytes.",
    "stopped": "Run again.",
}
_OWN_CERTIFICATE = "Name your client certificate with --cert, and its key with --key."
_TLS_STEPS = {
    "mismatch": "Use the name in the certificate: in the URL, or with --host.",
    "unrecognized name": "Use the name that the server knows: in the URL, or with --host.",
    "self-signed certificate in certificate chain": "Name the authority that signed the certificate with --ca.",
    "self-signed": "Name the certificate, or the authority that signed it, with --ca.",
    "local issuer": "Name the authority that signed the certificate with --ca.",
    "first certificate": "Let the server send its whole chain, or name the authority with --ca.",
    "not yet valid": "Set the clocks of this machine and of the server, or wait until the certificate is valid.",
    "expired": "Renew the server's certificate.",
    "revoked": "Replace the server's certificate.",
    "wrong version number": "What answers there does not speak TLS: check scheme and port, perhaps http:// is meant.",
    "record layer failure": "What answers there does not speak TLS: check scheme and port, perhaps http:// is meant.",
    "protocol": "Switch on TLS 1.2 or newer on the server: it offers older versions only.",
    "too small": "Give the server a longer key: this one is no longer accepted.",
    "too weak": "Give the server a certificate that is signed with SHA-256 or better.",
    "certificate required": _OWN_CERTIFICATE,
    "alert unknown ca": "Name a client certificate with --cert whose authority the server knows.",
    "alert bad certificate": _OWN_CERTIFICATE,
    "alert certificate": _OWN_CERTIFICATE,
    "handshake failure": f"Bring the server's TLS up to date. If it wants to know who asks: {_OWN_CERTIFICATE}",
    "no ciphers": "Bring the server's TLS up to date: it has no cipher in common with this machine.",
}

_LOGIN = 'Give it with --header "Authorization: …".'
_PROXY_LOGIN = "Give it in --proxy: http://USER:PASSWORD@HOST:PORT."
_LET_THROUGH = "Let this machine through there, or run the suite from inside the network."

_BOT_CHECK = re.compile(
    r"captcha|just a moment|checking (your|if the site)|verify(ing)? (that )?you are (a )?human|cf-chl"
    r"|challenge-platform|attention required|ddos-guard|incapsula|_abck|enable javascript and cookies"
    r"|bot (check|detect|protect)"
    r"|unusual traffic|px-captcha|datadome|anubis",
    re.IGNORECASE,
)
_BOT_HEADERS = ("cf-mitigated", "x-amzn-waf-action", "x-datadome", "x-iinfo")
_TLS_PORT = re.compile(
    r"plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL|sent an HTTP request to an HTTPS",
    re.IGNORECASE,
)
_WANTS_CERTIFICATE = re.compile(r"No required SSL certificate|SSL certificate error", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)

_OTHER_VERSION = "Let it take HTTP/1.1, or name an address behind it that does."
_UNCODED = "Let it answer as it is asked (Accept-Encoding: identity), or name an address behind it."
_UNCHANGED = "Let it pass answers on as they are, or name an address behind it."

_READ = 4096
"""Characters of a page that are looked at."""

FaultSign = tuple[Callable[[Response], bool], str, str]
"""What a kind of answer looks like, what it means, and what helps."""


def is_bot_check(response: Response) -> bool:
    """Whether an answer asks a human to prove that they are one."""
    if response.status == 200 and "json" in (response.header("content-type") or ""):
        return False
    return any(map(response.header, _BOT_HEADERS)) or _page_says(_BOT_CHECK)(response)


def _page_says(words: re.Pattern[str]) -> Callable[[Response], bool]:
    return lambda response: words.search((response.body or "")[:_READ]) is not None


def _has(*statuses: int) -> Callable[[Response], bool]:
    return lambda response: response.status in statuses


def _is_coded(response: Response) -> bool:
    return (response.header("content-encoding") or "identity").strip().lower() not in ("identity", "gzip", "deflate")


def _is_padded(response: Response) -> bool:
    """Whether a JSON text is followed by something else."""
    text = (response.body or "").strip()
    is_json = "json" in (response.header("content-type") or "").lower() and text.startswith("{")
    return is_json and not text.endswith("}")


_SIGNS: tuple[FaultSign, ...] = (
    (_page_says(_TLS_PORT), "speaks TLS at this port", "Write https:// instead of http://."),
    (_page_says(_WANTS_CERTIFICATE), "wants a client certificate", _OWN_CERTIFICATE),
    (is_bot_check, "puts a bot check in the server's place", _LET_THROUGH),
    (_has(401), "wants a login before it passes anything on", _LOGIN),
    (_has(407), "is behind a proxy that wants a login", _PROXY_LOGIN),
    (_has(505, 426), "wants another version of HTTP", _OTHER_VERSION),
    (_is_coded, "answers in a content coding that nobody asked for", _UNCODED),
    (_is_padded, "answers with more than JSON: something in front changes what the server says", _UNCHANGED),
    (_has(429), "turns this machine away: too many requests", "Wait a while, then run again; --limit makes it slower."),
    (
        _has(403),
        "forbids access",
        f"If it wants a login or a key: {_LOGIN} If a firewall answers: {_LET_THROUGH}",
    ),
)


def check_answered(info: Operation, address: Address) -> None:
    """Raise ``TargetError`` when nothing answered, or not in time."""
    response, failure = info.exchange.response, info.exchange.failure
    if failure is not None and (response is None or failure.kind in ("timeout", "too-large")):
        raise TargetError(f"{address.url} gives no answer: {failure.detail}.", _next_step(failure, address))


def not_a_rocket_chat(info: Operation, address: Address) -> TargetError:
    """What an answer to /api/info is that no Rocket.Chat gives."""
    response = info.exchange.response
    said = f"/api/info answers status {info.status}, {_described(response)}"
    for looks_so, means, helps in _SIGNS:
        if response is not None and looks_so(response):
            return TargetError(f"{address.url} {means}: {said}.", helps)
    if info.status in GATEWAY:
        problem = f"{address.url} answers status {info.status}: a proxy is up, but no server behind it."
        return TargetError(problem, "Wait until the server has started, then run again.")
    if response is not None and 300 <= response.status < 400:
        place = response.header("location") or "nowhere"
        problem = f"{address.url} redirects to {place[:200]!r}; redirects are not followed."
        return TargetError(problem, "Give the URL that the workspace itself answers at.")
    hint = "Give the base URL of the workspace, with its sub-path if it has one."
    return TargetError(f"{address.url} is not a Rocket.Chat: {said}.", hint)


def _described(response: Response | None) -> str:
    """The media type, and the title of a page."""
    if response is None:
        return "no type"
    title = _TITLE.search((response.body or "")[:_READ])
    text = f", with the title {unescape(title[1]).strip()[:80]!r}" if title else ""
    return f"{response.header('content-type') or 'no type'!r}{text}"


def _next_step(failure: Failure, address: Address) -> str:
    if failure.detail.startswith("the proxy "):
        wants_login = "answered 407" in failure.detail
        check = "Check --proxy: its host and port, and whether the proxy lets this target through."
        return f"The proxy wants a login. {_PROXY_LOGIN}" if wants_login else check
    if failure.kind == "tls":
        found = (step for sign, step in _TLS_STEPS.items() if sign in failure.detail.lower())
        return next(found, "Check the server's TLS and its certificate; name its authority with --ca.")
    if failure.kind == "closed" and address.is_secure:
        return "Check the address; if the server wants a client certificate, name it with --cert."
    return _NEXT_STEPS[failure.kind]
