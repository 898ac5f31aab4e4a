"""Certificates for tests: an authority of our own, made anew each time."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Authority:
    """Signs certificates and writes what a client needs to a folder."""

    folder: Path
    ca: trustme.CA

    @property
    def pem(self) -> str:
        """The file to name with ``--ca``."""
        path = self.folder / "ca.pem"
        self.ca.cert_pem.write_to_path(path)
        return str(path)

    def server(self, *names: str, wants_client: bool = False) -> ssl.SSLContext:
        """A server's side for these names; ``wants_client`` asks the client for a certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*names).configure_cert(context)
        if wants_client:
            self.ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client(self) -> str:
        """A file with a client's certificate and key."""
        path = self.folder / "client.pem"
        self.ca.issue_cert("suite@example.com").private_key_and_cert_chain_pem.write_to_path(path)
        return str(path)


def authority(folder: Path) -> Authority:
    """A fresh one."""
    return Authority(folder, trustme.CA(key_type=trustme.KeyType.ECDSA))
