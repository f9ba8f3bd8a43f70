"""One pool: its settings, its kind, and how to make an instance of it."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from config import Mode, Sizing
from pool import labels
from pool.core.arrivals import Arrivals
from pool.core.durations import Durations
from pool.core.instance import Instance
from pool.core.observed import Wanted
from pool.core.sizing import panicking, target
from pool.core.states import State
from pool.engines.engine import Launch

if TYPE_CHECKING:
    from config import PoolSettings
    from pool.core.roster import Health
    from pool.identity import Identities
    from pool.kinds.kind import Kind
    from pool.kinds.preview import Preview

GENERATION_LENGTH = 12
NOT_LAUNCHED = frozenset({"warm", "hot", "sizing", "max", "title", "description", "source"})
"""Settings that change nothing inside an instance, so that changing them keeps the warm ones."""
NEVER = float("inf")
REFUSED_FOR = 10.0
"""Seconds a visitor who was sent away with "come again" counts as one who waits: else an empty pool that
keeps nothing ready would never start anything for them.
"""
MEASURES_REMEMBERED = 32
COURTESY = 2.0
"""Seconds after an assignment in which a pool that still has a ready instance starts none. The visitor's
page loads in that time, and a starting server would take the processor from it. An empty pool starts at once.
"""


@dataclass(slots=True)
class Pool:
    """Interchangeable instances made from one entry of `[[pools]]`."""

    settings: PoolSettings
    kind: Kind = field(repr=False)
    warm: int
    """How many to keep warm now; `scale` changes it."""
    generation: str = ""
    """Empty until the engine has told what the image is; nothing starts before."""
    image_id: str = ""
    """What the engine said the image is."""
    image_error: str = ""
    assigned_at: float = -COURTESY
    """When a visitor last got an instance; monotonic seconds."""
    refused_at: float = -REFUSED_FOR
    """When a visitor was last sent away because nothing was ready; monotonic seconds."""
    arrivals: Arrivals = field(default_factory=Arrivals, repr=False)
    """When visitors came, and how long starts take."""
    wanted_ready: int = 0
    """How many were to be held ready at the last plan."""
    removals: Durations = field(default_factory=Durations)
    """From the end of an instance until it was gone."""
    sessions: Durations = field(default_factory=Durations)
    """From assignment to end."""
    preview: Preview | None = field(default=None, repr=False)
    """What the notebook shows, of the newest generation that was warm."""
    previewed: str = ""
    """The generation `preview` is of."""
    measures: deque[int] = field(default_factory=lambda: deque(maxlen=MEASURES_REMEMBERED))
    """Bytes that instances measured when they were ready."""

    @property
    def name(self) -> str:
        """The pool's name in URLs, labels and metrics."""
        return self.settings.name

    def reconfigure(self, settings: PoolSettings, kind: Kind) -> None:
        """Go on with other settings. What they change inside an instance makes a new generation."""
        if settings.warm != self.settings.warm:
            self.warm = settings.warm
        same_image = settings.image == self.settings.image
        if (settings.kind, settings.notebook) != (self.settings.kind, self.settings.notebook):
            self.preview, self.previewed = None, ""
        self.settings, self.kind = settings, kind
        self.warm = min(self.warm, settings.max)
        if same_image and self.image_id:
            self.resolved(self.image_id)
        else:
            self.generation = ""

    def resolved(self, image_id: str) -> None:
        """Take note of what the engine says the image is."""
        self.image_id = image_id
        launched = self.settings.model_dump(mode="json", exclude=set(NOT_LAUNCHED))
        content = orjson.dumps([launched, image_id], option=orjson.OPT_SORT_KEYS)
        self.generation = hashlib.sha256(content).hexdigest()[:GENERATION_LENGTH]
        self.image_error = ""

    def warmed(self, preview: Preview, generation: str) -> bool:
        """Take what an instance shows if it is the newest generation's first warm one. Return whether so."""
        if generation != self.generation or generation == self.previewed:
            return False
        self.preview, self.previewed = preview, generation
        return True

    def unresolved(self, error: str) -> None:
        """The image is missing: keep what is warm, start nothing."""
        self.image_error = error

    def arrived(self, now: float) -> None:
        """A visitor wants an instance, whether or not there is one."""
        self.arrivals.arrived(now)

    def started(self, seconds: float) -> None:
        """An instance took so long from the decision to start it until it was warm."""
        self.arrivals.started(seconds)

    def _target(self, now: float, starts_at_once: int) -> int:
        """Return how many instances to hold ready now."""
        if self.settings.sizing is Sizing.STATIC:
            return self.warm
        return target(
            self.arrivals, now, floor=self.warm, ceiling=self.settings.max, starts_at_once=starts_at_once
        )

    def _hurried(self, now: float, starts_at_once: int) -> bool:
        adaptive = self.settings.sizing is Sizing.ADAPTIVE
        return adaptive and panicking(self.arrivals, now, starts_at_once)

    def wanted(
        self, health: Health, *, now: float, waiting: int, waiting_since: float, starts_at_once: int
    ) -> Wanted:
        """Return what this pool should look like, for `plan`.

        `waiting` is how many stand in line for it, `waiting_since` when the first of them came.
        """
        blocked = self.image_error or not self.generation
        self.wanted_ready = self._target(now, starts_at_once)
        return Wanted(
            pool=self.name,
            generation=self.generation,
            limit=self.settings.memory,
            target=self.wanted_ready,
            max=self.settings.max,
            hot=self.settings.hot,
            measures=max(self.measures, default=0),
            waiting=max(waiting, int(now - self.refused_at < REFUSED_FOR)),
            waiting_since=waiting_since,
            start_at=NEVER if blocked else health.retry_at,
            refill_at=now if self._hurried(now, starts_at_once) else self.assigned_at + COURTESY,
        )

    def new_instance(self, instance_id: str, now: float) -> Instance:
        """Return an instance that is about to start."""
        return Instance(
            id=instance_id,
            pool=self.name,
            generation=self.generation,
            charge=self.settings.memory,
            limit=self.settings.memory,
            state=State.STARTING,
            created_at=now,
            since=now,
            idle_timeout=self.settings.idle_timeout,
            max_age=self.settings.max_age,
        )

    def tag(self, instance: Instance, gateway: str, prefix: str, fingerprint: str) -> labels.Tag:
        """Return what the instance's labels say."""
        return labels.Tag(
            gateway=gateway,
            pool=self.name,
            instance=instance.id,
            generation=instance.generation,
            record=labels.Record(
                kind=self.kind.name,
                charge=instance.limit,
                created_at=instance.created_at,
                idle_timeout=instance.idle_timeout,
                max_age=instance.max_age,
                entry=self.kind.entry(self.settings),
                prefix=prefix,
                strips_prefix=self.kind.strips_prefix(self.settings),
                asks_token=self.kind.asks_token(self.settings),
                fingerprint=fingerprint,
                judged=self.settings.mode is Mode.VIEW,
            ),
        )

    def launch(self, tag: labels.Tag, identities: Identities) -> Launch:
        """Return everything an engine needs to make the instance that `tag` names."""
        settings = self.settings
        recipe = self.kind.recipe(
            settings,
            base_path=base_path(tag, identities),
            token=identities.token(tag.instance),
        )
        return Launch(
            instance_id=tag.instance,
            labels=labels.write(tag),
            image=settings.image,
            command=recipe.command,
            env={**settings.env, **recipe.env},
            port=recipe.port,
            memory=settings.memory,
            cpus=settings.cpus,
            pids=settings.pids,
            egress=settings.egress,
            tmpfs=recipe.tmpfs,
            skeleton=recipe.skeleton,
            read_only=settings.read_only,
            user=settings.user,
        )


def public_path(tag: labels.Tag, identities: Identities) -> str:
    """Return the path visitors use for the tagged instance; its last part is secret."""
    return f"{tag.record.prefix}/user/{identities.session_id(tag.instance)}/"


def base_path(tag: labels.Tag, identities: Identities) -> str:
    """Return the path the tagged instance's own server serves under."""
    return "/" if tag.record.strips_prefix else public_path(tag, identities)
