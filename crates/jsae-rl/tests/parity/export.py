"""Writes parity.json: what PyTorch 2.11.0 computes for the formulas of this crate.

Run with `python3 export.py` beside the file; everything is in double precision.
"""

import json
import math
import pathlib

import torch
from torch import nn
from torch.distributions import Categorical, Independent, Normal, TanhTransform, TransformedDistribution
from torch.distributions.transforms import AffineTransform
from torch.nn.functional import mse_loss, one_hot

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
N = 24


def numbers(tensor):
    return tensor.detach().reshape(-1).tolist()


def mlp(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


def flat(networks, gradient=False):
    """Weight as [inputs, outputs], then bias, layer by layer."""
    parts = []
    for network in networks:
        for layer in network:
            if isinstance(layer, nn.Linear):
                weight = layer.weight.grad if gradient else layer.weight
                bias = layer.bias.grad if gradient else layer.bias
                parts += [weight.t().reshape(-1), bias]
    return torch.cat([part.detach() for part in parts])


def leaf(tensor):
    return tensor.detach().clone().requires_grad_(True)


def network_case(activation, features, inputs, latent, outputs=3):
    latent_len = 0 if latent is None else latent.shape[1]
    network = mlp([inputs.shape[1] + latent_len, 6, 5, outputs], activation)
    latent = None if latent is None else leaf(latent)
    output = network(inputs if latent is None else torch.cat([inputs, latent], 1))
    slope = torch.randn_like(output)
    (output * slope).sum().backward()
    return {
        "features": numbers(features),
        "latent_actions": [] if latent is None else numbers(latent),
        "parameters": numbers(flat([network])),
        "output": numbers(output),
        "output_gradient": numbers(slope),
        "gradient": numbers(flat([network], gradient=True)),
        "latent_gradient": [] if latent is None else numbers(latent.grad),
    }


def networks():
    dense = torch.randn(N, 4)
    indices = torch.stack([torch.randint(0, 5, (N,)), torch.randint(0, 3, (N,))], 1)
    coded = torch.cat([one_hot(indices[:, 0], 5), one_hot(indices[:, 1], 3)], 1).double()
    latent = torch.randn(N, 2)
    return {
        "dense_tanh": network_case(nn.Tanh, dense, dense, None),
        "dense_relu_latent": network_case(nn.ReLU, dense, dense, latent),
        "one_hot_tanh": network_case(nn.Tanh, indices, coded, None),
        "one_hot_relu_latent": network_case(nn.ReLU, indices, coded, latent),
    }


def gaussian():
    mean, log_std = leaf(torch.randn(N, 3)), leaf(torch.randn(3) * 0.5)
    latent = torch.randn(N, 3)
    distribution = Independent(Normal(mean, log_std.exp()), 1)
    log_prob = distribution.log_prob(latent)
    log_prob.sum().backward()
    return {
        "mean": numbers(mean), "log_std": numbers(log_std), "latent_actions": numbers(latent),
        "log_prob": numbers(log_prob), "entropy": distribution.entropy().mean().item(),
        "mean_gradient": numbers(mean.grad), "log_std_gradient": numbers(log_std.grad),
    }


def categorical():
    logits, actions = leaf(torch.randn(N, 7) * 2), torch.randint(0, 7, (N,))
    distribution = Categorical(logits=logits)
    log_prob = distribution.log_prob(actions)
    (log_prob.sum() + distribution.entropy().sum()).backward()
    return {
        "logits": numbers(logits), "actions": numbers(actions.double()), "log_prob": numbers(log_prob),
        "entropy": numbers(distribution.entropy()), "gradient": numbers(logits.grad),
    }


def squashed():
    mean, log_std, noise, limit = leaf(torch.randn(N, 3)), leaf(torch.randn(3) * 0.3), torch.randn(N, 3), 1.1
    base = Independent(Normal(mean, log_std.exp()), 1)
    distribution = TransformedDistribution(base, [TanhTransform(cache_size=1), AffineTransform(0.0, limit, cache_size=1)])
    raw = mean + log_std.exp() * noise
    latent = limit * torch.tanh(raw)
    log_prob = base.log_prob(raw) - torch.log(limit * (1 - torch.tanh(raw) ** 2)).sum(1)
    check = distribution.log_prob(latent)
    assert torch.allclose(check, log_prob, atol=1e-9)
    (log_prob.sum() + latent.sum()).backward()
    return {
        "mean": numbers(mean), "log_std": numbers(log_std), "noise": numbers(noise), "limit": limit,
        "latent_actions": numbers(latent), "log_prob": numbers(log_prob),
        "mean_gradient": numbers(mean.grad), "log_std_gradient": numbers(log_std.grad),
    }


def losses():
    log_prob, old, advantages = leaf(torch.randn(N)), torch.randn(N), torch.randn(N)
    old = log_prob.detach() + 0.3 * old
    ratio = torch.exp(log_prob - old)
    ppo = -torch.min(ratio * advantages, torch.clamp(ratio, 0.8, 1.2) * advantages).mean()
    ppo_gradient = torch.autograd.grad(ppo, log_prob)[0]
    vpg = -(log_prob * advantages).mean()
    values, returns = leaf(torch.randn(N)), torch.randn(N)
    value = mse_loss(values, returns)
    action_values, logits, alpha = torch.randn(N, 5), leaf(torch.randn(N, 5)), 0.3
    log_probs = torch.log_softmax(logits, 1)
    discrete = (log_probs.exp() * (alpha * log_probs - action_values)).sum(1).mean()
    rewards, terminated, soft_values = torch.randn(N), (torch.rand(N) < 0.3).double(), torch.randn(N)
    return {
        "log_prob": numbers(log_prob), "old_log_prob": numbers(old), "advantages": numbers(advantages),
        "clip_range": 0.2, "ppo": ppo.item(), "ppo_gradient": numbers(ppo_gradient),
        "clip_fraction": ((ratio - 1).abs() > 0.2).double().mean().item(),
        "vpg": vpg.item(), "vpg_gradient": numbers(torch.autograd.grad(vpg, log_prob)[0]),
        "values": numbers(values), "returns": numbers(returns), "value": value.item(),
        "value_gradient": numbers(torch.autograd.grad(value, values)[0]),
        "action_values": numbers(action_values), "logits": numbers(logits), "ent_coef": alpha,
        "discrete": discrete.item(), "discrete_gradient": numbers(torch.autograd.grad(discrete, logits)[0]),
        "rewards": numbers(rewards), "terminated": numbers(terminated), "soft_values": numbers(soft_values),
        "gamma": 0.97, "soft_target": numbers(rewards + 0.97 * (1 - terminated) * soft_values),
    }


def on_policy_update(kind, action_kind):
    """Three actor and six critic steps on one batch, Spinning Up's way."""
    dim = 2
    outputs = dim if action_kind == "gaussian" else 5
    actor, critic = mlp([3, 8, 8, outputs], nn.Tanh), mlp([3, 8, 8, 1], nn.Tanh)
    log_std = nn.Parameter(torch.full((dim,), math.log(0.6)))
    features, advantages, returns = torch.randn(N, 3), torch.randn(N), torch.randn(N)
    latent = torch.randn(N, dim) if action_kind == "gaussian" else torch.randint(0, 5, (N, 1))
    tail = [log_std] if action_kind == "gaussian" else []

    def parameters():
        return torch.cat([flat([actor])] + [part.detach() for part in tail])

    def log_prob():
        if action_kind == "gaussian":
            return Normal(actor(features), log_std.exp()).log_prob(latent).sum(1)
        return Categorical(logits=actor(features)).log_prob(latent.squeeze(1))

    before = {"actor": numbers(parameters()), "critic": numbers(flat([critic]))}
    normalized = (advantages - advantages.mean()) / (advantages.std(unbiased=False) + 1e-8)
    optimizer = torch.optim.Adam([*actor.parameters(), *tail], lr=3e-3)
    old = log_prob().detach()
    for _ in range(3):
        current = log_prob()
        ratio = torch.exp(current - old)
        if kind == "ppo":
            loss = -torch.min(ratio * normalized, ratio.clamp(0.8, 1.2) * normalized).mean()
        else:
            loss = -(current * normalized).mean()
        kl = (old - current).mean().item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    critic_optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)
    for _ in range(6):
        value = mse_loss(critic(features).squeeze(1), returns)
        critic_optimizer.zero_grad()
        value.backward()
        critic_optimizer.step()
    return {
        "features": numbers(features), "latent_actions": numbers(latent.double()),
        "advantages": numbers(advantages), "returns": numbers(returns), "before": before,
        "after": {"actor": numbers(parameters()), "critic": numbers(flat([critic]))},
        "policy_gradient_loss": loss.item(), "approx_kl": kl, "value_loss": value.item(),
    }


