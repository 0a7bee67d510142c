"""One neuron: simulation, f-I curve, fixed points, phase plane."""
