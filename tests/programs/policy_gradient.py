"""An actor and a critic learn to walk along a corridor; actions come from distributions.Categorical."""

from collections import namedtuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical, Normal, kl_divergence

SavedAction = namedtuple("SavedAction", ["log_prob", "value"])
draws = np.random.RandomState(3)
eps = np.finfo(np.float32).eps.item()


class Corridor:
    def reset(self):
        self.at, self.steps = 2, 0
        return self.state()

    def state(self):
        return np.eye(6, dtype=np.float32)[self.at]

    def step(self, action):
        self.at, self.steps = int(np.clip(self.at + (1 if action else -1), 0, 5)), self.steps + 1
        return self.state(), float(self.at == 5) - 0.05, self.at == 5 or self.steps >= 12, {}


class Policy(nn.Module):
    def __init__(self):
        super(Policy, self).__init__()
        self.affine1 = nn.Linear(6, 16)
        self.action_head = nn.Linear(16, 2)
        self.value_head = nn.Linear(16, 1)
        self.saved_actions, self.rewards = [], []

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


model = Policy()
for p in model.parameters():
    p.data.copy_(torch.from_numpy(draws.normal(0, 0.4, tuple(p.shape)).astype(np.float32)))
optimizer = optim.Adam(model.parameters(), lr=3e-2)
env = Corridor()


def select_action(state):
    probs, state_value = model(torch.from_numpy(state).float())
    m = Categorical(probs)
    action = torch.tensor(int(draws.rand() < probs[1].item()))  # m.sample(), with numbers that both have
    assert m.sample().shape == action.shape
    model.saved_actions.append(SavedAction(m.log_prob(action), state_value))
    return action.item(), m.entropy()


def finish_episode():
    R, returns = 0, []
    for r in model.rewards[::-1]:
        R = r + 0.99 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + eps)
    policy_losses, value_losses = [], []
    for (log_prob, value), R in zip(model.saved_actions, returns):
        advantage = R - value.item()
        policy_losses.append(-log_prob * advantage)
        value_losses.append(F.smooth_l1_loss(value, torch.tensor([R])))
    optimizer.zero_grad()
    loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
    loss.backward()
    optimizer.step()
    del model.rewards[:], model.saved_actions[:]
    return loss


for episode in range(4):
    state, total, entropies = env.reset(), 0.0, []
    for _ in range(100):
        action, entropy = select_action(state)
        state, reward, done, _ = env.step(action)
        model.rewards.append(reward)
        entropies.append(entropy)
        total += reward
        if done:
            break
    loss = finish_episode()
    print(
        f"Episode {episode}\treward: {total:.2f}\tloss: {loss:.4f}\tentropy {torch.stack(entropies).mean():.4f}"
    )

old, new = Normal(torch.zeros(3), torch.ones(3)), Normal(torch.tensor([0.1, 0.2, -0.3]), torch.tensor(0.9))
actions = torch.tensor([[0.5, -1.0, 0.25]])
ratio = (new.log_prob(actions) - old.log_prob(actions)).sum(-1, keepdim=True).exp()
clipped = torch.min(ratio * 2.0, torch.clamp(ratio, 1 - 0.2, 1 + 0.2) * 2.0)
print(ratio, clipped.squeeze(0), kl_divergence(old, new).mean(), old)
