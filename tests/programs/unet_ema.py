"""Take noise out of pictures with a U-Net: OneCycleLR, autocast, an average of weights, compile, schedules."""

import copy

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

draws = np.random.RandomState(9)


class DoubleConv(nn.Module):
    def __init__(self, in_channels, out_channels, mid_channels=None):
        super().__init__()
        mid_channels = mid_channels or out_channels
        self.double_conv = nn.Sequential(
            nn.Conv2d(in_channels, mid_channels, kernel_size=3, padding=1, bias=False),
            nn.GroupNorm(2, mid_channels),
            nn.SiLU(inplace=True),
            nn.Conv2d(mid_channels, out_channels, kernel_size=3, padding="same"),
            nn.LeakyReLU(0.1, True),
        )

    def forward(self, x):
        return self.double_conv(x)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.inc, self.down = DoubleConv(1, 4), nn.Sequential(nn.MaxPool2d(2), DoubleConv(4, 8))
        self.up = nn.ConvTranspose2d(8, 4, kernel_size=2, stride=2)
        self.smooth = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.conv, self.outc = DoubleConv(16, 4), nn.Conv2d(4, 1, kernel_size=1)
        self.time = nn.Sequential(nn.Linear(1, 8), nn.SiLU(), nn.Linear(8, 8))

    def forward(self, x, t):
        x1 = self.inc(x)
        x2 = self.down(x1) + self.time(t)[:, :, None, None]
        up, smooth = self.up(x2), self.smooth(x2)
        diffY, diffX = x1.size()[2] - up.size()[2], x1.size()[3] - up.size()[3]
        sizes = [diffX // 2, diffX - diffX // 2, diffY // 2, diffY - diffY // 2]
        return self.outc(self.conv(torch.cat([x1, F.pad(up, sizes), F.pad(smooth, sizes)], dim=1)))


model = UNet()
for p in model.parameters():
    if p.dim() > 1:
        p.data.copy_(torch.from_numpy(draws.normal(0, 0.25, tuple(p.shape)).astype(np.float32)))
    elif p.dim() == 1 and p.numel() > 0:
        p.data.mul_(0).add_(0.1)
ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
start = copy.deepcopy(model)
model = torch.compile(model)
betas = torch.linspace(1e-4, 0.02, 50)
alphas_cumprod = torch.cumprod(1.0 - betas, dim=0)
alphas_prev = F.pad(alphas_cumprod[:-1], (1, 0), value=1.0)


def extract(a, t, x_shape):
    return a.gather(-1, t).reshape(t.shape[0], *((1,) * (len(x_shape) - 1)))


clean = torch.from_numpy(draws.rand(6, 1, 7, 9).astype(np.float32)).round()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=12, pct_start=0.25)
scaler = torch.cuda.amp.GradScaler(enabled=torch.cuda.is_available())
for step in range(12):
    t = torch.from_numpy(draws.randint(0, 50, 6)).long()
    noise = torch.from_numpy(draws.standard_normal(tuple(clean.shape)).astype(np.float32))
    noisy = (
        extract(alphas_cumprod.sqrt(), t, clean.shape) * clean
        + extract((1 - alphas_cumprod).sqrt(), t, clean.shape) * noise
    )
    with torch.autocast(device_type="cpu", enabled=False):
        loss = F.smooth_l1_loss(model(noisy, t.float().unsqueeze(1) / 50), noise)
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_value_(model.parameters(), 0.5)
    scaler.step(optimizer)
    scaler.update()
    ema.update_parameters(model)
    scheduler.step()
    if step % 4 == 3:
        print(f"step {step} loss {loss.item():.4f} lr {scheduler.get_last_lr()[0]:.6f}")
with torch.no_grad():
    t = torch.full((6, 1), 0.5)
    print((ema(noisy, t) - noise).pow(2).mean(), (start(noisy, t) - noise).pow(2).mean(), ema.n_averaged)
print(alphas_prev[:3], F.interpolate(clean[:1], size=(3, 3), mode="nearest"), len(list(ema.module.buffers())))
