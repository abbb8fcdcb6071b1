"""Bytes a file of examples takes with bzip2 and xz at their highest levels, beside gzip.

    python3 bench/peers/codecs.py FILE.idx.gz

The file is unpacked first if it is gzip-compressed. Zeros and ones are measured as they are and with eight in a byte;
the array header of an IDX file is left out. Prints one JSON document.
"""

import bz2
import gzip
import json
import lzma
import sys


def content(path):
    data = open(path, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return data[4 + 4 * data[3]:] if data[:2] == b"\x00\x00" else data


def packed(values):
    bits = values + bytes(-len(values) % 8)
    return bytes(sum(bits[i + j] << (7 - j) for j in range(8)) for i in range(0, len(bits), 8))


def sizes(data):
    return {
        "gzip": len(gzip.compress(data, 9)),
        "bzip2": len(bz2.compress(data, 9)),
        "xz": len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)),
    }


def main(path):
    values = content(path)
    result = {"values": len(values), "bytes": sizes(values)}
    if max(values) <= 1:
        result["bytes, 8 in a byte"] = sizes(packed(values))
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main(sys.argv[1])