def minimum(networks, inputs):
    return torch.min(networks[0](inputs), networks[1](inputs))


def transitions():
    return {
        "features": torch.randn(N, 3), "next_features": torch.randn(N, 3), "rewards": torch.randn(N),
        "terminated": (torch.rand(N) < 0.3).double(),
    }


def moved(targets, critics, tau):
    with torch.no_grad():
        for target, critic in zip(targets, critics):
            for slow, fast in zip(target.parameters(), critic.parameters()):
                slow.mul_(1 - tau).add_(tau * fast)


def sac_update(state_dependent):
    """One step of Spinning Up's SAC with a tuned entropy weight."""
    dim, limit, gamma, tau, alpha = 2, 1.1, 0.99, 0.05, 0.2
    actor = mlp([3, 8, 8, 2 * dim if state_dependent else dim], nn.ReLU)
    log_std = nn.Parameter(torch.full((dim,), math.log(0.6)))
    critics = [mlp([3 + dim, 8, 8, 1], nn.ReLU) for _ in range(2)]
    targets = [mlp([3 + dim, 8, 8, 1], nn.ReLU) for _ in range(2)]
    batch = {**transitions(), "latent_actions": torch.rand(N, dim) * 2 - 1}
    next_noise, noise = torch.randn(N, dim), torch.randn(N, dim)
    log_alpha = nn.Parameter(torch.tensor([math.log(alpha)]))
    tail = [] if state_dependent else [log_std]

    def actor_parameters():
        return torch.cat([flat([actor])] + [part.detach() for part in tail])

    def sample(features, noise):
        output = actor(features)
        log = output[:, dim:].clamp(-20, 2) if state_dependent else log_std
        distribution = Normal(output[:, :dim], log.exp())
        raw = output[:, :dim] + log.exp() * noise
        log_prob = distribution.log_prob(raw).sum(1) - torch.log(limit * (1 - torch.tanh(raw) ** 2)).sum(1)
        return limit * torch.tanh(raw), log_prob

    before = {
        "actor": numbers(actor_parameters()), "critics": numbers(flat(critics)), "target": numbers(flat(targets)),
        "ent_coef": numbers(log_alpha),
    }
    with torch.no_grad():
        latent, log_prob = sample(batch["next_features"], next_noise)
        value = minimum(targets, torch.cat([batch["next_features"], latent], 1)).squeeze(1)
        backup = batch["rewards"] + gamma * (1 - batch["terminated"]) * (value - alpha * log_prob)
    critic_parameters = [p for critic in critics for p in critic.parameters()]
    critic_optimizer = torch.optim.Adam(critic_parameters, lr=1e-2)
    inputs = torch.cat([batch["features"], batch["latent_actions"]], 1)
    critic_loss = sum(mse_loss(critic(inputs).squeeze(1), backup) for critic in critics)
    critic_loss.backward()
    critic_optimizer.step()
    optimizer = torch.optim.Adam([*actor.parameters(), *tail], lr=3e-3)
    latent, log_prob = sample(batch["features"], noise)
    actor_loss = (alpha * log_prob - minimum(critics, torch.cat([batch["features"], latent], 1)).squeeze(1)).mean()
    actor_loss.backward()
    optimizer.step()
    alpha_optimizer = torch.optim.Adam([log_alpha], lr=3e-3)
    (-(log_alpha * (log_prob.detach() - dim)).mean()).backward()
    alpha_optimizer.step()
    moved(targets, critics, tau)
    return {
        **{key: numbers(value) for key, value in batch.items()},
        "noise": numbers(noise), "next_noise": numbers(next_noise), "before": before,
        "critic_loss": critic_loss.item(), "actor_loss": actor_loss.item(),
        "after": {
            "actor": numbers(actor_parameters()), "critics": numbers(flat(critics)),
            "target": numbers(flat(targets)), "ent_coef": numbers(log_alpha),
        },
    }


