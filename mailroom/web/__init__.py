"""The place of the web pages and the HTTP interface over `desk/`; nothing stands here yet."""
