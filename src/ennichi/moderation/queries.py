"""All SQL of moderation."""

from ennichi.kit.db import Query
from ennichi.room import HouseRules

RULES = Query(HouseRules, "select shield, slow_s, followers_only from house_rules where store_id = %(store_id)s")
REPORTED = Query(int, "select count(*)::int from reports where show_id = %(show_id)s and settled_at is null")
