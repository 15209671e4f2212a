"""Two slots of the software on the box: put a signed release into the idle one, try it, keep it or go back.

Standard library only, because it must start whatever the slots hold: the installer copies this folder to
`/opt/zinc/updater` and root runs it (`python3 /opt/zinc/updater install FILE`, `starting`, `resume`).
"""

from .acts import main

__all__ = ["main"]
