"""Compiles the translations: every .po below sip/translations gives the .mo beside it, which is not committed."""

import os
import sys

from _build import ROOT, BuildError, catalogs
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_translations() -> None:
    """Compile each catalog; raises BuildError where a translation would break its sentence."""
    for path in catalogs():
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parent.parent.name, abort_invalid=True)
        for message, errors in catalog.check():
            raise BuildError(f"{path.relative_to(ROOT)}, line {message.lineno}: {errors[0]}")
        # Replaced in one step: a server that starts meanwhile reads the old file or the new one.
        fresh = path.with_suffix(f".mo.{os.getpid()}")
        with fresh.open("wb") as file:
            write_mo(file, catalog)
        fresh.replace(path.with_suffix(".mo"))


if __name__ == "__main__":
    try:
        compile_translations()
    except BuildError as error:
        sys.exit(f"error: {error}")
