"""What a run leaves: recorded spikes and traces, statistics, plots."""
