"""Change a picture until its features fit: LBFGS with a closure, Gram matrices, frozen features, FGSM."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

draws = np.random.RandomState(12)
content_img, style_img = (torch.from_numpy(draws.rand(1, 3, 8, 8)).to("cpu", torch.float) for _ in range(2))


class ContentLoss(nn.Module):
    def __init__(self, target):
        super(ContentLoss, self).__init__()
        self.target = target.detach()

    def forward(self, input):
        self.loss = F.mse_loss(input, self.target)
        return input


def gram_matrix(input):
    a, b, c, d = input.size()
    features = input.view(a * b, c * d)
    return torch.mm(features, features.t()).div(a * b * c * d)


class StyleLoss(nn.Module):
    def __init__(self, target_feature):
        super(StyleLoss, self).__init__()
        self.target = gram_matrix(target_feature).detach()

    def forward(self, input):
        self.loss = F.mse_loss(gram_matrix(input), self.target)
        return input


class Normalization(nn.Module):
    def __init__(self, mean, std):
        super(Normalization, self).__init__()
        self.mean, self.std = mean.clone().detach().view(-1, 1, 1), std.clone().detach().view(-1, 1, 1)

    def forward(self, img):
        return (img - self.mean) / self.std


cnn = nn.Sequential(
    nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3), nn.ReLU()
)
for p in cnn.parameters():
    p.data.copy_(torch.from_numpy(draws.normal(0, 0.3, tuple(p.shape))))
cnn = cnn.eval()
model = nn.Sequential(Normalization(torch.tensor([0.48, 0.45, 0.4]), torch.tensor([0.23, 0.22, 0.23])))
content_losses, style_losses, i = [], [], 0
for layer in cnn.children():
    if isinstance(layer, nn.Conv2d):
        i += 1
        name = "conv_{}".format(i)
    elif isinstance(layer, nn.ReLU):
        name, layer = "relu_{}".format(i), nn.ReLU(inplace=False)
    elif isinstance(layer, nn.MaxPool2d):
        name = "pool_{}".format(i)
    else:
        raise RuntimeError("Unrecognized layer: {}".format(layer.__class__.__name__))
    model.add_module(name, layer)
    if name == "conv_2":
        content_losses.append(ContentLoss(model(content_img)))
        model.add_module("content_loss_{}".format(i), content_losses[-1])
    if name.startswith("conv"):
        style_losses.append(StyleLoss(model(style_img)))
        model.add_module("style_loss_{}".format(i), style_losses[-1])
for i in range(len(model) - 1, -1, -1):
    if isinstance(model[i], (ContentLoss, StyleLoss)):
        break
model = model[: (i + 1)]
print([name for name, _ in model.named_children()])

input_img = content_img.clone()
input_img.requires_grad_(True)
model.eval()
model.requires_grad_(False)
optimizer = optim.LBFGS([input_img], max_iter=6)
run = [0]
while run[0] <= 10:

    def closure():
        with torch.no_grad():
            input_img.clamp_(0, 1)
        optimizer.zero_grad()
        model(input_img)
        style_score, content_score = 0, 0
        for sl in style_losses:
            style_score += sl.loss
        for cl in content_losses:
            content_score += cl.loss
        loss = style_score * 100 + content_score
        loss.backward()
        run[0] += 1
        if run[0] % 5 == 0:
            print(
                "run {}: Style Loss : {:4f} Content Loss: {:4f}".format(
                    run, style_score.item(), content_score.item()
                )
            )
        return style_score + content_score

    optimizer.step(closure)
with torch.no_grad():
    input_img.clamp_(0, 1)
print(input_img.mean(), input_img.data.std(), input_img.is_leaf)

net = nn.Sequential(nn.Flatten(), nn.Linear(192, 3), nn.LogSoftmax(dim=1)).eval()
net[1].weight.data.copy_(torch.linspace(-1, 1, 576).view(3, 192).sin())
net[1].bias.data.zero_()
data = content_img.clone().detach()
data.requires_grad = True
init_pred = net(data).max(1, keepdim=True)[1]
loss = F.nll_loss(net(data), init_pred.view(-1))
net.zero_grad()
loss.backward()
perturbed = torch.clamp(data + 0.3 * data.grad.data.sign(), 0, 1)
print(
    init_pred.item(),
    net(perturbed).exp(),
    perturbed.squeeze().detach().cpu().numpy().transpose(1, 2, 0).shape,
)
