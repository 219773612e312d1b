"""Writes pytorch.json: losses, gradients and Adam steps of small models, from PyTorch's own operators.

Run once with PyTorch 2.11.0 (`python export.py`); the tests read the file and need no Python.
Values are drawn in single precision and computed in double, so that the file is the exact side.
"""

import json
import math
import pathlib

import torch
from torch.nn import functional as F

LEARNING_RATE, WEIGHT_DECAY, STEPS = 0.01, 1e-4, 5


def draw(generator, *shape):
    return torch.randn(*shape, generator=generator, dtype=torch.float32).double() * 0.5


def case(parameters, loss, **data):
    """Loss and gradients at `parameters`, and the parameters after some Adam steps."""
    first = [p.tolist() for p in parameters]
    leaves = [p.clone().requires_grad_() for p in parameters]
    adam = torch.optim.Adam(leaves, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    values = []
    for step in range(STEPS):
        adam.zero_grad()
        value = loss(leaves)
        value.backward()
        values.append(value.item())
        if step == 0:
            gradients = [leaf.grad.tolist() for leaf in leaves]
        adam.step()
    return {
        "parameters": first,
        "gradients": gradients,
        "losses": values,
        "after": [leaf.tolist() for leaf in leaves],
        **{name: tensor.tolist() for name, tensor in data.items()},
    }


def jsae_heads(generator):
    """State of two variables (3 and 4 values), 5 actions, m = 3, d = 2, T with 6 hidden units."""
    n = 9
    s = torch.stack([torch.randint(0, k, (n,), generator=generator) for k in (3, 4)], 1)
    a = torch.randint(0, 5, (n,), generator=generator)
    t = torch.stack([torch.randint(0, k, (n,), generator=generator) for k in (3, 4)], 1)
    shapes = [(5, 2), (7, 3), (5, 6), (6,), (6, 7), (7,)]

    def loss(p):
        one_hot = torch.cat([F.one_hot(s[:, 0], 3), F.one_hot(s[:, 1], 4)], 1).double()
        x = torch.tanh(one_hot @ p[1])
        e = torch.tanh(F.one_hot(a, 5).double() @ p[0])
        h = torch.relu(torch.cat([x, e], 1) @ p[2] + p[3])
        output = h @ p[4] + p[5]
        return F.cross_entropy(output[:, :3], t[:, 0]) + F.cross_entropy(output[:, 3:], t[:, 1])

    return case([draw(generator, *shape) for shape in shapes], loss, states=s, actions=a[:, None], targets=t)


def jsae_numbers(generator):
    """Box state of 3 dimensions, box action of 2, φ and g widened by 4 units, T with 5, MSE on dimensions 0 and 2."""
    n = 8
    s, a, t = draw(generator, n, 3), draw(generator, n, 2), draw(generator, n, 3)
    shapes = [(2, 4), (4,), (4, 2), (3, 4), (4,), (4, 3), (5, 5), (5,), (5, 2), (2,)]

    def loss(p):
        e = torch.tanh(torch.relu(a @ p[0] + p[1]) @ p[2])
        x = torch.tanh(torch.relu(s @ p[3] + p[4]) @ p[5])
        h = torch.relu(torch.cat([x, e], 1) @ p[6] + p[7])
        return F.mse_loss(h @ p[8] + p[9], t[:, [0, 2]])

    return case([draw(generator, *shape) for shape in shapes], loss, states=s, actions=a, targets=t)


def decoder(generator):
    """d = 2, 6 sigmoid units, actions of 3 dimensions."""
    e, a = torch.tanh(draw(generator, 8, 2)), draw(generator, 8, 3)
    shapes = [(2, 6), (6,), (6, 3), (3,)]

    def loss(p):
        return F.mse_loss(torch.sigmoid(e @ p[0] + p[1]) @ p[2] + p[3], a)

    return case([draw(generator, *shape) for shape in shapes], loss, latent_actions=e, actions=a)


def ra(generator):
    """6 states, 4 actions, d = 2, temperature 0.1, penalty 0.01: every distance written out."""
    n = 9
    s, t = (torch.randint(0, 6, (n,), generator=generator) for _ in range(2))
    a = torch.randint(0, 4, (n,), generator=generator)
    shapes = [(6, 2), (6, 2), (4, 2)]

    def loss(p):
        guess = torch.tanh(F.one_hot(s, 6).double() @ p[0] + F.one_hot(t, 6).double() @ p[1])
        distances = (guess[:, None, :] - torch.tanh(p[2])[None]).square().sum(2)
        return F.cross_entropy(-distances / 0.1, a) / math.log(4) + 0.01 * p[2].square().mean() / 2

    return case(
        [draw(generator, *shape) for shape in shapes], loss, states=s[:, None], actions=a[:, None], targets=t[:, None]
    )


def main():
    generator = torch.Generator().manual_seed(1)
    cases = {make.__name__: make(generator) for make in (jsae_heads, jsae_numbers, decoder, ra)}
    path = pathlib.Path(__file__).with_name("pytorch.json")
    path.write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
