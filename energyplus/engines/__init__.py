"""Engines: what runs a case, whatever it is, behind one seam; a job goes in, an outcome comes out."""
