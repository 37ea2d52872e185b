"""Looking and measuring: plots and quality figures."""
