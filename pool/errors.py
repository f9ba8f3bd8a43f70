"""What can go wrong while instances are made, found, assigned and ended."""

from __future__ import annotations

from config.errors import WarmgateError


class EngineError(WarmgateError):
    """The engine refused a call, or answered what we cannot use."""

    code = "W200"
    status = 503
    visitor = "Notebooks cannot be started at the moment."
    remedy = "See the engine's own log; `docker info` must work for the gateway's user."


class EngineUnavailable(EngineError):
    """The engine does not answer."""

    code = "W201"
    remedy = "Start the engine, or name another one in [engine] name; the gateway reconnects by itself."


class EngineTimeout(EngineUnavailable):
    """The engine took longer over one call than its named limit."""

    code = "W202"
    remedy = "The engine is overloaded or hangs; restart it if it does not recover."


class ImageMissing(EngineError):
    """A pool's image is not there."""

    code = "W203"
    visitor = "This notebook is not set up yet."
    remedy = "Build it with `warmgate build <kind>`, or pull it."


class StateDirBusy(WarmgateError):
    """Another gateway runs on the same state folder."""

    code = "W205"
    remedy = "Stop the other gateway, or give this one its own [engine] gateway_id."


class StartFailed(WarmgateError):
    """An instance did not come up: it ended, or its server did not answer in time."""

    code = "W301"
    status = 503
    visitor = "The notebook did not start."
    remedy = "Run the image by hand with the pool's command and read its output."


class WarmFailed(StartFailed):
    """An instance came up but could not be made warm (kernel, notebook)."""

    code = "W302"
    remedy = "Run the notebook by hand in the image; look for a kernel that does not start."


class NotebookMissing(WarmFailed):
    """The pool's notebook is not in the instance."""

    code = "W309"
    visitor = "This notebook is not set up yet."
    remedy = "Name a file in `notebook` that the image has, relative to where the server starts."


class NotebookUnreadable(WarmFailed):
    """The pool's notebook is there and cannot be read as one."""

    code = "W310"
    visitor = "This notebook is not set up yet."
    remedy = "Open the notebook in an editor of its own kind and save it again; then build the image anew."


class WarmTooLong(WarmFailed):
    """An instance was not warm within `warm_timeout`; `detail` tells what it still waited for."""

    code = "W311"
    remedy = "Mend a cell that never ends, or raise `warm_timeout`, or give the pool more `cpus`."


class NotebookEnded(WarmFailed):
    """The process that ran a notebook ended, most often for want of memory."""

    code = "W312"
    remedy = "Raise the pool's `memory`, or have the notebook use less; look for a cell that ends Julia."


class PoolEmpty(WarmgateError):
    """No warm instance is free right now."""

    code = "W303"
    status = 429
    visitor = "All notebooks are taken right now. One will be free soon."
    remedy = "Raise `warm`, `max` or the memory budget if this happens often."


class PoolUnknown(WarmgateError):
    """The named pool is not configured."""

    code = "W304"
    status = 404
    visitor = "There is no such notebook here."
    remedy = "Use a name from [[pools]]."


class TicketUnknown(WarmgateError):
    """The ticket never was, or was given up because its holder showed no sign of life."""

    code = "W306"
    status = 404
    visitor = "This place in line is no longer held."
    remedy = "Take a new one; a page that waits holds its place only while it is open."


class TicketUsed(WarmgateError):
    """The ticket has led to its notebook already."""

    code = "W307"
    status = 410
    visitor = "This place in line has been used."
    remedy = "Open a new notebook; a ticket is good for one."


class JournalUnwritable(WarmgateError):
    """The journal could not be written, so no session may be revealed."""

    code = "W305"
    status = 503
    visitor = "Notebooks cannot be handed out at the moment."
    remedy = "Free space on the disk of the state folder; assignment resumes by itself."
