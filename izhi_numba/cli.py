"""The command line: ``izhi-numba demo | explore | bench | info``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from izhi_numba.version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, TypeError, MemoryError, OSError, RuntimeError) as error:
        print(f"izhi-numba {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="izhi-numba", description="Spiking neurons, as fast as the machine allows."
    )
    parser.add_argument("--version", action="version", version=f"izhi-numba {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser(
        "demo", help="simulate the cortical network of Izhikevich (2003) and draw its raster"
    )
    demo.add_argument(
        "--neurons",
        type=int,
        default=1000,
        metavar="N",
        help="default 1000, all to all; larger: 100 synapses each",
    )
    demo.add_argument(
        "--duration", type=float, default=1000.0, metavar="MS", help="simulated time in ms, default 1000"
    )
    demo.add_argument("--seed", type=int, default=1, help="default 1; the same seed gives the same spikes")
    demo.add_argument("--threads", type=int, default=None, metavar="T", help="default: all cores")
    demo.add_argument(
        "--output", type=Path, default=Path("raster.png"), metavar="FILE", help="default raster.png"
    )
    demo.add_argument("--no-plot", action="store_true", help="write no picture")
    demo.set_defaults(run=_demo)
    explore = commands.add_parser("explore", help="play with a neuron, and a network, in the browser")
    explore.add_argument(
        "file",
        metavar="FILE.py[:NAME]",
        nargs="?",
        help="a network of your own, live: what a function returns, 'build' if none is named; or a model",
    )
    explore.add_argument("--port", type=int, default=0, metavar="P", help="default: any that is free")
    explore.add_argument("--no-browser", action="store_true", help="only print the address")
    explore.set_defaults(run=_explore)
    info = commands.add_parser("info", help="print versions, CPU, threads and cache folder, for a bug report")
    info.set_defaults(run=_info)
    bench = commands.add_parser("bench", help="measure this machine and print the table")
    bench.add_argument("--quick", action="store_true", help="the small workloads, one repetition")
    bench.set_defaults(run=_bench)
    return parser


def _demo(options: argparse.Namespace) -> None:
    from izhi_numba.kernels.jit import compilation_seconds
    from izhi_numba.network.pool import Pool

    if not options.no_plot:
        _check_output(options.output)
    began = time.perf_counter()
    pool = Pool.cortical(options.neurons, seed=options.seed, threads=options.threads)
    set_up = time.perf_counter() - began - compilation_seconds()
    compilation = compilation_seconds() + pool.prepare()
    result = pool.run(options.duration, progress=True)
    factor = result.real_time_factor
    told = {
        "neurons": f"{pool.size:,}, {pool.scheme}, step {pool.dt:g} ms, {pool.dtype.name}, seed {pool.seed}",
        "synapses": f"{sum(len(projection) for projection in pool.synapses):,}",
        **{_GROUPS[name]: f"{result.rate(name):.2f} Hz" for name in pool.groups},
        "set-up": f"{set_up:.2f} s",
        "compilation": f"{compilation:.2f} s{' (once; kept on disk)' if compilation > 1 else ''}",
        "run": f"{result.wall_time:.3f} s for {result.duration:g} ms: RTF {factor:.4f},"
        f" {1 / factor:.0f} × real time",
        "threads": f"{pool.threads_in_use} of {pool.threads} in use ({_LAYER})",
    }
    for name, value in told.items():
        print(f"{name:14s} {value}")
    if not options.no_plot:
        print(f"{'raster':14s} {_draw(result, options.output)}")


_GROUPS = {"exc": "excitatory", "inh": "inhibitory"}
_PICTURES = (".png", ".pdf", ".svg", ".jpg")
_LAYER = "the package's own team of threads"


def _check_output(output: Path) -> None:
    if not output.parent.is_dir():
        raise ValueError(f"--output: there is no folder {output.parent}")
    if output.is_dir() or output.suffix.lower() not in _PICTURES:
        raise ValueError(f"--output: expected a file that ends in {' '.join(_PICTURES)}, got {output}")


def _draw(result: Any, output: Path) -> Path:
    import matplotlib

    matplotlib.use("Agg")
    ax = result.plot_raster()
    ax.figure.savefig(output)
    return output.resolve()


def _explore(options: argparse.Namespace) -> None:
    from izhi_numba.base.checks import whole_number
    from izhi_numba.explorer import server, userfile
    from izhi_numba.explorer.catalogue import Catalogue

    port = whole_number("--port", options.port, at_least=0, at_most=65535)
    own, problem = userfile.Found([], []), ""
    if options.file is not None:
        try:
            own = userfile.load(options.file)
        except ValueError as error:  # told in the page, which shows the other models
            problem = str(error)
            print(f"izhi-numba explore: {problem}", file=sys.stderr)
    server.serve(
        Catalogue(own.models, problem, own.networks), port=port, open_browser=not options.no_browser,
        ready=lambda url: print(f"the explorer is at {url} (Ctrl-C ends it)", flush=True),
    )  # fmt: skip


def _info(_: argparse.Namespace) -> None:
    from izhi_numba.bench.machine import describe

    for name, value in describe().items():
        print(f"{name:14s} {value}")


def _bench(options: argparse.Namespace) -> None:
    from izhi_numba.bench import short_form

    short_form(quick=options.quick)


if __name__ == "__main__":
    sys.exit(main())
