"""The web app's parts: maps, charts and panels that the pages put together."""
