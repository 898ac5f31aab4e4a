"""How one text is written by the encoders of URLs, JSON and HTML, and whether it tells anything."""

from __future__ import annotations

import html
import json
import re
from functools import lru_cache
from urllib.parse import quote

from rocketchat_contract.contract.vendored import STEM, spec_folder

SHORT_SECRET = 8
"""Characters below which a text is no accident nowhere but where a token stands."""

_LONG = 16
"""Characters from which on even a text of plain letters is one of a kind."""

SEGMENT = "!$&'()*+,;=:@"
"""What a segment of a path may hold as it is, beside letters, digits and ``-._~`` (RFC 3986, section 3.3).

Coded, a router that decodes a path as a whole (``decodeURI``) would take it for another text.
"""

_USUAL = """
application/json; charset=utf-8 text/html; charset=utf-8 text/plain chunked keep-alive close no-store no-cache
gzip identity x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset retry-after access-control-allow-origin
strict-transport-security content-type content-length transfer-encoding cache-control x-instance-id set-cookie
_enforcesingleroom priorityweight estimatedwaitingtimequeue waitingresponse departmentancestors customfields
livechatdata pdftranscriptfileid transcriptrequest lastmessagets firstresponsets
error-too-many-requests error-omnichannel-is-disabled error-contact-channel-blocked error-invalid-contact
error-invalid-token no-agent-online error-livechat-visitor-registration visitor-has-open-rooms
error-not-allowed-to-close-conversation livechat-started livechat-close /api/v1/livechat/room.close
/api/v1/livechat/visitor /api/v1/livechat/message /api/v1/livechat/config /api/info
"""
"""What servers say as well, in small letters."""


def forms_of(text: str) -> tuple[str, ...]:
    """The text as it is, in queries and paths, in JSON with all letters and with ASCII only, and in HTML."""
    in_urls = (quote(text, safe="", errors="surrogatepass"), quote(text, safe=SEGMENT, errors="surrogatepass"))
    in_json = (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    return tuple(dict.fromkeys((text, *in_urls, *in_json, html.escape(text))))


def is_public(text: str) -> bool:
    """Whether the text stands in the published page, or is what servers say anyway: it is nobody's secret."""
    return text.strip("-_ ").lower() in _published()


def is_telling_secret(text: str) -> bool:
    """Whether finding the text somewhere is no accident: ``conversation`` is a word, ``f3k9a7b2`` is not."""
    return len(text) >= SHORT_SECRET and (len(text) >= _LONG or looks_random(text)) and not is_public(text)


def looks_random(text: str) -> bool:
    """Whether a text is no word or name: letters with digits in them, or capitals all over."""
    letters = sum(map(str.isalpha, text))
    capitals = len(re.findall("[A-Z](?![A-Z])", text))
    return (letters > 0 and any(map(str.isdigit, text))) or (letters > 0 and 4 * capitals >= letters > SHORT_SECRET - 1)


def folded_letters(text: str) -> str:
    """Small letters, as many as there were: a few signs become two when they are made small."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


@lru_cache(maxsize=1)
def _published() -> str:
    folder = spec_folder()
    pages = [folder / f"{STEM}.openapi.json", folder / f"{STEM}.md", folder / "requirements.toml"]
    return "\n".join([_USUAL, *(page.read_text(encoding="utf-8").lower() for page in pages if page.is_file())])
