"""The `casefarm` command by topics: `cli.py` registers every module of this room."""
