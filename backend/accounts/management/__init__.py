"""What an administrator types for `accounts`."""
