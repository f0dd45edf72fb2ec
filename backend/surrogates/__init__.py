"""Surrogates: trained on finished batches, they answer for cases that nobody has simulated."""
