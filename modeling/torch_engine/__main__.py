"""Serves an engine: one JSON request a line on the standard input, one answer a line on the standard output, tensors in files.

`{"id", "kind": "open", "folder", "graph", "device", "threads"}` opens a graph of a package; the answer has `"known": false` if nothing here
runs it. `{"id", "kind": "run", "folder", "graph", "inputs", "outputs"}` reads the inputs by name from a safetensors file and writes the
outputs to another. `{"id", "kind": "close", "folder", "graph"}` frees it. `{"id", "kind": "prove", "device"}` has the device compute a product
that is known. An answer is `{"id"}` or `{"id", "error", "code"}`, with a code of
`errors/`. Arguments are the engine's process id and the folder of those files; the process ends with its input, or with the engine.
`engine/torch-host.ts` is at the other end.
"""

import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from modeling.convert.checkpoint_error import CheckpointError
from modeling.torch_engine.packages import open_graph
from modeling.torch_engine.tensors import read_tensors, write_tensors


class Engine:
    """The open graphs by folder and name, each with its device."""

    def __init__(self) -> None:
        self.opened: dict[tuple[str, str], tuple[nn.Module, tuple[str, ...], torch.device]] = {}

    def answer(self, request: dict) -> dict:
        """Does what is asked; gives what the answer says beside its id."""
        if request["kind"] == "prove":
            return _prove(request["device"])
        key = (request["folder"], request["graph"])
        if request["kind"] == "open":
            return self._open(key, request)
        if request["kind"] == "run":
            return self._run(key, Path(request["inputs"]), Path(request["outputs"]))
        self.opened.pop(key, None)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return {}

    def _open(self, key: tuple[str, str], request: dict) -> dict:
        torch.set_num_threads(request["threads"])
        device = torch.device(request["device"])
        if device.type == "cuda" and not torch.cuda.is_available():
            return _unseen(request["device"])
        graph = open_graph(Path(key[0]), key[1])
        if graph is None:
            return {"known": False}
        self.opened[key] = (graph.module.eval().requires_grad_(False).to(device), graph.outputs, device)
        return {"known": True}

    def _run(self, key: tuple[str, str], inputs: Path, outputs: Path) -> dict:
        module, names, device = self.opened[key]
        given = {name: tensor.to(device) for name, tensor in read_tensors(inputs).items()}
        with torch.no_grad():
            made = module(**given)
        values = (made,) if isinstance(made, Tensor) else made
        write_tensors(outputs, {name: value.cpu() for name, value in zip(names, values, strict=True)})
        return {}


def _unseen(device: str) -> dict:
    return {"error": f"torch sees no {device}", "code": "RESOURCE_ENGINE"}


def _prove(name: str) -> dict:
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        return _unseen(name)
    values = (torch.arange(256) * 7 % 11 - 5).reshape(16, 16)
    known = values @ values
    computed = (values.float().to(device) @ values.float().to(device)).cpu()
    if not torch.equal(computed, known.float()):
        return {"error": f"{name} computes wrong numbers: a product of whole numbers differs from the known one", "code": "RESOURCE_ENGINE"}
    return {}


def _leave_with(engine: int, folder: Path) -> None:
    """An engine that is killed can neither end this process, which would hold the device to the end of its call, nor remove the folder."""
    while os.getppid() == engine:
        time.sleep(0.5)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def main() -> None:
    engine_process, folder = int(sys.argv[1]), Path(sys.argv[2])
    threading.Thread(target=_leave_with, args=(engine_process, folder), daemon=True).start()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not come between the answers
    engine = Engine()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = engine.answer(request)
        except (MemoryError, torch.OutOfMemoryError) as error:
            answer = {"error": f"out of memory ({error})", "code": "RESOURCE_MEMORY"}
        except (CheckpointError, KeyError, OSError) as error:
            answer = {"error": f"{type(error).__name__}: {error}", "code": "MODEL_INVALID"}
        except Exception as error:  # noqa: BLE001  # whatever a module says belongs to its job, not to this process
            memory = "alloc" in str(error).lower() or "out of memory" in str(error).lower()
            answer = {"error": f"{type(error).__name__}: {error}", "code": "RESOURCE_MEMORY" if memory else "RESOURCE_ENGINE"}
        answers.write(json.dumps({"id": request["id"], **answer}) + "\n")
        answers.flush()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
