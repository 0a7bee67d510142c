"""The explorer: a page, in a browser or a notebook, on which a neuron and networks follow sliders.

The page draws and asks; all that is computed, and all that is known of models and networks, comes from
Python. A page has a ``session``, which ``server`` or ``widget`` carry, with two threads:

* one answers for a single neuron: ``settings`` checks what a page asks for, ``neuron`` makes pictures,
  ``script`` the Python that does the same; ``currents``, ``tour`` and ``catalogue`` are what it offers;
* one runs a network, ``live``: it keeps step with the clock, does what was asked for between two frames, and
  sends no more frames than the page has seen. What it can open are ``exhibits``: a network of the
  ``gallery``, one of a ``userfile``, or one that a notebook holds.

A network is shown by ``show``, which looks at any Pool or Network, and needs nothing of it: ``populations``
(groups, pools, sources) and projections; ``knobs`` for all that can be turned (``drives``, ``gains``,
``parameters``), each of which returns the line of Python that does the same, so that the ``journal`` of them
is a script with the same spikes; ``rows`` (raster and rates), ``spectrum``, ``watched`` neurons,
``histograms`` of weights, a map of ``places``,
``kicks`` and ``clips``.
"""

from __future__ import annotations

from typing import Any

from izhi_numba.models import Model
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool


def explore(*things: type[Model] | Pool | Network, positions: Any = None) -> Any:
    """Show the explorer in a notebook: models as single neurons, and a pool or network live.

    ``izhi-numba explore`` opens the same page in a browser. A network runs while it is shown, and is changed
    by what is turned; to change it in another cell, pause it first.

    Parameters
    ----------
    *things : type of Model, Pool or Network
        Models of one's own, of which the first one is shown at the beginning; those of the package are there
        too. Or a pool or a network, which is opened at once.
    positions : array (n, 2) or (n, 3), or mapping of pool names to arrays, optional
        Where neurons of the network are, for a map of them; those of :func:`distance_dependent` are known.

    Returns
    -------
    anywidget.AnyWidget
        Shown where it is the last line of a cell.

    Raises
    ------
    ImportError
        anywidget is not there: ``pip install 'izhi-numba[notebook]'``.
    TypeError
        What is no model, pool or network; positions without a network.
    """
    for one in things:
        if not (isinstance(one, Pool | Network) or (isinstance(one, type) and issubclass(one, Model))):
            raise TypeError(
                f"explore: expected classes made from iz.Model, a Pool or a Network, got {one!r:.60}"
            )
        if isinstance(one, Pool):
            one._check_alone("explored as a whole: iz.explore(net)")
    if positions is not None and all(isinstance(one, type) for one in things):
        raise TypeError(
            "explore: positions are those of the neurons of a network, and there is none; give it, too:"
            " iz.explore(net, positions=positions)"
        )
    try:
        from izhi_numba.explorer.widget import Explorer
    except ImportError as error:
        raise ImportError("explore needs anywidget: pip install 'izhi-numba[notebook]'") from error
    from izhi_numba.explorer.catalogue import Catalogue
    from izhi_numba.explorer.exhibits import held

    models = [one for one in things if isinstance(one, type)]
    nets = [one for one in things if not isinstance(one, type)]
    return Explorer(Catalogue(models, networks=held(nets, positions)))
