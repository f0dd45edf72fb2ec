"""Live events: what processes tell each other of batches that change, and the streams that web clients listen to."""
