"""Currents and spike trains that drive neurons from outside, as values."""
