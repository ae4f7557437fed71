# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
"""Lists what an epspike checkpoint holds: python3 read_with_numpy.py FILE"""
import json
import sys

try:
    import numpy as np
except ImportError:
    print("read_with_numpy.py needs NumPy (Debian, Ubuntu: apt-get install python3-numpy)", file=sys.stderr)
    sys.exit(77)


def load(path):
    """Returns the tensors, a dict of arrays, and the metadata, a dict of strings."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = {"F32": "<f4", "F64": "<f8"}[entry["dtype"]]
        tensors[name] = np.frombuffer(data[begin:end], dtype).reshape(entry["shape"])
    return tensors, metadata


if __name__ == "__main__":
    tensors, metadata = load(sys.argv[1])
    for key, text in sorted(metadata.items()):
        print(f"{key} = {text}")
    for name, tensor in tensors.items():
        print(f"{name} {tensor.dtype} {list(tensor.shape)} sum {tensor.sum(dtype=float):.6f}")
