"""What runs: populations in blocks, their stimulus, threads, and the loop over time steps."""
