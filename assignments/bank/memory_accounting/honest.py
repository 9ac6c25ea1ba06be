"""Right but unusual accounts of memory."""

from backproof import Honest

HONEST = (
    Honest(
        id="computed",
        why="every answer is computed, NumPy and torch numbers among them",
        code="""
        import numpy as np

        resnet_params = 60192808 - 990 * (2048 + 1)
        resnet_bytes = np.int64(resnet_params) * torch.float32.itemsize
        resnet_mb = float(resnet_bytes) / 1e6
        resnet_mib = torch.tensor(int(resnet_bytes), dtype=torch.float64) / 2**20
        card_mb = 15360 * 2**20 / 10**6
        context_mib = 815 - float(resnet_mib)
        momentum_state = int(resnet_bytes)
        adam_state = 2 * int(resnet_bytes) + 467 * 4
        sgd_mb, momentum_mb, adam_mb = (
            (2 * int(resnet_bytes) + s) / 1e6 for s in (0, momentum_state, adam_state)
        )
        most_memory = "Adam"
        slope, intercept = np.polyfit([4, 16, 64, 256], [1240, 1510, 2590, 6910], 1)
        per_image_mib, fixed_mib = float(slope), float(intercept)
        largest_batch = int((15360 - 1150) // 22.5)
        doubling = False

        def memory_line(batch_sizes, readings):
            slope, intercept = np.polyfit(batch_sizes.numpy(), readings.numpy(), 1)
            return intercept, slope
        """,
    ),
    Honest(
        id="measured",
        why="counts the tensors of real layers and optimizers instead of multiplying",
        code="""
        def parameter_bytes(tensors):
            return sum(t.untyped_storage().nbytes() for t in (t.clone() for t in tensors))

        def held_by_training(shapes, optimizer, bytes_per_value=4):
            dtype = {2: torch.bfloat16, 4: torch.float32, 8: torch.float64}[bytes_per_value]
            held = [torch.nn.Parameter(torch.ones(shape, dtype=dtype)) for shape in shapes]
            made = {
                "sgd": lambda: torch.optim.SGD(held, lr=0.1),
                "momentum": lambda: torch.optim.SGD(held, lr=0.1, momentum=0.9),
                "adam": lambda: torch.optim.Adam(held),
            }[optimizer]()
            sum(p.sum() for p in held).backward()
            made.step()
            state = [v for s in made.state.values() for v in s.values() if torch.is_tensor(v)]
            counted = (held, [p.grad for p in held], state)
            return [sum(t.nbytes for t in part) for part in counted]
        """,
    ),
    Honest(
        id="normal_equations",
        why="a least-squares solver, and a dictionary instead of a tuple",
        code="""
        def parameter_bytes(parameters):
            total = 0
            for tensor in parameters:
                count = 1
                for extent in tensor.shape:
                    count *= extent
                total += count * torch.empty(0, dtype=tensor.dtype).element_size()
            return torch.tensor(total)

        def held_by_training(shapes, optimizer, bytes_per_value=4):
            size = 0
            for shape in shapes:
                entries = bytes_per_value
                for extent in shape:
                    entries = entries * extent
                size = size + entries
            state = 0
            if optimizer != "sgd":
                state = size
            if optimizer == "adam":
                state = size + size + len(shapes) * 4
            return {"state": state, "gradients": size, "parameters": size}

        def memory_line(sizes, used):
            A = torch.stack([torch.ones_like(sizes), sizes], dim=1)
            return tuple(torch.linalg.lstsq(A, used[:, None]).solution[:, 0])
        """,
    ),
    Honest(
        id="other_notations",
        why="groups of digits, units by name, powers, answers as text",
        code="""
        resnet_params = "58 164 298"
        resnet_bytes = "232'657'192"
        resnet_mb = "2.3266e2"
        resnet_mib = "resnet_mib = 221.9"
        card_mb = "16106.13"
        context_mib = "593"
        momentum_state = "58164298*4"
        adam_state = "8*58164298 + 1868"
        sgd_mb = "465"
        momentum_mb = "698"
        adam_mb = "931"
        most_memory = "ADAM"
        per_image_mib = "45/2"
        fixed_mib = "1.15e3"
        largest_batch = 631.0
        doubling = "no"
        """,
    ),
)
