"""Takes back what lies in a team's release folder and has not been picked up.

Before: an item was released to a team and turns out not to be theirs to see. After: no copy of it lies there; what the
team's own system has taken in already can only be named.
"""

from __future__ import annotations

import shutil
from pathlib import Path


def withdraw_release(folder: Path) -> bool:
    """Delete the released copies of an item, those of earlier routings included; return whether there were any.

    Args:
        folder: the item's release folder; earlier ones lie beside it under the same name and a number.

    Raises:
        OSError: a copy cannot be deleted.
    """
    copies = [copy for copy in (folder, *folder.parent.glob(f"{folder.name}.*")) if copy.is_dir()]
    for copy in copies:
        shutil.rmtree(copy)
    return bool(copies)
