"""Errors as the API tells them: `application/problem+json` (RFC 9457) with an `errors` list."""
