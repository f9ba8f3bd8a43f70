"""The two doors: can they be listened on, or does the gateway already."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass

import psutil

from gateway.doctor.verdict import Verdict, fail, ok


@dataclass(frozen=True, slots=True)
class Door:
    """One address. `error` is the errno of trying to bind it, 0 when it is free."""

    key: str
    host: str
    port: int
    error: int
    taken_by: str = ""
    """Who listens there, if that can be seen."""


def look(key: str, host: str, port: int) -> Door:
    """Try to bind the address, as the gateway would, without listening there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        return Door(key, host, port, errno.EADDRNOTAVAIL)
    except OSError as error:
        return Door(key, host, port, error.errno or errno.EIO, _listener(port))
    return Door(key, host, port, 0)


def _listener(port: int) -> str:
    try:
        for each in psutil.net_connections("tcp"):
            listens = each.status == psutil.CONN_LISTEN and each.pid
            if listens and each.laddr and each.laddr.port == port:
                return f"{psutil.Process(each.pid).name()} (process {each.pid})"
    except (psutil.Error, OSError):
        return ""
    return ""


def judge(door: Door, *, ours: bool) -> Verdict:
    """Say whether the gateway can listen there. `ours`: the gateway of these settings runs."""
    subject = f"port {door.port}"
    if door.port == 0:
        return ok(subject, f"any free one is taken for {door.key}")
    if ours and door.error == errno.EADDRINUSE:
        return ok(subject, "the gateway listens")
    if ours and not door.error:
        remedy = f"restart the gateway: it was started with another [gateway] {door.key}"
        return fail(subject, f"nothing listens at {door.host}, though the gateway runs", remedy)
    if not door.error:
        return ok(subject, f"free at {door.host}")
    return fail(subject, *_trouble(door))


def _trouble(door: Door) -> tuple[str, str]:
    """Return why the address cannot be had, and what to do."""
    key = f"[gateway] {door.key}"
    match door.error:
        case errno.EADDRINUSE:
            who = door.taken_by or "another program"
            return f"taken by {who}", f"stop it (ss -ltnp 'sport = {door.port}'), or set {key}"
        case errno.EACCES | errno.EPERM:
            unit = "AmbientCapabilities=CAP_NET_BIND_SERVICE in the service's unit"
            return "ports below 1024 are for root", f"set {key} to 1024 or more, or {unit}"
        case errno.EADDRNOTAVAIL:
            host = door.key.replace("port", "host")
            return f"{door.host} is no address of this machine", f"set [gateway] {host}"
        case _:
            return f"{door.host}: {os.strerror(door.error)}", f"set {key}"
