"""What is counted of a batch's results when somebody asks: sensitivity, savings, comparison, fronts."""
