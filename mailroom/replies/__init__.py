"""Ways to answer a sender: one file each."""
