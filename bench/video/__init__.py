"""How far behind the picture is, and how soon it comes: the product's player and publisher in a running program."""
