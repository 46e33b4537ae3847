"""`python -m ennichi` is the `ennichi` command."""

from ennichi.cli import main

if __name__ == "__main__":
    main()
