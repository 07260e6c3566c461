"""The storage workshop: bytes in, the same bytes out, named by their digest, written once and verified on each read."""
