"""The rules of each kind, by its name in the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gateway.policy.jupyter.policy import JupyterPolicy
from gateway.policy.pluto.policy import PlutoPolicy
from gateway.policy.ruling import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.policy.policy import Policy, Wish
    from gateway.policy.ruling import Ruling
    from pool.kinds.published import Published


class Nothing:
    """The rules where nobody knows what is published: nothing passes."""

    def judge(self, wish: Wish) -> Ruling:  # noqa: ARG002 - whatever it is
        """Refuse."""
        return Refused("nothing is known to be published")


class Rules(Protocol):
    """Makes the rules of a session from what is published. `clock` is seconds that never go back."""

    def __call__(self, published: Published, *, clock: Callable[[], float]) -> Policy:
        """Return them."""
        ...


POLICIES: Mapping[str, Rules] = {"jupyter": JupyterPolicy, "pluto": PlutoPolicy}
