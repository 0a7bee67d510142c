"""Results as other tools take them, and files of results: methods of results of pools and networks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from izhi_numba.base.calls import called_as
from izhi_numba.results.formats.recorded import RecordedRun
from izhi_numba.results.packing import Packed, write
from izhi_numba.results.profile import Profile
from izhi_numba.results.statistics import Statistics

if TYPE_CHECKING:
    import neo
    import pandas
    import xarray


class Exports(Statistics):
    """What a run left, for other tools.

    Everywhere times are in ms unless the format has others, and names of pools and groups, units, and the
    beginning and end of the run are kept. Neurons have the numbers of their pool, also in the result of some
    of them: ``result["exc"][[3, 800]]`` exports neurons 3 and 800, so that parts fit together again.
    Weights, ``result.weights``, and variables of synapses are in files of ``save`` alone.
    """

    profile: Profile | None

    def _recorded(self) -> RecordedRun:
        """All that formats are written from."""
        raise NotImplementedError

    def _packed(self) -> Packed:
        """All that a file holds."""
        raise NotImplementedError

    @called_as("result.to_pandas('v')")
    def to_pandas(self, what: str = "spikes") -> pandas.DataFrame:
        """Return spikes, counts, or the traces of a variable as a table.

        Spikes are tidy: a row for each, by time, with the columns ``population``, ``group``, ``neuron`` (its
        number in the pool) and ``time``: ``groupby`` and ``query`` tell the rest. Traces are wide: a row for
        each time, a column for each neuron; of a network for each population and neuron, with NaN where pools
        were recorded at other times. Means, as ``"mean_v"``, have a column for each group. ``.attrs`` has
        units, and start, stop and dt of the run.

        Parameters
        ----------
        what : str, default "spikes"
            Or ``"counts"``, a row for each neuron; or a variable that was recorded, such as ``"v"``.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ImportError
            pandas is not there: ``pip install 'izhi-numba[export]'``.
        KeyError
            What was not recorded.
        ValueError
            Spikes of which some were only counted.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(3)
        >>> left = pool.group("left", 2)
        >>> pool.drive(pool, [0.0, 5.0, 10.0])
        >>> pool.record("v", every=25.0)
        >>> result = pool.run(100.0)
        >>> result.to_pandas()
          population group  neuron  time
        0       pool             2   4.0
        1       pool  left       1   9.0
        2       pool             2  31.0
        3       pool             2  79.0
        >>> result.to_pandas("v").index.tolist()
        [25.0, 50.0, 75.0, 100.0]
        """
        from izhi_numba.results.formats.pandas import table

        run = self._recorded()
        known = ["spikes", "counts", *(trace.variable for one in run.populations for trace in one.traces)]
        known += [mean.variable for one in run.populations for mean in one.means]
        if what not in known:
            raise KeyError(f"to_pandas: expected one of {', '.join(dict.fromkeys(known))}, got {what!r}")
        lacking = [one.name for one in run.populations if what == "spikes" and not one.is_kept.all()]
        if lacking:
            raise ValueError(
                f"to_pandas: of {', '.join(lacking)} not all spikes were kept; ask with pool.record('spikes')"
                " before the run, or for to_pandas('counts'), or for the table of neurons that were"
            )
        return table(run, what)

    @called_as("result.to_xarray()")
    def to_xarray(self) -> xarray.Dataset | xarray.DataTree:
        """Return spikes, counts and traces as labelled arrays: a Dataset, of a network a tree of them.

        The dimension ``neuron`` has all neurons, with the coordinate ``group`` and the variable ``count``;
        ``spike`` has the spikes, as ``spike_time`` and ``spike_neuron``, of neurons of which all were kept.
        Traces have dimensions ``time`` and ``neuron``; those at other intervals than the first have
        ``time_u``, say, and those of some neurons ``neuron_u`` with the coordinate ``group_u``. Means have
        ``time`` and ``group_mean_v``.

        Returns
        -------
        xarray.Dataset, or xarray.DataTree of a network
            Units in ``.attrs["units"]``; of a network ``tree["exc"]["v"]``.

        Raises
        ------
        ImportError
            xarray is not there: ``pip install 'izhi-numba[export]'``.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(3)
        >>> pool.record("v")
        >>> pool.run(100.0).to_xarray()["v"].sel(neuron=2, time=slice(10, 20)).shape
        (11,)
        """
        from izhi_numba.results.formats.xarray import labelled

        return labelled(self._recorded())

    @called_as("result.to_neo()")
    def to_neo(self) -> neo.Block:
        """Return spikes and traces as a Block of Neo, for Elephant and others.

        It has one Segment. Each neuron has a SpikeTrain, also without spikes, unless these were only counted,
        with the annotations ``population``, ``group`` and ``neuron``; each variable of a pool an AnalogSignal
        whose columns have the array annotations ``neuron`` and ``group``, or ``group`` alone where they are
        means. Pools and groups, as "exc.left", are in ``block.groups``. A unit that quantities does not know
        is dimensionless, and told by the annotation ``unit``.

        Elephant counts a spike at the edge of a bin in the bin that begins there. Here it is counted in the
        one that ends there, as a spike is stamped with the end of its step: spike times less ``dt / 2``, in
        trains of the same ``t_start``, give the same counts.

        Returns
        -------
        neo.Block

        Raises
        ------
        ImportError
            Neo is not there: ``pip install 'izhi-numba[export]'``.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> segment = iz.Pool.cortical(1000, seed=1).run(100.0).to_neo().segments[0]  # doctest: +SKIP
        >>> segment.filter(group="inh", objects="SpikeTrain")  # doctest: +SKIP
        """
        from izhi_numba.results.formats.neo import block

        return block(self._recorded())

    @called_as("result.to_nwb('run.nwb')")
    def to_nwb(
        self, path: Any, *, session_start_time: datetime | None = None, identifier: str | None = None
    ) -> None:
        """Write spikes and traces in a file of Neurodata Without Borders, whole or not at all.

        The table of units has a row for each neuron, also without spikes, unless these were only counted:
        ``spike_times``, ``obs_intervals``, ``population``, ``group``, ``neuron``, ``is_source``. Traces are
        a TimeSeries for each variable of a pool, in ``acquisition``, with the numbers as they are here and
        the ``conversion`` to SI units; the table ``processing["simulation"]["columns"]`` tells of which
        neurons their columns are; over what means are taken, their ``comments``. Times are in seconds.

        Parameters
        ----------
        path : str or path
            Ending in ".nwb". What is there is replaced.
        session_start_time : datetime, optional
            When time 0 of the simulation was; local time, unless it has a time zone. The present by default.
        identifier : str, optional
            Unique to the file; drawn by default.

        Raises
        ------
        ImportError
            pynwb is not there: ``pip install 'izhi-numba[export]'``.
        TypeError, ValueError
            What is no time; a name that ends otherwise.
        OSError

        Examples
        --------
        >>> import izhi_numba as iz
        >>> iz.Pool.cortical(1000, seed=1).run(100.0).to_nwb("run.nwb")  # doctest: +SKIP
        """
        from izhi_numba.results.formats.nwb import write as write_nwb

        if not isinstance(session_start_time, datetime | None):
            raise TypeError(
                "to_nwb: session_start_time: expected a datetime, such as"
                f" datetime(2026, 1, 31, tzinfo=timezone.utc), got {session_start_time!r:.60}"
            )
        if Path(path).suffix != ".nwb":
            raise ValueError(f"to_nwb: expected a name that ends in '.nwb', got {str(path)!r}")
        write_nwb(self._recorded(), path, session_start_time, identifier)

    @called_as("result.to_sonata('run')")
    def to_sonata(self, path: Any) -> None:
        """Write spikes and traces in a folder, in the layout of SONATA.

        ``spikes.h5`` has the spikes of each population, by time, of neurons of which all were kept. Each
        variable has a report, ``v.h5``, with one element of each neuron, in single precision, as the format
        has it. Means over groups are left out, as a report is of single neurons. ``node_sets.json`` tells the
        pools, and the groups as "exc.left". Times are in ms. libsonata and others read it; for circuits there
        is no file.

        Parameters
        ----------
        path : str or path
            Of a folder, which is made if it is not there. Files of the same names are replaced, each whole or
            not at all.

        Raises
        ------
        ImportError
            h5py is not there: ``pip install 'izhi-numba[export]'``.
        OSError

        Examples
        --------
        >>> import izhi_numba as iz, libsonata  # doctest: +SKIP
        >>> iz.Pool.cortical(1000, seed=1).run(100.0).to_sonata("run")  # doctest: +SKIP
        >>> libsonata.SpikeReader("run/spikes.h5")["pool"].get_dict()  # doctest: +SKIP
        """
        from izhi_numba.results.formats.sonata import write as write_sonata

        write_sonata(self._recorded(), path)

    @called_as("result.save('run.izhi')")
    def save(self, path: Any) -> None:
        """Write the result in a file, whole or not at all, for ``iz.load_result``.

        All of it is kept but ``lag`` and what functions have ``returned``, and nothing is code; of what
        ``iz.simulate`` returns, that of a pool of one neuron, without its model. The file is a zip archive
        of .npy files, which ``np.load`` opens; for other programs there are ``to_pandas`` and the like.

        Parameters
        ----------
        path : str or path
            What is there is replaced.

        Raises
        ------
        OSError

        Examples
        --------
        >>> import izhi_numba as iz
        >>> iz.Pool.cortical(1000, seed=1).run(100.0).save("run.izhi")  # doctest: +SKIP
        >>> iz.load_result("run.izhi").rate("inh")  # doctest: +SKIP
        10.1
        """
        write(path, self._packed())
