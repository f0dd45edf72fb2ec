"""What a user types: the `casefarm` command and the Python client. Free of Django."""
