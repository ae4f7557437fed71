"""Rival 1: equilibrium propagation the way published code does it (Ernoult et al. 2019, Laborieux et al. 2021).

At every step the primitive function Phi is evaluated by ordinary layers and torch.autograd.grad gives dPhi/ds, which is
at once the bottom-up and the top-down drive. Short, obviously right, and slow: a graph is built and thrown away per step.
"""

import torch
import torch.nn.functional as F

from network import PARAMETERS, POOL, POPULATIONS, TOP_DOWN


def damped(s):
    """s itself, whose gradient, the drive from above, is damped."""
    return torch.lerp(s.detach(), s, TOP_DOWN)


class AutogradPhi:
    def __init__(self, parameters, spiking, dtype=torch.float32):
        self.spiking = spiking
        self.parameters = {name: value.to(dtype).clone().requires_grad_() for name, value in parameters.items()}
        self.maps = (self._convolution("conv1"), self._convolution("conv2"), self._dense("dense1"), self._dense("dense2"))

    def _convolution(self, name):
        weight, bias = self.parameters[name + ".weight"], self.parameters[name + ".bias"]
        return lambda s, biased=True: F.avg_pool2d(F.conv2d(s, weight, bias if biased else None), POOL)

    def _dense(self, name):
        weight, bias = self.parameters[name + ".weight"], self.parameters[name + ".bias"]
        return lambda s, biased=True: F.linear(s.flatten(1), weight, bias if biased else None)

    def refresh(self):
        """Nothing is derived from the weights."""

    def present(self, x, y):
        """A new batch: all states and memories zero."""
        self.x, self.y = x, y
        self.s = [x.new_zeros(len(x), *shape) for shape in POPULATIONS]
        if self.spiking:
            self.previous = [torch.zeros_like(s) for s in self.s]
            self.phi = [torch.zeros_like(s) for s in self.s]
            self.v = [torch.zeros_like(s) for s in self.s]
            with torch.no_grad():  # the static drive, which does not pass through the decoder
                self.drive = [self.maps[0](x)]
                for name, s in zip(("conv2", "dense1", "dense2"), self.s[1:]):
                    bias = self.parameters[name + ".bias"]
                    self.drive.append(bias.reshape(-1, *[1] * (s.dim() - 2)))

    def snapshot(self):
        names = ("s", "previous", "phi", "v") if self.spiking else ("s",)
        return {name: [tensor.clone() for tensor in getattr(self, name)] for name in names}

    def restore(self, snapshot):
        for name, tensors in snapshot.items():
            setattr(self, name, [tensor.clone() for tensor in tensors])

    def states(self):
        return [s.detach() for s in self.s]

    def _phi(self, s, beta, lower=lambda s: s):
        """Phi of the potentials, minus beta times the cost: one number per sample."""
        below, total = self.x, 0.0
        for map_, here in zip(self.maps, s):
            total = total + (map_(below) * here).flatten(1).sum(1)
            below = lower(here)
        if beta:
            total = total - beta * 0.5 * (s[-1] - self.y).square().sum(1)
        return total

    def _phi_of_spikes(self, q):
        """The part of Phi that the spikes carry: no input, no bias."""
        return sum((map_(damped(below), False) * here).flatten(1).sum(1)
                   for map_, below, here in zip(self.maps[1:], q, q[1:]))

    def _analog_step(self, phase, t):
        s = [tensor.requires_grad_() for tensor in self.s]
        phi = self._phi(s, phase.beta, damped)
        grads = torch.autograd.grad(phi, s, grad_outputs=torch.ones_like(phi))
        with torch.no_grad():
            self.s = [old + phase.epsilon(t) * (grad.clamp(0, 1) - old) for old, grad in zip(s, grads)]

    def _spiking_step(self, phase, t):
        decay, q = phase.decay(t), []
        for n, s in enumerate(self.s):
            phi = self.phi[n] + (s - (1 - decay) * self.previous[n]) / decay
            q.append((phi > 0.5).to(s.dtype))
            self.phi[n] = phi - q[n]
            self.previous[n] = s
        q = [spikes.requires_grad_() for spikes in q]
        phi = self._phi_of_spikes(q)
        drives = torch.autograd.grad(phi, q, grad_outputs=torch.ones_like(phi))
        with torch.no_grad():
            states = []
            for n, s in enumerate(self.s):
                self.v[n] = (1 - decay) * self.v[n] + decay * drives[n]
                target = self.v[n] + self.drive[n]
                if phase.beta and n == len(self.s) - 1:
                    target = target + phase.beta * (self.y - s)
                states.append(s + phase.epsilon(t) * (target.clamp(0, 1) - s))
            self.s = states

    def run(self, phase):
        """Relaxes for one phase; returns the states averaged over its last steps."""
        mean = None
        for t in range(1, phase.steps + 1):
            self._spiking_step(phase, t) if self.spiking else self._analog_step(phase, t)
            if t > phase.steps - phase.averaged:
                mean = self.states() if mean is None else [m + s for m, s in zip(mean, self.states())]
        return [m / phase.averaged for m in mean]

    def gradient(self, plus, minus, beta):
        contrast = (self._phi(plus, 0.0).mean() - self._phi(minus, 0.0).mean()) / (-2 * beta)
        return dict(zip(PARAMETERS, torch.autograd.grad(contrast, [self.parameters[name] for name in PARAMETERS])))
