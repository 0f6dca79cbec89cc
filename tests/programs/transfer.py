"""A trained network gets a new head: frozen layers, groups with own rates, the best weights kept, and files."""

import copy
import os
import tempfile
import time
import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from torch.optim import lr_scheduler

warnings.filterwarnings("ignore")
draws = np.random.RandomState(6)
device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inplanes, planes, stride=1, downsample=None):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = self.bn1(self.conv1(x))
        out += identity
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, num_classes=4):
        super().__init__()
        down = nn.Sequential(nn.Conv2d(3, 6, kernel_size=1, stride=2, bias=False), nn.BatchNorm2d(6))
        self.layer1 = self._make_layer([BasicBlock(3, 6, 2, down), BasicBlock(6, 6)])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(6 * BasicBlock.expansion, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                m.weight.data.copy_(torch.from_numpy(draws.normal(0, 0.3, tuple(m.weight.shape))))

    def _make_layer(self, blocks):
        return nn.Sequential(*blocks)

    def forward(self, x):
        return self.fc(torch.flatten(self.avgpool(self.layer1(x)), 1))


folder = tempfile.mkdtemp()
x = torch.from_numpy(draws.rand(16, 3, 8, 8).astype(np.float32))
labels = torch.tensor(draws.randint(0, 2, 16))
x[labels == 1] *= 0.3
dataloaders = {"train": [(x[:8], labels[:8]), (x[8:12], labels[8:12])], "val": [(x[12:], labels[12:])]}
dataset_sizes = {"train": 12, "val": 4}

torch.save(ResNet().state_dict(), os.path.join(folder, "resnet.pth"))
model = ResNet()
model.load_state_dict(torch.load(os.path.join(folder, "resnet.pth"), map_location=device, weights_only=True))
for param in model.parameters():
    param.requires_grad = False
num_ftrs = model.fc.in_features
model.fc = nn.Linear(num_ftrs, 2)
nn.init.zeros_(model.fc.bias)
model.fc.weight.data = torch.from_numpy(draws.normal(0, 0.3, (2, 6)).astype(np.float32))
model.layer1[1].requires_grad_(True)
print([n for n, p in model.named_parameters() if p.requires_grad])
optimizer = optim.SGD(
    [{"params": model.fc.parameters()}, {"params": model.layer1[1].parameters(), "lr": 0.01}],
    lr=0.1,
    momentum=0.9,
)
scheduler = lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.1)
criterion = nn.CrossEntropyLoss()

since, best_acc, best = time.time(), 0.0, copy.deepcopy(model.state_dict())
for epoch in range(4):
    for phase in ["train", "val"]:
        model.train() if phase == "train" else model.eval()
        running_loss, running_corrects = 0.0, 0
        for inputs, target in dataloaders[phase]:
            optimizer.zero_grad()
            with torch.set_grad_enabled(phase == "train"):
                outputs = model(inputs.to(device))
                _, preds = torch.max(outputs, 1)
                loss = criterion(outputs, target)
                if phase == "train":
                    loss.backward()
                    optimizer.step()
            running_loss += loss.item() * inputs.size(0)
            running_corrects += torch.sum(preds == target.data)
        if phase == "train":
            scheduler.step()
        epoch_acc = running_corrects.double() / dataset_sizes[phase]
        print(f"{epoch} {phase} Loss: {running_loss / dataset_sizes[phase]:.4f} Acc: {epoch_acc:.4f}")
        if phase == "val" and epoch_acc > best_acc:
            best_acc, best = epoch_acc, copy.deepcopy(model.state_dict())
assert time.time() - since < 60
model.load_state_dict(best)
whole = os.path.join(folder, "whole.pt")
torch.save(model, whole)
again = torch.load(whole, weights_only=False).eval()
print(
    torch.equal(again(x), model.eval()(x)),
    again.fc,
    {g["lr"] for g in optimizer.param_groups} == {0.001, 0.0001},
)
print(model.load_state_dict({k: v for k, v in best.items() if "fc" not in k}, strict=False).missing_keys)
try:
    ResNet(3).load_state_dict(best)
except Exception as error:
    print(type(error).__name__ in ("RuntimeError", "ValueError"), "fc" in str(error))
