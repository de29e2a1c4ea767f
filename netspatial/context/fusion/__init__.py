"""Networks that fuse image and points of interest into one embedding, and their losses."""
