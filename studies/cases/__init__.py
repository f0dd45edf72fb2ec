"""What a point means in a model: the edits of a case and the changes in words."""
