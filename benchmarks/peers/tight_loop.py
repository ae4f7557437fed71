"""Rival 2: the same dynamics as fast as PyTorch will go, without autograd.

What makes it fast:
- convolution and average pooling are fused into one 6x6 kernel of stride 2; population 1 is stored with its 2x2 parities
  as channels, so that the fused map and its adjoint are both plain 3x3 convolutions of stride 1 (channels-last, oneDNN);
- population 2 is stored in H,W,C order and the columns of the first dense matrix are put in that order once;
- the decoder of dense maps is the beta and alpha of the matrix product; where the BLAS is slow, oneDNN multiplies;
- all populations share one flat preallocated buffer per quantity; the arithmetic per neuron runs over it in slices that stay
  in cache, with in-place operations only, the encoder of the next step in the same pass.

pooling="plain" is the direct translation (conv2d, avg_pool2d, interpolate, conv_transpose2d) for comparison.
"""

import math
import time

import torch
import torch.nn.functional as F

from network import PARAMETERS, POOL, POPULATIONS, TOP_DOWN

SLICE = 1 << 16  # floats of one slice, per thread: six such arrays fit a 2 MiB cache


def fuse(weight):
    """The kernel of convolution and average pool in one: w_bar[a, b] = 1/p^2 sum_ij w[a-i, b-j]."""
    return F.avg_pool2d(F.pad(weight, [POOL - 1] * 4), POOL, stride=1)


def unfuse(gradient):
    """Gradient of the kernel from that of the fused one: dw[a, b] = 1/p^2 sum_ij dw_bar[a+i, b+j]."""
    return F.avg_pool2d(gradient, POOL, stride=1)


