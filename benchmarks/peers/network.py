"""The network the rivals share: its shape, its weights, its phases, and one training step written once for all of them.

2C2FC: 1x28x28 -> conv 32 5x5, avgpool 2 -> conv 64 5x5, avgpool 2 -> dense 512 -> dense 10. Populations sit after pooling;
a feature map is flattened in C,H,W order. The mathematics is the project's algorithm page.

A network and its inputs travel in a folder of raw little-endian float32 files, one per tensor, named NAME.f32.
"""

import collections
import math
import os
import pathlib

import torch

CHANNELS, HEIGHT, WIDTH, POOL = 1, 28, 28, 2
PARAMETERS = {
    "conv1.weight": (32, 1, 5, 5), "conv1.bias": (32,),
    "conv2.weight": (64, 32, 5, 5), "conv2.bias": (64,),
    "dense1.weight": (512, 1024), "dense1.bias": (512,),
    "dense2.weight": (10, 512), "dense2.bias": (10,),
}
POPULATIONS = ((32, 12, 12), (64, 4, 4), (512,), (10,))
TOP_DOWN = 0.5  # factor on what populations hear from above, as the shipped network was trained


# --- phases ----------------------------------------------------------------------------------------------------------

# epsilon and decay (the lambda of the algorithm page) are functions of the step t = 1 .. steps;
# the states of the last `averaged` steps are averaged for the contrast.
Phase = collections.namedtuple("Phase", "steps beta epsilon decay averaged")


def free_phase(steps=50):
    return Phase(steps, 0.0, lambda t: 0.8, lambda t: t ** -0.5, 1)


def nudged_phase(beta, steps=20, averaged=10):
    return Phase(steps, beta, lambda t: 0.5, lambda t: 0.15, averaged)


def training_step(rival, x, y, beta=0.7, free_steps=50, nudged_steps=20):
    """One symmetric EP step: free phase, nudged by +beta and by -beta from the free state, contrast.

    Returns the gradient of the loss by parameter name. The optimiser's own step is left out."""
    averaged = min(10, nudged_steps) if rival.spiking else 1
    rival.refresh()
    rival.present(x, y)
    rival.run(free_phase(free_steps))
    settled = rival.snapshot()
    plus = rival.run(nudged_phase(+beta, nudged_steps, averaged))
    rival.restore(settled)
    minus = rival.run(nudged_phase(-beta, nudged_steps, averaged))
    return rival.gradient(plus, minus, beta)


# --- weights and inputs ----------------------------------------------------------------------------------------------

def read_tensor(folder, name, shape):
    """A tensor of the given shape; a leading -1 is found from the file's length."""
    path = pathlib.Path(folder) / (name + ".f32")
    try:
        return torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.float32).reshape(shape).clone()
    except OSError as error:
        raise SystemExit(f"{path}: {error.strerror}") from None
    except (RuntimeError, ValueError):
        raise SystemExit(f"{path}: {path.stat().st_size} bytes do not fit float32 {list(shape)}") from None


def write_tensor(folder, name, tensor):
    path = pathlib.Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    (path / (name + ".f32")).write_bytes(tensor.detach().float().contiguous().numpy().astype("<f4").tobytes())


def load_parameters(folder):
    return {name: read_tensor(folder, name, shape) for name, shape in PARAMETERS.items()}


def random_parameters(seed=1):
    """Uniform +-1/sqrt(fan_in), weights and biases alike."""
    generator = torch.Generator().manual_seed(seed)
    parameters = {}
    for name, shape in PARAMETERS.items():
        fan_in = math.prod(PARAMETERS[name.replace("bias", "weight")][1:])
        parameters[name] = (2 * torch.rand(shape, generator=generator) - 1) / math.sqrt(fan_in)
    return parameters


def load_inputs(folder):
    x = read_tensor(folder, "x", (-1, CHANNELS, HEIGHT, WIDTH))
    y = read_tensor(folder, "y", (-1,) + POPULATIONS[-1])
    if len(x) != len(y):
        raise SystemExit(f"{folder}: x holds {len(x)} samples, y holds {len(y)}")
    return x, y


def random_inputs(batch, seed=2):
    """Strokes of four random points joined by a soft pen: about a fifth of the pixels lit, as in handwritten digits."""
    generator = torch.Generator().manual_seed(seed)
    points = 5 + 18 * torch.rand(batch, 4, 2, generator=generator)
    rows, columns = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
    pixels = torch.stack((rows, columns), -1).float().reshape(1, 1, -1, 2)
    start, step = points[:, :-1, None], points[:, 1:, None] - points[:, :-1, None]
    along = (((pixels - start) * step).sum(-1) / step.square().sum(-1).clamp_min(1e-6)).clamp(0, 1)
    distance = (pixels - start - along[..., None] * step).norm(dim=-1).amin(1)
    x = (2 - distance).clamp(0, 1).reshape(batch, CHANNELS, HEIGHT, WIDTH)
    labels = torch.randint(0, 10, (batch,), generator=generator)
    return x, torch.nn.functional.one_hot(labels, 10).float()


def resize_batch(x, y, batch):
    """The first `batch` samples, starting over when there are fewer."""
    index = torch.arange(batch) % len(x)
    return x[index].contiguous(), y[index].contiguous()


# --- what the numbers were measured on -------------------------------------------------------------------------------

def blas_library():
    """The BLAS this process has loaded. Debian's python3-torch runs on whatever libblas.so.3 is: by default the slow
    reference implementation, with which every dense layer takes thirty times as long."""
    torch.mm(torch.ones(2, 2), torch.ones(2, 2))
    with open("/proc/self/maps") as maps:
        files = sorted({line.split()[-1] for line in maps if "/" in line})
    names = ("mkl_rt", "libmkl", "openblasp", "openblas", "blis", "libblas")
    found = [file for name in names for file in files if name in os.path.basename(file)]
    return os.path.realpath(found[0]) if found else "built into torch"


def is_reference_blas(path):
    return os.path.basename(path).startswith("libblas.so")


def description():
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown processor")
    return (f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}\n"
            f"PyTorch {torch.__version__}, BLAS {blas_library()}")
