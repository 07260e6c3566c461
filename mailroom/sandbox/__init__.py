"""Where hostile bytes are parsed: limited child processes forked from one warm, single-threaded parent."""
