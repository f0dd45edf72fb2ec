"""Who may run what next: lanes, levels and turns, places in the queue, quotas and back-pressure."""
