"""What goes by itself or on demand: files of old cases, known cases, what nobody refers to, and whole batches."""
