"""What is wrong with a study, all at once, and what a modeller should know of it."""
