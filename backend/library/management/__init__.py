"""What an administrator types for `library`."""
