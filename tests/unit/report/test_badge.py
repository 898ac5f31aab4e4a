from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from rocketchat_contract.report.badge import badge_json, badge_svg

from .examples import conformant, hostile, incomplete


def test_a_badge_carries_its_date() -> None:
    assert json.loads(badge_json(conformant()))["message"] == "conformant 7/7 · 2026-11-22"


def test_a_badge_without_date_says_so() -> None:
    assert json.loads(badge_json(hostile()))["message"].endswith("no date")


def test_an_incomplete_run_is_not_green() -> None:
    assert json.loads(badge_json(incomplete()))["color"] == "yellow"


def test_the_picture_is_xml_whatever_the_target() -> None:
    assert ET.fromstring(badge_svg(hostile())).tag == "{http://www.w3.org/2000/svg}svg"
