"""SQL lives here and nowhere else: rows in, domain values out."""
