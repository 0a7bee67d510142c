"""Published neuron models, one file each."""
