"""Some steps of a GAN: the discriminator, then the generator, with labels of ones and zeros."""

import numpy as np
import torch
import torch.nn as nn
from torch.autograd import Variable

cuda = True if torch.cuda.is_available() else False
Tensor = torch.cuda.FloatTensor if cuda else torch.FloatTensor
latent_dim, img_shape = 6, (1, 4, 4)
draws = np.random.RandomState(5)


class Generator(nn.Module):
    def __init__(self):
        super(Generator, self).__init__()

        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(
            *block(latent_dim, 8, normalize=False),
            *block(8, 16),
            nn.Linear(16, int(np.prod(img_shape))),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.model(z).view(z.size(0), *img_shape)


class Discriminator(nn.Module):
    def __init__(self):
        super(Discriminator, self).__init__()
        self.model = nn.Sequential(
            nn.Linear(int(np.prod(img_shape)), 12),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(12, 1),
            nn.Sigmoid(),
        )

    def forward(self, img):
        return self.model(img.view(img.size(0), -1))


def weights_init(m):
    if m.__class__.__name__.find("Linear") != -1:
        m.weight.data.copy_(torch.from_numpy(draws.normal(0, 0.3, tuple(m.weight.shape)).astype(np.float32)))
        torch.nn.init.constant_(m.bias.data, 0.0)


adversarial_loss = torch.nn.BCELoss()
generator, discriminator = Generator(), Discriminator()
generator.apply(weights_init)
discriminator.apply(weights_init)
optimizer_G = torch.optim.Adam(generator.parameters(), lr=0.01, betas=(0.5, 0.999))
optimizer_D = torch.optim.Adam(discriminator.parameters(), lr=0.01, betas=(0.5, 0.999))

for i in range(6):
    imgs = Tensor(draws.uniform(0, 1, (10, *img_shape)))
    valid = Variable(Tensor(imgs.size(0), 1).fill_(1.0), requires_grad=False)
    fake = Variable(Tensor(imgs.size(0), 1).fill_(0.0), requires_grad=False)
    optimizer_G.zero_grad()
    z = Variable(Tensor(draws.normal(0, 1, (imgs.shape[0], latent_dim))))
    gen_imgs = generator(z)
    g_loss = adversarial_loss(discriminator(gen_imgs), valid)
    g_loss.backward()
    optimizer_G.step()
    optimizer_D.zero_grad()
    real_loss = adversarial_loss(discriminator(Variable(imgs.type(Tensor))), valid)
    fake_loss = adversarial_loss(discriminator(gen_imgs.detach()), fake)
    d_loss = (real_loss + fake_loss) / 2
    d_loss.backward()
    optimizer_D.step()
    print("[Batch %d/%d] [D loss: %.4f] [G loss: %.4f]" % (i, 6, d_loss.item(), g_loss.item()))
print(gen_imgs.data[:2].type(), isinstance(gen_imgs, torch.FloatTensor), generator)
