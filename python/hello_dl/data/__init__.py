"""Data to learn from: labelled images from files, downloads or the embedded generator, cut into batches."""

from hello_dl.data.collate import collate
from hello_dl.data.datasets import Dataset, ImageDataset, Subset, TensorDataset, normalise, random_split
from hello_dl.data.download import DownloadError, data_dir, fetch
from hello_dl.data.idx import read_idx, write_idx
from hello_dl.data.images import CODES, Code, Images, NoneLeft, concatenate
from hello_dl.data.loader import DataLoader
from hello_dl.data.samplers import BalancedSampler, WeightedRandomSampler
from hello_dl.data.sources import UnknownSource, load, read_pair

__all__ = [
    "CODES",
    "BalancedSampler",
    "Code",
    "DataLoader",
    "Dataset",
    "DownloadError",
    "ImageDataset",
    "Images",
    "NoneLeft",
    "Subset",
    "TensorDataset",
    "UnknownSource",
    "WeightedRandomSampler",
    "collate",
    "concatenate",
    "data_dir",
    "fetch",
    "load",
    "normalise",
    "random_split",
    "read_idx",
    "read_pair",
    "write_idx",
]
