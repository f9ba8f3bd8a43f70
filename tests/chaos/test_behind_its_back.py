"""Somebody ends or stops containers with the engine's own commands, and tells the gateway nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import aiodocker
import pytest

from tests.chaos.form import FULL, dice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiodocker.containers import DockerContainer

    from tests.chaos.stage import Scene, Stage

    Deed = Callable[[DockerContainer], Awaitable[object]]
    Victims = Callable[[Scene], Awaitable[list[str]]]

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ROUNDS = 5 if FULL else 1

DEEDS: Mapping[str, Deed] = {
    "removed": lambda container: container.delete(force=True),
    "killed": lambda container: container.kill(),
    "stopped": lambda container: container.stop(t=2),
}


async def test_visitors_of_ended_containers_are_told_and_the_pool_fills_up_again(stage: Stage) -> None:
    which = dice("victims")
    async with stage.scene("containers removed, killed, stopped") as scene:
        for deed in [*DEEDS.values()] * ROUNDS:
            for victims in (unseen, in_use):
                while not await done(scene, deed, which.choice(await victims(scene))):
                    pass
                scene.row.faults += 1
            await scene.recovered(time.monotonic())


@pytest.mark.long_form
async def test_a_paused_container_goes_on_and_its_visitor_with_it(stage: Stage) -> None:
    # Nobody tells of a pause: it may last until the next look at the engine. Both ready ones stay running, so
    # that whoever is paused was paused by somebody else.
    async with stage.scene("containers paused", more='idle_timeout = "40s"\nhot = 2') as scene:
        for victims in (in_use, unseen) * ROUNDS:
            async with scene.docker() as docker:
                container = await paused(docker, scene, victims)
                scene.row.faults += 1
                began = time.monotonic()

                async def goes_on(paused: DockerContainer = container) -> bool:
                    return not (await paused.show())["State"]["Paused"]

                await scene.gateway.until(goes_on)
            await scene.recovered(began)


async def paused(docker: aiodocker.Docker, scene: Scene, victims: Victims) -> DockerContainer:
    """Pause a container; another one where the chosen one has ended since."""
    while True:
        container = docker.containers.container((await victims(scene))[0])
        try:
            await container.pause()
        except aiodocker.DockerError as error:
            if error.status not in {404, 409}:
                raise
        else:
            return container


async def done(scene: Scene, deed: Deed, victim: str) -> bool:
    """Do it to a container; return False when that one had ended since it was chosen."""
    async with scene.docker() as docker:
        scene.ledger.harmed.add(victim)
        try:
            await deed(docker.containers.container(victim))
        except aiodocker.DockerError as error:
            if error.status not in {404, 409}:
                raise
            scene.ledger.harmed.discard(victim)
            return False
    return True


async def in_use(scene: Scene) -> list[str]:
    """Return containers of visitors who stay; wait until each has one."""
    await scene.crowd.seated()
    return sorted(guest.container for guest in scene.crowd.seats)


async def unseen(scene: Scene) -> list[str]:
    """Return containers that no visitor has met: warm ones; wait until there is one."""
    found: list[str] = []

    async def there() -> bool:
        found[:] = sorted(set((await scene.containers()).values()) - scene.ledger.holders.keys())
        return bool(found) and await scene.available() > 0

    await scene.gateway.until(there)
    return found
