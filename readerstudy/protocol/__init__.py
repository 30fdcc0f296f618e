"""Pure rules of a reader study: what is read by whom, in which order, when, and for how long. Knows no Django."""
