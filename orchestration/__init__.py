"""winnumber: files in, checked and reconciled vote goals out. See docs/architecture.md for the layout."""
