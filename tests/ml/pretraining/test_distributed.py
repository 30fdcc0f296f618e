"""Two real processes over gloo must do what one does with both their batches."""

import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from numpy.testing import assert_allclose
from torch import nn

from ml.pretraining import distributed
from ml.pretraining.methods.dermino.loss import knowledge_loss, sinkhorn
from tests.ml.golden import VALUES, load


def in_two_processes(work, tmp_path, *arguments):
    """Run work(rank, *arguments) in two ranks; returns what each returned."""
    mp.spawn(_rank, (work, str(tmp_path), arguments), nprocs=2)
    return [torch.load(tmp_path / f"rank{rank}.pt", weights_only=False) for rank in range(2)]


def _rank(rank, work, folder, arguments):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    torch.save(work(rank, *arguments), f"{folder}/rank{rank}.pt")
    dist.destroy_process_group()


def _sinkhorn_of_rank(rank, rows, temperature):
    return sinkhorn(torch.from_numpy(rows[rank]), temperature).numpy()


@pytest.mark.golden_pretraining
@pytest.mark.parametrize("kind", ["cls", "patch"])
def test_sinkhorn_over_two_ranks_of_unequal_size_equals_the_official_one(tmp_path, kind):
    z = load("sinkhorn_two_ranks")
    rows = [z[f"{kind}_logits_{rank}"] for rank in range(2)]
    for rank, found in enumerate(in_two_processes(_sinkhorn_of_rank, tmp_path, rows, float(z["teacher_temp"]))):
        assert_allclose(found, z[f"{kind}_sinkhorn_{rank}"], **VALUES)


def _knowledge_gradient(rank, x, w, y, n, edges):
    part = slice(edges[rank], edges[rank + 1])
    model = nn.ParameterList([nn.Parameter(torch.from_numpy(w))])
    loss = knowledge_loss(*(torch.from_numpy(a) for a in (x[part],)), model[0],
                          torch.from_numpy(y[part]), torch.from_numpy(n[part]))  # fmt: skip
    loss.backward()
    distributed.average_gradients([model])
    return model[0].grad.numpy()


@pytest.mark.golden_pretraining
def test_the_mean_knowledge_gradient_of_two_ranks_with_unequal_labels_is_that_of_one(tmp_path):
    z = load("knowledge")
    arrays = [np.array(z[name]) for name in ("x64", "w64", "y", "n")]
    edges = [0, int(z["two.split_at"]), len(arrays[0])]
    for found in in_two_processes(_knowledge_gradient, tmp_path, *arrays, edges):
        assert_allclose(found, z["labelled.grad_w64"], rtol=1e-9, atol=1e-12)
