"""Analysis of single neurons: phase plane, fixed points, rate against current, spike trains."""
