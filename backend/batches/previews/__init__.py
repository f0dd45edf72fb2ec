"""What is known of a study before it runs: preview, pilot, estimates."""
