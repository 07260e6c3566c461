"""The commands: thin, over `desk/`, `duties/` and the engine; their names and JSON keys are a contract for scripts."""
