"""What the admin port answers, as the operator's commands read it. Fields they do not use may change."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class CellErrorRow(_Answer):
    """A cell of the author's that failed while its notebook was made ready. `cell` counts from 1."""

    notebook: str
    cell: int
    error: str


class InstanceRow(_Answer):
    """One instance. Times are seconds, sizes bytes; None where that is not known."""

    id: str
    pool: str
    state: str
    age: float
    idle: float | None = None
    charge: int
    measured: int | None = None
    cell_errors: tuple[CellErrorRow, ...] = ()


class PoolRow(_Answer):
    """One pool. `capacity` is how many the budget and `max` allow."""

    name: str
    warm: int
    max: int
    capacity: int
    waiting: int | None = None


class Overview(_Answer):
    """`GET /api/instances`."""

    gateway: str
    version: str
    budget: int
    charged: int
    pools: tuple[PoolRow, ...]
    instances: tuple[InstanceRow, ...]


class Written(_Answer):
    """`GET /api/instances/<id>/logs`."""

    id: str
    pool: str
    state: str
    text: str
    mark: str


class PoolRelease(_Answer):
    """What a release made of one pool: generations, empty where there is none."""

    before: str
    now: str
    new: bool


class Problem(_Answer):
    """One key of the settings that cannot be used."""

    key: str
    value: str
    allowed: str


class Released(_Answer):
    """`POST /api/release`; `problems` when the settings cannot be used, and then nothing has changed."""

    pools: dict[str, PoolRelease] = {}
    restart_needed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Scaled(_Answer):
    """`POST /api/pools/<name>/scale`."""

    pool: str
    warm: int
    max: int


class Drained(_Answer):
    """`DELETE /api/pool`."""

    drained: int


class Readiness(_Answer):
    """`GET /readyz`."""

    ready: bool
    reasons: tuple[str, ...] = ()


class Refusal(_Answer):
    """An error of the gateway's."""

    code: str
    message: str
