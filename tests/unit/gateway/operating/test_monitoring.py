"""The dashboard and the alerts for Prometheus speak of what the code really counts."""

from __future__ import annotations

import json
import re
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.operated import operated

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[4] / "gateway" / "operating" / "monitoring"
DASHBOARD: dict[str, Any] = json.loads((HERE / "grafana.json").read_text())
# The library comes with Jupyter; it has no types.
ALERTS: dict[str, Any] = import_module("yaml").safe_load((HERE / "alerts.yml").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]

SELECTOR = re.compile(r"\b(warmgate_\w+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
SET_BY_PROMETHEUS = {"job", "instance"}


def expressions() -> Iterator[Any]:
    for panel in PANELS:
        for target in panel["targets"]:
            yield pytest.param(target["expr"], id=f"panel {panel['title']}")
    for rule in RULES:
        yield pytest.param(rule["expr"], id=f"alert {rule['alert']}")
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield pytest.param(variable["query"]["query"], id=f"variable {variable['name']}")


@pytest.fixture
async def counted(tmp_path: Path) -> dict[str, set[str]]:
    """Names of the series a gateway shows at its first scrape, before anything happened, and their labels."""
    series: dict[str, set[str]] = {}
    async with operated(tmp_path) as gateway:
        gateway.site.host.pressure = 0.0  # Not every kernel tells.
        text = generate_latest(gateway.gateway.registry).decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series.setdefault(sample.name, set()).update(sample.labels)
    return series


@pytest.mark.parametrize("expression", list(expressions()))
def test_every_metric_and_label_asked_for_is_counted(expression: str, counted: dict[str, set[str]]) -> None:
    found = SELECTOR.findall(expression)
    assert found
    for name, selector in found:
        labels = counted.get(name)
        assert labels is not None, f"no such metric: {name}"
        assert set(LABEL.findall(selector)) <= labels | SET_BY_PROMETHEUS, f"no such label of {name}"


def test_every_alert_has_a_severity_and_says_what_to_do() -> None:
    for rule in RULES:
        assert rule["alert"].startswith("Warmgate")
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
        assert rule["annotations"].keys() == {"summary", "description"}
        assert len(rule["annotations"]["description"].split()) > 10


def test_no_two_alerts_have_one_name() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)


def test_brackets_match_and_no_number_of_a_label_is_lost_in_a_summary() -> None:
    for rule in RULES:
        for opening, closing in ("()", "{}", "[]"):
            assert rule["expr"].count(opening) == rule["expr"].count(closing), rule["alert"]
        for label in re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])):
            assert label in rule["expr"] or label in SET_BY_PROMETHEUS | {"pool"}, rule["alert"]


def test_every_panel_says_what_it_shows_and_asks_the_chosen_data_source() -> None:
    for panel in PANELS:
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert all(part["datasource"]["uid"] == "${datasource}" for part in (panel, *panel["targets"]))


def test_no_panel_lies_over_another_or_passes_the_edge() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for a, b in combinations(places, 2):
        apart_x = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        apart_y = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert apart_x or apart_y
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
