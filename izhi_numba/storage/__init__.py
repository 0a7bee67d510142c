"""Files of pools and networks: a container for arrays, values as text, and code by reference."""
