"""Updates of a soft actor-critic: squashed normal actions, twin critics, targets that follow, a learned weight."""

import copy

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Beta, Independent, MultivariateNormal, Normal, TransformedDistribution
from torch.distributions.transforms import AffineTransform, TanhTransform

draws = np.random.RandomState(13)


def mlp(sizes, activation, output_activation=nn.Identity):
    layers = []
    for j in range(len(sizes) - 1):
        act = activation if j < len(sizes) - 2 else output_activation
        layers += [nn.Linear(sizes[j], sizes[j + 1]), act()]
    return nn.Sequential(*layers)


class Actor(nn.Module):
    def __init__(self, obs_dim, act_dim, act_limit):
        super().__init__()
        self.net = mlp([obs_dim, 16], nn.ReLU, nn.ReLU)
        self.mu_layer, self.log_std_layer = nn.Linear(16, act_dim), nn.Linear(16, act_dim)
        self.register_buffer("act_limit", torch.as_tensor(act_limit, dtype=torch.float32))

    def forward(self, obs, noise):
        h = self.net(obs)
        mu, log_std = self.mu_layer(h), torch.clamp(self.log_std_layer(h), -20, 2)
        pi_distribution = Normal(mu, torch.exp(log_std))
        u = mu + log_std.exp() * noise  # pi_distribution.rsample(), with noise that both have
        assert pi_distribution.rsample().requires_grad == torch.is_grad_enabled()
        logp = pi_distribution.log_prob(u).sum(axis=-1)
        logp -= (2 * (np.log(2) - u - F.softplus(-2 * u))).sum(axis=1)
        return self.act_limit * torch.tanh(u), logp, pi_distribution


actor = Actor(4, 2, np.float32(1.5))
critics = nn.ModuleDict({name: mlp([6, 16, 1], nn.Tanh) for name in ("q1", "q2")})
for p in [*actor.parameters(), *critics.parameters()]:
    p.data.copy_(torch.from_numpy(draws.normal(0, 0.3, tuple(p.shape))))
targets = copy.deepcopy(critics)
for p in targets.parameters():
    p.requires_grad = False
log_alpha = torch.zeros(1, requires_grad=True)
pi_optimizer = torch.optim.Adam(actor.parameters(), lr=3e-3)
q_optimizer = torch.optim.Adam(critics.parameters(), lr=3e-3)
alpha_optimizer = torch.optim.Adam([log_alpha], lr=1e-2)


def as_tensor(*shape):
    return torch.as_tensor(draws.standard_normal(shape), dtype=torch.float32)


for step in range(6):
    o, o2, a, r, d = (
        as_tensor(8, 4),
        as_tensor(8, 4),
        as_tensor(8, 2),
        as_tensor(8),
        as_tensor(8).gt(1).float(),
    )
    alpha = log_alpha.exp().detach()
    with torch.no_grad():
        a2, logp_a2, _ = actor(o2, as_tensor(8, 2))
        q_next = torch.min(*(q(torch.cat([o2, a2], dim=-1)).squeeze(-1) for q in targets.values()))
        backup = r + 0.99 * (1 - d) * (q_next - alpha * logp_a2)
    loss_q = sum(((q(torch.cat([o, a], dim=-1)).squeeze(-1) - backup) ** 2).mean() for q in critics.values())
    q_optimizer.zero_grad()
    loss_q.backward()
    q_optimizer.step()
    for p in critics.parameters():
        p.requires_grad = False
    pi, logp_pi, dist = actor(o, as_tensor(8, 2))
    q_pi = torch.min(critics["q1"](torch.cat([o, pi], -1)), critics["q2"](torch.cat([o, pi], -1))).squeeze(-1)
    loss_pi = (alpha * logp_pi - q_pi).mean()
    pi_optimizer.zero_grad()
    loss_pi.backward()
    pi_optimizer.step()
    for p in critics.parameters():
        p.requires_grad = True
    alpha_loss = -(log_alpha * (logp_pi + -2.0).detach()).mean()
    alpha_optimizer.zero_grad()
    alpha_loss.backward()
    alpha_optimizer.step()
    with torch.no_grad():
        for p, p_targ in zip(critics.parameters(), targets.parameters()):
            p_targ.data.mul_(0.995)
            p_targ.data.add_((1 - 0.995) * p.data)
    print(
        "%d q %.4f pi %.4f alpha %.4f entropy %.4f"
        % (step, loss_q, loss_pi, log_alpha.exp(), dist.entropy().mean())
    )

squashed = TransformedDistribution(
    Independent(Normal(torch.zeros(2), torch.ones(2)), 1),
    [TanhTransform(cache_size=1), AffineTransform(0.5, 2.0)],
)
print(squashed.log_prob(torch.tensor([[0.1, 0.9], [-0.3, 1.8]])), squashed.rsample((3,)).shape)
covariance = torch.tensor([[2.0, 0.3], [0.3, 0.5]])
print(MultivariateNormal(torch.zeros(2), covariance).log_prob(torch.tensor([0.2, -0.4])), Beta(2.0, 3.0).mean)
