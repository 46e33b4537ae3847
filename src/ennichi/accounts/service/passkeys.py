"""Signing up and in with a passkey (WebAuthn, discoverable credentials, no attestation asked for).

Life of a challenge: begun (a row, five minutes) -> taken out by the first answer, right or wrong -> gone.
A passkey is bound to the host name under which it was made; the `Site` comes from each request.
"""

from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from ennichi.accounts import queries as q
from ennichi.accounts.errors import ChallengeExpired, PasskeyRefused, PasskeyUnknown, TooManyPasskeys
from ennichi.accounts.model import (
    CHALLENGE_LIFE,
    PASSKEYS_EACH,
    Account,
    Bounds,
    Ceremony,
    Session,
    Site,
    person_name,
)
from ennichi.accounts.service.registry import Registry
from ennichi.accounts.service.sessions import Sessions
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits

RP_NAME = "Ennichi"
TIMEOUT_MS = int(CHALLENGE_LIFE.total_seconds() * 1000)


class Passkeys:
    """The three ceremonies, each begun and finished in its own request."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        *,
        sessions: Sessions,
        registry: Registry,
        bounds: Bounds,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._sessions = sessions
        self._registry = registry
        self._bounds = bounds

    async def begin_sign_up(self, name: str, site: Site, *, source: str) -> Ceremony:
        """Options for making the first passkey of an account that will be called `name`."""
        called = person_name(name)
        account_id = self._ids.new()
        return await self._begin("sign_up", _creation_options(site, account_id, called, []), source, account_id, called)

    async def finish_sign_up(
        self, challenge_id: str, credential: dict[str, Any], site: Site, *, source: str, user_agent: str
    ) -> Session:
        """Open the account and sign in. Raises ChallengeExpired, PasskeyRefused, TooFast."""
        row = await self._take(challenge_id, "sign_up")
        made = _verify_made(credential, row.challenge, site)
        if row.account_id is None or row.name is None:
            raise ChallengeExpired
        async with self._db.transaction() as tx:
            account = await self._registry.sign_up(tx, row.account_id, row.name, None, source)
            await self._keep(tx, account, made)
            return await self._sessions.open(tx, account, user_agent)

    async def begin_sign_in(self, site: Site, *, source: str) -> Ceremony:
        """Options for signing in with any passkey the browser has for this host."""
        options = generate_authentication_options(rp_id=_host(site), timeout=TIMEOUT_MS)
        return await self._begin("sign_in", options, source, None, None)

    async def finish_sign_in(
        self, challenge_id: str, credential: dict[str, Any], site: Site, *, user_agent: str
    ) -> Session:
        """Sign in. Raises ChallengeExpired, PasskeyUnknown, PasskeyRefused."""
        row = await self._take(challenge_id, "sign_in")
        credential_id = _raw_id(credential)
        async with self._db.transaction() as tx:
            passkey = await q.PASSKEY_FOR_UPDATE.first(tx, credential_id=credential_id)
            if passkey is None:
                raise PasskeyUnknown
            used = _verify_used(credential, row.challenge, site, passkey)
            await q.PASSKEY_USED.run(
                tx, credential_id=credential_id, sign_count=used.new_sign_count, now=self._clock.now()
            )
            account = await q.ACCOUNT.one(tx, id=passkey.account_id)
            return await self._sessions.open(tx, account, user_agent)

    async def begin_add(self, actor: Account, site: Site, *, source: str) -> Ceremony:
        """Options for making one more passkey for `actor`; those it has already are left out."""
        async with self._db.read() as conn:
            known = await q.PASSKEYS_OF_ACCOUNT.all(conn, account_id=actor.id)
        if len(known) >= PASSKEYS_EACH:
            raise TooManyPasskeys(limit=PASSKEYS_EACH)
        return await self._begin("add", _creation_options(site, actor.id, actor.name, known), source, actor.id, None)

    async def finish_add(self, actor: Account, challenge_id: str, credential: dict[str, Any], site: Site) -> None:
        """Keep the new passkey. Raises ChallengeExpired, PasskeyRefused."""
        row = await self._take(challenge_id, "add")
        if row.account_id != actor.id:
            raise ChallengeExpired
        made = _verify_made(credential, row.challenge, site)
        async with self._db.transaction() as tx:
            await self._keep(tx, actor, made)

    async def _begin(
        self, purpose: str, options: Any, source: str, account_id: str | None, name: str | None
    ) -> Ceremony:
        self._limits.take(f"accounts.ceremonies:{source}", *self._bounds.ceremonies_per_source)
        now = self._clock.now()
        challenge_id = self._ids.new()
        async with self._db.transaction() as tx:
            await q.SWEEP_CHALLENGES.run(tx, now=now)
            await q.INSERT_CHALLENGE.run(
                tx,
                id=challenge_id,
                purpose=purpose,
                challenge=options.challenge,
                account_id=account_id,
                name=name,
                expires_at=now + CHALLENGE_LIFE,
            )
        return Ceremony(challenge_id=challenge_id, options=options_to_json_dict(options))

    async def _take(self, challenge_id: str, purpose: str) -> q.ChallengeRow:
        """Take the challenge out, in its own transaction: a wrong answer has to use it up as well."""
        async with self._db.transaction() as tx:
            row = await q.TAKE_CHALLENGE.first(tx, id=challenge_id.replace("\0", ""), purpose=purpose)
        if row is None or row.expires_at <= self._clock.now():
            raise ChallengeExpired
        return row

    async def _keep(self, tx: Transaction, account: Account, made: VerifiedRegistration) -> None:
        added = await q.INSERT_PASSKEY.run(
            tx,
            credential_id=made.credential_id,
            account_id=account.id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            now=self._clock.now(),
        )
        if not added:
            raise PasskeyRefused(reason="already_known")


def _host(site: Site) -> str:
    if not site.rp_id:
        raise Invalid(("host", "empty"))
    return site.rp_id


def _creation_options(site: Site, account_id: str, name: str, known: list[bytes]) -> Any:
    return generate_registration_options(
        rp_id=_host(site),
        rp_name=RP_NAME,
        user_id=account_id.encode(),
        user_name=name,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )


def _raw_id(credential: dict[str, Any]) -> bytes:
    raw = credential.get("rawId") or credential.get("id")
    if not isinstance(raw, str) or len(raw) > 2000:
        raise PasskeyRefused(reason="malformed")
    try:
        return base64url_to_bytes(raw)
    except ValueError as error:
        raise PasskeyRefused(reason="malformed") from error


def _verify_made(credential: dict[str, Any], challenge: bytes, site: Site) -> VerifiedRegistration:
    try:
        return verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(site),
            expected_origin=site.origin,
        )
    except Exception as error:  # bytes from outside: the CBOR, ASN.1 and key decoders raise what they like
        raise PasskeyRefused(reason="unverified") from error


def _verify_used(
    credential: dict[str, Any], challenge: bytes, site: Site, passkey: q.PasskeyRow
) -> VerifiedAuthentication:
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(site),
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    except Exception as error:  # as above
        raise PasskeyRefused(reason="unverified") from error
