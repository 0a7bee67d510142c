"""Analysis: phase plane, fixed points, rate against current and spike trains of a neuron; populations."""
