"""What contradicts itself in a design, by subject. Every function yields one clear message a fault."""
