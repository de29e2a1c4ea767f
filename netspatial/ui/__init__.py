"""The web app: panels, settings and server parts that the pages are composed of."""
