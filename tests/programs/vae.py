"""One epoch of a variational autoencoder whose noise is fixed."""

import numpy as np
import torch
import torch.utils.data
from torch import nn, optim
from torch.nn import functional as F

draws = np.random.RandomState(0)
images = torch.from_numpy((draws.rand(64, 1, 8, 8) > 0.6).astype(np.float32))
loader = torch.utils.data.DataLoader(images, batch_size=16, shuffle=False)


class VAE(nn.Module):
    def __init__(self):
        super(VAE, self).__init__()
        self.fc1 = nn.Linear(64, 32)
        self.fc21 = nn.Linear(32, 4)
        self.fc22 = nn.Linear(32, 4)
        self.fc3 = nn.Linear(4, 32)
        self.fc4 = nn.Linear(32, 64)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.from_numpy(draws.standard_normal(std.shape).astype(np.float32))
        return mu + eps * std

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 64))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 64), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


model = VAE()
for p in model.parameters():
    nn.init.constant_(p, 0.0)
    p.data += torch.from_numpy(draws.standard_normal(p.shape).astype(np.float32)) * 0.1
optimizer = optim.Adam(model.parameters(), lr=1e-2)
model.train()
train_loss = 0
for batch_idx, data in enumerate(loader):
    optimizer.zero_grad()
    recon_batch, mu, logvar = model(data)
    loss = loss_function(recon_batch, data, mu, logvar)
    loss.backward()
    train_loss += loss.item()
    optimizer.step()
    print("batch {} loss {:.2f}".format(batch_idx, loss.item() / len(data)))
print("Average loss: {:.3f}".format(train_loss / len(loader.dataset)))
with torch.no_grad():
    sample = model.decode(torch.zeros(2, 4)).view(2, 1, 8, 8)
print(sample.shape, sample.min() >= 0)
