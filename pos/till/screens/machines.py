"""The drawer and the printer as screens move them: after the fact is on disk, never in its way."""

from pos import screens
from pos.hardware.drawer import NoDrawerThere
from pos.hardware.troubles import NoDrawer


def kick_for(opened: str, alone: str) -> None:
    """Open the drawer and say `opened`; without a drawer say `alone`; say a trouble as it is."""
    if screens.training():
        # Practice never opens the true drawer.
        screens.say(alone)
        return
    drawer = screens.devices().drawer
    # A drawer that opens with a key needs no second hand, and nobody to wait for it.
    trouble = NoDrawer() if isinstance(drawer, NoDrawerThere) else screens.machines_soon(drawer.pulse())
    if trouble is None:
        screens.say(opened)
    elif isinstance(trouble, NoDrawer):
        screens.say(alone)
    else:
        screens.say_trouble(trouble)
