"""Connectors to case systems: one file each. A new one is a file and a line in `BUILTIN`."""

BUILTIN: dict[str, str] = {"builtin": "mailroom.crm.builtin:BuiltinCrm"}
