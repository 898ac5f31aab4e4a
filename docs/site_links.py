"""A hook of the site: links to files beside docs/ lead to the repository."""

from __future__ import annotations

import re
from typing import Any


def on_page_markdown(markdown: str, *, config: dict[str, Any], **_: Any) -> str:
    """The page with its links that leave docs/ made absolute."""
    return re.sub(r"\]\(\.\./([^)]+)\)", rf"]({config['repo_url']}/blob/main/\1)", markdown)
