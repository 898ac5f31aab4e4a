"""Wrong in how a refusal looks: status, media type, envelope, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.call import JsonObject, ServerCall, ServerReply
from rocketchat_contract.reference.settings import LimitSetting
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import ROOM_ROUTE, RoomWire, now_and_then, with_members, with_room

family = Family("refusals")

# statuses


def answering(status: int, cause: str = "", media_type: bytes = b"", body: Any = None) -> Callable[[Parts], Parts]:
    """Refuse with another status, type or body, when ``cause`` is in the error."""

    class Answers(RoomWire):
        def refusal(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
            if cause not in reply.document["error"]:
                return reply
            document = reply.document if body is None else body
            return replace(reply, status=status, document=document, media_type=media_type or reply.media_type)

    return lambda parts: parts.wired(Answers)


_HTML = b"<!doctype html><title>Error</title><h1>Bad Request</h1>"
for _name, _requirement, _sentence, _deviate in (
    (
        "answers_404_to_unknown_tokens",
        "a-status-is-documented",
        "Unknown tokens get 404.",
        answering(404, "invalid-token"),
    ),
    ("answers_401_to_refusals", "a-status-is-documented", "Every refusal gets 401.", answering(401)),
    ("answers_404_to_unknown_rids", "a-status-is-documented", "Rids get 404.", answering(404, "invalid-room")),
    ("answers_422_to_wrong_shapes", "a-status-is-documented", "Wrong shapes get 422.", answering(422, "Match error")),
    ("refuses_with_status_200", "success-agrees-with-the-status", "Every refusal gets 200.", answering(200)),
    (
        "refuses_rids_with_status_200",
        "success-agrees-with-the-status",
        "The refusal of a rid gets 200.",
        answering(200, "invalid-room"),
    ),
    (
        "answers_html_to_unknown_tokens",
        "an-answer-is-json",
        "Unknown tokens get a page in HTML.",
        answering(400, "invalid-token", b"text/html", _HTML),
    ),
    (
        "answers_html_called_json_to_unknown_rids",
        "a-body-is-strict-json",
        "Unknown rids get a page in HTML that is called JSON.",
        answering(400, "invalid-room", b"", _HTML),
    ),
    ("calls_refusals_text", "an-answer-is-json", "Refusals are text/plain.", answering(400, "", b"text/plain")),
    ("refuses_with_an_empty_body", "a-body-is-strict-json", "Refusals are empty.", answering(400, "", b"", b"")),
    ("refuses_with_null", "a-400-fits-the-full-schema", "Refusals are null.", answering(400, "", b"", b"null")),
    ("refuses_with_a_list", "a-400-fits-the-full-schema", "Refusals are a list.", answering(400, "", b"", b"[]")),
    (
        "refuses_with_a_text",
        "a-400-fits-the-full-schema",
        "Wrong shapes are refused with a text.",
        answering(400, "Match error", b"", b'"Bad Request"'),
    ),
):
    family.add(_name, _requirement, _sentence, _deviate)


# envelopes


def refusing(change: Callable[[JsonObject], JsonObject], cause: str = "") -> Callable[[Parts], Parts]:
    """Change the body of refusals that have ``cause`` in their error."""

    class Refuses(RoomWire):
        def refusal(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
            document = reply.document
            return replace(reply, document=change(document)) if cause in document["error"] else reply

    return lambda parts: parts.wired(Refuses)


def _without(*names: str) -> Callable[[JsonObject], JsonObject]:
    return lambda body: {name: value for name, value in body.items() if name not in names}


def _with(**members: Any) -> Callable[[JsonObject], JsonObject]:
    return lambda body: {**body, **members}


for _name, _requirement, _sentence, _deviate in (
    (
        "leaves_success_out_of_refusals",
        "a-400-fits-the-full-schema",
        "Refusals lack success.",
        refusing(_without("success")),
    ),
    (
        "leaves_success_out_for_foreign_rids",
        "a-400-fits-the-full-schema",
        "The refusal of a rid lacks success.",
        refusing(_without("success"), "invalid-room"),
    ),
    (
        "writes_success_as_text_in_refusals",
        "a-400-fits-the-published-schema",
        "success of a refusal is a text.",
        refusing(_with(success="false")),
    ),
    (
        "writes_error_as_an_object",
        "a-400-fits-the-full-schema",
        "error is an object with code and message.",
        refusing(lambda body: {**body, "error": {"message": body["error"]}}),
    ),
    (
        "writes_error_as_a_number",
        "a-400-fits-the-published-schema",
        "error is the number 400.",
        refusing(_with(error=400)),
    ),
    (
        "writes_error_type_as_null",
        "a-400-fits-the-full-schema",
        "errorType is null where there is no code.",
        refusing(_with(errorType=None)),
    ),
    (
        "says_success_true_in_refusals",
        "success-agrees-with-the-status",
        "success of a refusal is true.",
        refusing(_with(success=True)),
    ),
    (
        "refuses_without_a_reason",
        "a-refusal-names-its-error",
        "Refusals lack error.",
        refusing(_without("error")),
    ),
    (
        "refuses_with_an_empty_reason",
        "a-refusal-names-its-error",
        "error is empty.",
        refusing(_with(error="")),
    ),
    (
        "refuses_wrong_shapes_with_a_blank_reason",
        "a-refusal-names-its-error",
        "error is blank when a parameter has a wrong shape.",
        refusing(_with(error="  "), "Expected string"),
    ),
    (
        "puts_a_room_into_refusals",
        "a-refusal-carries-no-room",
        "Refusals carry an empty room.",
        refusing(_with(room={})),
    ),
    (
        "puts_newroom_into_refusals",
        "a-refusal-carries-no-room",
        "The refusal of a rid says newRoom false.",
        refusing(_with(newRoom=False), "invalid-room"),
    ),
    (
        "is_vague_about_the_missing_token",
        "the-missing-token-is-named",
        "A call without token is told that something is missing.",
        refusing(_with(error="Match error: Missing key"), "Missing key"),
    ),
    (
        "shows_a_stack_to_wrong_shapes",
        "nothing-internal-leaks",
        "Refusals of wrong shapes show a stack.",
        refusing(
            _with(stack="Error: Match failed\n    at check (/app/bundle/programs/server/packages/check.js:75:13)"),
            "Match error",
        ),
    ),
    (
        "shows_a_file_to_unknown_tokens",
        "nothing-internal-leaks",
        "Refusals of unknown tokens name a file of the server.",
        refusing(_with(details="file:///app/bundle/programs/server/app/livechat.js"), "invalid-token"),
    ),
):
    family.add(_name, _requirement, _sentence, _deviate)


@family.breaks("a-refusal-carries-no-room", needs="chance")
class ShowsTheOpenRoomToAWrongRid(RoomWire):
    """One refusal in three carries a room and newRoom."""

    def refusal(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        return with_members(reply, room={"_id": "none"}, newRoom=False) if now_and_then(3) else reply


# the limiter


def _limited(wire: type[Wire]) -> Callable[[Parts], Parts]:
    """Turn a limiter of 30 calls in half a second on, whose answers pass through ``wire``."""
    return lambda parts: parts.set(limit=LimitSetting(30, 0.5)).wired(wire)


class _HidesTheLimit(Wire):
    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        headers = tuple(field for field in reply.headers if not field[0].startswith(b"x-ratelimit"))
        return replace(reply, headers=(*headers, (b"retry-after", b"1")) if reply.status == 429 else headers)


class _SaysHtml(_HidesTheLimit):
    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        reply = super().reply(call, reply)
        html = b"<!doctype html><title>429</title><h1>Too Many Requests</h1>"
        return replace(reply, document=html, media_type=b"text/html") if reply.status == 429 else reply


class _LeavesSuccessOut(_HidesTheLimit):
    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        reply = super().reply(call, reply)
        return replace(reply, document={"error": "Too many requests"}) if reply.status == 429 else reply


family.add(
    "answers_429_with_html",
    "a-429-fits-the-full-schema",
    "Whoever is over the limit gets a page in HTML.",
    _limited(_SaysHtml),
)
family.add(
    "leaves_success_out_of_429",
    "a-429-fits-the-full-schema",
    "Whoever is over the limit gets a body without success.",
    _limited(_LeavesSuccessOut),
)


class _SaysNull(_HidesTheLimit):
    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        reply = super().reply(call, reply)
        return replace(reply, document={"success": False, "error": None}) if reply.status == 429 else reply


family.add(
    "writes_error_of_429_as_null",
    "a-429-fits-the-full-schema",
    "Whoever is over the limit is not told why.",
    _limited(_SaysNull),
)


@family.breaks("a-body-is-utf-8")
class QuotesRidsInLatin1(Wire):
    """The refusal of a rid quotes it, encoded in ISO-8859-1."""

    def encode(self, call: ServerCall, reply: ServerReply) -> bytes:
        rid = call.query.get("rid")
        if call.route != ROOM_ROUTE or reply.status != 400 or not isinstance(rid, str):
            return super().encode(call, reply)
        return (
            super()
            .encode(call, with_members(reply, error=f"invalid-room: {rid}"))
            .decode()
            .encode("latin-1", "replace")
        )


@family.breaks("a-body-has-no-byte-order-mark")
class StartsRefusalsWithAByteOrderMark(Wire):
    """Refusals of rids start with U+FEFF."""

    def encode(self, call: ServerCall, reply: ServerReply) -> bytes:
        payload = super().encode(call, reply)
        return b"\xef\xbb\xbf" + payload if call.route == ROOM_ROUTE and b"invalid-room" in payload else payload


@family.breaks("nothing-internal-leaks")
class ShowsAStackInTheRoom(RoomWire):
    """A room carries the stack of an error that was caught when it was read."""

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        stack = "Error: no agent\n    at Object.<anonymous> (/app/bundle/programs/server/app.js:12:3)"
        return with_room(reply, lambda room: {**room, "debug": {"stack": stack}})
