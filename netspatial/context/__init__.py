"""What a place looks like, as one embedding: frozen encoders, prompts and masked fusion."""
