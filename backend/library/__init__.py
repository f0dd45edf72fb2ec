"""Building models and weather files, bundled and uploaded, stored by content."""