def discrete_sac_update():
    """One step of discrete SAC with a fixed entropy weight."""
    n_actions, gamma, tau, alpha = 5, 0.99, 0.05, 0.2
    actor = mlp([3, 8, 8, n_actions], nn.ReLU)
    critics = [mlp([3, 8, 8, n_actions], nn.ReLU) for _ in range(2)]
    targets = [mlp([3, 8, 8, n_actions], nn.ReLU) for _ in range(2)]
    batch, actions = transitions(), torch.randint(0, n_actions, (N, 1))
    before = {"actor": numbers(flat([actor])), "critics": numbers(flat(critics)), "target": numbers(flat(targets))}
    with torch.no_grad():
        log_probs = torch.log_softmax(actor(batch["next_features"]), 1)
        value = (log_probs.exp() * (minimum(targets, batch["next_features"]) - alpha * log_probs)).sum(1)
        backup = batch["rewards"] + gamma * (1 - batch["terminated"]) * value
    critic_parameters = [p for critic in critics for p in critic.parameters()]
    critic_optimizer = torch.optim.Adam(critic_parameters, lr=1e-2)
    critic_loss = sum(mse_loss(c(batch["features"]).gather(1, actions).squeeze(1), backup) for c in critics)
    critic_loss.backward()
    critic_optimizer.step()
    optimizer = torch.optim.Adam(actor.parameters(), lr=3e-3)
    log_probs = torch.log_softmax(actor(batch["features"]), 1)
    values = minimum(critics, batch["features"]).detach()
    actor_loss = (log_probs.exp() * (alpha * log_probs - values)).sum(1).mean()
    actor_loss.backward()
    optimizer.step()
    moved(targets, critics, tau)
    return {
        **{key: numbers(value) for key, value in batch.items()},
        "latent_actions": numbers(actions.double()), "before": before,
        "critic_loss": critic_loss.item(), "actor_loss": actor_loss.item(),
        "after": {
            "actor": numbers(flat([actor])), "critics": numbers(flat(critics)), "target": numbers(flat(targets)),
        },
    }


def main():
    cases = {
        "networks": networks(), "gaussian": gaussian(), "categorical": categorical(), "squashed": squashed(),
        "losses": losses(),
        "updates": {
            f"{kind}_{actions}": on_policy_update(kind, actions)
            for kind in ("vpg", "ppo") for actions in ("gaussian", "categorical")
        },
        "sac": {"shared_std": sac_update(False), "state_dependent_std": sac_update(True)},
        "discrete_sac": discrete_sac_update(),
    }
    path = pathlib.Path(__file__).with_name("parity.json")
    path.write_text(json.dumps(cases, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
