"""What a Docker engine does only now and then, told to a scripted one."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from pool.engines import docker, docker_start
from pool.engines.docker import DockerEngine
from pool.engines.docker_read import LABEL_PORT
from pool.engines.engine import LABEL_GATEWAY, LABEL_INSTANCE, Status
from pool.errors import EngineError, EngineTimeout, EngineUnavailable, ImageMissing, StartFailed
from tests.support.engine_rig import launch
from tests.support.scripted_docker import ScriptedDocker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from pool.engines.engine import Launch

GATEWAY = "test-scripted"


@pytest.fixture
def script() -> ScriptedDocker:
    return ScriptedDocker()


@pytest.fixture
async def engine(script: ScriptedDocker, tmp_path: Path) -> AsyncIterator[DockerEngine]:
    async with script.on(tmp_path / "docker.sock") as url:
        engine = DockerEngine(GATEWAY, url=url, local=lambda _bridge, _address: True)
        await engine.connect()
        yield engine
        await engine.close()


def container(instance_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "Id": f"c-{instance_id}",
        "State": "running",
        "Labels": {LABEL_GATEWAY: GATEWAY, LABEL_INSTANCE: instance_id, LABEL_PORT: "8888"},
        "Ports": [],
        "NetworkSettings": {"Networks": {"n": {"IPAddress": "172.30.0.2"}}},
        **changes,
    }


async def never(_request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def test_no_socket_is_an_engine_that_does_not_answer(tmp_path: Path) -> None:
    engine = DockerEngine(GATEWAY, url=f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(EngineUnavailable):
        await engine.connect()
    await engine.close()


async def test_before_it_is_connected_nothing_answers() -> None:
    with pytest.raises(EngineUnavailable):
        await DockerEngine(GATEWAY).list()


async def test_an_engine_that_hangs_is_given_up_at_the_limit(
    engine: DockerEngine, script: ScriptedDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.say("GET containers/json", never)
    monkeypatch.setattr(docker, "LOOK_LIMIT", 0.1)
    with pytest.raises(EngineTimeout, match="list"):
        await engine.list()


@pytest.mark.parametrize("answer", [(500, {"message": "boom"}), (200, {"not": "a list"}), (200, [{}])])
async def test_an_answer_that_cannot_be_used_is_an_engine_error(
    engine: DockerEngine, script: ScriptedDocker, answer: Any
) -> None:
    script.say("GET containers/json", answer)
    with pytest.raises(EngineError):
        await engine.list()


async def test_a_broken_connection_is_an_engine_that_does_not_answer(
    engine: DockerEngine, script: ScriptedDocker
) -> None:
    script.say("GET containers/json", hang_up)
    with pytest.raises(EngineUnavailable):
        await engine.list()


async def test_an_engine_that_is_too_old_is_refused(script: ScriptedDocker, tmp_path: Path) -> None:
    script.say("GET version", {"Version": "19.03", "ApiVersion": "1.40", "MinAPIVersion": "1.12"})
    async with script.on(tmp_path / "docker.sock") as url:
        engine = DockerEngine(GATEWAY, url=url)
        with pytest.raises(EngineError, match="too old"):
            await engine.connect()
        await engine.close()


async def test_a_removal_under_way_is_waited_for(engine: DockerEngine, script: ScriptedDocker) -> None:
    script.say("GET containers/json", [container("i1")])
    busy = (409, {"message": "removal of container c-i1 is already in progress"})
    script.say("DELETE containers/c-i1", busy, busy, (404, {"message": "No such container"}))
    await engine.destroy("i1")
    assert script.calls.count("DELETE containers/c-i1") == 3


async def test_a_removal_the_engine_fails_at_is_an_error(
    engine: DockerEngine, script: ScriptedDocker
) -> None:
    script.say("GET containers/json", [container("i1")])
    script.say("DELETE containers/c-i1", (500, {"message": "could not kill"}))
    with pytest.raises(EngineError, match="could not kill"):
        await engine.destroy("i1")


@pytest.mark.parametrize("refusal", [409, 304, 500])
async def test_being_paused_already_is_success_whatever_the_engine_calls_it(
    engine: DockerEngine, script: ScriptedDocker, refusal: int
) -> None:
    script.say("GET containers/json", [container("i1", State="paused")])
    script.say("POST containers/c-i1/pause", (refusal, {"message": "already paused"}))
    script.say("GET containers/c-i1/json", {"Id": "c-i1", "State": {"Running": True, "Paused": True}})
    await engine.pause("i1")


async def test_a_container_that_vanishes_meanwhile_measures_nothing_and_has_no_output(
    engine: DockerEngine, script: ScriptedDocker
) -> None:
    script.say("GET containers/json", [container("i1")])
    assert await engine.measure("i1") == 0
    assert await engine.logs("i1", 5) == ""
    with pytest.raises(EngineError, match="not there"):
        await engine.pause("i1")


async def test_an_ended_container_that_vanishes_meanwhile_is_still_told(
    engine: DockerEngine, script: ScriptedDocker
) -> None:
    script.say("GET containers/json", [container("i1", State="exited")])
    (found,) = await engine.list()
    assert (found.status, found.out_of_memory) == (Status.EXITED, False)


async def test_events_that_break_off_say_so(engine: DockerEngine, script: ScriptedDocker) -> None:
    async def one(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b'{"Action":"die"}\n')
        return answer

    script.say("GET events", one)
    events = engine.events()
    await anext(events)
    await anext(events)
    with pytest.raises(EngineUnavailable, match="ended the stream"):
        await anext(events)


async def test_events_that_are_cut_off_say_so(engine: DockerEngine, script: ScriptedDocker) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b'{"Action":')
        assert request.transport is not None
        request.transport.abort()
        return answer

    script.say("GET events", cut)

    async def listen() -> None:
        async for _ in engine.events():
            pass

    with pytest.raises(EngineUnavailable):
        await listen()


class TestStarting:
    """The image is there, the network too; what happens next is each test's own."""

    @pytest.fixture
    def what(self, script: ScriptedDocker) -> Launch:
        script.say("GET images/warmgate/jupyter/json", {"Id": "sha256:1", "Config": {"User": "1000"}})
        script.say("POST containers/create", (201, {"Id": "c-i1"}))
        script.say("POST containers/c-i1/start", (204, None))
        script.say("DELETE containers/c-i1", (204, None))
        script.say("GET containers/json", [container("i1")])
        return launch(instance_id="i1")

    async def test_all_goes_well(self, engine: DockerEngine, what: Launch) -> None:
        address = await engine.start(what)
        assert (address.host, address.port) == ("172.30.0.2", 8888)

    async def test_a_missing_image_is_said(
        self, engine: DockerEngine, script: ScriptedDocker, what: Launch
    ) -> None:
        script.say("GET images/warmgate/jupyter/json", (404, {"message": "No such image"}))
        with pytest.raises(ImageMissing, match="warmgate/jupyter"):
            await engine.start(what)
        with pytest.raises(ImageMissing):
            await engine.resolve("warmgate/jupyter")

    async def test_a_refused_configuration_removes_nothing(
        self, engine: DockerEngine, script: ScriptedDocker, what: Launch
    ) -> None:
        script.say("POST containers/create", (409, {"message": "name is already in use"}))
        with pytest.raises(StartFailed, match="already in use"):
            await engine.start(what)
        assert "DELETE containers/c-i1" not in script.calls

    async def test_a_start_that_fails_removes_what_was_created(
        self, engine: DockerEngine, script: ScriptedDocker, what: Launch
    ) -> None:
        script.say("POST containers/c-i1/start", (500, {"message": "OCI runtime create failed"}))
        with pytest.raises(StartFailed, match="OCI"):
            await engine.start(what)
        assert "DELETE containers/c-i1" in script.calls

    async def test_a_start_that_hangs_is_given_up_and_taken_back(
        self,
        engine: DockerEngine,
        script: ScriptedDocker,
        what: Launch,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        script.say("POST containers/c-i1/start", never)
        monkeypatch.setattr(docker_start, "START_LIMIT", 0.1)
        with pytest.raises(EngineTimeout, match="start"):
            await engine.start(what)
        assert "DELETE containers/c-i1" in script.calls

    async def test_what_a_cancelled_create_call_makes_later_is_removed(
        self, engine: DockerEngine, script: ScriptedDocker, what: Launch
    ) -> None:
        asked, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_request: web.Request) -> web.StreamResponse:
            asked.set()
            await go_on.wait()
            return web.json_response({"Id": "c-i1"}, status=201)

        script.say("POST containers/create", slow)
        async with asyncio.TaskGroup() as tasks:
            starting = tasks.create_task(engine.start(what))
            await asked.wait()
            starting.cancel()
            await asyncio.sleep(0)
            go_on.set()
        assert starting.cancelled()
        assert "DELETE containers/c-i1" in script.calls
        assert "POST containers/c-i1/start" not in script.calls

    async def test_an_instance_that_ends_at_once_has_failed_to_start_and_can_be_asked_why(
        self, engine: DockerEngine, script: ScriptedDocker, what: Launch
    ) -> None:
        script.say("GET containers/json", [container("i1", State="exited")])
        with pytest.raises(StartFailed, match="at once"):
            await engine.start(what)
        assert "DELETE containers/c-i1" not in script.calls


