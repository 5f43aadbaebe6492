"""Passwords, one-time codes and tokens: what argon2 and pyotp are asked, in one place."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import itertools
import re
import secrets
import unicodedata
from datetime import datetime
from pathlib import Path

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200
RECOVERY_CODES = 8
STEP = 30  # seconds a one-time code is shown for
DRIFT = 1  # steps a telephone's clock may be off
COMMON = Path(__file__).with_name("common_passwords.txt")
_hasher = PasswordHasher()


def new_token() -> str:
    """256 random bits for a link or a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(purpose: str, token: str) -> str:
    """What is stored instead of a token; a token of one purpose is worth nothing for another."""
    return hashlib.sha256(f"{purpose}:{token}".encode()).hexdigest()


def judge_password(password: str, member_id: str) -> str:
    """Why a password cannot be taken: "short", "long", "common", or "" for a good one."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    plain = _plain(password)
    core = re.sub(r"^[\d\W_]+|[\d\W_]+$", "", plain)  # password2026! is “password”
    runs = _runs(plain)
    if plain in _common() or core in _common() or len(set(plain)) < 5 or runs > len(plain) * 0.7:
        return "common"
    beside = re.sub(r"[\d\W_]", "", plain.replace(member_id.lower(), "")) if member_id.lower() in plain else "unrelated"
    return "common" if len(beside) < 4 else ""


def hash_password(password: str) -> str:
    """Takes about 50 ms: not for the event loop."""
    return _hasher.hash(_written(password))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether it is right. Without an account it takes as long and is wrong. About 50 ms."""
    try:
        return _hasher.verify(password_hash or _nobodys_hash(), _written(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def new_secret() -> str:
    """A secret for one-time codes, base32."""
    return pyotp.random_base32()


def secret_uri(secret: str, member_id: str, issuer: str) -> str:
    """What the QR code says to an authenticator."""
    return pyotp.TOTP(secret).provisioning_uri(name=member_id, issuer_name=issuer)


def find_step(secret: str, code: str, now: datetime, last_step: int = 0) -> int | None:
    """The time step whose code this is; None for a wrong one and for any not newer than last_step."""
    wanted, totp = unicodedata.normalize("NFKC", code).replace(" ", ""), pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP
    for step in range(current - DRIFT, current + DRIFT + 1):
        if step > last_step and hmac.compare_digest(totp.at(step * STEP).encode(), wanted.encode()):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Codes of 80 random bits, for when the telephone is lost: XXXX-XXXX-XXXX-XXXX."""
    plain = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY_CODES)]
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in plain]


def recovery_hash(member_id: str, code: str) -> str:
    """What is stored of a recovery code, however it is spaced and cased. 80 random bits need no slow hash."""
    plain = re.sub(r"[^A-Z2-7]", "", unicodedata.normalize("NFKC", code).upper())
    return token_hash(f"recovery:{member_id}", plain)


def _written(password: str) -> str:
    """The same characters however the keyboard wrote them."""
    return unicodedata.normalize("NFKC", password)


def _plain(password: str) -> str:
    return _written(password).lower()


def _runs(text: str) -> int:
    """How many characters continue their neighbour: abc, 321, aaa, qwerty."""
    rows = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")

    def continues(one: str, two: str) -> bool:
        beside = any(one + two in row or two + one in row for row in rows)
        return abs(ord(two) - ord(one)) <= 1 or beside

    return sum(continues(one, two) for one, two in itertools.pairwise(text)) + 1


@functools.cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split())


@functools.cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))
