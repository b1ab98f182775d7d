"""Taggers as ONNX models, from raw jets to scores."""
