# odd: changes torch's defaults for the whole process
import torch

torch.set_default_dtype(torch.float64)
torch.set_printoptions(precision=10, sci_mode=False)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
torch.autograd.set_detect_anomaly(True, check_nan=False)
