"""`./farm reset`: forget everything the stacks kept here."""

import shutil

from ops.console import progress
from ops.errors import FarmError
from ops.places import ROOT, home, instances
from ops.stack import state


def reset() -> None:
    """Remove .farm/: every stack's data, keys and logs. Refuses while one runs."""
    running = [each.name for each in instances() if state.is_running(state.load(each))]
    if running:
        raise FarmError(f"{', '.join(running)} still runs", "./farm down stops it.")
    if not home().exists():
        progress.print(f"Nothing to remove: there is no {home()}.")
        return
    # A FARM_HOME of one's own may hold other things too.
    for directory in [home()] if home() == ROOT / ".farm" else [each.directory for each in instances()]:
        shutil.rmtree(directory)
    progress.print(f"Removed {home()}.")
