"""The table of PyTorch's modules: where hello_dl has their names.

For each path, the places that are asked for a name, one after the other: modules of hello_dl, or (behind a
colon) an object of one. A place that does not exist yet is passed over, and a path without any place can be
imported but has no names. So a name that hello_dl gets is there for programs, too, without a line here.
"""

from __future__ import annotations

_TRANSFORMS = (
    "hello_dl.pytorch.vision.transforms",
    "hello_dl.pytorch.vision.moves",
    "hello_dl.pytorch.vision.colours",
)
PLACES: dict[str, tuple[str, ...]] = {
    "torch": ("hello_dl", "hello_dl.pytorch.stand_ins"),
    "torch._dynamo": ("hello_dl.pytorch.stand_ins:compiler",),
    "torch._dynamo.config": ("hello_dl.pytorch.stand_ins:compiler",),
    "torch.accelerator": ("hello_dl._core.types:NO_DEVICE",),
    "torch.amp": ("hello_dl.pytorch.amp",),
    "torch.amp.autocast_mode": ("hello_dl.pytorch.amp",),
    "torch.amp.grad_scaler": ("hello_dl.pytorch.amp",),
    "torch.autograd": ("hello_dl.autograd", "hello_dl.tensors.grad_mode", "hello_dl.pytorch.graphs"),
    "torch.autograd.forward_ad": (),
    "torch.autograd.function": ("hello_dl.autograd.function", "hello_dl.autograd"),
    "torch.autograd.functional": ("hello_dl.autograd.functional",),
    "torch.autograd.grad_mode": ("hello_dl.tensors.grad_mode",),
    "torch.autograd.gradcheck": ("hello_dl.autograd",),
    "torch.autograd.graph": ("hello_dl.tensors.grad_fn",),
    "torch.autograd.profiler": ("hello_dl.pytorch.profiling",),
    "torch.autograd.variable": ("hello_dl.autograd", "hello_dl.pytorch.graphs"),
    "torch.backends": ("hello_dl.pytorch.backends",),
    "torch.backends.cpu": ("hello_dl.pytorch.backends:cpu",),
    "torch.backends.cuda": ("hello_dl.pytorch.backends:cuda",),
    "torch.backends.cudnn": ("hello_dl.pytorch.backends:cudnn",),
    "torch.backends.mkl": ("hello_dl.pytorch.backends:mkl",),
    "torch.backends.mkldnn": ("hello_dl.pytorch.backends:mkldnn",),
    "torch.backends.mps": ("hello_dl.pytorch.backends:mps",),
    "torch.backends.openmp": ("hello_dl.pytorch.backends:openmp",),
    "torch.compiler": ("hello_dl.pytorch.stand_ins:compiler",),
    "torch.cpu": ("hello_dl.pytorch.backends:cpu",),
    "torch.cpu.amp": ("hello_dl.pytorch.amp:cpu",),
    "torch.cuda": ("hello_dl._core.types:NO_DEVICE",),
    "torch.cuda.amp": ("hello_dl.pytorch.amp:cuda",),
    "torch.distributed": ("hello_dl.pytorch.stand_ins:distributed",),
    "torch.distributions": ("hello_dl.distributions",),
    "torch.export": (),
    "torch.fft": ("hello_dl.fft",),
    "torch.func": ("hello_dl.func",),
    "torch.functional": ("hello_dl",),
    "torch.fx": (),
    "torch.hub": (),
    "torch.jit": ("hello_dl.pytorch.stand_ins:jit",),
    "torch.linalg": ("hello_dl.linalg",),
    "torch.masked": (),
    "torch.mps": ("hello_dl._core.types:NO_DEVICE",),
    "torch.multiprocessing": (),
    "torch.nn": ("hello_dl.nn", "hello_dl.pytorch.parallel"),
    "torch.nn.attention": ("hello_dl.pytorch.backends:attention",),
    "torch.nn.functional": ("hello_dl.nn.functional",),
    "torch.nn.init": ("hello_dl.nn.init",),
    "torch.nn.modules": ("hello_dl.nn", "hello_dl.pytorch.parallel"),
    "torch.nn.parallel": ("hello_dl.pytorch.parallel",),
    "torch.nn.parallel.data_parallel": ("hello_dl.pytorch.parallel",),
    "torch.nn.parallel.distributed": ("hello_dl.pytorch.parallel",),
    "torch.nn.parameter": ("hello_dl.nn.parameter", "hello_dl.nn"),
    "torch.nn.utils": ("hello_dl.nn.utils",),
    "torch.nn.utils.clip_grad": ("hello_dl.nn.utils",),
    "torch.nn.utils.convert_parameters": ("hello_dl.nn.utils",),
    "torch.nn.utils.parametrizations": ("hello_dl.nn.utils.parametrizations", "hello_dl.nn.utils"),
    "torch.nn.utils.parametrize": ("hello_dl.nn.utils.parametrize",),
    "torch.nn.utils.prune": ("hello_dl.nn.utils.prune",),
    "torch.nn.utils.rnn": ("hello_dl.nn.utils.rnn",),
    "torch.nn.utils.spectral_norm": ("hello_dl.nn.utils",),
    "torch.nn.utils.stateless": ("hello_dl.func",),
    "torch.nn.utils.weight_norm": ("hello_dl.nn.utils",),
    "torch.onnx": (),
    "torch.optim": ("hello_dl.optim",),
    "torch.optim.lr_scheduler": ("hello_dl.optim.lr_scheduler",),
    "torch.optim.optimizer": ("hello_dl.optim.optimizer", "hello_dl.optim"),
    "torch.optim.swa_utils": ("hello_dl.optim.swa_utils",),
    "torch.overrides": (),
    "torch.profiler": ("hello_dl.pytorch.profiling",),
    "torch.quantization": (),
    "torch.random": ("hello_dl.tensors.random",),
    "torch.return_types": (),
    "torch.serialization": ("hello_dl.weights.torch_files",),
    "torch.signal": (),
    "torch.sparse": ("hello_dl.tensors.sparse",),
    "torch.special": ("hello_dl.special", "hello_dl"),
    "torch.testing": ("hello_dl.pytorch.stand_ins:testing",),
    "torch.types": ("hello_dl.pytorch.stand_ins:types", "hello_dl"),
    "torch.utils": (),
    "torch.utils._pytree": ("hello_dl.pytorch.trees",),
    "torch.utils.checkpoint": ("hello_dl.pytorch.stand_ins:checkpointing",),
    "torch.utils.data": ("hello_dl.data",),
    "torch.utils.data.dataloader": ("hello_dl.data.loader", "hello_dl.data"),
    "torch.utils.data.dataset": ("hello_dl.data",),
    "torch.utils.data.distributed": (),
    "torch.utils.data.sampler": ("hello_dl.data",),
    "torch.utils.data._utils": (),
    "torch.utils.data._utils.collate": ("hello_dl.data.collate",),
    "torch.utils.hooks": ("hello_dl.pytorch.stand_ins:hooks",),
    "torch.utils.model_zoo": (),
    "torch.utils.tensorboard": ("hello_dl.pytorch.tensorboard",),
    "torch.utils.tensorboard.writer": ("hello_dl.pytorch.tensorboard",),
    "torch.version": ("hello_dl.pytorch.stand_ins:version",),
    "torch.xpu": ("hello_dl._core.types:NO_DEVICE",),
    "torchvision": ("hello_dl.pytorch.vision",),
    "torchvision.datasets": ("hello_dl.pytorch.vision.datasets", "hello_dl.pytorch.vision.cifar"),
    "torchvision.datasets.cifar": ("hello_dl.pytorch.vision.cifar",),
    "torchvision.datasets.mnist": ("hello_dl.pytorch.vision.datasets",),
    "torchvision.models": (),
    "torchvision.ops": (),
    "torchvision.transforms": _TRANSFORMS,
    "torchvision.transforms.functional": (
        "hello_dl.pytorch.vision.images",
        "hello_dl.pytorch.vision.colours",
    ),
    "torchvision.transforms.transforms": _TRANSFORMS,
    "torchvision.transforms.v2": (),
    "torchvision.utils": ("hello_dl.pytorch.vision.pictures",),
}
# Files of PyTorch whose names hello_dl has in one module: torch.nn.modules.linear.Linear is nn.Linear.
PLACES |= {
    f"torch.nn.modules.{file}": ("hello_dl.nn", "hello_dl.nn.module", "hello_dl.pytorch.bases")
    for file in (
        *(
            "activation",
            "adaptive",
            "batchnorm",
            "channelshuffle",
            "container",
            "conv",
            "distance",
            "dropout",
        ),
        *("flatten", "fold", "instancenorm", "lazy", "linear", "loss", "module", "normalization", "padding"),
        *("pixelshuffle", "pooling", "rnn", "sparse", "transformer", "upsampling", "utils"),
    )
}
PLACES |= {
    f"torch.optim.{file}": ("hello_dl.optim",)
    for file in (
        *("adadelta", "adagrad", "adam", "adamax", "adamw", "asgd", "lbfgs", "nadam", "radam", "rmsprop"),
        *("rprop", "sgd", "sparse_adam"),
    )
}
PLACES |= {
    f"torch.distributions.{file}": (f"hello_dl.distributions.{file}", "hello_dl.distributions")
    for file in (
        *("bernoulli", "beta", "categorical", "constraints", "dirichlet", "distribution", "exponential"),
        *("gamma", "kl", "multinomial", "multivariate_normal", "normal", "one_hot_categorical", "poisson"),
        *("transforms", "uniform", "utils"),
    )
}
