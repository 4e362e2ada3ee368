"""The secrets of a stage, in the Parameter Store: made here, read by the functions that need them, never in a template.

/heardback/<stage>/HEARDBACK_SIGN_SECRETS          makes links, cursors and cookies: versions, the one in use first
/heardback/<stage>/HEARDBACK_LOCK_SECRETS          encrypts what is stored: likewise
/heardback/<stage>/HEARDBACK_HASH_SECRETS          keys the hashes of addresses; made once
/heardback/<stage>/HEARDBACK_OPERATOR_KEY_SHA256   the hash of the operator's key
/heardback/<stage>/HEARDBACK_SECRET                in stages made before 0.2 only: it served all uses, and is version 0 of each

    python -m infra.aws.secrets --stage prod operator-key      a new operator's key; the old one stops working
    python -m infra.aws.secrets --stage prod rotate sign       a new version is made and used; the ones before still count
    python -m infra.aws.secrets --stage prod drop sign 1       what version 1 made counts no more
    python -m infra.aws.secrets --stage prod forget-former     after the first deployment of 0.2: only the copies by use stay
"""

from __future__ import annotations

import argparse
import hashlib
import secrets
import sys
from collections.abc import Callable
from typing import Any

import boto3

from chalicelib.config import OPERATOR, SECRETS
from chalicelib.key_ring import FORMER, USES, VERSION_MOST, KeyRing, Use
from infra.aws.account import use_account
from infra.aws.stack import set_parameter

FORMER_SECRET, OPERATOR_KEY = "HEARDBACK_SECRET", SECRETS[OPERATOR]
REPLACED: tuple[Use, ...] = ("sign", "lock")
SAYS: dict[Use, str] = {
    "sign": "Makes links, cursors and cookies.",
    "lock": "Encrypts what is stored.",
    "hash": "Keys the hashes of addresses: with another, all opt-outs are lost.",
}


def ensure(stage: str, show_key: Callable[[str], None]) -> None:
    """Make missing secrets. `show_key` gets a new operator's key before its hash is stored."""
    there = _there(stage)
    former = _read(stage, FORMER_SECRET) if FORMER_SECRET in there else None
    for use in USES:
        if SECRETS[use] not in there:
            ring = KeyRing.of(former) if former else KeyRing.of(_new_secret(), FORMER + 1)
            _put(stage, SECRETS[use], KeyRing.parse(ring.text).text, SAYS[use])
    if OPERATOR_KEY not in there:
        new_operator_key(stage, show_key)


def new_operator_key(stage: str, show_key: Callable[[str], None]) -> None:
    """Make an operator's key, show it, then store its hash. Whatever fails in between, somebody has a key that opens."""
    key = "hb_operator_" + secrets.token_urlsafe(32)
    show_key(key)
    _put(stage, OPERATOR_KEY, hashlib.sha256(key.encode()).hexdigest(), "SHA-256 of the operator's key.", overwrite=True)


def show(key: str) -> None:
    print(f"The operator's key, shown this once: {key}", flush=True)


def rotate(stage: str, use: Use) -> int:
    """Make a new version and return it. All functions can read it before one of them uses it."""
    ring = ring_of(stage, use)
    version = max(known for known, _ in ring.versions) + 1
    if version > VERSION_MOST:
        sys.exit(f"There are no more than {VERSION_MOST} versions.")
    new = (version, _new_secret())
    _replace(stage, use, KeyRing((*ring.versions, new)))
    _replace(stage, use, KeyRing((new, *ring.versions)))
    return version


def drop(stage: str, use: Use, version: int) -> None:
    """Remove a version. Ends the program where it is the one in use, or is not there."""
    ring = ring_of(stage, use)
    if version == ring.current[0] or ring.secret(version) is None:
        sys.exit(f"Version {version} cannot be dropped: {use} has {ring}, and uses {ring.current[0]}.")
    _replace(stage, use, KeyRing(tuple(one for one in ring.versions if one[0] != version)))


def forget_former(stage: str) -> None:
    """Delete the secret that served all uses, once each use has its copy."""
    missing = [SECRETS[use] for use in USES if SECRETS[use] not in _there(stage)]
    if missing:
        sys.exit(f"Deploy first: {', '.join(missing)} would be lost.")
    _ssm().delete_parameter(Name=f"/heardback/{stage}/{FORMER_SECRET}")


def former_exists(stage: str) -> bool:
    """Tell whether the version before 0.2, which may still run while another is deployed, needs its secret."""
    return FORMER_SECRET in _there(stage)


def version(stage: str) -> str:
    """A stack parameter that changes with every secret, so that functions restart and read the new one."""
    there = _there(stage)
    return ".".join(str(there[name]) for name in sorted(there))


def ring_of(stage: str, use: Use) -> KeyRing:
    """Read the secrets of a use."""
    return KeyRing.parse(_read(stage, SECRETS[use]))


def _replace(stage: str, use: Use, ring: KeyRing) -> None:
    _put(stage, SECRETS[use], ring.text, SAYS[use], overwrite=True)
    start_anew(stage)


def start_anew(stage: str) -> bool:
    """Tell the stack, where there is one, that a secret has changed, and wait until all functions know it."""
    return set_parameter(stage, "SecretsVersion", version(stage))


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def _there(stage: str) -> dict[str, int]:
    names = {f"/heardback/{stage}/{name}": name for name in (FORMER_SECRET, *SECRETS.values())}
    found = _ssm().get_parameters(Names=list(names), WithDecryption=False)["Parameters"]
    return {names[parameter["Name"]]: parameter["Version"] for parameter in found}


def _read(stage: str, name: str) -> str:
    value: str = _ssm().get_parameter(Name=f"/heardback/{stage}/{name}", WithDecryption=True)["Parameter"]["Value"]
    return value


def _put(stage: str, name: str, value: str, says: str, *, overwrite: bool = False) -> None:
    _ssm().put_parameter(
        Name=f"/heardback/{stage}/{name}", Value=value, Type="SecureString", Description=says, Overwrite=overwrite
    )


def _ssm() -> Any:
    return boto3.client("ssm")


def main() -> None:
    options = _options()
    stage = options.stage
    use_account()
    if options.do == "rotate":
        print(f"{options.use} uses version {rotate(stage, options.use)}. {ring_of(stage, options.use)} count.")
    elif options.do == "drop":
        drop(stage, options.use, options.version)
        print(f"{ring_of(stage, options.use)} of {options.use} count.")
    elif options.do == "forget-former":
        forget_former(stage)
        print("Deploy once more: then no function may read it.")
    else:
        new_operator_key(stage, show)
        running = start_anew(stage)
        print("The old one is dead." if running else "It counts from the first deployment on.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="infra.aws.secrets", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True)
    commands = parser.add_subparsers(dest="do")
    commands.add_parser("operator-key")
    commands.add_parser("rotate").add_argument("use", choices=REPLACED)
    dropped = commands.add_parser("drop")
    dropped.add_argument("use", choices=REPLACED)
    dropped.add_argument("version", type=int)
    commands.add_parser("forget-former")
    return parser.parse_args()


if __name__ == "__main__":
    main()
