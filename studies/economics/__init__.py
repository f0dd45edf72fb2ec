"""What energy and constructions cost and emit: valuations in, costs, emissions, savings and life-cycle sums out."""
