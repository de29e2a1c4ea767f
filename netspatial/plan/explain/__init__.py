"""The rationale of a site: its facts, the paragraph, and the share of samples that select it."""
