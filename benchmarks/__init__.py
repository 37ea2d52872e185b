"""Speed and quality, beside peers: each module prints a table. `make bench` runs them all."""
