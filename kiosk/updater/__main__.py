"""Start the updater: as a module of the kiosk, or as the folder copied beside the slots."""

import sys
from pathlib import Path

if not __package__:
    # The folder was named on the command line: it is a package all the same.
    folder = Path(__file__).resolve().parent
    sys.path.insert(0, str(folder.parent))
    __import__(folder.name)
    __package__ = folder.name

from .acts import main

sys.exit(main(sys.argv[1:]))
