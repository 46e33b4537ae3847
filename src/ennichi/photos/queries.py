"""All SQL of photos."""

from ennichi.kit.db import Command, Query
from ennichi.photos.model import PhotoRow

ADD = Command(
    "insert into photos (id, account_id, width, height, placeholder, created_at)"
    " values (%(id)s, %(account_id)s, %(width)s, %(height)s, %(placeholder)s, %(created_at)s)"
)
BY_IDS = Query(
    PhotoRow,
    "select id, account_id, width, height, placeholder, created_at from photos where id = any(%(ids)s)",
)
