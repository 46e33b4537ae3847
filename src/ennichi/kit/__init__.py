"""What every part needs and no shop word appears in: time, ids, errors, the database, text, limits."""
