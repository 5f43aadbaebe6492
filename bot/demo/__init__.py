"""A synthetic year of the demo street (docs/demo.md): one module for each part of the year."""
