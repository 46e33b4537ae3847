"""What can stand against signing up or in."""

from ennichi.kit.errors import Conflict, Forbidden, Problem


class CodeWrong(Conflict):
    """Not the code that was sent; `tries_left` is how often it may still be tried."""

    code = "auth.code_wrong"
    message = "That is not the code we sent."


class CodeExpired(Conflict):
    """No code is waiting for this address: never sent, too old, used, or tried too often."""

    code = "auth.code_expired"
    message = "No code is waiting for this address; ask for a new one."


class ChallengeExpired(Conflict):
    """The ceremony was begun too long ago, or was finished already."""

    code = "auth.challenge_expired"
    message = "This ceremony is over; begin again."


class PasskeyRefused(Conflict):
    """What the authenticator sent does not prove what it should."""

    code = "auth.passkey_refused"
    message = "The passkey's answer could not be verified."


class PasskeyUnknown(Conflict):
    """No account here has this passkey."""

    code = "auth.passkey_unknown"
    message = "No account has this passkey."


class TooManyPasskeys(Conflict):
    """The account has as many passkeys as it may have (`limit`)."""

    code = "auth.too_many_passkeys"
    message = "This account has as many passkeys as it may have."


class GuestsOnlyBuy(Forbidden):
    """A guest may buy and look after what it bought; all else wants a full account."""

    code = "auth.guest"
    message = "Guests buy and see their orders; sign up for anything else."


class SignedInAlready(Conflict):
    """Whoever is signed in buys as themselves."""

    code = "auth.signed_in"
    message = "Somebody is signed in here; buy as them, or sign out first."


class MailUnavailable(Problem):
    """The mail server did not take the mail (503); trying again later may help."""

    status = 503
    code = "mail.unavailable"
    message = "The mail could not be sent just now."
