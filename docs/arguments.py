"""What is typed behind the names of examples where the gallery runs them."""

from pathlib import Path

ARGUMENTS = {  # of examples that take longer than some seconds otherwise
    "balance_pole": ["--duration", "8"],
    "brette_benchmarks": ["--duration", "1000"],
    "brunel": ["--duration", "300"],
    "diehl_cook_2015": ["--cells", "50", "--images", "600", "--seeds", "1"],
    "izhikevich_2006": ["--seconds", "20", "--triplets", "100"],
    "izhikevich_2007": ["--seconds", "20"],
    "microcircuit": ["--scale", "0.1", "--duration", "500"],
    "song_2000": ["--seconds", "100"],
    "vogels_2011": ["--shrink", "4"],
}


class Arguments:
    """What is typed behind the name of a script; sphinx-gallery compares it by its text."""

    def __repr__(self):
        return "Arguments"

    def __call__(self, gallery_conf, script_vars):  # noqa: ARG002
        """Return what is typed for a script; pictures go where the script lies, and git ignores them."""
        return ARGUMENTS.get(Path(script_vars["src_file"]).stem, [])
