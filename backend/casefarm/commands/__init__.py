"""The `casefarm` command by topics; `cli.py` registers each."""
