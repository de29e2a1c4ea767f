"""Training of the fusion and of SatViT: data, loops, scores and model cards."""