class TestNetworks:
    """Somebody else has been at our networks."""

    NETWORK: dict[str, Any] = ScriptedDocker().answers["GET networks/n1"][0]

    @asynccontextmanager
    async def connecting(self, script: ScriptedDocker, tmp_path: Path) -> AsyncIterator[DockerEngine]:
        async with script.on(tmp_path / "docker.sock") as url:
            engine = DockerEngine(GATEWAY, url=url, local=lambda _bridge, _address: True)
            yield engine
            await engine.close()

    async def test_one_that_is_there_is_used(self, script: ScriptedDocker, tmp_path: Path) -> None:
        async with self.connecting(script, tmp_path) as engine:
            await engine.connect()
        assert "POST networks/create" not in script.calls

    async def test_one_that_keeps_less_than_promised_is_made_anew(
        self, script: ScriptedDocker, tmp_path: Path
    ) -> None:
        leaky = self.NETWORK | {"Internal": False}
        script.say("GET networks", [leaky], [leaky], [self.NETWORK])
        script.say("DELETE networks/n1", (204, None))
        script.say("POST networks/create", (201, {"Id": "n2"}))
        async with self.connecting(script, tmp_path) as engine:
            await engine.connect()
        assert "POST networks/create" in script.calls

    async def test_one_that_keeps_less_and_is_in_use_is_never_used(
        self, script: ScriptedDocker, tmp_path: Path
    ) -> None:
        script.say("GET networks", [self.NETWORK | {"Internal": False}])
        async with self.connecting(script, tmp_path) as engine:
            with pytest.raises(EngineError, match="other settings"):
                await engine.connect()

    async def test_a_race_to_create_one_is_won_by_everybody(
        self, script: ScriptedDocker, tmp_path: Path
    ) -> None:
        script.say("GET networks", [], [self.NETWORK])
        script.say("POST networks/create", (409, {"message": "already exists"}))
        async with self.connecting(script, tmp_path) as engine:
            await engine.connect()

    async def test_a_name_somebody_else_has_taken_is_said(
        self, script: ScriptedDocker, tmp_path: Path
    ) -> None:
        script.say("GET networks", [])
        script.say("POST networks/create", (409, {"message": "network with this name already exists"}))
        async with self.connecting(script, tmp_path) as engine:
            with pytest.raises(EngineError, match="already exists"):
                await engine.connect()
