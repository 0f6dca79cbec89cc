"""Text: tokenisers, corpora, networks that write text, their training, their sampling and their files.

Read characters.py and corpus.py first, then recurrent_text.py (chapter 9), gpt.py (chapter 10), train_text.py
and generate.py. docs/sequences.md explains how they work together.
"""

from hello_dl.text.bpe import BytePairEncoder
from hello_dl.text.characters import CharacterVocabulary
from hello_dl.text.corpus import Streams, random_windows, read_corpus, split
from hello_dl.text.documentation import own_documentation
from hello_dl.text.generate import write
from hello_dl.text.gpt import GPT, KeyValueCache
from hello_dl.text.measures import bits_per_character, next_token_loss, perplexity, stream_loss, windows_loss
from hello_dl.text.model_files import load, save
from hello_dl.text.recurrent_text import RecurrentText, detached
from hello_dl.text.sampling import Sampling
from hello_dl.text.tokenisers import Tokeniser
from hello_dl.text.train_text import Recipe, Step, judge, learn

__all__ = [
    "GPT",
    "BytePairEncoder",
    "CharacterVocabulary",
    "KeyValueCache",
    "Recipe",
    "RecurrentText",
    "Sampling",
    "Step",
    "Streams",
    "Tokeniser",
    "bits_per_character",
    "detached",
    "judge",
    "learn",
    "load",
    "next_token_loss",
    "own_documentation",
    "perplexity",
    "random_windows",
    "read_corpus",
    "save",
    "split",
    "stream_loss",
    "windows_loss",
    "write",
]
