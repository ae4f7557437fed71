# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the first convolution of a checkpoint in PyTorch: python3 read_with_torch.py FILE"""
import sys

try:
    import torch
except ImportError:
    print("read_with_torch.py needs PyTorch (Debian, Ubuntu: apt-get install python3-torch)", file=sys.stderr)
    sys.exit(77)

from read_with_numpy import load

tensors, metadata = load(sys.argv[1])
weights = {name: torch.tensor(tensor) for name, tensor in tensors.items()}

filters, channels, height, width = weights["conv1.weight"].shape
conv = torch.nn.Conv2d(channels, filters, (height, width))
conv.load_state_dict({"weight": weights["conv1.weight"], "bias": weights["conv1.bias"]})

x = torch.arange(channels * 6 * 6).reshape(1, channels, 6, 6) / 64
with torch.no_grad():
    print(*conv(x).flatten().tolist())
