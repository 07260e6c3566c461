"""`python -m mailroom`, and the `mailroom` command.

What is loaded stays. So the collector waits while it is loaded, and never goes through it afterwards: that was a ninth
of what a short command took.
"""

import gc

gc.disable()
from mailroom.cli.app import main  # noqa: E402  # after the line above

gc.enable()
gc.freeze()

if __name__ == "__main__":
    main()
