"""What is laid out on a terminal: paragraphs, labelled texts and lines to copy, in as many columns as it has."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from rocketchat_contract.report.plain import encodable, visible

INDENT = 4
_LABEL = 10


@dataclass
class TerminalPage:
    """Collects lines, ``width`` columns wide; whatever is put in is made encodable before it is laid out.

    ``cuts`` says whether paragraphs end after the lines that they are allowed.
    """

    width: int
    encoding: str
    cuts: bool = True
    lines: list[Text] = field(default_factory=list)

    def text(self, content: str, style: str = "") -> Text:
        """A piece of a line, in a style of rich's."""
        return Text(encodable(visible(content), self.encoding), style)

    def add(self, content: str, style: str = "", *, indent: int = 0, most: int = 99) -> None:
        """A paragraph, wrapped; after ``most`` lines it is cut."""
        self._lay([Text(" " * indent)], self.text(content, style), indent, most)

    def labelled(self, label: str, content: str, *, most: int) -> None:
        """A paragraph beside its label."""
        head = [Text(" " * INDENT), self.text(f"{label:<{_LABEL}}", "dim")]
        self._lay(head, self.text(content), INDENT + _LABEL, most)

    def whole(self, label: str, content: str) -> None:
        """A line that someone may copy: never wrapped here, whatever its length."""
        head = self.text(f"{label:<{_LABEL}}", "dim")
        self.lines.append(Text(" " * INDENT) + head + self.text(content))

    def pasteable(self, lead: str, command: str, style: str) -> None:
        """A command after what is said of it, on a line of its own where both are too long for one."""
        both = self.text(f"{lead} {command}", style)
        parts = [both] if INDENT + both.cell_len <= self.width else [self.text(lead, style), self.text(command, style)]
        self.lines += [Text(" " * INDENT) + part for part in parts]

    @property
    def rows(self) -> int:
        """Rows of the terminal that the lines take, folded where they are longer than it is wide."""
        return sum(max(1, -(-line.cell_len // self.width)) for line in self.lines)

    def gap(self) -> None:
        """An empty line, but not at the top."""
        if self.lines:
            self.lines.append(Text())

    def rendered(self, *, colour: bool) -> str:
        """All lines as one text; with ``colour`` it holds ANSI sequences."""
        file = io.StringIO()
        console = Console(
            file=file,
            width=self.width,
            color_system="standard" if colour else None,
            force_terminal=colour,
            no_color=not colour,
            legacy_windows=False,
            highlight=False,
            emoji=False,
            markup=False,
        )
        for line in self.lines:
            line.rstrip()
            console.print(line, soft_wrap=True)
        return file.getvalue()

    def _lay(self, head: list[Text], body: Text, indent: int, most: int) -> None:
        wrapped = body.wrap(Console(width=self.width, file=io.StringIO()), self.width - indent)
        shown = list(wrapped[:most] if self.cuts else wrapped)
        if len(wrapped) > len(shown):
            shown[-1].truncate(self.width - indent - 3)
            shown[-1].append("...")
        for place, line in enumerate(shown):
            line.rstrip()
            self.lines.append(Text.assemble(*(head if place == 0 else [Text(" " * indent)]), line))
