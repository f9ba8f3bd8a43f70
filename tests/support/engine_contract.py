"""What every engine does. Each engine's tests inherit these and bring a `rig` of their own."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

import pytest

from pool.engines.engine import LABEL_GATEWAY, LABEL_INSTANCE, LABEL_POOL, Output, Status
from pool.errors import EngineError, EngineUnavailable, StartFailed
from tests.support.engine_rig import MIB, PATIENCE, launch, new_gateway_id, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from pool.engines.engine import Engine
    from tests.support.engine_rig import Rig


async def suppressed(work: Coroutine[None, None, None], kind: type[Exception]) -> Exception | None:
    """Return the error of this kind that the work ended with."""
    try:
        await work
    except kind as error:
        return error
    return None


class ReachContract:
    """What depends on how instances are reached. Inherit, and define the fixture `rig`."""

    @pytest.fixture
    async def engine(self, rig: Rig) -> AsyncIterator[Engine]:
        async with rig.running() as engine:
            yield engine

    async def test_connecting_tells_what_there_is_to_know(self, engine: Engine) -> None:
        facts = await engine.connect()
        assert facts.name == engine.name
        assert facts.version
        assert facts.reach
        assert facts.memory_total > 0

    async def test_a_started_instance_answers_where_it_is_said_to(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        (found,) = await engine.list()
        assert (found.instance_id, found.status, found.address) == (instance_id, Status.RUNNING, address)
        assert not found.out_of_memory

    async def test_labels_come_back_as_they_were_given(self, engine: Engine, rig: Rig) -> None:
        instance_id, _ = await rig.start(engine)
        (found,) = await engine.list()
        assert found.labels[LABEL_GATEWAY] == rig.gateway_id
        assert found.labels[LABEL_INSTANCE] == instance_id
        assert found.labels[LABEL_POOL] == "demo"
        assert found.labels["warmgate.adopt"] == '{"kind":"generic"}'

    async def test_ip_and_port_are_filled_in_and_other_braces_stay(self, engine: Engine, rig: Rig) -> None:
        _, address = await rig.start(engine)
        told = await rig.told(address)
        ip, port, token = told["argv"]
        assert token == "{token}"
        assert told["env"]["GREETING"] == f"port {port} of {ip}"

    async def test_a_destroyed_instance_is_gone(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        await engine.destroy(instance_id)
        assert await engine.list() == []
        assert not await rig.answers(address)

    async def test_a_paused_instance_keeps_its_address_and_goes_on(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        await engine.pause(instance_id)
        await engine.pause(instance_id)
        (found,) = await engine.list()
        assert (found.status, found.address) == (Status.PAUSED, address)
        await engine.unpause(instance_id)
        await engine.unpause(instance_id)
        assert await rig.status(engine, instance_id) is Status.RUNNING
        assert await rig.answers(address)

    async def test_a_new_engine_object_finds_what_runs(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        before = await engine.list()
        await engine.close()
        async with rig.running() as again:
            assert await again.list() == before
            assert await rig.answers(address)
            await again.pause(instance_id)
            await again.unpause(instance_id)
            assert await again.measure(instance_id) > 0
            await again.destroy(instance_id)
            assert await again.list() == []
        await engine.connect()

    async def test_several_starts_at_once_are_several_instances(self, engine: Engine) -> None:
        addresses = await asyncio.gather(*(engine.start(launch()) for _ in range(4)))
        found = await engine.list()
        assert {item.address for item in found} == set(addresses)
        assert len(found) == 4


class EngineContract(ReachContract):
    """What every engine does. Inherit, and define the fixture `rig`."""

    async def test_destroying_what_is_gone_or_never_was_is_success(self, engine: Engine, rig: Rig) -> None:
        instance_id, _ = await rig.start(engine)
        await engine.destroy(instance_id)
        await engine.destroy(instance_id)
        await engine.destroy("neverthere")

    async def test_destroying_twice_at_once_succeeds_twice(self, engine: Engine, rig: Rig) -> None:
        instance_id, _ = await rig.start(engine)
        await asyncio.gather(*(engine.destroy(instance_id) for _ in range(3)))
        assert await engine.list() == []

    async def test_a_paused_instance_can_be_destroyed(self, engine: Engine, rig: Rig) -> None:
        instance_id, _ = await rig.start(engine)
        await engine.pause(instance_id)
        await engine.destroy(instance_id)
        assert await engine.list() == []

    async def test_pausing_what_is_not_there_is_an_error(self, engine: Engine) -> None:
        with pytest.raises(EngineError, match="not there"):
            await engine.pause("neverthere")
        with pytest.raises(EngineError, match="not there"):
            await engine.unpause("neverthere")

    async def test_an_instance_that_ends_by_itself_is_found_ended(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        await rig.end(address)

        async def ended() -> bool:
            return await rig.status(engine, instance_id) is Status.EXITED

        await until(ended)
        (found,) = await engine.list()
        assert found.address is None
        assert not found.out_of_memory
        with pytest.raises(EngineError):
            await engine.pause(instance_id)
        await engine.destroy(instance_id)
        assert await engine.list() == []

    async def test_an_event_tells_that_an_instance_may_have_ended(self, engine: Engine, rig: Rig) -> None:
        _, address = await rig.start(engine)
        async with aclosing(engine.events()) as events:
            await anext(events)
            await rig.end(address)
            async with asyncio.timeout(PATIENCE):
                await anext(events)

    async def test_events_end_with_an_error_when_the_engine_is_closed(self, rig: Rig) -> None:
        async def listen(engine: Engine, heard: asyncio.Event) -> None:
            async for _ in engine.events():
                heard.set()

        async with rig.running() as engine:
            heard = asyncio.Event()
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
                listening = tasks.create_task(suppressed(listen(engine, heard), EngineUnavailable))
                await heard.wait()
                await engine.close()
            assert listening.result() is not None
            await engine.connect()

    async def test_an_instance_over_its_memory_limit_is_ended_and_said_so(
        self, engine: Engine, rig: Rig
    ) -> None:
        instance_id, address = await rig.start(engine, memory=96 * MIB)
        await rig.pass_memory_limit(address, 96 * MIB)

        async def ended() -> bool:
            return await rig.status(engine, instance_id) is Status.EXITED

        await until(ended)
        (found,) = await engine.list()
        assert found.out_of_memory

    async def test_memory_is_measured_while_there_is_something_to_measure(
        self, engine: Engine, rig: Rig
    ) -> None:
        instance_id, _ = await rig.start(engine)
        assert await engine.measure(instance_id) > 0
        await engine.destroy(instance_id)
        assert await engine.measure(instance_id) == 0

    async def test_the_last_lines_of_output_can_be_read(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        await rig.run(address, "import sys; print('one\\ntwo', file=sys.stderr, flush=True)")

        async def written() -> bool:
            return "two" in await engine.logs(instance_id, 50)

        await until(written)
        assert "one" not in await engine.logs(instance_id, 1)
        assert await engine.logs("neverthere", 5) == ""

    async def test_output_read_on_comes_once_and_in_order(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        mark, read = (await engine.output(instance_id, 1)).mark, ""
        for burst in range(4):
            # Lines that are all alike, of both outputs, and more than are returned at once.
            lines = f"burst {burst} {'=' * 100}\n" * 500
            await rig.write(address, out=lines, err=lines)
            got = await self.written(engine, instance_id, mark, "burst", 1000)
            mark, read = got.mark, read + got.text
        bursts = [int(line.split()[1]) for line in read.splitlines() if line.startswith("burst")]
        assert bursts == [burst for burst in range(4) for _ in range(1000)]
        assert (await engine.output(instance_id, 5, mark)).text == ""

    async def test_output_without_a_mark_is_its_last_lines_and_goes_on_behind_them(
        self, engine: Engine, rig: Rig
    ) -> None:
        instance_id, address = await rig.start(engine)
        await rig.write(address, err="one\ntwo\nthree\n")

        async def ready() -> bool:
            return "three" in (await engine.output(instance_id, 10)).text

        await until(ready)
        last = await engine.output(instance_id, 2)
        assert last.text == "two\nthree\n"
        assert (await engine.output(instance_id, 2, "no mark of this engine")).text == last.text
        await rig.write(address, err="four\n")
        assert (await self.written(engine, instance_id, last.mark, "four", 1)).text == "four\n"

    async def test_a_line_longer_than_any_piece_comes_whole(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        await rig.write(address, err="begin\n")
        mark = (await self.written(engine, instance_id, "", "begin", 1)).mark
        await rig.write(address, err="x" * 40_000 + "end\n")
        line = (await self.written(engine, instance_id, mark, "end", 1)).text
        assert line == "x" * 40_000 + "end\n"

    @staticmethod
    async def written(engine: Engine, instance_id: str, mark: str, word: str, count: int) -> Output:
        """Read on from `mark` until a word has come `count` times."""
        text = ""
        async with asyncio.timeout(PATIENCE):
            while text.count(word) < count:
                more = await engine.output(instance_id, 10_000, mark)
                text, mark = text + more.text, more.mark
        return Output(text, mark)

    async def test_what_is_not_there_has_no_output(self, engine: Engine) -> None:
        assert await engine.output("neverthere", 5, "kept") == Output("", "kept")

    async def test_another_gateway_sees_and_touches_nothing_of_ours(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        async with rig.running(new_gateway_id()) as other:
            assert await other.list() == []
            await other.destroy(instance_id)
            assert await other.measure(instance_id) == 0
            with pytest.raises(EngineError):
                await other.pause(instance_id)
        assert await rig.answers(address)

    async def test_an_id_can_be_started_only_once(self, engine: Engine, rig: Rig) -> None:
        instance_id, address = await rig.start(engine)
        with pytest.raises((StartFailed, EngineError)):
            await engine.start(launch(instance_id=instance_id))
        assert await rig.answers(address)
        assert len(await engine.list()) == 1

    @pytest.mark.parametrize("delay", [0.0, 0.005, 0.02, 0.1, 0.25])
    async def test_a_start_cancelled_at_any_point_leaves_nothing(self, engine: Engine, delay: float) -> None:
        what = launch()
        started = False
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await engine.start(what)
                started = True
        assert [found.instance_id for found in await engine.list()] == [what.instance_id] * started

    async def test_an_image_resolves_to_the_same_again(self, engine: Engine) -> None:
        assert await engine.resolve("warmgate/jupyter") == await engine.resolve("warmgate/jupyter") != ""
