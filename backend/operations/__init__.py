"""What an administrator looks at and what keeps the house clean: health, workers, retention."""
