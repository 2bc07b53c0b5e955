"""Quality over time, from measurements alone: control charts, capability, gauge repeatability and reproducibility."""
