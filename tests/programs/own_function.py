"""Operations with a backward of one's own, gradcheck, hooks of tensors, and an optimizer of one's own."""

import torch
from torch.autograd import Function, gradcheck


class Exp(Function):
    @staticmethod
    def forward(ctx, i):
        result = i.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, grad_output):
        (result,) = ctx.saved_tensors
        return grad_output * result


class ClampedScale(Function):
    @staticmethod
    def forward(ctx, x, factor, low):
        ctx.save_for_backward(x, factor)
        ctx.low = low
        ctx.mark_non_differentiable(x)
        return x.clamp(min=low) * factor

    @staticmethod
    def backward(ctx, grad):
        x, factor = ctx.saved_tensors
        grad_x = grad_factor = None
        if ctx.needs_input_grad[0]:
            grad_x = grad.clone() * factor
            grad_x[x < ctx.low] = 0
        if ctx.needs_input_grad[1]:
            grad_factor = (grad * x.clamp(min=ctx.low)).sum()
        return grad_x, grad_factor, None


class Straight(Function):
    """Rounds forward, and passes gradients on."""

    @staticmethod
    def forward(x):
        return torch.round(x)

    @staticmethod
    def setup_context(ctx, inputs, output):  # noqa: ARG004
        (ctx.x,) = inputs

    @staticmethod
    def backward(ctx, grad):
        return grad * (ctx.x * 0 + 1)


x = torch.tensor([-1.0, 0.5, 2.0], requires_grad=True)
factor = torch.tensor(3.0, requires_grad=True)
y = ClampedScale.apply(Exp.apply(x), factor, 0.5)
y.backward(torch.tensor([1.0, 2.0, -1.0]))
print(y, x.grad, factor.grad, y.grad_fn is not None)
assert gradcheck(Exp.apply, (torch.rand(4, dtype=torch.double, requires_grad=True),), eps=1e-3, atol=1e-2)

w = torch.tensor([0.3, 1.7], requires_grad=True)
seen = []
handle = w.register_hook(lambda g: seen.append(g.clone()) or g * 0.5)
(Straight.apply(w) * torch.tensor([2.0, 4.0])).sum().backward()
handle.remove()
print(seen[0], w.grad, w.is_leaf, w.grad_fn)


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-2, betas=(0.9, 0.99), weight_decay=0.0):
        if not 0.0 <= lr:
            raise ValueError("Invalid learning rate: {}".format(lr))
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.data.mul_(1 - group["lr"] * group["weight_decay"])
                state = self.state[p]
                if len(state) == 0:
                    state["exp_avg"] = torch.zeros_like(p, memory_format=torch.preserve_format)
                beta1, beta2 = group["betas"]
                update = state["exp_avg"] * beta1 + p.grad * (1 - beta1)
                p.add_(torch.sign(update), alpha=-group["lr"])
                state["exp_avg"].mul_(beta2).add_(p.grad, alpha=1 - beta2)
        return loss


target = torch.tensor([1.0, -2.0, 0.5])
weights = torch.zeros(3, requires_grad=True)
optimizer = Lion([weights], lr=0.1, weight_decay=0.01)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=lambda epoch: 0.9**epoch)


def closure():
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(weights, target)
    loss.backward()
    return loss


for step in range(15):
    loss = optimizer.step(closure)
    schedule.step()
    if step % 5 == 4:
        print(step, "%.4f" % loss, weights.data, "%.4f" % optimizer.param_groups[0]["lr"])
print(list(optimizer.state_dict()["state"][0]), torch.autograd.grad((weights**3).sum(), weights)[0])

parameter = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
parameter.register_post_accumulate_grad_hook(lambda p: print("after", p.grad))
(parameter**2).sum().backward()
