"""The storage workshop: bytes in, the same bytes out, named by their digest, written once and verified on each read."""

BUILTIN: dict[str, str] = {
    "local": "storage.local:LocalStore",
    "memory": "storage.memory:MemoryStore",
}
"""Object stores by the name used in settings, as `module:Class`; each class is built from one string, its location."""
