"""Updates of a deep Q-network from a replay memory, with a target network."""

import random
from collections import deque, namedtuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))
GAMMA, BATCH_SIZE = 0.9, 16
device = torch.device(
    "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
)


class ReplayMemory(object):
    def __init__(self, capacity):
        self.memory = deque([], maxlen=capacity)

    def push(self, *args):
        self.memory.append(Transition(*args))

    def sample(self, batch_size):
        return random.sample(self.memory, batch_size)

    def __len__(self):
        return len(self.memory)


class DQN(nn.Module):
    def __init__(self, n_observations, n_actions):
        super(DQN, self).__init__()
        self.layer1 = nn.Linear(n_observations, 16)
        self.layer2 = nn.Linear(16, n_actions)

    def forward(self, x):
        return self.layer2(F.relu(self.layer1(x)))


policy_net, target_net = DQN(3, 2).to(device), DQN(3, 2).to(device)
draws = np.random.RandomState(0)
random.seed(0)
for p in policy_net.parameters():
    p.data.copy_(torch.as_tensor(draws.randn(*p.shape).astype(np.float32) * 0.3))
target_net.load_state_dict(policy_net.state_dict())
optimizer = optim.AdamW(policy_net.parameters(), lr=1e-2, amsgrad=True)
memory = ReplayMemory(200)
for _ in range(60):
    state = torch.tensor(draws.randn(3), dtype=torch.float32, device=device).unsqueeze(0)
    with torch.no_grad():
        action = policy_net(state).max(1).indices.view(1, 1)
    reward = torch.tensor([float(action.item() == (state[0, 0] > 0))], device=device)
    following = None if draws.rand() < 0.2 else state * 0.5
    memory.push(state, action, following, reward)


def optimize_model():
    batch = Transition(*zip(*memory.sample(BATCH_SIZE)))
    non_final_mask = torch.tensor(
        tuple(s is not None for s in batch.next_state), device=device, dtype=torch.bool
    )
    non_final_next_states = torch.cat([s for s in batch.next_state if s is not None])
    state_batch, action_batch = torch.cat(batch.state), torch.cat(batch.action)
    reward_batch = torch.cat(batch.reward)
    state_action_values = policy_net(state_batch).gather(1, action_batch)
    next_state_values = torch.zeros(BATCH_SIZE, device=device)
    with torch.no_grad():
        next_state_values[non_final_mask] = target_net(non_final_next_states).max(1).values
    expected = (next_state_values * GAMMA) + reward_batch
    criterion = nn.SmoothL1Loss()
    loss = criterion(state_action_values, expected.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
    optimizer.step()
    return loss


for step in range(12):
    loss = optimize_model()
    target, policy = target_net.state_dict(), policy_net.state_dict()
    for key in policy:
        target[key] = policy[key] * 0.05 + target[key] * (1 - 0.05)
    target_net.load_state_dict(target)
    if step % 4 == 0:
        print(f"step {step}: loss {loss.item():.4f}")
print("Q", target_net(torch.ones(1, 3)).squeeze().tolist()[0] > -100, len(memory))
