"""The command line: thin doors to what the package does. `main` reads the arguments, `doctor` examines the machine."""
