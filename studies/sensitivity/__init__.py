"""Which parameters matter: a study's points and a metric's values in, sensitivity indices with their confidence out."""
