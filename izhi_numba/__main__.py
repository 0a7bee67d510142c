"""``python -m izhi_numba`` is the command line."""

import sys

from izhi_numba.cli import main

sys.exit(main())
