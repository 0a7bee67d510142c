"""Files that are damaged in many ways, and what loading them may do: nothing, or tell it in one sentence."""

import io
import random
import tracemalloc
import zipfile

import izhi_numba as iz


def damaged(whole, seed):
    """A file with bytes flipped, cut off, removed, doubled or swapped, or with text put in."""
    chance, found = random.Random(seed), bytearray(whole)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        size = len(found)
        at, other, length = chance.randrange(size), chance.randrange(size), chance.randrange(1, 2000)
        if chance.random() < 0.5:  # where the directory is, and the text
            at = max(0, size - chance.randrange(1, 3000))
        match chance.randrange(8):
            case 0 | 1:
                found[at] ^= 1 << chance.randrange(8)
            case 2:
                found[at] = chance.randrange(256)
            case 3:
                del found[at:]
            case 4:
                del found[at : at + length]
            case 5:
                found[at:at] = found[other : other + length]
            case 6:
                part = found[at : at + length]
                found[at : at + length] = found[other : other + len(part)]
                found[other : other + len(part)] = part
            case 7:
                found[at : at + 4] = b"\xff\xff\xff\xff"
        if not found:
            break
    return bytes(found)


def try_to_load(path, whole, seeds, *, tracing=False):
    """Load damaged files; returns how many were refused, and the largest memory that one took, in bytes."""
    refused, most = 0, 0
    for seed in seeds:
        found, told = damaged(whole, seed), ""
        path.write_bytes(found)
        if tracing:
            tracemalloc.start()
        try:
            iz.load(path)
        except ValueError as error:
            told = str(error)
        most = max(most, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        refused += bool(told)
        if told:
            assert str(path) in told, f"{seed}: {told}"
        else:
            assert found == whole or _means_the_same(found, whole), f"{seed}: loaded, although it is damaged"
    path.unlink()
    return refused, most


def _means_the_same(found, whole):
    """Whether a file differs in what nobody reads, such as dates."""
    one, other = (zipfile.ZipFile(io.BytesIO(each)) for each in (found, whole))
    return all(one.read(name) == other.read(name) for name in other.namelist())
