"""Settings that must stand before TensorFlow is imported; notebook kernels inherit them."""

import os

from hypothesis import settings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if os.environ.get("RNNCOURSE_DEVICE", "cpu") != "gpu":
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

# The first call of a compiled function takes seconds, so a deadline would fail at random.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
