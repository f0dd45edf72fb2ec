"""What an administrator types for `operations`."""
