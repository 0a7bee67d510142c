"""From a neuron model to machine code: numerical schemes, exact propagators, assembly."""
