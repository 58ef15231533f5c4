"""Pictures of everything people see, taken of the playground in Chromium: `make gallery`."""
