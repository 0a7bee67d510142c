"""Who connects to whom: connection rules, space, distributions of weights and delays."""
