"""Synapses as they lie in memory."""
