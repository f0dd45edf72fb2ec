"""Building models: read, judged, described and rendered; what comes out is text for an engine."""
