"""Private keys: a file that is ours alone, read once."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

import paramiko

from rostersync.config.secrets import SecretError, read_file
from rostersync.ssh.failures import no_key

_KINDS: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def load_key(path: Path, passphrase: str | None) -> paramiko.PKey:
    """Read a private key: a regular file closed to group and others.

    Raises SshError (RS-CFG-004) where it is not that, is no key, or needs another passphrase.
    """
    try:
        text = read_file(path, private=True) + "\n"
    except SecretError as error:
        hint = error.hint if path.exists() else f"Make a key: ssh-keygen -t ed25519 -f {shlex.quote(str(path))}"
        raise no_key(f"the key file cannot be used: {error.message}", hint) from error
    for kind in _KINDS:
        try:
            return kind.from_private_key(io.StringIO(text), password=passphrase)
        except paramiko.PasswordRequiredException:
            raise no_key(f"the key {path} has a passphrase", "Name it in key_passphrase.") from None
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    hint = (
        "It must be an Ed25519, ECDSA or RSA key in OpenSSH's form. "
        f"`ssh-keygen -yf {shlex.quote(str(path))}` says whether it is one, and asks for the passphrase; a key of "
        "PuTTY is turned into one by `puttygen KEY -O private-openssh`."
    )
    what = "no private key, or of another passphrase" if passphrase else "no private key that is understood"
    raise no_key(f"{path} is {what}", hint)
