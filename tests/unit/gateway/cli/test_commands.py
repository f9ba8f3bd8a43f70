"""What is typed and what is said; the gateway behind is a stand-in."""

from __future__ import annotations

import io
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from rich.console import Console

from config import Settings
from gateway.cli import doctor, drain, logs, ps, scale
from gateway.cli.answers import Overview, Scaled, Written
from gateway.cli.client import admin_url
from gateway.cli.errors import GatewayUnreachable
from gateway.cli.main import COMMANDS, main
from gateway.doctor.verdict import Verdict, fail, ok, warn
from tests.unit.gateway.cli.overviews import MIB, instance, overview, pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from click.testing import Result

    from config import Loaded


class StandIn:
    """Answers as AdminClient does, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.overviews = [
            overview(instance("abcdefghij", measured=100 * MIB), pools=(pool("app", capacity=3),))
        ]
        self.did: list[tuple[object, ...]] = []
        self.error: Exception | None = None

    async def overview(self, *, measure: bool) -> tuple[Overview, bytes]:
        self.did.append(("overview", measure))
        if self.error is not None:
            raise self.error
        found = self.overviews.pop(0) if len(self.overviews) > 1 else self.overviews[0]
        return found, found.model_dump_json().encode()

    async def output(self, instance_id: str, lines: int, after: str) -> Written:
        return Written(id=instance_id, pool="app", state="warm", text="one\ntwo\n", mark="m")

    async def scale(self, name: str, warm: int) -> Scaled:
        self.did.append(("scale", name, warm))
        return Scaled(pool=name, warm=warm, max=4)

    async def drain(self, name: str | None) -> int:
        self.did.append(("drain", name))
        return 1


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()

    @asynccontextmanager
    async def admin(settings: Settings) -> AsyncIterator[StandIn]:
        yield stand_in

    for module in (ps, logs, scale, drain):
        monkeypatch.setattr(module, "admin", admin)
    return stand_in


def typed(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    result = typed(name, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.output


@pytest.mark.parametrize("name", ["ps", "logs", "release", "scale", "drain", "doctor"])
def test_each_of_the_operators_commands_shows_an_example_and_its_exit_statuses(name: str) -> None:
    shown = typed(name, "--help").output
    assert "Example" in shown
    assert f"warmgate {name}" in shown
    assert "\\b" not in shown
    assert "Exit status: 0" in shown


def test_ps_prints_a_table(gateway: StandIn) -> None:
    result = typed("ps")
    assert result.output.splitlines()[1].split() == [
        "abcdefgh",
        "app",
        "warm",
        "5s",
        "-",
        "512",
        "MiB",
        "100",
        "MiB",
    ]
    assert gateway.did == [("overview", True)]


def test_ps_as_json_is_the_admin_ports_answer(gateway: StandIn) -> None:
    assert json.loads(typed("ps", "--json").output) == gateway.overviews[0].model_dump(mode="json")


async def test_a_terminal_sees_the_table_at_once_and_its_memory_when_it_is_measured(gateway: StandIn) -> None:
    gateway.overviews = [overview(instance("a" * 16)), overview(instance("a" * 16, measured=100 * MIB))]
    out = io.StringIO()
    await ps.Listed(Console(file=out, force_terminal=True), as_json=False, measure=True, every=None).run(
        Settings()
    )
    assert out.getvalue().index("…") < out.getvalue().index("100 MiB")
    assert gateway.did == [("overview", False), ("overview", True)]


async def test_a_watch_outlives_a_restart_of_the_gateway(gateway: StandIn) -> None:
    class Seen(Exception):
        """Enough."""

    answers: list[Exception | None] = [None, GatewayUnreachable("away"), None, Seen()]
    ask = gateway.overview

    async def overview_or_error(*, measure: bool) -> tuple[Overview, bytes]:
        gateway.error = answers.pop(0)
        return await ask(measure=measure)

    gateway.overview = overview_or_error  # type: ignore[method-assign] # the test's own answers
    out = io.StringIO()
    with pytest.raises(Seen):
        await ps.Listed(Console(file=out, force_terminal=True), as_json=False, measure=True, every=0).run(
            Settings()
        )
    assert out.getvalue().count("looking again") == 1


def test_ps_does_not_measure_when_told_not_to(gateway: StandIn) -> None:
    typed("ps", "--no-measure")
    assert gateway.did == [("overview", False)]


def test_a_gateway_that_does_not_run_is_told_in_two_lines_with_a_remedy(gateway: StandIn) -> None:
    gateway.error = GatewayUnreachable("no gateway at http://127.0.0.1:8001: Connection refused")
    result = typed("ps")
    assert result.exit_code == 1
    assert result.stderr.startswith("W602: no gateway at http://127.0.0.1:8001: Connection refused\n")
    assert "warmgate serve" in result.stderr


def test_scale_prints_old_and_new_and_warns_where_the_budget_is_smaller(gateway: StandIn) -> None:
    result = typed("scale", "app=4")
    assert (result.exit_code, result.stdout) == (0, "app: 2 → 4\n")
    assert "budget holds 3" in result.stderr


def test_scale_does_nothing_when_one_wish_is_out_of_range(gateway: StandIn) -> None:
    result = typed("scale", "app=1", "app=9")
    assert result.exit_code == 1
    assert "0 to 4" in result.stderr
    assert gateway.did == [("overview", False)]


def test_drain_says_how_many_ended_and_how_many_are_in_use(gateway: StandIn) -> None:
    gateway.overviews.append(overview(instance("a", state="assigned"), instance("b", state="starting")))
    result = typed("drain")
    assert result.output == "1 warm instance drained, 1 session left in use\n"
    assert ("drain", None) in gateway.did


def test_draining_an_unknown_pool_drains_none(gateway: StandIn) -> None:
    assert typed("drain", "nosuch").exit_code == 1
    assert gateway.did == [("overview", False)]


def test_logs_of_one_instance_are_its_lines_and_of_several_carry_their_ids(gateway: StandIn) -> None:
    assert typed("logs", "abc").output == "one\ntwo\n"
    assert typed("logs", "-n", "1").output == "abcdefgh  two\n"
    assert typed("logs", "abc", "-n", "0").output == ""


def test_logs_of_an_instance_and_of_a_pool_at_once_are_refused(gateway: StandIn) -> None:
    result = typed("logs", "abc", "--pool", "app")
    assert result.exit_code == 2
    assert gateway.did == []


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8001"),
        ("0.0.0.0", "http://127.0.0.1:8001"),
        ("::", "http://[::1]:8001"),
        ("::1", "http://[::1]:8001"),
        ("localhost", "http://localhost:8001"),
    ],
)
def test_a_gateway_on_all_addresses_is_reached_on_this_machine(host: str, url: str) -> None:
    given = {"admin_host": host, "admin_token": "x" * 20}
    assert admin_url(Settings.model_validate({"gateway": given})) == url


def test_a_port_that_changes_with_each_start_cannot_be_reached() -> None:
    with pytest.raises(GatewayUnreachable, match="admin_port is 0"):
        admin_url(Settings.model_validate({"gateway": {"admin_port": 0}}))


@pytest.mark.parametrize(
    ("verdicts", "status", "summary"),
    [
        ([ok("a", "well")], 0, "1 ok"),
        ([ok("a", "well"), warn("b", "so so", "do this")], 0, "1 ok, 1 warn"),
        ([fail("b", "broken", "do that"), ok("a", "well")], 1, "1 ok, 1 FAIL"),
    ],
)
def test_the_doctor_prints_each_verdict_with_its_remedy_and_fails_on_any_fail(
    monkeypatch: pytest.MonkeyPatch, verdicts: list[Verdict], status: int, summary: str
) -> None:
    class Examination:
        def __init__(self, loaded: Loaded) -> None:
            pass

        async def run(self) -> AsyncIterator[Verdict]:
            for verdict in verdicts:
                yield verdict

    monkeypatch.setattr(doctor, "Examination", Examination)
    result = typed("doctor")
    assert result.exit_code == status
    assert result.output.splitlines()[-1] == summary
    for verdict in verdicts:
        assert f"{verdict.level.value:<5} {verdict.subject}" in result.output
        assert not verdict.remedy or f"→ {verdict.remedy}" in result.output


def test_the_doctor_names_every_wrong_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARMGATE_GATEWAY__PORT", "many")
    result = typed("doctor")
    assert result.exit_code == 2
    assert "FAIL  settings" in result.output
    assert "gateway.port" in result.output
