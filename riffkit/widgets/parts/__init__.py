"""What panels are made of: run bar, sliders, drawing surface, takes, jobs beside the kernel."""
