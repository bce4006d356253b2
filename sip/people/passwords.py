"""Passwords: which are accepted, how they are hashed, and a check that takes as long for nobody as for somebody."""

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sip.core.errors import Invalid
from sip.core.messages import message
from sip.people.names import name_key

SHORTEST = 10
LONGEST = 200

# 32 MiB and three passes: above OWASP's minimum, and eight threads at once still fit a small machine.
hasher = PasswordHasher(time_cost=3, memory_cost=32_768, parallelism=1)

# Hash of a password that nobody has, with the parameters above: what is checked where there is no account.
NOBODY = "$argon2id$v=19$m=32768,t=3,p=1$fPQLBTGEJTnXuCoGJ29rug$ptLHTtjitIicu+1A9tQimQntjqi1de4uwwD7/l9X7xY"

_COMMON = frozenset(
    """
    passwort motdepasse motdepass monmotdepasse wachtwoord mijnwachtwoord welkom welkom bienvenue changeme
    azertyuiop qwertyuiop qwertzuiop azertyqwerty azerty qwerty azertyuiopqsdfghjklm qwertyuiopasdfghjkl
    asdfghjkl qsdfghjklm poiuytreza poiuytrewq qazwsxedc wsxedcrfv azeqsdwxc
    password passwords passwordpassword password password letmein letmeinplease iloveyou jetaime jetaimemonamour
    doudou loulou chouchou doudoudoudou soleil bonjour princesse superman starwars pokemon football basketball
    administrator administrateur administratrice beheerder secret geheim topsecret cooperative cooperatie
    smartinprogress letabli etabli participation
    sunshine butterfly trustno mustang whatever samsung computer ordinateur internet liverpool barcelona
    juventus marseille bruxelles brussel antwerpen nederland belgique belgie france cheval maison vacances
    chocolat chocolate nicolas jennifer jonathan christophe veronique alexandre stephanie caroline
    """.split()  # noqa: SIM905
)
_SEQUENCES = ("0123456789" * 3, "9876543210" * 3, "abcdefghijklmnopqrstuvwxyz" * 2)


def hash_password(password: str) -> str:
    """Return the hash to store."""
    return hasher.hash(_normal(password))


def is_right(stored: str | None, password: str) -> bool:
    """Compare with the stored hash; where there is none, hash all the same and say no."""
    try:
        hasher.verify(stored or NOBODY, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(stored)


def check_new(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Raise Invalid where a password is too short, too long, the person's own name or address, or a common one."""
    if len(password) < SHORTEST:
        raise Invalid(message("Please use at least %(number)s characters.", number=SHORTEST), field)
    if len(password) > LONGEST:
        raise Invalid(message("Please use at most %(number)s characters.", number=LONGEST), field)
    plain = _letters(password)
    own = {_letters(email), _letters(email.partition("@")[0]), _letters(name)}
    own.add("".join(reversed(name_key(name).split())))
    if plain in own or plain.strip("0123456789") in own:
        raise Invalid(message("Please choose something else than your name or your address."), field)
    if _is_common(plain):
        raise Invalid(message("This password is among the first that others would try. Please choose another."), field)


def _is_common(plain: str) -> bool:
    word = plain.strip("0123456789").translate(str.maketrans("013457", "oleast"))
    # "motdepasse2026", "Password123!" and "azertyuiop" fall to the same list as their words.
    if not word or word in _COMMON or len(set(plain)) < 4:
        return True
    return any(plain in sequence for sequence in _SEQUENCES)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", name_key(text))


def _normal(password: str) -> str:
    """The same password whether the keyboard sent an accent as one character or as two."""
    return unicodedata.normalize("NFKC", password)
