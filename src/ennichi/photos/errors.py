"""What can be wrong with a photo."""

from ennichi.kit.errors import Invalid, NotFound


class Unreadable(Invalid):
    """The bytes are not a picture that is read here (JPEG, PNG, WebP, HEIC), are broken, or hold too many pixels."""

    code = "photo.unreadable"
    message = "This is not a readable JPEG, PNG, WebP or HEIC picture."


class PhotoUnknown(Invalid):
    """A photo was named that this account has not uploaded; params.photo_id says which."""

    code = "photo.unknown"
    message = "There is no such photo of yours."


class PhotoNotFound(NotFound):
    """No such photo."""

    message = "There is no such photo."
