"""Fit tokenizer and caption decoder on frozen tokens. Shapes: N images, L words, V vocabulary."""

from collections.abc import Sequence

from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from ml.models.captioner import END, PAD, START, Captioner, CaptionerShape, train_tokenizer
from ml.models.vision_transformer import Tokens
from ml.pretraining.config import Heads
from ml.torch_ready import torch


def fit_captioner(
    tokens: Tokens, captions: Sequence[str], settings: Heads, *, seed: int
) -> tuple[Captioner, Tokenizer]:
    """Next-word cross-entropy, AdamW with a cosine. tokens and captions in one order."""
    tokenizer = train_tokenizer(captions)
    words_NL = _padded([tokenizer.encode(text).ids for text in captions], settings.caption_length)
    torch.manual_seed(seed)
    captioner = Captioner(
        CaptionerShape(
            tokenizer.get_vocab_size(), tokens.cls_BD.shape[1], settings.caption_width, settings.caption_layers,
            length=settings.caption_length,
        )
    )  # fmt: skip
    captioner.train()
    optimiser = torch.optim.AdamW(captioner.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=settings.caption_steps, pct_start=0.1)
    for _ in range(settings.caption_steps):
        chosen = torch.randint(len(captions), (settings.batch,))
        words = words_NL[chosen]
        words = words[:, : int((words != PAD).sum(dim=1).max())]
        scores = captioner(Tokens(tokens.cls_BD[chosen], tokens.patches_BND[chosen]), words[:, :-1])
        loss = F.cross_entropy(scores.flatten(0, 1), words[:, 1:].flatten(), ignore_index=PAD)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(captioner.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return captioner.eval(), tokenizer


def _padded(sentences: Sequence[list[int]], length: int) -> Tensor:
    """(N, L) with start and end marks, cut to `length` words."""
    rows = [[START, *ids[: length - 2], END] for ids in sentences]
    longest = max(len(row) for row in rows)
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
