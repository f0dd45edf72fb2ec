"""Building models and weather files, stored by content, and construction sets; bundled, or a user's own."""
