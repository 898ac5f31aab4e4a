"""The target's address, taken apart once."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from rocketchat_contract.errors import UsageError


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
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"http": 80, "https": 443}[self.scheme] == self.port
        return f"{self.scheme}://{host}{'' if default else f':{self.port}'}{self.path}"

    @property
    def is_secure(self) -> bool:
        """Whether it speaks TLS."""
        return self.scheme == "https"


def parse_address(url: str) -> Address:
    """The address of a base URL such as ``https://chat.example.com`` or ``http://127.0.0.1:3000/chat``."""
    hint = "Give the base URL of the server, such as https://chat.example.com."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"The target {url!r} is not a URL: {error}.", hint) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"The target {url!r} is not an http or https URL.", hint)
    if parts.username or parts.password:
        raise UsageError("The target's URL holds credentials.", "Leave them out; the endpoint needs none.")
    if parts.query or parts.fragment:
        raise UsageError(f"The target {url!r} has a query or fragment.", hint)
    path = parts.path.rstrip("/").removesuffix("/api/v1/livechat/room").rstrip("/")
    return Address(parts.scheme, parts.hostname, port or {"http": 80, "https": 443}[parts.scheme], path)


def tls_context(ca: str | None = None, *, insecure: bool = False) -> ssl.SSLContext:
    """How the target's certificate is checked; ``ca`` names a PEM file of an own authority."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"The CA file {ca} cannot be used: {error}.", "Name a PEM file with --ca.") from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
