"""The local stack: PostgreSQL, Valkey, web and workers on one machine, under one supervisor."""
