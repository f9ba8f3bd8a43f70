"""All peers, in the order of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.peers.chp import ConfigurableHttpProxy
from bench.peers.direct import Direct
from bench.peers.gateway import Gateway
from bench.peers.haproxy import Haproxy
from bench.peers.hub import JupyterHub
from bench.peers.nginx import Nginx

if TYPE_CHECKING:
    from bench.peers.peer import Peer

PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (Direct(), Gateway(), Nginx(), Haproxy(), ConfigurableHttpProxy(), JupyterHub())
}
