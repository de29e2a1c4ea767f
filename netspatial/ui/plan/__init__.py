"""The planning page: area, settings, the plan on screen, its ranking and one cell in detail."""
