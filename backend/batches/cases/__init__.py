"""What a worker does for one case: attempts and leases, staging, kept files, known cases."""
