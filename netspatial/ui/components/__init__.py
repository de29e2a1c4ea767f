"""Parts that several pages share: panels, cached queries, jobs, drawing, the address of a view."""
