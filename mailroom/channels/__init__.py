"""The ways in: each file takes things in from one kind of source and hands them to the door (`deliver`)."""
