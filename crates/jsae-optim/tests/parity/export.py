"""Writes adam.json: what PyTorch 2.11.0's Adam makes of a badly scaled quadratic in a hundred steps.

Run with `python3 export.py` beside the file; everything is in double precision.
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)


def main():
    scale, start, ends = torch.logspace(-3, 3, 13), torch.randn(13), {}
    for name, decay in [("plain", 0.0), ("decayed", 1e-2)]:
        parameters = torch.nn.Parameter(start.clone())
        optimizer = torch.optim.Adam([parameters], lr=0.01, eps=1e-8, weight_decay=decay)
        for _ in range(100):
            optimizer.zero_grad()
            (0.5 * scale * parameters**2).sum().backward()
            optimizer.step()
        ends[name] = parameters.tolist()
    case = {"scale": scale.tolist(), "start": start.tolist(), **ends}
    pathlib.Path(__file__).with_name("adam.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
