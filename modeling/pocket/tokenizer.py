"""The tokenizer: lower-cased byte-level BPE, so that every string has ids; the words of the world are single tokens."""

import random

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from modeling.pocket.text import PADDING
from modeling.world import caption, sample_scene

SPECIAL = ("<pad>", "<start>", "<end>")


def train_tokenizer(tokens: int, captions: int = 20_000, size: int = 640, seed: int = 9) -> Tokenizer:
    """Train on captions of the world; sequences are cut and padded to `tokens`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(SPECIAL), initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False
    )
    rng = random.Random(seed)
    tokenizer.train_from_iterator((caption(sample_scene(rng, None), rng) for _ in range(captions)), trainer)
    ids = [(token, tokenizer.token_to_id(token)) for token in SPECIAL[1:]]
    tokenizer.post_processor = processors.TemplateProcessing(single="<start> $A <end>", special_tokens=ids)
    tokenizer.enable_truncation(tokens)
    tokenizer.enable_padding(pad_id=PADDING, pad_token=SPECIAL[0], length=tokens)
    return tokenizer
