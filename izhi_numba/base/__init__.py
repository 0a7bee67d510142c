"""What all of the package needs: checks of arguments, steps and times, arrays, selections of neurons."""
