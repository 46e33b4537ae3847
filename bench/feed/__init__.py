"""How soon everyone in a room hears what was said."""
