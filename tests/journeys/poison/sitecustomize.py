"""Python imports this at the start of each process that has this folder on its path: one letter is made to kill them.

The sorting of `poison.txt` kills the process it happens in, as a fault in a native library of the worker itself would.
"""

import os
import signal
import sys

if "mailroom.sandbox.zygote" not in sys.orig_argv:
    from mailroom.journey import travel
    from mailroom.records.tables import Item
    from mailroom.services import Services

    _classify = travel.STAGES["classify"]

    def classify_or_die(item_id: str, services: Services) -> None:
        with services.records.look() as session:
            poisonous = session.get_one(Item, item_id).file_name == "poison.txt"
        if poisonous:
            os.kill(os.getpid(), signal.SIGKILL)
        _classify(item_id, services)

    travel.STAGES["classify"] = classify_or_die  # type: ignore[index]  # the product never changes it
