"""`python -m robocell` is the `robocell` command."""

from robocell.cli import main

if __name__ == "__main__":
    main()
