"""What runs by the clock rather than by the item: one file for each duty."""
