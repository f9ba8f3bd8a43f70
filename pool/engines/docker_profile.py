"""From a Launch to a container's configuration: pure, and the place where the limits of an instance stand.

Field names are the Docker Engine API's (ContainerCreate, v1.41).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config import Egress
from pool.engines.docker_network import Reach
from pool.engines.docker_read import LABEL_PORT
from pool.engines.engine import LABEL_GATEWAY, LABEL_INSTANCE
from pool.errors import StartFailed

if TYPE_CHECKING:
    from pool.engines.engine import Launch

NOBODY = "65534:65534"
"""Who an image's root becomes."""

LISTEN_IP = "0.0.0.0"  # noqa: S104 - every address *inside* the container's own network namespace
"""What `{ip}` is: where a server must listen to be reached through its network."""

NO_RESOLVER = "127.0.0.1"
"""The resolver of instances without a way out: their own loopback, where nobody listens. Else engines before
23.0.11 and 25.0.5 resolve for them on the host (CVE-2024-29018).
"""

GIVE_UP_SOON = ("timeout:1", "attempts:1")
"""A look-up that cannot succeed fails after one second instead of ten."""

NOFILE = 8192
"""Open files per process."""

OOM_SCORE_ADJ = 500
"""When the host runs out of memory, instances go before the gateway."""

SHM_MAX = 64 * 2**20
"""Bytes of /dev/shm at most, and never more than an eighth of the memory limit."""

MIN_CPUS = 0.01
"""The least an engine takes."""

LOG_SIZE = "1m"
"""Of an instance's output the engine keeps this much, in one file."""


def container_name(gateway_id: str, instance_id: str) -> str:
    """Return the name people see in `docker ps`. Neighbours can learn it from the engine's resolver, so it
    holds nothing that opens a session.
    """
    return f"warmgate-{gateway_id}-{instance_id[:12]}"


def container_config(
    launch: Launch, *, gateway_id: str, network: str, reach: Reach, image_user: str, cpus: int
) -> dict[str, Any]:
    """Return the body of the create call. `cpus` is how many cores the engine has.

    Raises StartFailed when the launch asks for root or for a folder that could hold devices or set-user-id
    programs.
    """
    command, env = launch.filled(LISTEN_IP, launch.port)
    user = run_as(launch.user, image_user)
    port = f"{launch.port}/tcp"
    config: dict[str, Any] = {
        "Image": launch.image,
        "User": user,
        "Env": [f"{name}={value}" for name, value in env.items()],
        "ExposedPorts": {port: {}},
        "Labels": {
            **launch.labels,
            LABEL_GATEWAY: gateway_id,
            LABEL_INSTANCE: launch.instance_id,
            LABEL_PORT: str(launch.port),
        },
        # The image's own check would run in every warm instance for ever; we ask the server itself.
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": host_config(launch, network=network, user=user, cpus=cpus),
    }
    if command:
        config["Cmd"] = list(command)
    if reach is Reach.PUBLISHED:
        config["HostConfig"]["PortBindings"] = {port: [{"HostIp": "127.0.0.1", "HostPort": ""}]}
    return config


def host_config(launch: Launch, *, network: str, user: str, cpus: int) -> dict[str, Any]:
    """Return limits and isolation. What is not named here is the engine's default: its seccomp and AppArmor
    profiles, its masked paths, a network, process and mount namespace of its own.
    """
    config: dict[str, Any] = {
        "NetworkMode": network,
        "Memory": launch.memory,
        "MemorySwap": launch.memory,
        "NanoCpus": int(min(max(launch.cpus, MIN_CPUS), cpus) * 1e9),
        "PidsLimit": launch.pids,
        "ShmSize": min(SHM_MAX, launch.memory // 8),
        "OomScoreAdj": OOM_SCORE_ADJ,
        "Ulimits": [
            {"Name": "nofile", "Soft": NOFILE, "Hard": NOFILE},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        "Privileged": False,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "ReadonlyRootfs": launch.read_only,
        "Tmpfs": tmpfs(launch, user),
        "IpcMode": "private",
        "PublishAllPorts": False,
        "Init": True,
        "AutoRemove": False,
        "RestartPolicy": {"Name": "no"},
        "LogConfig": {"Type": "json-file", "Config": {"max-size": LOG_SIZE, "max-file": "1"}},
    }
    if launch.egress is Egress.NONE:
        config["Dns"] = [NO_RESOLVER]
        config["DnsOptions"] = list(GIVE_UP_SOON)
    return config


def run_as(wanted: str, image_user: str) -> str:
    """Return the user to run as: the wanted one, the image's own, or nobody in place of the image's root.

    Raises StartFailed when the wanted one is root.
    """
    if wanted:
        if is_root(wanted):
            raise StartFailed(f"user {wanted!r} is root, and no instance runs as root")
        return wanted
    return NOBODY if is_root(image_user) else image_user


def is_root(user: str) -> bool:
    """Return whether `user`, as `name`, `uid` or either with `:group`, is or may be root."""
    name = user.partition(":")[0]
    # Not only "0": the engine reads 00 and +0 as zero too. An empty name is root by default.
    return name in {"", "root"} or not name.lstrip("+-").strip("0")


def tmpfs(launch: Launch, user: str) -> dict[str, str]:
    """Return folder → mount options. Folders without a size share half the memory limit, which their content
    counts towards: a full one is an error the program can tell, not the end of the instance.
    """
    entries = dict(entry.partition(":")[::2] for entry in launch.tmpfs)
    if launch.read_only and "/tmp" not in entries:  # noqa: S108 - a folder of the container, not of this host
        entries["/tmp"] = ""  # noqa: S108 - as above
    unsized = sum("size=" not in options for options in entries.values())
    share = launch.memory // 2 // max(unsized, 1)
    return {folder: _mount_options(folder, options, user, share) for folder, options in entries.items()}


def _mount_options(folder: str, given: str, user: str, share: int) -> str:
    words = [word for word in given.split(",") if word]
    if refused := {"suid", "dev"}.intersection(words):
        raise StartFailed(f"tmpfs {folder}: option {min(refused)} is not allowed")
    uid, _, gid = user.partition(":")
    options = {"rw": "", "nosuid": "", "nodev": "", "exec": "", "size": str(share), "mode": "1777"}
    if uid.isdecimal() and not folder.endswith("/tmp"):  # noqa: S108 - as above
        # A named user's number is known inside the image only, so theirs stay open to all; there is no other.
        options |= {"mode": "0700", "uid": uid} | ({"gid": gid} if gid.isdecimal() else {})
    if "noexec" in words:
        del options["exec"]
    options |= dict(word.partition("=")[::2] for word in words)
    return ",".join(f"{name}={value}" if value else name for name, value in options.items())
