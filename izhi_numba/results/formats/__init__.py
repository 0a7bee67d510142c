"""What a run left, as other tools take it: pandas, xarray, Neo, NWB, SONATA."""
