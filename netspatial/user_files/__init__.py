"""Files that people give: what they may hold, looked at before anything opens them."""
