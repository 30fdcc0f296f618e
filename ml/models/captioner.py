"""Describes an image in words: a small GPT-2 decoder that attends to the encoder's tokens, and its own tokenizer.

Shapes: B images, T image tokens, D encoder width, L caption tokens, V vocabulary.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn

from ml.models.vision_transformer import Tokens
from ml.torch_ready import torch

PAD, START, END = 0, 1, 2
SPECIAL = ("<pad>", "<start>", "<end>")


@dataclass(frozen=True, slots=True)
class CaptionerShape:
    """Size of the decoder; written into config.json."""

    vocabulary: int
    encoder_width: int
    width: int = 128
    layers: int = 2
    heads: int = 4
    length: int = 96

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def train_tokenizer(captions: Iterable[str], vocabulary: int = 600) -> Tokenizer:
    """Byte-level BPE learnt from the captions alone: any text can be written, no word list is needed."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=list(SPECIAL), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator(captions, trainer)
    return tokenizer


class Captioner(nn.Module):
    """Teacher-forced in training, greedy in use."""

    def __init__(self, shape: CaptionerShape) -> None:
        super().__init__()
        from transformers import GPT2Config, GPT2LMHeadModel  # slow to import, and only wanted with captions

        self.shape = shape
        self.bridge = nn.Linear(shape.encoder_width, shape.width)
        self.decoder = GPT2LMHeadModel(
            GPT2Config(
                vocab_size=shape.vocabulary, n_positions=shape.length, n_embd=shape.width, n_layer=shape.layers,
                n_head=shape.heads, add_cross_attention=True, use_cache=False, bos_token_id=START, eos_token_id=END,
                pad_token_id=PAD, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
            )
        )  # fmt: skip

    def forward(self, tokens: Tokens, words_BL: Tensor) -> Tensor:
        """Scores (B, L, V) of the word after each given one."""
        seen_BTD = self.bridge(torch.cat([tokens.cls_BD[:, None], tokens.patches_BND], dim=1))
        return self.decoder(
            input_ids=words_BL, attention_mask=torch.ones_like(words_BL), encoder_hidden_states=seen_BTD
        ).logits

    @torch.no_grad()
    def describe(self, tokens: Tokens, tokenizer: Tokenizer) -> list[str]:
        """The most probable words one by one, a caption an image."""
        words_BL = torch.full((len(tokens.cls_BD), 1), START)
        ended_B = torch.zeros(len(words_BL), dtype=torch.bool)
        while words_BL.shape[1] < self.shape.length and not ended_B.all():
            following_B = self(tokens, words_BL)[:, -1].argmax(dim=-1)
            following_B = torch.where(ended_B, PAD, following_B)
            words_BL = torch.cat([words_BL, following_B[:, None]], dim=1)
            ended_B |= following_B == END
        return [tokenizer.decode(row, skip_special_tokens=True).strip() for row in words_BL.tolist()]
