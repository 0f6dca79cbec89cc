"""Data to learn from: labelled images from files, downloads or the embedded generator, cut into batches."""

from hello_dl.data.collate import collate, default_collate, default_convert
from hello_dl.data.datasets import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    ImageDataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    normalise,
    random_split,
)
from hello_dl.data.download import DownloadError, data_dir, fetch
from hello_dl.data.idx import read_idx, write_idx
from hello_dl.data.images import CODES, Code, Images, NoneLeft, concatenate
from hello_dl.data.loader import DataLoader, get_worker_info
from hello_dl.data.samplers import (
    BalancedSampler,
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from hello_dl.data.sources import UnknownSource, load, read_pair
from hello_dl.tensors.instead import refusing

__all__ = [
    "CODES",
    "BalancedSampler",
    "BatchSampler",
    "ChainDataset",
    "Code",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "DownloadError",
    "ImageDataset",
    "Images",
    "IterableDataset",
    "NoneLeft",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "UnknownSource",
    "WeightedRandomSampler",
    "collate",
    "concatenate",
    "data_dir",
    "default_collate",
    "default_convert",
    "fetch",
    "get_worker_info",
    "load",
    "normalise",
    "random_split",
    "read_idx",
    "read_pair",
    "write_idx",
]

__getattr__ = refusing("hello_dl.data", "torch.utils.data")
