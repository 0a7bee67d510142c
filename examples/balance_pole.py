"""
A network that balances a pole
==============================

A closed loop: 1400 spiking neurons balance a pole on a cart.

The network and the world take turns, ten milliseconds each. Sensory neurons are driven by where the cart and
the pole are and how they move: for each of these four numbers there is a pool for values above zero and one
for values below. Their synapses onto two motor pools, one that pushes the cart to the right and one to the
left, have the gains of the controller as their weights. The force is the difference of what the two have
spiked since the last turn; physics is plain numpy. Every four seconds somebody taps the pole.

The pole, its mass, and the equations of motion are those of Barto, Sutton and Anderson (1983), "Neuronlike
adaptive elements that can solve difficult learning control problems", IEEE Trans. SMC 13: 834-846.

Run it:  python examples/balance_pole.py
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

TURN = 10.0  # ms
STATE = ("x", "dx", "angle", "dangle")  # m, m/s, rad, rad/s
FULL = np.array([1.0, 1.5, 0.15, 1.0])  # of each: what drives its neurons fully
GAINS = np.array([1.0, 2.2, 8.0, 5.5])  # of a controller: how hard each pushes
FORCE = 10.0  # N, of motor neurons at 100 Hz
TAP = 0.5  # rad/s
EACH = 150  # neurons of a sensory pool
LIMITS = 2.4, np.radians(24)  # where the track ends, and the pole has fallen


def physics(state, force, seconds, substeps=10):
    """Move the cart (1 kg) and the pole (0.1 kg, half of it 0.5 m long)."""
    x, dx, angle, dangle = state
    for _ in range(substeps):
        h = seconds / substeps
        sine, cosine = np.sin(angle), np.cos(angle)
        push = (force + 0.05 * dangle**2 * sine) / 1.1
        turn = (9.8 * sine - cosine * push) / (0.5 * (4 / 3 - 0.1 * cosine**2 / 1.1))
        dx, dangle = dx + h * (push - 0.05 * turn * cosine / 1.1), dangle + h * turn
        x, angle = x + h * dx, angle + h * dangle
    return np.array([x, dx, angle, dangle])


def build(seed=1):
    """The network: eight sensory pools, two motor pools."""
    net = iz.Network(dt=0.5, seed=seed)
    right, left = (
        net.pool(name, 100, iz.LeakyIntegrateAndFire, receptors={"syn": iz.ExponentialCurrent(tau=10.0)})
        for name in ("right", "left")
    )
    for motor in (right, left):
        net.drive(motor, 300.0 + iz.noise(250.0))  # pA: they spike a bit when nothing has to be done
    for name, gain in zip(STATE, GAINS, strict=True):
        for sign, onto in (("+", right), ("-", left)):
            sensory = net.pool(f"{name}{sign}", EACH, iz.LeakyIntegrateAndFire)
            net.connect(sensory, onto, rule=iz.all_to_all(), weight=0.4 * gain, delay=2.0)
    return net


class World:
    """The cart and the pole, moved by what the motor neurons spike."""

    def __init__(self):
        self.state = np.array([0.3, 0.0, 0.05, 0.0])
        self.taps = np.random.default_rng(1)

    def __call__(self, net, last):
        """One turn: read the motor neurons, move, and show the sensory neurons what has become of it."""
        force = 0.0
        if last.duration:
            force = FORCE * (last["right"].rate() - last["left"].rate()) / 100
            self.state = physics(self.state, force, TURN / 1000)
        if net.t % 4000 == 2000:
            self.state[3] += TAP * self.taps.choice([-1, 1])
        for name, value in zip(STATE, self.state / FULL, strict=True):
            for sign, amount in (("+", value), ("-", -value)):
                sensory = net[f"{name}{sign}"]
                sensory.external_input = 1500.0 * np.clip(amount, 0, 1) * np.linspace(0.5, 1.5, EACH)
        x, _, angle, _ = self.state
        if abs(x) > LIMITS[0] or abs(angle) > LIMITS[1]:
            net.stop()
        return [*self.state, force]


def draw(result, path):
    """Cart, pole, force, and the spikes that made it."""
    t, values = result.returned[TURN].t / 1000, np.array(result.returned[TURN].values)
    figure, axes = plt.subplots(
        4, 1, figsize=(9, 8), sharex=True, height_ratios=(1, 1, 1, 2), layout="constrained"
    )
    for ax, column, label in zip(axes, (0, 2, 4), ("cart (m)", "pole (°)", "force (N)"), strict=False):
        ax.plot(t, np.degrees(values[:, column]) if column == 2 else values[:, column], lw=1)
        ax.axhline(0, color="0.8", zorder=0)
        ax.set_ylabel(label)
    first = 0
    for name, part in result.items():
        neurons, times = part.spikes
        some = neurons % 5 == 0  # a fifth of them is enough to see
        axes[3].plot(times[some] / 1000, first + neurons[some], ",")
        axes[3].annotate(
            name, (1.005, first + part.size / 2), xycoords=("axes fraction", "data"), va="center", fontsize=8
        )
        first += part.size
    axes[3].set(ylabel="neuron", xlabel="time (s)", xlim=(0, result.stop / 1000), ylim=(0, first))
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
    parser.add_argument("--duration", type=float, default=20.0, help="seconds (20)")
    parser.add_argument("--realtime", action="store_true", help="keep pace with the clock on the wall")
    options = parser.parse_args()

    net, world = build(), World()
    result = net.run(1000 * options.duration, every={TURN: world}, realtime=options.realtime)
    angles = np.degrees([values[2] for values in result.returned[TURN].values])
    ending = "it stands" if result.duration == 1000 * options.duration else "it has fallen"
    print(f"{result.stop / 1000:g} s: {ending}; the pole was within {np.abs(angles).max():.1f} degrees")
    print(f"simulated {1 / result.real_time_factor:.1f} times as fast as real time")
    if result.lag is not None:
        print(f"behind the clock by {result.lag.mean:.2f} ms in the mean, {result.lag.worst:.1f} at worst")
    options.out.mkdir(parents=True, exist_ok=True)
    draw(result, options.out / "balance_pole.png")
    print(f"wrote {options.out / 'balance_pole.png'}")
