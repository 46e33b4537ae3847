"""The demo market: throw-away data, ready-made people, a robot seller with real footage and robot viewers."""
