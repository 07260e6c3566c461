"""What children of the sandbox can do: one file for each task, one line here.

A task is `task(source, scratch, arguments) -> result`: it reads the source, writes into the scratch folder only, and
returns what JSON can hold. It raises `TaskRefused` with a sentence for a clerk where it cannot go on.
"""

from __future__ import annotations

TASKS: dict[str, str] = {
    "take_out": "mailroom.sandbox.tasks.take_out:take_out",
    "look_inside": "mailroom.sandbox.tasks.look_inside:look_inside",
    "identify": "mailroom.sandbox.tasks.identify:identify",
    "print_pages": "mailroom.sandbox.tasks.print_pages:print_pages",
    "read_page": "mailroom.sandbox.tasks.read_page:read_one_page",
    "searchable": "mailroom.sandbox.tasks.searchable:join_searchable",
    "extract_pages": "mailroom.sandbox.tasks.extract_pages:extract_pages",
}
"""Name to `module:function`."""

DRAWING_TASKS: dict[str, str] = {"draw_message": "mailroom.sandbox.tasks.draw_message:draw_message"}
"""What a warm parent of its own does: with all that draws in its memory, each fork costs a tenth more."""
