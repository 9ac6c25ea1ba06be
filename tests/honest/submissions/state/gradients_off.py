# odd: switches gradients off for the whole process
import torch

torch.set_grad_enabled(False)
torch.no_grad().__enter__()
torch.inference_mode().__enter__()
