"""`[[pools]]`: what instances are made from, how many, and how long each lives."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator

from config.section import Section
from config.values import (
    Command,
    Count,
    Cpus,
    Duration,
    Env,
    Image,
    Link,
    PoolName,
    Port,
    RelativePath,
    Size,
    Tmpfs,
    User,
)

MIB = 2**20


class Kind(StrEnum):
    """How a server is started, probed, warmed and entered."""

    JUPYTER = "jupyter"
    PLUTO = "pluto"
    GENERIC = "generic"


class Mode(StrEnum):
    """What a visitor may do."""

    EDIT = "edit"
    VIEW = "view"


class Sizing(StrEnum):
    """How many instances are kept ready."""

    ADAPTIVE = "adaptive"
    STATIC = "static"


class Egress(StrEnum):
    """Where an instance may connect to."""

    NONE = "none"
    INTERNET = "internet"


KIND_DEFAULTS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.GENERIC: {"image": "", "entry": ""},
    Kind.PLUTO: {
        "image": "warmgate/pluto",
        "entry": "",
        "memory": 1024 * MIB,
        "start_timeout": 180.0,
        "warm_timeout": 300.0,
    },
}
"""Defaults that only make sense for one kind: another server has neither our image nor Jupyter's pages, and
Julia is larger and, without a system image, compiles for a minute before it answers."""


class PoolSettings(Section):
    """One pool: interchangeable instances made from one entry of `[[pools]]`."""

    name: PoolName = "jupyter"
    """The pool's name in addresses, labels, logs and metrics; each pool needs its own."""

    kind: Kind = Kind.JUPYTER
    """How the server is started, probed, warmed and entered: `jupyter`, `pluto` or `generic` (any web app
    that is told its base path)."""

    image: Image = "warmgate/jupyter"
    """Image the `docker` engine makes instances from; the `process` engine does not look at it.
    Kind `pluto`: `warmgate/pluto` by default. Kind `generic`: empty."""

    command: Command = ()
    """Program and arguments; `{port}` `{base_path}` `{token}` `{ip}` are filled in. Empty: the kind's own,
    or the image's."""

    port: Port = 0
    """TCP port the server listens on inside its instance. 0: the kind's own."""

    probe: RelativePath = ""
    """Path below the session's base path that answers 2xx or 3xx once the server is ready. Empty: the
    kind's own."""

    env: Env = Field(default_factory=dict, repr=False)
    """Environment variables of the server, a table of text. Every visitor can read them in their instance:
    no secrets here."""

    user: User = ""
    """User the server runs as, by name or number; root is refused. Empty: the image's own if that is not
    root, else a plain one."""

    read_only: bool = True
    """Whether the instance's root file system is read-only. False lets a visitor fill the host's disk."""

    tmpfs: Tmpfs = ()
    """Folders kept in memory, as `folder:options` such as `/home/jovyan:size=64m`; they count towards
    `memory`. Empty: the kind's own."""

    memory: Annotated[Size, Field(ge=32 * MIB)] = 512 * MIB
    """Bytes one instance may use, swap included; one that needs more is ended. Also what it is charged.
    Kind `pluto`: 1GiB by default."""

    cpus: Cpus = 1.0
    """Processor cores one instance may use; 0.5 is half of one core."""

    pids: Annotated[Count, Field(ge=16, le=4_194_304)] = 256
    """Processes and threads one instance may have; stops fork bombs."""

    warm: Annotated[Count, Field(ge=0, le=10_000)] = 3
    """Instances kept ready for visitors; with `sizing = "adaptive"` the least there are. 0: who comes first
    waits for a start."""

    hot: Annotated[Count, Field(ge=0, le=10_000)] = 1
    """Ready instances that stay running; those beyond are paused, which costs no CPU, and run again when
    they are assigned, some 20 ms later."""

    sizing: Sizing = Sizing.ADAPTIVE
    """How many are kept ready: `adaptive`, between `warm` and what `max` and the budget allow, as visitors
    come; or `static`, always `warm`."""

    max: Annotated[Count, Field(ge=1, le=10_000)] = 20
    """Instances there may be at once, warm and assigned together; the budget may allow fewer."""

    entry: RelativePath = "tree"
    """Where a visitor lands, relative to the session. With `mode = "view"`, the notebook by default. Kind
    `pluto`: empty by default, which is the notebook, or the start page where there is none. Kind `generic`:
    empty (the base path) by default."""

    notebook: RelativePath = ""
    """Notebook opened and run before a visitor comes, a path inside the instance. Empty: only a kernel is
    started, or with kind `pluto` nothing but the server."""

    mode: Mode = Mode.EDIT
    """What a visitor may do: `edit` anything in their instance, or only `view`: move the notebook's sliders
    and run its author's cells again, live, and change nothing else. Asks for `notebook`; not for kind
    `generic`."""

    idle_timeout: Duration = 600.0
    """Time without a visitor's traffic or a busy kernel after which an instance is destroyed, in seconds
    or as 10m."""

    max_age: Duration = 6 * 3600.0
    """Time after assignment at which an instance is destroyed in any case, in seconds or as 6h."""

    start_timeout: Duration = 60.0
    """Time a start may take until the probe answers, in seconds or as 60s; a slower one counts as failed.
    Kind `pluto`: 3m by default."""

    warm_timeout: Duration = 120.0
    """Time warming may take (kernel up, notebook run), in seconds or as 2m; a slower one counts as failed.
    Kind `pluto`: 5m by default."""

    egress: Egress = Egress.NONE
    """Where an instance may connect to: `none`, or the `internet`. Visitors run any code they like there."""

    title: Annotated[str, Field(max_length=80)] = ""
    """Name on the landing page, at most 80 characters. Empty: the notebook's own, or the pool's name."""

    description: Annotated[str, Field(max_length=500)] = ""
    """Text below the title on the landing page, at most 500 characters. Empty: the notebook's own, if any."""

    source: Link = ""
    """Where the notebook's source is published, such as its page in a repository: linked beside the notebook.
    Empty: no link."""

    @model_validator(mode="before")
    @classmethod
    def _fill_kind_defaults(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        kind = data.get("kind", Kind.JUPYTER)
        defaults = {**KIND_DEFAULTS.get(kind, {})} if isinstance(kind, str) else {}  # type: ignore[call-overload]
        if kind == Kind.JUPYTER and data.get("mode") == Mode.VIEW and isinstance(data.get("notebook"), str):
            # Readers land on the notebook itself, in the page that shows nothing else.
            defaults["entry"] = f"notebooks/{data['notebook']}"
        return {**defaults, **data}
