"""The story of a batch: submitted, expanded, dispatched, executed, aggregated, downloaded."""
