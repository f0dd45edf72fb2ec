"""Serves the built front end."""
