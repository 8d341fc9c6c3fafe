"""How work is carried out on one machine: devices, ONNX sessions, fan-out over videos, progress, watchdog."""
