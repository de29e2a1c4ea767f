"""The page of cities and models: what is installed, and how to add a city or fine-tune a model."""
