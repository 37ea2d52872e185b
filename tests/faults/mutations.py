"""Mutations of files: bytes that are turned, cut, doubled or put in; and of JSON, values that nobody expects there."""

import json

TOKENS = [b"\0", b"\xff\xfe", b'"', b"'", b"[", b"]", b"{", b"}", b",", b";", b"\t", b"|", b"\r", b"\n", b":", b"\\",
          b"../", b"/etc/passwd", b"-1", b"1e999", b"NaN", b"9" * 400, b"null", b"true", b"\xed\xa0\x80",
          b"\xe2\x80\xa8", b"x" * 3000, b"\x1b[2J", b"\xef\xbb\xbf", b"sep=;\n", b"[" * 500]  # fmt: skip
VALUES = [None, True, False, 0, -1, 1e308, -1e308, float("nan"), float("inf"), 10**30, "", " ", "\0", "\ud800", "1",
          5.5, "x" * 3000, "../../x", "/etc/passwd", [], {}, [[[]]], {"a": {"b": {}}}, ["x", 1], "nan"]  # fmt: skip


def mutated(data, choose):
    """`data` with one to four mutations, which the random.Random `choose` draws."""
    data = bytearray(data)
    for _ in range(choose.randint(1, 4)):
        at, kind = choose.randrange(len(data) + 1), choose.randrange(7)
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << choose.randrange(8)
        elif kind == 1 and data:
            data[at % len(data)] = choose.randrange(256)
        elif kind == 2:
            data[at:at] = choose.choice(TOKENS)
        elif kind == 3:
            del data[at : at + choose.choice((1, 2, 8, 64))]
        elif kind == 4:
            data[at:at] = data[at : at + choose.choice((4, 32, 256))]
        elif kind == 5 and choose.random() < 0.3:
            del data[at:]
        else:
            data[at : at + 4] = bytes(choose.choices(range(256), k=4))
    return bytes(data)


def mutated_json(value, choose):
    """JSON `value` with one of its parts replaced, renamed or removed."""
    value = json.loads(json.dumps(value))
    home, key = None, None
    here = value
    while isinstance(here, (dict, list)) and here and choose.random() < 0.9:
        key = choose.choice(list(here)) if isinstance(here, dict) else choose.randrange(len(here))
        home, here = here, here[key]
    if home is None:
        return choose.choice(VALUES)
    kind = choose.randrange(4)
    if kind == 0:
        del home[key]
    elif kind == 1 and isinstance(home, dict):
        home[str(choose.choice(VALUES))] = home.pop(key)
    else:
        home[key] = choose.choice(VALUES)
    return value
