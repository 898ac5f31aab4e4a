"""The target's address, taken apart once; the way there, and how its certificate is checked."""

from __future__ import annotations

import re
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.redact.forms import SEGMENT
from rocketchat_contract.rocketchat.paths import ROOM_PATH

_PORTS = {"http": 80, "https": 443}
_PARTS = re.compile(r"(?:([A-Za-z]*)(?::/*|/+)(?=[^0-9/]))?([^/?#]*)([^?#]*).*", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")
_PLAIN = ("http", "htp", "htttp", "hhtp", "ttp", "ws")
_LOCAL = ("localhost", "127.")


@dataclass(frozen=True)
class Address:
    """Where the target answers; ``path`` is the sub-path before ``/api``, without a slash at its end."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{self.origin}{self.path}"

    @property
    def origin(self) -> str:
        """The base URL without its sub-path."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port as the Host header names them; the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if _PORTS[self.scheme] == self.port else f"{host}:{self.port}"

    @property
    def is_secure(self) -> bool:
        """Whether it speaks TLS."""
        return self.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy; ``authorization`` is the value of its header, and goes to the proxy only."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)


def parse_address(url: str) -> Address:
    """The address of a base URL such as ``https://chat.example.com`` or ``http://127.0.0.1:3000/chat``."""
    hint = "Give the base URL of the server, such as https://chat.example.com."
    parts, port = _split(url, "target", hint)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UsageError(f"The target {_shown(url)!r} is not an http or https URL.", _corrected(url) or hint)
    if parts.username or parts.password:
        raise UsageError("The target's URL holds credentials.", "Leave them out; the endpoint needs none.")
    if parts.query or parts.fragment:
        raise UsageError(f"The target {_shown(url)!r} has a query or fragment.", hint)
    if not (parts.path.isascii() and parts.path.isprintable() and " " not in parts.path):
        raise UsageError(f"The target {_shown(url)!r} has a path that is not percent-encoded.", hint)
    path = parts.path.rstrip("/").removesuffix(ROOM_PATH).rstrip("/")
    return Address(parts.scheme, _ascii(parts.hostname, hint), port or _PORTS[parts.scheme], path)


def parse_proxy(url: str) -> Proxy:
    """The proxy of a URL such as ``http://user:password@proxy.example.com:3128``."""
    hint = "Give it as http://HOST:PORT."
    parts, port = _split(url if "://" in url else f"http://{url}", "proxy", hint)
    if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/"):
        raise UsageError("The proxy is not an http URL of host and port.", hint)
    word = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        word = f"Basic {b64encode(pair.encode()).decode()}"
    return Proxy(_ascii(parts.hostname, hint), port or 3128, word)


def tls_context(
    ca: str | None = None, cert: str | None = None, key: str | None = None, *, insecure: bool = False
) -> ssl.SSLContext:
    """How the target's certificate is checked, and ours shown; all three are PEM files."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"The CA file {ca} cannot be used: {_reason(error)}.", "Name a PEM file with --ca.") from error
    if cert is not None:
        _load_own(context, cert, key)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _load_own(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    def refuse() -> str:
        raise UsageError(f"The key of {cert} is encrypted.", "Name an unencrypted one with --key.")

    try:
        context.load_cert_chain(cert, key, refuse)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"The client certificate {cert} cannot be used: {_reason(error)}.",
            "Name PEM files with --cert and --key.",
        ) from error


def _split(url: str, what: str, hint: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"The {what} {_shown(url)!r} is not a URL: {error}.", hint) from None
    return parts, port


def _ascii(host: str, hint: str) -> str:
    """The host's name as DNS knows it."""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise UsageError(f"The host {host!r} is not a name.", hint) from None


def _corrected(url: str) -> str:
    """What was perhaps meant by a URL without its scheme, or with one that is misspelt; empty when nobody knows."""
    scheme, host, rest = _PARTS.fullmatch(url.strip()).groups("")  # type: ignore[union-attr]  # fits whatever there is
    if not _HOST.fullmatch(host):
        return ""
    names_a_port = ":" in host and not host.endswith(":443")
    is_plain = scheme.lower() in _PLAIN or (not scheme and (host.startswith(_LOCAL) or names_a_port))
    return f"Did you mean http{'' if is_plain else 's'}://{host}{rest}?"


def _shown(url: str) -> str:
    """A URL without what might be a password."""
    scheme, slashes, rest = url.rpartition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def path_segment(text: str) -> str:
    """A text as a segment of a path."""
    return quote(text, safe=SEGMENT, errors="surrogatepass")


def query_value(text: str) -> str:
    """A text as a value in a query, whatever a server put into it."""
    return quote(text, safe="", errors="surrogatepass")
