"""Bytes that were right, and are not any more; and what a call may do with them."""

import os
import resource
import struct
import sys
import time
import warnings
import zlib

REFUSED = (ValueError, TypeError, OSError)  # what bad input may raise; all else is a crash
SLOWEST = 20.0  # seconds of one case
LARGEST = 1 << 30  # bytes that all cases together may need
EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
MANY = os.environ.get("RIFFKIT_FAULTS") == "1"


def count(few, many):
    """How many cases to run: few with every test, many where faults are looked for."""
    return many if MANY else few


def mutated(rng, data, others=()):
    """`data` with some of what happens to files: bits, bytes and numbers changed, cut, joined, repeated, filled."""
    data = bytearray(data)
    for _ in range(int(rng.choice([1, 1, 1, 2, 4, 16]))):
        if not data:
            break
        head = min(len(data), 200)
        at = int(rng.integers(head if rng.random() < 0.6 else len(data)))
        kind = rng.integers(10)
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            data[at] = int(rng.integers(256))
        elif kind == 2:
            number = int(rng.choice(EXTREMES))
            wide = int(rng.choice([1, 2, 4]))
            data[at : at + wide] = struct.pack("<I" if rng.random() < 0.5 else ">I", number)[:wide]
        elif kind == 3:
            del data[at:]
        elif kind == 4:
            del data[at : at + int(rng.integers(1, 64))]
        elif kind == 5:
            data[at:at] = rng.bytes(int(rng.integers(1, 64)))
        elif kind == 6:
            data[at:at] = data[: int(rng.integers(1, 4000))]
        elif kind == 7 and len(others):
            other = others[int(rng.integers(len(others)))]
            data[at:] = other[int(rng.integers(len(other))) :] if rng.random() < 0.5 else other
        elif kind == 8:
            data[at : at + int(rng.integers(1, 600))] = b"\0" * int(rng.integers(1, 600))
        else:
            data += bytes(data[: int(rng.integers(len(data) + 1))])
    return bytes(data)


def png_chunks(data):
    """Chunks of a PNG as a list of [name, content]."""
    chunks, at = [], 8
    while at + 12 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        chunks.append([name, data[at + 8 : at + 8 + size]])
        at += 12 + size
    return chunks


def png_of(chunks):
    """A PNG of chunks, with checksums that are right."""
    data = b"\x89PNG\r\n\x1a\n"
    for name, content in chunks:
        data += struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return data


def memory():
    """The most memory this process has held [bytes]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def run(cases, seed, n, one):
    """Run `one(rng-seeded case)` for n seeds; how many went through. What is not allowed names its case.

    Parameters
    ----------
    cases : str
        What they are called where one fails.
    seed, n : int
    one : callable
        (seed) -> True if it went through; may raise what is refused, with a message that names the file.
    """
    went, before = 0, memory()
    for case in range(seed, seed + n):
        start = time.perf_counter()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                went += bool(one(case))
            except REFUSED as error:
                assert "case" in str(error), f"{cases} {case}: names no file: {error!r}"
                assert len(str(error)) < 2000, f"{cases} {case}: {len(str(error))} letters"
            except Exception as error:
                raise AssertionError(f"{cases} {case}: {type(error).__name__}: {error}") from error
        for warning in told:
            assert "site-packages" not in warning.filename, f"{cases} {case}: a library says {warning.message}"
            assert issubclass(warning.category, UserWarning), f"{cases} {case}: {warning.message!r}"
        seconds = time.perf_counter() - start
        assert seconds < SLOWEST, f"{cases} {case}: {seconds:.0f} s"
        assert memory() - before < LARGEST, f"{cases} {case}: {memory() / 1e9:.1f} GB"
    return went
