"""What people do with items and cases: use cases without pages, called by the commands and the web."""
