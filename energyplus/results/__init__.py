"""Results: what a run left behind, read with its units, judged, and turned into an outcome."""
