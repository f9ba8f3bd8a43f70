"""What can go wrong between an operator's command and the gateway it speaks to."""

from __future__ import annotations

from config.errors import WarmgateError


class GatewayUnreachable(WarmgateError):
    """Nothing answers at the admin address."""

    code = "W602"
    remedy = (
        "Start the gateway with `warmgate serve`, or name the settings it was started with: "
        "--config, --preset, or the same WARMGATE_… in the environment."
    )


class GatewaySilent(GatewayUnreachable):
    """Something listens at the admin address and does not answer in time."""

    code = "W603"
    remedy = "See whether the gateway is overloaded or stopped; `warmgate doctor` looks closer."


class TokenRefused(WarmgateError):
    """The gateway asks for another admin_token than the settings hold."""

    code = "W604"
    remedy = (
        "Use the gateway's own: [gateway] admin_token in the file of --config, "
        "or WARMGATE_GATEWAY__ADMIN_TOKEN in the environment."
    )


class AnswerUnusable(WarmgateError):
    """What answers at the admin address is not a warmgate of this version."""

    code = "W605"
    remedy = "See what listens there, and restart the gateway after an upgrade; admin_port names the port."


class CommandRefused(WarmgateError):
    """The gateway understood the command and says no; the detail holds its own code and sentence."""

    code = "W606"
    remedy = "Mend what the sentence above names and try again."


class InstanceGone(CommandRefused):
    """An instance that was there a moment ago is not there any more."""

    code = "W608"
    remedy = "`warmgate ps` shows those there are; an ended instance takes its output with it."


class WishUnusable(WarmgateError):
    """An instance, a pool or a number on the command line is none the gateway can take."""

    code = "W607"
    remedy = "`warmgate ps` shows instances, pools and their bounds."
