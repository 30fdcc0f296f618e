import torch

from ml.downstream.captioning import fit_captioner
from ml.models.captioner import train_tokenizer
from ml.models.vision_transformer import Tokens
from ml.pretraining.config import Heads

CAPTIONS = ["A red plaque with white scale.", "A brown lesion with globules.", "Dotted vessels in a pink patch."]


def test_a_decoder_learns_which_caption_belongs_to_which_image():
    rng = torch.Generator().manual_seed(0)
    tokens = Tokens(torch.randn(3, 16, generator=rng), torch.randn(3, 4, 16, generator=rng))
    settings = Heads(caption_steps=150, caption_width=32, caption_layers=1, caption_length=24, batch=8)
    captioner, tokenizer = fit_captioner(tokens, CAPTIONS, settings, seed=0)
    assert captioner.describe(tokens, tokenizer) == CAPTIONS
    swapped = Tokens(tokens.cls_BD.flip(0), tokens.patches_BND.flip(0))
    assert captioner.describe(swapped, tokenizer) == CAPTIONS[::-1]


def test_a_tokenizer_writes_back_what_it_read_even_unknown_signs():
    tokenizer = train_tokenizer(CAPTIONS)
    for text in (*CAPTIONS, "Blau-weißer Schleier, 白色鳞屑"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text
