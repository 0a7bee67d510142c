"""What every wing needs: checks of arguments, steps and times, aligned arrays, selections of neurons."""
