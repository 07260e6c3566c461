"""`python -m mailroom`, and the `mailroom` command."""

from mailroom.cli.app import main

if __name__ == "__main__":
    main()
