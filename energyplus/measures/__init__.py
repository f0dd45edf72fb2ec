"""Measures: named, typed transformations of a model that are more than one field; a new one is one file here."""
