"""The national coding standards the pool checks values against. Knows nothing of tables, files or databases."""
