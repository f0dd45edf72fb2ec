"""What a batch gives: the result table, time series, findings, and how they are streamed."""
