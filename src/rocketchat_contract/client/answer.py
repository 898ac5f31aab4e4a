"""One HTTP answer, put together from bytes as they come; everything about it is bounded."""

from __future__ import annotations

import zlib

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from rocketchat_contract.record.exchange import Failure, Headers

MAX_BODY = 2 * 1024 * 1024
"""Bytes of an answer that are read; a room is a few kilobytes."""

KEPT_OF_TOO_MUCH = 16 * 1024
"""Bytes that are kept as evidence of an answer that was longer than that."""

MAX_HEAD = 64 * 1024
"""Bytes of status line, header fields and trailer fields that are read: of all that is no body."""


class HttpAnswer:
    """The answer to one request. ``feed`` takes bytes and says whether the answer is over; ``end`` ends it.

    One to HEAD has no body. ``behind`` says that more came than the answer, ``undecoded`` that its body is not what its
    coding says.
    """

    __slots__ = (
        *("_fields", "_has_body", "_head", "_is_framed", "_parser", "_parts", "_size", "behind", "failure", "is_over"),
        *("kept", "status", "undecoded"),
    )

    def __init__(self, *, has_body: bool = True) -> None:
        self.status: int | None = None
        self.failure: Failure | None = None
        self.is_over = False
        self.kept = self.behind = self.undecoded = False
        self._has_body = has_body
        self._size = 0
        self._fields: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._head = 0
        self._is_framed = False
        self._parser = HttpResponseParser(self)

    def feed(self, data: bytes) -> bool:
        """Read some bytes of the answer; true when nothing more is wanted."""
        size = self._size
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.kept = False
            self.behind = self.is_over
            if not self.is_over:
                self._fail("malformed", f"not HTTP as expected: {error}{self._last_field}")
        self._head += len(data) if self._size == size else 0
        if self._head > MAX_HEAD:
            self._fail("too-large", f"more than {MAX_HEAD} bytes of {self._fields_read}")
        elif self._size > MAX_BODY:
            self._fail("too-large", f"more than {MAX_BODY} bytes")
        return self.is_over

    def end(self) -> None:
        """The server has closed the connection."""
        self.kept = False
        if self.is_over:
            return
        if self.status is None:
            text = "in the middle of the header fields" if self._head else "without an answer"
            self._fail("closed", f"the server closed the connection {text}")
        elif self._is_framed:
            self._fail("closed", "the body ended early")
        else:
            self.is_over = True

    def stop(self, failure: Failure) -> None:
        """Nothing more will be read, for a reason of the connection or of ours."""
        if not self.is_over:
            self.failure, self.is_over, self.kept = failure, True, False

    @property
    def _fields_read(self) -> str:
        return "header fields" if self.status is None else "trailer fields, or of chunks without content"

    @property
    def _last_field(self) -> str:
        """The last header field that could be read, where one after it could not."""
        if self.status is not None or not self._fields:
            return ""
        return f", after the field {' '.join(part.decode('latin-1')[:60] for part in self._fields[-1])}"

    @property
    def headers(self) -> Headers:
        """The header fields in their order."""
        return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._fields)

    def body(self, headers: Headers) -> bytes:
        """The body, freed of a gzip or deflate coding that nobody asked for; a bomb makes it a failure."""
        whole = b"".join(self._parts)
        if self.failure is not None:
            return whole[:KEPT_OF_TOO_MUCH] if self.failure.kind == "too-large" else whole
        coding = next((value.lower() for name, value in headers if name.lower() == "content-encoding"), "")
        return self._unpacked(whole) if whole and coding in ("gzip", "deflate") else whole

    def _unpacked(self, packed: bytes) -> bytes:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            unpacked = unpacker.decompress(packed, MAX_BODY)
        except zlib.error:
            self.undecoded = True
            return packed
        if not unpacker.unconsumed_tail:
            self.undecoded = not unpacker.eof
            return packed if self.undecoded else unpacked
        self.failure = Failure("too-large", sent=True, detail=f"more than {MAX_BODY} bytes when unpacked")
        return unpacked[:KEPT_OF_TOO_MUCH]

    def _fail(self, kind: str, detail: str) -> None:
        self.stop(Failure(kind, sent=True, detail=detail))  # type: ignore[arg-type]

    # called by the parser

    def on_message_begin(self) -> None:
        """A message begins; a second one was not asked for."""
        if self.is_over:
            self.kept, self.behind = False, True

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header field."""
        if not self.is_over:
            self._fields.append((name, value))
            self._is_framed |= name.lower() in (b"content-length", b"transfer-encoding")

    def on_headers_complete(self) -> None:
        """The header fields are whole; those of a status below 200 only announce the answer."""
        if self.is_over:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self._fields, self._is_framed = [], False
            return
        self.status = status
        self.kept = self._parser.should_keep_alive()
        self.is_over = not self._has_body

    def on_body(self, part: bytes) -> None:
        """A part of the body."""
        if self.is_over:
            self.kept, self.behind = False, True
        else:
            self._parts.append(part)
            self._size += len(part)

    def on_message_complete(self) -> None:
        """The message is whole."""
        if self.status is not None:
            self.is_over = True
