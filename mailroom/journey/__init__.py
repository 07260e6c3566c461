"""The journey of an item, stage by stage."""
