"""Sound files as recorders, streams, cutters and editors leave them; made here, byte by byte where need be."""

import io
import struct

import numpy as np
import soundfile

RATE = 44100


def tone(seconds=1.0, hertz=440, rate=RATE, peak=0.4):
    return (peak * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def encoded(samples, format="WAV", rate=RATE, **options):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=format, **options)
    return buffer.getvalue()


def riff(*chunks):
    body = b"WAVE" + b"".join(n + struct.pack("<I", len(d)) + d + b"\0" * (len(d) % 2) for n, d in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def wav_kinds():
    """Name -> bytes of a second at 0.4, in every kind of WAV that people bring."""
    sound = tone()
    pcm = (sound * 32767).astype("<i2").tobytes()
    three = (sound * (2**23 - 1)).astype("<i4").view("u1").reshape(-1, 4)[:, :3].tobytes()
    fmt = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    guid = struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    extensible = struct.pack("<HHIIHHHHI", 0xFFFE, 1, RATE, RATE * 3, 3, 24, 22, 24, 4) + guid
    kinds = {
        "extensible": riff((b"fmt ", extensible), (b"data", three)),
        "18 bytes": riff((b"fmt ", fmt + b"\0\0"), (b"data", pcm)),
        "20 bytes": riff((b"fmt ", fmt + b"\0" * 4), (b"data", pcm)),
        "no byte rate": riff((b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, 0, 0, 16)), (b"data", pcm)),
        "odd chunks": riff(
            (b"JUNK", b"\0" * 28),
            (b"bext", b"\0" * 602),
            (b"fmt ", fmt),
            (b"LIST", b"INFOISFT" + struct.pack("<I", 5) + b"Lavf\0"),
            (b"data", pcm),
        ),
        "streamed": b"RIFF" + b"\xff" * 4 + riff((b"fmt ", fmt))[8:] + b"data" + b"\xff" * 4 + pcm,
        "unfinished": b"RIFF" + b"\0" * 4 + riff((b"fmt ", fmt))[8:] + b"data" + b"\0" * 4 + pcm,
        "data unfinished": riff((b"fmt ", fmt)) + b"data" + b"\0" * 4 + pcm,
    }
    for subtype in ("PCM_U8", "ULAW", "IMA_ADPCM", "MS_ADPCM", "DOUBLE"):
        kinds[subtype] = encoded(sound, subtype=subtype)
    kinds["RF64"] = encoded(sound, "RF64")
    return kinds


def first_frame(data):
    """Where the first MPEG frame of an MP3 of 44.1 kHz lies: (first, end)."""
    kbps = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
    at = 0
    if data[:3] == b"ID3":
        at = 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9])
    return at, at + 144000 * kbps[data[at + 2] >> 4] // RATE + (data[at + 2] >> 1 & 1)


def variable_mp3(seconds=20.0, loud=6.0):
    """An MP3 of variable bit rate that begins loud and ends quiet, as bytes."""
    n = round(seconds * RATE)
    noise = 0.2 * np.random.default_rng(0).standard_normal(n) * (np.arange(n) < loud * RATE)
    sound = (noise + 0.002 * np.sin(np.arange(n) * 0.03)).astype(np.float32)
    return encoded(sound, "MP3", bitrate_mode="VARIABLE", compression_level=0.3)


def without_xing(data):
    """An MP3 without the first frame, which tells its length."""
    return data[first_frame(data)[1] :]


def id3(*frames, version=4):
    """An ID3 tag of (name, content) frames."""
    body = b""
    for name, content in frames:
        n = len(content)
        size = bytes((n >> 21 & 127, n >> 14 & 127, n >> 7 & 127, n & 127)) if version == 4 else struct.pack(">I", n)
        body += name + size + b"\0\0" + content
    n = len(body)
    return b"ID3" + bytes((version, 0, 0, n >> 21 & 127, n >> 14 & 127, n >> 7 & 127, n & 127)) + body


def flac_without_length(data):
    data = bytearray(data)
    data[21] &= 0xF0
    data[22:26] = b"\0" * 4
    return bytes(data)
