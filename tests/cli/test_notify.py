"""``notify`` and ``metrics``, against a real receiver on loopback and the official parser."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from prometheus_client.parser import text_string_to_metric_families

from rocketchat_contract.archive.webhook import VARIABLE
from support.command import rocketchat_contract
from support.hars import entries, write_har
from support.histories import ANNA, created, registered, returned

KEPT = (registered(ANNA), created(ANNA, "R1"), returned(ANNA, "R1"))
BROKEN = (registered(ANNA), created(ANNA, "R1"), created(ANNA, "R2"), returned(ANNA, "R1"))
SECRET = "hooks-s3cret-canary"


class Receiver(BaseHTTPRequestHandler):
    """An incoming webhook that keeps what it was sent."""

    received: ClassVar[list[tuple[str, dict[str, str]]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.path, json.loads(body)))
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[type[Receiver]]:
    kind = type("Fresh", (Receiver,), {"received": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        kind.url = f"http://127.0.0.1:{server.server_address[1]}/{SECRET}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield kind
        server.shutdown()
        thread.join()


def night(folder: Path, day: int, *calls: object) -> Path:
    har = write_har(folder / f"{day}.har", entries(*calls))  # type: ignore[arg-type]
    place = folder / "runs" / f"{day}"
    rocketchat_contract("judge", har, "--alone", "--report-dir", place)
    report = place / "report.json"
    content = json.loads(report.read_text("utf-8"))
    content["header"]["started"] = f"2026-11-{day:02}T02:00:00.000+00:00"
    report.write_text(json.dumps(content), "utf-8")
    return place


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nights")
    night(folder, 1, *KEPT)
    night(folder, 2, *BROKEN)
    return folder / "runs"


def test_a_webhook_hears_what_is_new(nights: Path, receiver: type[Receiver], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, receiver.url)  # type: ignore[attr-defined]

    done = rocketchat_contract("notify", nights / "2", "--link", "https://ci.example.com/7")

    ((path, content),) = receiver.received
    assert (done.code, path) == (0, f"/{SECRET}")
    assert content["text"].startswith("✗ violated: https://chat.example.com")
    assert "- an-open-room-is-returned: pass → fail" in content["text"]
    assert content["text"].endswith("\nhttps://ci.example.com/7")


def test_a_file_names_the_webhook(nights: Path, receiver: type[Receiver], tmp_path: Path) -> None:
    file = tmp_path / "webhook"
    file.write_text(f"{receiver.url}\n", "utf-8")  # type: ignore[attr-defined]

    done = rocketchat_contract("notify", nights / "1", "--webhook-file", file)

    assert done.code == 0
    assert "There is no earlier run to compare with." in receiver.received[0][1]["text"]


def test_a_first_run_names_what_failed(
    receiver: type[Receiver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, receiver.url)  # type: ignore[attr-defined]

    rocketchat_contract("notify", night(tmp_path, 1, *BROKEN))

    assert "\n- an-open-room-is-returned\n" in receiver.received[0][1]["text"]


@pytest.mark.parametrize("status", [302, 403, 500])
def test_a_refusing_webhook_is_named_without_its_address(
    nights: Path, receiver: type[Receiver], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    receiver.status = status
    monkeypatch.setenv(VARIABLE, receiver.url)  # type: ignore[attr-defined]

    done = rocketchat_contract("notify", nights / "1")

    assert done.code == 3
    assert f"The webhook answered with {status}." in done.err
    assert SECRET not in done.out + done.err
    assert len(receiver.received) == 1


def test_without_an_address_nothing_is_sent(nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)

    done = rocketchat_contract("notify", nights / "1")

    assert done.code == 2
    assert "There is no webhook to notify." in done.err


def test_metrics_are_read_by_prometheus(nights: Path) -> None:
    done = rocketchat_contract("metrics", nights)

    families = {family.name: family.samples for family in text_string_to_metric_families(done.out)}
    verdicts = {sample.labels["verdict"]: sample.value for sample in families["rocketchat_contract_verdict"]}
    (good,) = families["rocketchat_contract_last_conformant_timestamp_seconds"] or [None]
    assert verdicts == {"conformant": 0, "violated": 1, "incomplete": 0, "error": 0}
    assert good is None
    assert families["rocketchat_contract_last_run_timestamp_seconds"][0].value == 1793584800


def test_metrics_keep_to_their_file(nights: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    shutil.copytree(nights, runs)

    done = rocketchat_contract("metrics", runs, "--out", tmp_path / "contract.prom")

    assert done.code == 0
    assert "rocketchat_contract_verdict{" in (tmp_path / "contract.prom").read_text("utf-8")