def parities_to_channels(z):
    """[b, c, h, w] -> [b, 4c, h/2, w/2]: channel (row parity, column parity, c)."""
    b, c, h, w = z.shape
    return z.reshape(b, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(b, 4 * c, h // 2, w // 2)


def channels_to_parities(z):
    b, c, h, w = z.shape
    return z.reshape(b, 2, 2, c // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(b, c // 4, 2 * h, 2 * w)


def weight_gradient(above, below, weight, stride):
    return torch.ops.aten.convolution_backward(above, below, weight, None, [stride] * 2, [0, 0], [1, 1], False, [0, 0], 1,
                                               [False, True, False])[1]


class FusedPooling:
    """Populations 1 and 2 as [b, 6, 6, 128] and [b, 4, 4, 64] in memory."""

    def refresh(self, parameters):
        weight = parameters["conv2.weight"]
        self.first = fuse(parameters["conv1.weight"]).contiguous()
        self.first_bias = parameters["conv1.bias"]
        kernel = parities_to_channels(fuse(weight))
        self.kernel = kernel.contiguous(memory_format=torch.channels_last)
        self.adjoint = kernel.flip(2, 3).transpose(0, 1).contiguous(memory_format=torch.channels_last)
        self.bias2 = parameters["conv2.bias"].repeat(16)
        columns = parameters["dense1.weight"].reshape(-1, 64, 4, 4)
        self.dense1 = columns.permute(0, 2, 3, 1).flatten(1).contiguous()

    def drive(self, x):
        drive = F.conv2d(x, self.first, self.first_bias, stride=POOL)
        return parities_to_channels(drive).permute(0, 2, 3, 1).reshape(len(x), -1)

    def maps(self, flat1, flat2):
        return (flat1.reshape(-1, 6, 6, 128).permute(0, 3, 1, 2), flat2.reshape(-1, 4, 4, 64).permute(0, 3, 1, 2))

    def down(self, map1):
        return F.conv2d(map1, self.kernel).permute(0, 2, 3, 1).reshape(-1)

    def up(self, map2):
        return F.conv2d(map2, self.adjoint, padding=2).permute(0, 2, 3, 1).reshape(-1)

    def natural(self, flat1, flat2):
        map1, map2 = self.maps(flat1, flat2)
        return channels_to_parities(map1), map2.contiguous()

    def gradients(self, x, difference1, stacked1, stacked2):
        """Kernel gradients: of the input and the difference of s_1, and of s_1 and the signed s_2 of both phases."""
        channels_last = {"memory_format": torch.channels_last}
        below, above = parities_to_channels(stacked1).contiguous(**channels_last), stacked2.contiguous(**channels_last)
        return (unfuse(weight_gradient(difference1, x, self.first, POOL)),
                unfuse(channels_to_parities(weight_gradient(above, below, self.kernel, 1))))


class PlainPooling:
    """The direct translation, in C,H,W order."""

    def refresh(self, parameters):
        self.first, self.first_bias = parameters["conv1.weight"], parameters["conv1.bias"]
        self.kernel = parameters["conv2.weight"]
        self.bias2 = parameters["conv2.bias"].repeat_interleave(16)
        self.dense1 = parameters["dense1.weight"]

    def drive(self, x):
        return F.avg_pool2d(F.conv2d(x, self.first, self.first_bias), POOL).flatten(1)

    def maps(self, flat1, flat2):
        return flat1.reshape(-1, *POPULATIONS[0]), flat2.reshape(-1, *POPULATIONS[1])

    def down(self, map1):
        return F.avg_pool2d(F.conv2d(map1, self.kernel), POOL).reshape(-1)

    def up(self, map2):
        spread = F.interpolate(map2, scale_factor=POOL, mode="nearest").mul_(1 / POOL ** 2)
        return F.conv_transpose2d(spread, self.kernel).reshape(-1)

    def natural(self, flat1, flat2):
        return tuple(map_.clone() for map_ in self.maps(flat1, flat2))

    def gradients(self, x, difference1, stacked1, stacked2):
        spread = [F.interpolate(z, scale_factor=POOL, mode="nearest").mul_(1 / POOL ** 2) for z in (difference1, stacked2)]
        return weight_gradient(spread[0], x, self.first, 1), weight_gradient(spread[1], stacked1, self.kernel, 1)


class BlasDense:
    """out <- keep * out + scale * signals @ matrix, in one call."""

    def __init__(self, matrix):
        self.matrix = matrix  # [in, out]

    def accumulate(self, out, signals, keep, scale):
        out.addmm_(signals, self.matrix, beta=keep, alpha=scale)


class OneDnnDense:
    """The same by oneDNN, for machines whose BLAS is the reference one."""

    def __init__(self, matrix):
        self.matrix = matrix.t().contiguous().to_mkldnn()

    def accumulate(self, out, signals, keep, scale):
        product = torch._C._nn.mkldnn_linear(signals.to_mkldnn(), self.matrix).to_dense()
        out.mul_(keep).add_(product, alpha=scale)


def faster_dense(batch, dtype):
    """The quicker of the two on this machine, timed on the larger of the matrices."""
    if dtype != torch.float32 or not torch.backends.mkldnn.is_available():
        return BlasDense
    matrix, signals, out = torch.rand(1024, 512), torch.rand(batch, 1024), torch.zeros(batch, 512)
    best = {}
    for kind in (BlasDense, OneDnnDense):
        dense, times = kind(matrix), []
        for _ in range(7):
            start = time.perf_counter()
            dense.accumulate(out, signals, 0.5, 0.5)
            times.append(time.perf_counter() - start)
        best[kind] = min(times)
    return min(best, key=best.get)


class TightLoop:
    def __init__(self, parameters, spiking, batch, dtype=torch.float32, pooling="fused", dense=None,
                 slice_length=SLICE):
        self.spiking, self.batch, self.dtype = spiking, batch, dtype
        self.parameters = {name: value.to(dtype).clone() for name, value in parameters.items()}
        self.pooling = {"fused": FusedPooling, "plain": PlainPooling}[pooling]()
        self.dense = dense or faster_dense(batch, dtype)
        self._allocate(slice_length * torch.get_num_threads())
        self.refresh()

    @torch.no_grad()
    def refresh(self):
        """Everything that is derived from the weights; to be called after each update."""
        self.pooling.refresh(self.parameters)
        dense1, dense2 = self.pooling.dense1, self.parameters["dense2.weight"]
        self.down3, self.up2 = self.dense(dense1.t()), self.dense(dense1)
        self.down4, self.up3 = self.dense(dense2.t()), self.dense(dense2)

    def _allocate(self, length):
        """One flat buffer per quantity, views of it by population, and by slice for the arithmetic per neuron."""
        sizes = [self.batch * math.prod(shape) for shape in POPULATIONS]
        names = ("s", "delta", "drive", "mean") + (("phi", "v", "q") if self.spiking else ())
        self.flat = {name: torch.zeros(sum(sizes), dtype=self.dtype) for name in names}
        views = {name: [part.view(self.batch, -1) for part in flat.split(sizes)] for name, flat in self.flat.items()}
        self.s, self.delta, self.drive, self.mean = (views[name] for name in ("s", "delta", "drive", "mean"))
        self.sent = views["q"] if self.spiking else self.s
        self.v = views["v"] if self.spiking else self.delta
        self.map1, self.map2 = self.pooling.maps(self.sent[0], self.sent[1])
        cuts = list(range(0, sizes[0], length)) + list(range(sizes[0], sum(sizes), length)) + [sum(sizes)]
        self.length, self.first_slices = length, len(range(0, sizes[0], length))
        names = ("s", "delta", "drive") + (("phi", "v", "q") if self.spiking else ())
        self.slices = [tuple(self.flat[name][a:b] for name in names) for a, b in zip(cuts, cuts[1:])]

    @torch.no_grad()
    def present(self, x, y):
        """A new batch: all states and memories zero; the drive of the static input once."""
        self.x, self.y = x, y
        for flat in self.flat.values():
            flat.zero_()
        if self.spiking:
            self.flat["phi"].fill_(-0.5)  # kept less its threshold: a spike when above zero
        self.drive[0].copy_(self.pooling.drive(x))
        self.drive[1].copy_(self.pooling.bias2.expand(self.batch, -1))
        self.drive[2].copy_(self.parameters["dense1.bias"].expand(self.batch, -1))
        self.drive[3].copy_(self.parameters["dense2.bias"].expand(self.batch, -1))
        self.epsilon = 0.0

    def snapshot(self):
        names = ("s", "delta") + (("phi", "v") if self.spiking else ())
        return {name: self.flat[name].clone() for name in names}, self.epsilon

    def restore(self, snapshot):
        for name, flat in snapshot[0].items():
            self.flat[name].copy_(flat)
        self.epsilon = snapshot[1]

    def _natural(self, views):
        """Copies in C,H,W order."""
        return [*self.pooling.natural(views[0], views[1]), views[2].clone(), views[3].clone()]

    def states(self):
        return self._natural(self.s)

    @staticmethod
    def _encode(s, delta, phi, q, rise):
        # (s - (1 - lambda) s_old) / lambda = s + rise * delta,  s - s_old = epsilon * delta of the last update;
        # ceil and clamp make the spike of phi > 0, the sums vectorise where a comparison does not.
        phi.add_(s).add_(delta, alpha=rise)
        torch.ceil(phi, out=q).clamp_(0, 1)
        phi.sub_(q)

    def _drives(self, keep, scale):
        """v <- keep * v + scale * signals, but for population 1, whose signals are returned."""
        above = self.pooling.up(self.map2)
        self.up2.accumulate(self.v[1], self.sent[2], keep, scale * TOP_DOWN)
        self.v[1].view(-1).add_(self.pooling.down(self.map1), alpha=scale)
        self.down3.accumulate(self.v[2], self.sent[1], keep, scale)
        self.up3.accumulate(self.v[2], self.sent[3], 1.0, scale * TOP_DOWN)
        self.down4.accumulate(self.v[3], self.sent[2], keep, scale)
        return above.split(self.length)

    def _spiking_step(self, phase, t):
        decay, epsilon = phase.decay(t), phase.epsilon(t)
        above = self._drives(1 - decay, decay)
        if phase.beta:  # into the drive of the output and out again: one small tensor
            nudge = (self.y - self.s[3]).mul_(phase.beta)
            self.drive[3].add_(nudge)
        next_decay = phase.decay(t + 1) if t < phase.steps else None
        for n, (s, delta, drive, phi, v, q) in enumerate(self.slices):
            if n < self.first_slices:
                v.mul_(1 - decay).add_(above[n], alpha=decay * TOP_DOWN)
            torch.add(v, drive, out=delta).clamp_(0, 1).sub_(s)
            s.add_(delta, alpha=epsilon)
            if next_decay:
                self._encode(s, delta, phi, q, epsilon * (1 - next_decay) / next_decay)
        if phase.beta:
            self.drive[3].copy_(self.parameters["dense2.bias"].expand(self.batch, -1))
        self.epsilon = epsilon

    def _analog_step(self, phase, t):
        for n in (1, 2, 3):
            self.delta[n].copy_(self.drive[n])
        above = self._drives(1.0, 1.0)
        if phase.beta:
            self.delta[3].add_((self.y - self.s[3]).mul_(phase.beta))
        for n, (s, delta, drive) in enumerate(self.slices):
            if n < self.first_slices:
                torch.add(drive, above[n], alpha=TOP_DOWN, out=delta)
            delta.clamp_(0, 1).sub_(s)
            s.add_(delta, alpha=phase.epsilon(t))

    @torch.no_grad()
    def run(self, phase):
        """Relaxes for one phase; returns the states averaged over its last steps."""
        if self.spiking:
            decay = phase.decay(1)
            for s, delta, drive, phi, v, q in self.slices:
                self._encode(s, delta, phi, q, self.epsilon * (1 - decay) / decay)
        mean = self.flat["mean"].zero_()
        for t in range(1, phase.steps + 1):
            self._spiking_step(phase, t) if self.spiking else self._analog_step(phase, t)
            if t > phase.steps - phase.averaged:
                mean.add_(self.flat["s"], alpha=1 / phase.averaged)
        return self._natural(self.mean)

    @torch.no_grad()
    def gradient(self, plus, minus, beta):
        scale = -1 / (2 * beta * self.batch)
        difference = [p - m for p, m in zip(plus, minus)]
        below = [torch.cat((p, m)) for p, m in zip(plus[:3], minus[:3])]
        signed = [torch.cat((p, -m)) for p, m in zip(plus[1:], minus[1:])]
        conv1, conv2 = self.pooling.gradients(self.x, difference[0], below[0], signed[0])
        gradients = {
            "conv1.weight": conv1, "conv1.bias": difference[0].sum((0, 2, 3)),
            "conv2.weight": conv2, "conv2.bias": difference[1].sum((0, 2, 3)),
            "dense1.weight": signed[1].t() @ below[1].flatten(1), "dense1.bias": difference[2].sum(0),
            "dense2.weight": signed[2].t() @ below[2], "dense2.bias": difference[3].sum(0),
        }
        return {name: gradients[name].mul_(scale) for name in PARAMETERS}
