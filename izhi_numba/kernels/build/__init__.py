"""Compiled code that draws synapses, and lists them."""
