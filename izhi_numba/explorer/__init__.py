"""The explorer: a page, in a browser or a notebook, on which a neuron and a network follow sliders."""

from __future__ import annotations

from typing import Any

from izhi_numba.models import Model


def explore(*models: type[Model]) -> Any:
    """Show the explorer in a notebook.

    ``izhi-numba explore`` opens the same page in a browser.

    Parameters
    ----------
    *models : type of Model
        Models of one's own; the first one is shown at the beginning. Those of the package are there too.

    Returns
    -------
    anywidget.AnyWidget
        Shown where it is the last line of a cell.

    Raises
    ------
    ImportError
        anywidget is not there: ``pip install 'izhi-numba[notebook]'``.
    TypeError
        What is no model.
    """
    for kind in models:
        if not (isinstance(kind, type) and issubclass(kind, Model)):
            raise TypeError(f"explore: expected classes made from iz.Model, got {kind!r:.60}")
    try:
        from izhi_numba.explorer.widget import Explorer
    except ImportError as error:
        raise ImportError("explore needs anywidget: pip install 'izhi-numba[notebook]'") from error
    from izhi_numba.explorer.catalogue import Catalogue

    return Explorer(Catalogue(models))
