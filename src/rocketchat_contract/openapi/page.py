"""A page or document as it lies on the disk: its bytes, and the fenced block that holds the contract."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from rocketchat_contract.errors import UsageError

SIZE_LIMIT = 16 * 1024 * 1024
_SHOWN = 6

_METHODS = "get|put|post|delete|options|head|patch|trace"
_OPERATION = re.compile(rf"\s*({_METHODS})\s+(/.*?)\s*", re.IGNORECASE)
_OPENING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\r\n]*)\r?")
_CONTRACT_KEY = re.compile(r"""(?:^|[\s{,])["']?(?:openapi|swagger)["']?[ \t]*:""", re.MULTILINE)
_NEXT_FILE = "Name a page of developer.rocket.chat saved as .md, or an OpenAPI 3.0 or 3.1 file in JSON or YAML."


@dataclass(frozen=True)
class Endpoint:
    """One method on one path; ``str`` gives ``GET /api/v1/livechat/room``."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @classmethod
    def named(cls, text: str) -> Endpoint:
        """Reads ``GET /path``; raises UsageError for anything else."""
        found = _OPERATION.fullmatch(text)
        if not found:
            raise UsageError(
                f"operation={text!r} is not a method and a path.",
                'Write it as in --operation "GET /api/v1/livechat/room".',
            )
        return cls(found[1].lower(), found[2])


@dataclass(frozen=True)
class Page:
    """A file that was read: its name, its bytes, and the bytes as text."""

    name: str
    data: bytes
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Block:
    """The text of a contract inside a page; ``first_line`` is its line in the page, counted from 1."""

    text: str
    first_line: int
    language: str
    operation: Endpoint | None = None

    @property
    def label(self) -> str:
        return str(self.operation) if self.operation else f"the block at line {self.first_line - 1}"

    def is_about(self, operation: Endpoint) -> bool:
        return self.operation == operation if self.operation else operation.path in self.text


def read_page(path: Path) -> Page:
    """Reads a UTF-8 file of at most 16 MiB; raises UsageError when that is not what is there."""
    data = _read(path)
    if len(data) > SIZE_LIMIT:
        raise UsageError(f"{path} is larger than {SIZE_LIMIT // 1024**2} MiB.", _NEXT_FILE)
    if not data.strip():
        raise UsageError(f"{path} is empty.", _NEXT_FILE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text: byte {error.start} cannot be read.", "Save it as UTF-8.") from None
    return Page(path.name, data, text)


def contract_block(page: Page, operation: Endpoint | None = None) -> Block:
    """Finds the contract in a page: the whole file when it is JSON or YAML, else one fenced block."""
    suffix = Path(page.name).suffix.lower()
    if suffix in {".yaml", ".yml"}:
        return Block(page.text, 1, "yaml")
    if suffix == ".json" or page.text.lstrip().startswith("{"):
        return Block(page.text, 1, "json")
    blocks = [block for block in _fenced_blocks(page) if _may_be_contract(block)]
    if not blocks:
        return _unfenced(page, suffix)
    return _chosen(page, blocks, operation)


def speaks_of_contract(text: str) -> bool:
    """Tells, fast, whether the text could name the member ``openapi`` or ``swagger``."""
    return _CONTRACT_KEY.search(text) is not None


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "not a regular file"
            raise UsageError(f"{path} is {kind}.", _NEXT_FILE)
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}.", "Check the path.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{path} cannot be read: {reason}.", "Check the path and its permissions.") from None


def _unfenced(page: Page, suffix: str) -> Block:
    if suffix not in {".md", ".markdown", ".mdx"} and speaks_of_contract(page.text):
        return Block(page.text, 1, "yaml")
    raise UsageError(
        f"{page.name} holds no OpenAPI document: no fenced block of JSON or YAML with an openapi key.",
        _NEXT_FILE,
    )


def _chosen(page: Page, blocks: list[Block], operation: Endpoint | None) -> Block:
    fitting = [block for block in blocks if operation is None or block.is_about(operation)]
    if len(fitting) == 1:
        return fitting[0]
    labels = ", ".join(block.label for block in blocks[:_SHOWN]) + (", …" if len(blocks) > _SHOWN else "")
    if operation is not None and not fitting:
        raise UsageError(f"{page.name} has no block for {operation}.", f"Choose one of: {labels}.")
    raise UsageError(
        f"{page.name} has {len(fitting)} blocks that hold an OpenAPI document: {labels}.",
        'Choose one with --operation "METHOD /path".',
    )


def _may_be_contract(block: Block) -> bool:
    return block.operation is not None or (block.language in {"json", "yaml", "yml"} and speaks_of_contract(block.text))


def _fenced_blocks(page: Page) -> list[Block]:
    lines = page.text.split("\n")
    blocks: list[Block] = []
    number = 0
    while number < len(lines):
        opening = _OPENING.fullmatch(lines[number])
        number += 1
        if opening and not (opening[1][0] == "`" and "`" in opening[2]):
            end = _closing(lines, number, opening[1])
            blocks.append(_block(page, lines[number:end], number + 1, opening[2], closed=end < len(lines)))
            number = end + 1
    return blocks


def _closing(lines: list[str], start: int, fence: str) -> int:
    closing = re.compile(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}\s*")
    return next((n for n in range(start, len(lines)) if closing.fullmatch(lines[n])), len(lines))


def _block(page: Page, lines: list[str], first_line: int, info: str, *, closed: bool) -> Block:
    language, _, rest = info.strip().partition(" ")
    named = _OPERATION.fullmatch(rest)
    operation = Endpoint.named(rest) if named else None
    block = Block("\n".join(lines), first_line, language.lower(), operation)
    if not closed and _may_be_contract(block):
        raise UsageError(
            f"{page.name}:{first_line - 1}: the fenced block that begins here is never closed.",
            "Save the whole page again.",
        )
    return block
